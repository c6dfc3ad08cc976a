/* Four characters are three bytes:
 *
 *     base64 = *( 4char ) [ 2char "==" / 3char "=" ]      char = ALPHA / DIGIT / "+" / "/"
 *
 * No state. */
#include "core/base/base64.h"

#include <stdbool.h>

enum {
    NO_DIGIT = 64,
    QUANTUM = 4, /* characters */
};

static uint32_t digit_of(uint8_t character)
{
    if (character >= 'A' && character <= 'Z') {
        return character - (uint32_t)'A';
    }
    if (character >= 'a' && character <= 'z') {
        return character - (uint32_t)'a' + 26;
    }
    if (character >= '0' && character <= '9') {
        return character - (uint32_t)'0' + 52;
    }
    if (character == '+') {
        return 62;
    }
    return character == '/' ? 63 : NO_DIGIT;
}

/* The bytes of one quantum, of which `len` are meant; false: it is none. */
static bool read_quantum(const uint8_t *text, size_t len, uint8_t bytes[3])
{
    uint32_t bits = 0;
    for (size_t i = 0; i < QUANTUM; i++) {
        const uint32_t digit = i <= len ? digit_of(text[i]) : 0;
        if (digit == NO_DIGIT) {
            return false;
        }
        bits = bits << 6 | digit;
    }
    bytes[0] = (uint8_t)(bits >> 16);
    bytes[1] = (uint8_t)(bits >> 8);
    bytes[2] = (uint8_t)bits;
    /* RFC 4648 3.5: what is behind the last byte is zero. */
    return len == 3 || (bits & (len == 2 ? 0xFFU : 0xFFFFU)) == 0;
}

enum linnet_error ln_base64_decode(struct linnet_span text, struct linnet_room room,
                                   struct linnet_span *decoded)
{
    size_t padding = 0;
    if (text.len % QUANTUM != 0) {
        return LINNET_ERROR_INVALID;
    }
    while (padding < 2 && padding < text.len && text.data[text.len - 1 - padding] == '=') {
        padding++;
    }
    const size_t len = text.len / QUANTUM * 3 - padding;
    if (len > room.len) {
        return LINNET_ERROR_TOO_LARGE;
    }
    for (size_t at = 0; at < len; at += 3) {
        uint8_t bytes[3];
        const size_t count = len - at < 3 ? len - at : 3;
        if (!read_quantum(text.data + at / 3 * QUANTUM, count, bytes)) {
            return LINNET_ERROR_INVALID;
        }
        for (size_t i = 0; i < count; i++) {
            room.data[at + i] = bytes[i];
        }
    }
    *decoded = (struct linnet_span){room.data, len};
    return LINNET_ERROR_NONE;
}
