/* Invariant: a path that is let through begins with "/", holds no NUL and no dot segment, fits its
 * room, and comes out the same when its bytes are escaped and parsed again.
 *
 * The first byte picks the method, the second the leniencies and the room; the rest is the
 * target. */
#include <stdlib.h>
#include <string.h>

#include "core/base/cursor.h"
#include "core/base/span.h"
#include "core/http1/host.h"
#include "core/http1/target.h"
#include "tests/lib/processor.h"

enum { TARGET_LEN_MAX = 1024 };

#define SCAN ln_scan_for(processor_bits())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static bool is_inside(struct linnet_span part, struct linnet_span whole)
{
    return part.len == 0 ||
           (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

static void check_path(struct linnet_span path)
{
    must(path.len > 0);
    must(path.data[0] == '/');
    must(memchr(path.data, '\0', path.len) == NULL);
    size_t begin = 1;
    for (size_t at = 1; at <= path.len; at++) {
        if (at == path.len || path.data[at] == '/') {
            struct linnet_span segment = {path.data + begin, at - begin};
            must(!ln_span_equal(segment, LINNET_SPAN(".")));
            must(!ln_span_equal(segment, LINNET_SPAN("..")));
            begin = at + 1;
        }
    }
}

/* Every byte of the path but the slashes escaped: nothing is left to resolve. */
static void check_again(struct linnet_span path)
{
    static const char digits[] = "0123456789abcdef";
    static uint8_t escaped[3 * TARGET_LEN_MAX];
    static uint8_t memory[TARGET_LEN_MAX];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){escaped, sizeof escaped});
    for (size_t i = 0; i < path.len; i++) {
        if (path.data[i] == '/') {
            ln_cursor_put_byte(&cursor, '/');
        } else {
            ln_cursor_put_byte(&cursor, '%');
            ln_cursor_put_byte(&cursor, (uint8_t)digits[path.data[i] >> 4]);
            ln_cursor_put_byte(&cursor, (uint8_t)digits[path.data[i] & 15]);
        }
    }
    must(!cursor.overflow);
    struct ln_target target;
    struct ln_refusal refusal;
    struct linnet_room room = {memory, sizeof memory};
    must(ln_target_parse(ln_cursor_span(&cursor), LINNET_METHOD_GET, 0, SCAN, room, &target,
                         &refusal));
    must(target.form == LN_TARGET_ORIGIN);
    must(!target.has_query);
    must(ln_span_equal(target.path, path));
}

static void check(const struct ln_target *target, struct linnet_span raw, struct linnet_room room,
                  enum linnet_method method)
{
    must(is_inside(target->scheme, raw));
    must(is_inside(target->authority, raw));
    must(is_inside(target->query, raw));
    must(target->has_query || target->query.len == 0);
    must((target->form == LN_TARGET_AUTHORITY) == (method == LINNET_METHOD_CONNECT));
    if (target->form == LN_TARGET_AUTHORITY || target->form == LN_TARGET_ASTERISK) {
        must(target->path.len == 0);
        must(target->form == LN_TARGET_AUTHORITY || method == LINNET_METHOD_OPTIONS);
        return;
    }
    must(target->path.len <= room.len);
    check_path(target->path);
    check_again(target->path);
    bool http = ln_span_equal_fold(target->scheme, LINNET_SPAN("http"));
    must(!http || ln_host_is_valid(target->authority, SCAN, false));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > TARGET_LEN_MAX) {
        return 0;
    }
    size_t len = size - 2;
    size_t room_len = (data[1] & 8) != 0 ? 8 : TARGET_LEN_MAX;
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    uint8_t *memory = malloc(room_len);
    must(copy != NULL && memory != NULL);
    memcpy(copy, data + 2, len);
    struct linnet_span raw = {copy, len};
    struct linnet_room room = {memory, room_len};
    enum linnet_method method = data[0] % (LINNET_METHOD_UNKNOWN + 1);
    struct ln_target target;
    struct ln_refusal refusal;
    if (ln_target_parse(raw, method, data[1] & 7U, SCAN, room, &target, &refusal)) {
        check(&target, raw, room, method);
    } else {
        must(refusal.status == LINNET_STATUS_BAD_REQUEST ||
             refusal.status == LINNET_STATUS_URI_TOO_LONG);
    }
    (void)ln_host_is_valid(raw, SCAN, true);
    must(memcmp(copy, data + 2, len) == 0);
    free(copy);
    free(memory);
    return 0;
}
