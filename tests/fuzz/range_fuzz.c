/* A satisfiable range lies inside the representation and reads back from its own text; any other
 * leaves the range alone. The first eight bytes are the length. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/number.h"
#include "core/http/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_round_trip(struct ln_range range, uint64_t len)
{
    uint8_t text[64];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){text, sizeof text});
    struct ln_range again = {0};
    ln_cursor_put(&cursor, "bytes=", 6);
    ln_number_put_decimal(&cursor, range.first);
    ln_cursor_put_byte(&cursor, '-');
    ln_number_put_decimal(&cursor, range.first + range.len - 1);
    require(!cursor.overflow);
    require(ln_range_parse(ln_cursor_span(&cursor), len, &again) == LN_RANGE_SATISFIABLE);
    require(again.first == range.first);
    require(again.len == range.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t len = 0;
    if (size < sizeof len) {
        return 0;
    }
    memcpy(&len, data, sizeof len);
    struct linnet_span content = {data + sizeof len, size - sizeof len};
    struct ln_range range = {.first = 77, .len = 88};
    enum ln_range_outcome outcome = ln_range_parse(content, len, &range);

    if (outcome == LN_RANGE_SATISFIABLE) {
        require(range.len >= 1);
        require(range.first < len);
        require(range.len <= len - range.first);
        check_round_trip(range, len);
    } else {
        require(range.first == 77);
        require(range.len == 88);
    }
    /* Whether a field is valid does not depend on the length; but a suffix of nothing is ignored.
     * */
    if (len == 0) {
        return 0;
    }
    struct ln_range other;
    bool is_ignored = outcome == LN_RANGE_IGNORED;
    require((ln_range_parse(content, 1, &other) == LN_RANGE_IGNORED) == is_ignored);
    require((ln_range_parse(content, UINT64_MAX, &other) == LN_RANGE_IGNORED) == is_ignored);
    return 0;
}
