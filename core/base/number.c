/* Numbers as they stand on the wire, read and written.
 *
 *     decimal = 1*DIGIT        RFC 9110 8.6
 *     hex     = 1*HEXDIG       RFC 9112 7.1
 *
 * No state. A number that does not fit is refused, never wrapped. */
#include "core/base/number.h"

#include "core/base/character.h"

static const char hex_digits[16] = {'0', '1', '2', '3', '4', '5', '6', '7',
                                    '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

static const char digit_pairs[] = "00010203040506070809"
                                  "10111213141516171819"
                                  "20212223242526272829"
                                  "30313233343536373839"
                                  "40414243444546474849"
                                  "50515253545556575859"
                                  "60616263646566676869"
                                  "70717273747576777879"
                                  "80818283848586878889"
                                  "90919293949596979899";

bool ln_number_parse_decimal(struct linnet_span digits, uint64_t *number)
{
    LN_ASSERT(number != NULL);
    LN_ASSERT(digits.data != NULL || digits.len == 0);
    if (digits.len == 0) {
        return false;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < digits.len; i++) {
        const unsigned digit = (unsigned)digits.data[i] - '0';
        /* Nineteen digits always fit. */
        if (digit > 9 || (i >= 19 && value > (UINT64_MAX - digit) / 10)) {
            return false;
        }
        value = value * 10 + digit;
    }
    *number = value;
    return true;
}

unsigned ln_number_hex_digit(uint8_t byte)
{
    if (!ln_character_is(byte, LN_CHARACTER_HEX)) {
        return 16;
    }
    /* '0' is 0x30, 'A' 0x41, 'a' 0x61: bit 6 tells a letter, whose low nibble counts from 1. */
    return (byte & 0x0FU) + 9U * (byte >> 6);
}

static size_t decimal_len(uint64_t number)
{
    size_t len = 1;
    for (uint64_t power = 10; len < LN_NUMBER_DECIMAL_LEN_MAX && number >= power; power *= 10) {
        len++;
    }
    return len;
}

/* Writes the digits of a number that ends before `end`, two at a time. */
static void write_digits(uint8_t *end, uint32_t number)
{
    while (number >= 100) {
        end -= 2;
        memcpy(end, &digit_pairs[number % 100 * 2], 2);
        number /= 100;
    }
    if (number >= 10) {
        memcpy(end - 2, &digit_pairs[number * 2], 2);
    } else {
        end[-1] = (uint8_t)('0' + number);
    }
}

/* Straight to where they belong: a log line has seven of them. */
void ln_number_put_decimal(struct ln_cursor *cursor, uint64_t number)
{
    LN_ASSERT(cursor != NULL);
    LN_ASSERT(cursor->len <= cursor->capacity);
    if (number < 10) {
        ln_cursor_put_byte(cursor, (uint8_t)('0' + number));
        return;
    }
    const size_t len = decimal_len(number);
    if (cursor->overflow || len > cursor->capacity - cursor->len) {
        cursor->overflow = true;
        return;
    }
    cursor->len += len;
    uint8_t *end = cursor->data + cursor->len;
    while (number > UINT32_MAX) {
        end--;
        *end = (uint8_t)('0' + number % 10);
        number /= 10;
    }
    /* At most ten digits are left, and are divided in half the width, which is cheaper. */
    write_digits(end, (uint32_t)number);
}

void ln_number_put_two(struct ln_cursor *cursor, unsigned number)
{
    LN_ASSERT(cursor != NULL);
    LN_ASSERT(number < 100);
    ln_cursor_put(cursor, &digit_pairs[number * 2], 2);
}

void ln_number_put_hex(struct ln_cursor *cursor, uint64_t number)
{
    LN_ASSERT(cursor != NULL);
    uint8_t digits[LN_NUMBER_HEX_LEN_MAX];
    size_t begin = sizeof digits;
    do {
        LN_ASSERT(begin > 0);
        begin--;
        digits[begin] = (uint8_t)hex_digits[number & 15];
        number >>= 4;
    } while (number > 0);
    ln_cursor_put(cursor, digits + begin, sizeof digits - begin);
}
