/* Classes of bytes, one table: RFC 9110 5.6.2 (tchar), RFC 3986 2 (the URI's), RFC 9110 5.5. */
#ifndef LN_BASE_CHARACTER_H
#define LN_BASE_CHARACTER_H

#include <stdbool.h>
#include <stdint.h>

enum {
    LN_CHARACTER_TOKEN = 1U << 0,   /* tchar */
    LN_CHARACTER_CONTENT = 1U << 1, /* HTAB / SP / VCHAR / obs-text */
    LN_CHARACTER_TARGET = 1U << 2,  /* 0x21 to 0x7E */
    LN_CHARACTER_PATH = 1U << 3,    /* pchar without "%", and "/" (RFC 3986 3.3) */
    LN_CHARACTER_QUERY = 1U << 4,   /* pchar without "%", "/" and "?" (RFC 3986 3.4) */
    LN_CHARACTER_DIGIT = 1U << 5,
    LN_CHARACTER_HEX = 1U << 6,
    LN_CHARACTER_REG_NAME = 1U << 7, /* unreserved / sub-delims, without "%" (RFC 3986 3.2.2) */
};

extern const uint8_t ln_character_classes[256];

static inline bool ln_character_is(uint8_t byte, unsigned classes)
{
    return (ln_character_classes[byte] & classes) != 0;
}

#endif
