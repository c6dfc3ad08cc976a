/* Invariant: what is escaped is UTF-8 and holds no byte that would end its place; it comes back
 * when it is read; in any room a put is whole or nothing.
 *
 * The first byte is the length of a tight room; the rest is put. */
#include <stdlib.h>
#include <string.h>

#include <linnet/text.h>

#include "core/base/number.h"
#include "core/base/span.h"
#include "core/base/utf8.h"

enum {
    BYTES_LEN_MAX = 512,
    ESCAPED_LEN_MAX = 6 * BYTES_LEN_MAX,
};

typedef void put_function(struct linnet_text *text, struct linnet_span bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static struct linnet_span put_whole(put_function *put, struct linnet_span bytes, uint8_t *memory)
{
    struct linnet_text text = linnet_text_over((struct linnet_room){memory, ESCAPED_LEN_MAX});
    struct linnet_span whole;
    put(&text, bytes);
    must(linnet_text_finish(&text, &whole) == LINNET_ERROR_NONE);
    return whole;
}

/* The same bytes twice into a room of that length. */
static void put_tight(put_function *put, struct linnet_span bytes, struct linnet_span whole,
                      size_t room_len)
{
    uint8_t *memory = malloc(room_len + 1);
    must(memory != NULL);
    struct linnet_text text = linnet_text_over((struct linnet_room){memory, room_len});
    put(&text, bytes);
    put(&text, bytes);
    const size_t count = whole.len == 0 ? 2 : room_len / whole.len;
    must(text.len == (count < 2 ? count : 2) * whole.len);
    must((text.error == LINNET_ERROR_NONE) == (count >= 2));
    must(text.len == 0 || memcmp(text.data, whole.data, whole.len) == 0);
    free(memory);
}

static void check_utf8(struct linnet_span whole)
{
    while (whole.len > 0) {
        const struct ln_utf8 first = ln_utf8_first(whole);
        must(first.well_formed);
        whole = ln_span_slice(whole, first.len, whole.len - first.len);
    }
}

/* Takes the character off both that the front of JSON text stands for. */
static void check_json(struct linnet_span whole, struct linnet_span bytes)
{
    while (whole.len > 0) {
        const struct ln_utf8 first = ln_utf8_first(bytes);
        size_t len = 1;
        must(whole.data[0] >= ' ' && whole.data[0] != '"' && whole.data[0] != '<');
        if (whole.data[0] == '\\') {
            must(whole.len >= 2);
            len = whole.data[1] == 'u' ? 6 : 2;
            must(whole.len >= len);
            if (len == 6) {
                must(ln_number_hex_digit(whole.data[4]) * 16 + ln_number_hex_digit(whole.data[5]) ==
                     bytes.data[0]);
            }
        } else if (!first.well_formed) {
            len = 3;
        } else {
            len = first.len;
            must(memcmp(whole.data, bytes.data, len) == 0);
        }
        whole = ln_span_slice(whole, len, whole.len - len);
        bytes = ln_span_slice(bytes, first.len, bytes.len - first.len);
    }
    must(bytes.len == 0);
}

static void check_html(struct linnet_span whole)
{
    for (size_t i = 0; i < whole.len; i++) {
        const uint8_t byte = whole.data[i];
        must(byte != '<' && byte != '>' && byte != '"' && byte != '\'');
        must(whole.data[i] != '&' || memchr(whole.data + i, ';', whole.len - i) != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[ESCAPED_LEN_MAX];
    static put_function *const puts_of[] = {linnet_text_put_json, linnet_text_put_html,
                                            linnet_text_put_percent, linnet_text_put_path,
                                            linnet_text_put_hex_bytes};
    if (size < 1 || size > BYTES_LEN_MAX) {
        return 0;
    }
    uint8_t *copy = malloc(size);
    must(copy != NULL);
    memcpy(copy, data + 1, size - 1);
    const struct linnet_span bytes = {copy, size - 1};
    for (size_t i = 0; i < sizeof puts_of / sizeof puts_of[0]; i++) {
        const struct linnet_span whole = put_whole(puts_of[i], bytes, memory);
        check_utf8(whole);
        if (i == 0) {
            check_json(whole, bytes);
        } else if (i == 1) {
            check_html(whole);
        }
        put_tight(puts_of[i], bytes, whole, data[0]);
    }
    free(copy);
    return 0;
}
