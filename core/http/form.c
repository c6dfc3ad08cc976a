/* Forms and query strings.
 *
 *     form = [ pair ] *( "&" [ pair ] )       WHATWG URL 5.1
 *     pair = name [ "=" value ]
 *
 * No state but the caller's rest, which only ever shrinks. Decoding gives one byte for each one to
 * three, so a decoded byte never lies behind the raw ones that it stands for. */
#include <linnet/form.h>

#include "core/base/number.h"
#include "core/base/span.h"

/* The part of `bytes` before the first `mark`, and what stands behind it; false: there is none. */
static bool cut(struct linnet_span bytes, uint8_t mark, struct linnet_span *before,
                struct linnet_span *behind)
{
    const uint8_t *found = bytes.len == 0 ? NULL : memchr(bytes.data, mark, bytes.len);
    const size_t len = found == NULL ? bytes.len : (size_t)(found - bytes.data);
    const size_t mark_len = found == NULL ? 0 : 1;
    *before = ln_span_slice(bytes, 0, len);
    *behind = ln_span_slice(bytes, len + mark_len, bytes.len - len - mark_len);
    return found != NULL;
}

bool linnet_form_next(struct linnet_span *rest, struct linnet_form_pair *pair)
{
    LN_ASSERT(rest != NULL);
    LN_ASSERT(pair != NULL);
    while (rest->len > 0) {
        struct linnet_span piece;
        (void)cut(*rest, '&', &piece, rest);
        /* WHATWG URL 5.1: pieces without a byte are nothing, however many. */
        if (piece.len > 0) {
            (void)cut(piece, '=', &pair->name, &pair->value);
            return true;
        }
    }
    return false;
}

/* Takes the byte off that the front of *raw, which is not empty, stands for. */
static uint8_t take_byte(struct linnet_span *raw)
{
    LN_ASSERT(raw->len > 0);
    uint8_t byte = raw->data[0];
    size_t len = 1;
    if (byte == '+') {
        byte = ' ';
    } else if (byte == '%' && raw->len >= 3) {
        const unsigned high = ln_number_hex_digit(raw->data[1]);
        const unsigned low = ln_number_hex_digit(raw->data[2]);
        /* WHATWG URL 1.3: a percent sign without two digits behind it stands for itself. */
        if (high < 16 && low < 16) {
            byte = (uint8_t)(high * 16 + low);
            len = 3;
        }
    }
    *raw = ln_span_slice(*raw, len, raw->len - len);
    return byte;
}

enum linnet_error linnet_form_decode(struct linnet_span raw, struct linnet_room room,
                                     struct linnet_span *decoded)
{
    LN_ASSERT(raw.data != NULL || raw.len == 0);
    LN_ASSERT(room.data != NULL || room.len == 0);
    *decoded = (struct linnet_span){NULL, 0};
    size_t len = 0;
    while (raw.len > 0) {
        if (len == room.len) {
            return LINNET_ERROR_TOO_LARGE;
        }
        room.data[len] = take_byte(&raw);
        len++;
    }
    *decoded = (struct linnet_span){room.data, len};
    return LINNET_ERROR_NONE;
}

bool linnet_form_equal(struct linnet_span raw, struct linnet_span name)
{
    size_t at = 0;
    while (raw.len > 0) {
        if (at == name.len || take_byte(&raw) != name.data[at]) {
            return false;
        }
        at++;
    }
    return at == name.len;
}

enum linnet_error linnet_form_find(struct linnet_span bytes, struct linnet_span name,
                                   struct linnet_room room, struct linnet_span *value)
{
    struct linnet_form_pair pair;
    *value = (struct linnet_span){NULL, 0};
    while (linnet_form_next(&bytes, &pair)) {
        if (linnet_form_equal(pair.name, name)) {
            return linnet_form_decode(pair.value, room, value);
        }
    }
    return LINNET_ERROR_NOT_FOUND;
}
