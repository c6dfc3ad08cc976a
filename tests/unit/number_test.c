/* Does number.h read and write numbers exactly, up to the largest, and refuse all else? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/number.h"
#include "tests/lib/assertion.h"
#include "tests/lib/guard.h"

static bool parse(struct linnet_span digits, uint64_t *number)
{
    struct guard guard = guard_open(digits.len);
    bool parsed = ln_number_parse_decimal(guard_put(&guard, digits), number);
    guard_close(&guard);
    return parsed;
}

static void expect_number(struct linnet_span digits, uint64_t expected)
{
    uint64_t number = ~expected;
    assert_true(parse(digits, &number));
    assert_true(number == expected);
}

static void expect_refused(struct linnet_span digits)
{
    uint64_t number = 4711;
    assert_false(parse(digits, &number));
    assert_true(number == 4711);
}

/* RFC 9110 8.6: a length is digits and nothing else. */
static void rfc9110_8_6_decimal_is_digits_only(void **state)
{
    (void)state;
    expect_number(LINNET_SPAN("0"), 0);
    expect_number(LINNET_SPAN("7"), 7);
    expect_number(LINNET_SPAN("1234567890"), 1234567890);
    expect_number(LINNET_SPAN("0000000000000000000000000000042"), 42);
    expect_refused(LINNET_SPAN(""));
    expect_refused(LINNET_SPAN("+1"));
    expect_refused(LINNET_SPAN("-1"));
    expect_refused(LINNET_SPAN(" 1"));
    expect_refused(LINNET_SPAN("1 "));
    expect_refused(LINNET_SPAN("1,1"));
    expect_refused(LINNET_SPAN("0x1"));
    expect_refused(LINNET_SPAN("1\0"));
}

static void decimal_only_ten_bytes_are_digits(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t data[1] = {(uint8_t)byte};
        uint64_t number = 99;
        bool digit = byte >= '0' && byte <= '9';
        assert_int_equal(parse((struct linnet_span){data, 1}, &number), digit);
        assert_true(number == (digit ? byte - '0' : 99));
    }
}

static void decimal_largest_is_taken_and_one_more_refused(void **state)
{
    (void)state;
    expect_number(LINNET_SPAN("18446744073709551614"), UINT64_MAX - 1);
    expect_number(LINNET_SPAN("18446744073709551615"), UINT64_MAX);
    expect_number(LINNET_SPAN("00018446744073709551615"), UINT64_MAX);
    expect_refused(LINNET_SPAN("18446744073709551616"));
    expect_refused(LINNET_SPAN("18446744073709551620"));
    expect_refused(LINNET_SPAN("99999999999999999999"));
    expect_refused(LINNET_SPAN("184467440737095516150"));
}

/* RFC 9112 7.1: the sixteen digits of a chunk size, in both cases. */
static void rfc9112_7_1_hex_digits(void **state)
{
    (void)state;
    static const char lower[] = "0123456789abcdef";
    static const char upper[] = "0123456789ABCDEF";
    for (unsigned byte = 0; byte < 256; byte++) {
        unsigned expected = 16;
        for (unsigned digit = 0; digit < 16; digit++) {
            if (byte == (uint8_t)lower[digit] || byte == (uint8_t)upper[digit]) {
                expected = digit;
            }
        }
        assert_int_equal(ln_number_hex_digit((uint8_t)byte), expected);
    }
}

static void expect_written(void (*put)(struct ln_cursor *, uint64_t), uint64_t number,
                           struct linnet_span expected)
{
    struct guard guard = guard_open(expected.len);
    struct ln_cursor cursor = ln_cursor_over(guard_room(&guard, expected.len));
    put(&cursor, number);
    assert_false(cursor.overflow);
    assert_int_equal(cursor.len, expected.len);
    assert_memory_equal(cursor.data, expected.data, expected.len);
    /* One byte less is too little, and writes nothing. */
    cursor = ln_cursor_over(guard_room(&guard, expected.len - 1));
    put(&cursor, number);
    assert_true(cursor.overflow);
    assert_int_equal(cursor.len, 0);
    guard_close(&guard);
}

static void put_decimal_writes_without_leading_zeros(void **state)
{
    (void)state;
    expect_written(ln_number_put_decimal, 0, LINNET_SPAN("0"));
    expect_written(ln_number_put_decimal, 9, LINNET_SPAN("9"));
    expect_written(ln_number_put_decimal, 10, LINNET_SPAN("10"));
    expect_written(ln_number_put_decimal, 1000, LINNET_SPAN("1000"));
    expect_written(ln_number_put_decimal, UINT64_MAX, LINNET_SPAN("18446744073709551615"));
}

static void put_hex_writes_lower_case_without_leading_zeros(void **state)
{
    (void)state;
    expect_written(ln_number_put_hex, 0, LINNET_SPAN("0"));
    expect_written(ln_number_put_hex, 15, LINNET_SPAN("f"));
    expect_written(ln_number_put_hex, 16, LINNET_SPAN("10"));
    expect_written(ln_number_put_hex, 0x123456789ABCDEF0, LINNET_SPAN("123456789abcdef0"));
    expect_written(ln_number_put_hex, UINT64_MAX, LINNET_SPAN("ffffffffffffffff"));
}

static void put_two_writes_both_digits(void **state)
{
    (void)state;
    uint8_t data[200];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){data, sizeof data});
    for (unsigned number = 0; number < 100; number++) {
        ln_number_put_two(&cursor, number);
        assert_int_equal(data[2 * number], '0' + number / 10);
        assert_int_equal(data[2 * number + 1], '0' + number % 10);
    }
    assert_int_equal(cursor.len, 200);
    expect_assertion(ln_number_put_two(&cursor, 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc9110_8_6_decimal_is_digits_only),
        cmocka_unit_test(decimal_only_ten_bytes_are_digits),
        cmocka_unit_test(decimal_largest_is_taken_and_one_more_refused),
        cmocka_unit_test(rfc9112_7_1_hex_digits),
        cmocka_unit_test(put_decimal_writes_without_leading_zeros),
        cmocka_unit_test(put_hex_writes_lower_case_without_leading_zeros),
        cmocka_unit_test(put_two_writes_both_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
