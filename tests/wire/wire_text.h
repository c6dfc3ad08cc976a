/* Texts of wire files: \r \n \t \0 \\ and \xHH stand for bytes. */
#ifndef LN_TESTS_WIRE_WIRE_TEXT_H
#define LN_TESTS_WIRE_WIRE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define WIRE_TEXT_WRONG SIZE_MAX

/* Decodes the text and appends it to `out`, which holds `len` bytes of at most `capacity`. The new
 * length, or WIRE_TEXT_WRONG. */
size_t wire_unescape(const char *text, uint8_t *out, size_t len, size_t capacity);

#endif
