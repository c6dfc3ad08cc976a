/* One field line of a message, as offsets: what parsers save and exchanges read.
 *
 * Offsets count from the first byte of the message's head, so the bytes may move before a handler
 * has seen them. The content is without the optional whitespace around it and may be empty.
 * 16 bits suffice: no head is longer than 65,535 bytes. */
#ifndef LN_BASE_FIELD_LINE_H
#define LN_BASE_FIELD_LINE_H

#include <stdint.h>

struct ln_field_line {
    uint16_t name_begin;
    uint16_t name_len;
    uint16_t content_begin;
    uint16_t content_len;
    uint8_t field; /* enum ln_field; scanners leave it alone */
};

#endif
