/* Whatever is read as a date is written as a text that reads as the same second; nothing else
 * changes the result. The first eight bytes are the clock. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/http/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { untouched = -4242 };

static const int64_t end_unix_s = 253402300800; /* of the year 9999 */

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_round_trip(int64_t unix_s, int64_t now_unix_s)
{
    uint8_t written[LN_DATE_LEN];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){written, sizeof written});
    int64_t again = untouched;
    ln_date_put(&cursor, unix_s);
    require(!cursor.overflow);
    require(cursor.len == LN_DATE_LEN);
    require(ln_date_parse(ln_cursor_span(&cursor), now_unix_s, &again));
    require(again == unix_s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t clock = 0;
    if (size < sizeof clock) {
        return 0;
    }
    memcpy(&clock, data, sizeof clock);
    int64_t now_unix_s = (int64_t)(clock % (uint64_t)end_unix_s);
    check_round_trip(now_unix_s, 0);

    struct linnet_span text = {data + sizeof clock, size - sizeof clock};
    int64_t unix_s = untouched;
    if (!ln_date_parse(text, now_unix_s, &unix_s)) {
        require(unix_s == untouched);
        return 0;
    }
    require(unix_s < end_unix_s || text.data[3] != ',');
    if (unix_s >= 0 && unix_s < end_unix_s) {
        check_round_trip(unix_s, now_unix_s);
    }
    /* A two-digit year never means more than fifty years ahead, nor more than a century back. */
    if (text.data[3] != ',' && text.data[3] != ' ') {
        require(unix_s - now_unix_s <= INT64_C(51) * 366 * 86400);
        require(now_unix_s - unix_s <= INT64_C(51) * 366 * 86400);
    }
    return 0;
}
