/* Numbers as they stand on the wire: decimal (RFC 9110 8.6) and hexadecimal (RFC 9112 7.1).
 *
 * No sign, no whitespace, no locale. Parsing takes the whole span or refuses it. */
#ifndef LN_BASE_NUMBER_H
#define LN_BASE_NUMBER_H

#include <stdbool.h>

#include "core/base/cursor.h"
#include "core/base/span.h"

enum {
    LN_NUMBER_DECIMAL_LEN_MAX = 20, /* digits of 2^64 - 1 */
    LN_NUMBER_HEX_LEN_MAX = 16,
};

/* 1*DIGIT over the whole span into *number; false for an empty span, another byte or a value
 * over 2^64 - 1 (leading zeros are allowed, any number of them). *number is then unchanged. */
bool ln_number_parse_decimal(struct linnet_span digits, uint64_t *number);

/* 0..15 for a hexadecimal digit, 16 for any other byte. */
unsigned ln_number_hex_digit(uint8_t byte);

void ln_number_put_decimal(struct ln_cursor *cursor, uint64_t number);

/* Exactly two digits, for dates: number must be below 100. */
void ln_number_put_two(struct ln_cursor *cursor, unsigned number);

/* Lower-case hexadecimal without leading zeros. */
void ln_number_put_hex(struct ln_cursor *cursor, uint64_t number);

#endif
