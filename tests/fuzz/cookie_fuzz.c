/* Invariant: cookies lie inside the content and in their order, with a token for a name and no
 * semicolon in the value; the first of a name is the one that is found; what linnet_cookie_write
 * takes reads back as one cookie and holds no byte that could end a field. */
#include <stdlib.h>
#include <string.h>

#include <linnet/cookie.h>

#include "core/base/character.h"
#include "core/base/span.h"

enum { CONTENT_LEN_MAX = 512 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static void check_name(struct linnet_span name)
{
    must(name.len > 0);
    for (size_t i = 0; i < name.len; i++) {
        must(ln_character_is(name.data[i], LN_CHARACTER_TOKEN));
    }
}

static void check_written(struct linnet_span name, struct linnet_span value,
                          struct linnet_span path, unsigned bits)
{
    uint8_t memory[2 * CONTENT_LEN_MAX];
    const struct linnet_cookie cookie = {
        .name = name,
        .value = value,
        .path = (bits & 1) != 0 ? path : (struct linnet_span){NULL, 0},
        .domain = (bits & 2) != 0 ? value : (struct linnet_span){NULL, 0},
        .has_max_age = (bits & 4) != 0,
        .secure = (bits & 8) != 0,
        .same_site = (bits & 16) != 0 ? LINNET_SAME_SITE_NONE : LINNET_SAME_SITE_UNSET,
    };
    const size_t room_len = (bits & 32) != 0 ? 24 : sizeof memory;
    struct linnet_span content;
    if (linnet_cookie_write(&cookie, (struct linnet_room){memory, room_len}, &content) !=
        LINNET_ERROR_NONE) {
        must(content.len == 0);
        return;
    }
    for (size_t i = 0; i < content.len; i++) {
        must(content.data[i] >= ' ' && content.data[i] < 0x7F);
    }
    struct linnet_span read_name;
    struct linnet_span read_value;
    must(linnet_cookie_next(&content, &read_name, &read_value));
    must(ln_span_equal(read_name, name));
    must(ln_span_equal(read_value, value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > CONTENT_LEN_MAX) {
        return 0;
    }
    uint8_t *copy = malloc(size);
    must(copy != NULL);
    memcpy(copy, data + 1, size - 1);
    const struct linnet_span content = {copy, size - 1};
    struct linnet_span rest = content;
    struct linnet_span name;
    struct linnet_span value;
    const uint8_t *last = copy;
    while (linnet_cookie_next(&rest, &name, &value)) {
        check_name(name);
        must(name.data >= last);
        last = name.data + name.len;
        if (value.len > 0) {
            must(value.data > last);
            must(memchr(value.data, ';', value.len) == NULL);
            last = value.data + value.len;
        }
        must(last <= copy + size - 1);
        struct linnet_span found;
        must(linnet_cookie_find(content, name, &found));
        must(value.len == 0 || found.len == 0 || found.data <= value.data);
        check_written(name, value, rest, data[0]);
    }
    must(rest.len == 0);
    check_written(content, content, content, data[0]);
    free(copy);
    return 0;
}
