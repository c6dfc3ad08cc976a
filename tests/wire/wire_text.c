/* Texts of wire files, decoded. */
#include "tests/wire/wire_text.h"

#include <string.h>

enum { NO_BYTE = -1 };

/* The value of a hexadecimal digit, or NO_BYTE. */
static int digit_value(char byte)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = byte == '\0' ? NULL : strchr(digits, byte | 0x20);
    return at == NULL ? NO_BYTE : (int)(at - digits);
}

/* The byte that the escape behind a backslash stands for, or NO_BYTE; *text is moved behind it. */
static int take_escape(const char **text)
{
    static const char letters[] = "rnt0\\";
    static const char bytes[] = "\r\n\t\0\\";
    const char escape = **text;
    if (escape == '\0') {
        return NO_BYTE;
    }
    (*text)++;
    if (escape == 'x') {
        const int high = digit_value((*text)[0]);
        const int low = high == NO_BYTE ? NO_BYTE : digit_value((*text)[1]);
        *text += low == NO_BYTE ? 0 : 2;
        return low == NO_BYTE ? NO_BYTE : high * 16 + low;
    }
    const char *at = strchr(letters, escape);
    return at == NULL ? NO_BYTE : bytes[at - letters];
}

size_t wire_unescape(const char *text, uint8_t *out, size_t len, size_t capacity)
{
    while (*text != '\0') {
        int byte = (unsigned char)*text++;
        if (byte == '\\') {
            byte = take_escape(&text);
        }
        if (byte == NO_BYTE || len == capacity) {
            return WIRE_TEXT_WRONG;
        }
        out[len++] = (uint8_t)byte;
    }
    return len;
}
