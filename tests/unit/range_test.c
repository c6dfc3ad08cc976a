/* Byte ranges: tables for what is valid, and every small range against plain arithmetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/http/range.h"
#include "tests/lib/guard.h"

#define BEYOND "18446744073709551616" /* 2^64 */
#define HUGE_A "99999999999999999999999999999999999999999999998"
#define HUGE_B "99999999999999999999999999999999999999999999999"

/* What is read ends at a page that nobody may touch. */
static struct guard guard;

static int open_guard(void **state)
{
    (void)state;
    guard = guard_open(4096);
    return 0;
}

static int close_guard(void **state)
{
    (void)state;
    guard_close(&guard);
    return 0;
}

/* What is not satisfiable must leave the range alone. */
static enum ln_range_outcome parse(const char *content, uint64_t len, struct ln_range *range)
{
    struct linnet_span bytes = {(const uint8_t *)content, strlen(content)};
    *range = (struct ln_range){.first = 77, .len = 88};
    enum ln_range_outcome outcome = ln_range_parse(guard_put(&guard, bytes), len, range);
    if (outcome != LN_RANGE_SATISFIABLE) {
        assert_int_equal(range->first, 77);
        assert_int_equal(range->len, 88);
    }
    return outcome;
}

static void check_served(const char *content, uint64_t len, uint64_t first, uint64_t range_len)
{
    struct ln_range range;
    if (parse(content, len, &range) != LN_RANGE_SATISFIABLE || range.first != first ||
        range.len != range_len) {
        fail_msg("'%s' of %llu bytes is not served as it should be", content,
                 (unsigned long long)len);
    }
}

static void check_outcome(const char *content, uint64_t len, enum ln_range_outcome outcome)
{
    struct ln_range range;
    enum ln_range_outcome found = parse(content, len, &range);
    if (found != outcome) {
        fail_msg("'%s' of %llu bytes is %d, not %d", content, (unsigned long long)len, found,
                 outcome);
    }
}

static void check_ignored(const char *content)
{
    /* Validity is a matter of the field alone, never of the length. */
    check_outcome(content, 0, LN_RANGE_IGNORED);
    check_outcome(content, 1, LN_RANGE_IGNORED);
    check_outcome(content, 10000, LN_RANGE_IGNORED);
    check_outcome(content, UINT64_MAX, LN_RANGE_IGNORED);
}

/* RFC 9110 14.1.2: the examples of the section that ask for one range. */
static void rfc9110_14_1_2_examples(void **state)
{
    (void)state;
    check_served("bytes=0-499", 10000, 0, 500);
    check_served("bytes=500-999", 10000, 500, 500);
    check_served("bytes=-500", 10000, 9500, 500);
    check_served("bytes=9500-", 10000, 9500, 500);
    check_served("bytes=0-", 10000, 0, 10000);
    check_served("bytes=0-0", 10000, 0, 1);
    check_served("bytes=-1", 10000, 9999, 1);
}

/* RFC 9110 14.1.2: every int-range of small numbers on every small length. */
static void rfc9110_14_1_2_every_small_int_range(void **state)
{
    (void)state;
    for (unsigned len = 0; len <= 6; len++) {
        for (unsigned first = 0; first <= 8; first++) {
            char content[64];
            (void)snprintf(content, sizeof content, "bytes=%u-", first);
            if (first < len) {
                check_served(content, len, first, len - first);
            } else {
                check_outcome(content, len, LN_RANGE_NOT_SATISFIABLE);
            }
            for (unsigned last = 0; last <= 8; last++) {
                (void)snprintf(content, sizeof content, "bytes=%u-%u", first, last);
                if (last < first) {
                    check_ignored(content);
                } else if (first >= len) {
                    check_outcome(content, len, LN_RANGE_NOT_SATISFIABLE);
                } else {
                    unsigned end = last < len ? last + 1 : len;
                    check_served(content, len, first, end - first);
                }
            }
        }
    }
}

/* RFC 9110 14.1.2: every suffix of small numbers on every small length. */
static void rfc9110_14_1_2_every_small_suffix(void **state)
{
    (void)state;
    for (unsigned len = 1; len <= 6; len++) {
        for (unsigned suffix = 0; suffix <= 8; suffix++) {
            char content[64];
            (void)snprintf(content, sizeof content, "bytes=-%u", suffix);
            if (suffix == 0) {
                check_outcome(content, len, LN_RANGE_NOT_SATISFIABLE);
            } else if (suffix < len) {
                check_served(content, len, len - suffix, suffix);
            } else {
                check_served(content, len, 0, len);
            }
        }
    }
}

/* RFC 9110 14.4: of an empty representation no part can be described, so none is satisfiable. */
static void rfc9110_14_4_nothing_of_an_empty_representation(void **state)
{
    (void)state;
    check_outcome("bytes=0-", 0, LN_RANGE_NOT_SATISFIABLE);
    check_outcome("bytes=0-0", 0, LN_RANGE_NOT_SATISFIABLE);
    check_outcome("bytes=-0", 0, LN_RANGE_NOT_SATISFIABLE);
    /* RFC 9110 14.1.2: a suffix is satisfiable whatever the length; the whole is the answer. */
    check_outcome("bytes=-1", 0, LN_RANGE_IGNORED);
    check_outcome("bytes=-" HUGE_A, 0, LN_RANGE_IGNORED);
}

/* RFC 9110 14.1.2: numbers of any size are numbers; none of them wraps. */
static void rfc9110_14_1_2_large_numbers(void **state)
{
    (void)state;
    check_served("bytes=0-18446744073709551615", 10, 0, 10);
    check_served("bytes=0-" BEYOND, 10, 0, 10);
    check_served("bytes=3-" HUGE_A, 10, 3, 7);
    check_served("bytes=-" BEYOND, 10, 0, 10);
    check_served("bytes=-" HUGE_A, 10, 0, 10);
    check_outcome("bytes=18446744073709551615-", 10, LN_RANGE_NOT_SATISFIABLE);
    check_outcome("bytes=" BEYOND "-", 10, LN_RANGE_NOT_SATISFIABLE);
    check_outcome("bytes=" HUGE_A "-", UINT64_MAX, LN_RANGE_NOT_SATISFIABLE);
    check_outcome("bytes=" HUGE_A "-" HUGE_B, UINT64_MAX, LN_RANGE_NOT_SATISFIABLE);
    check_outcome("bytes=" HUGE_A "-" HUGE_A, UINT64_MAX, LN_RANGE_NOT_SATISFIABLE);
}

/* RFC 9110 14.1.2: the longest representation that has a length. */
static void rfc9110_14_1_2_the_largest_length(void **state)
{
    (void)state;
    check_served("bytes=0-", UINT64_MAX, 0, UINT64_MAX);
    check_served("bytes=18446744073709551614-", UINT64_MAX, UINT64_MAX - 1, 1);
    check_served("bytes=18446744073709551614-" BEYOND, UINT64_MAX, UINT64_MAX - 1, 1);
    check_outcome("bytes=18446744073709551615-", UINT64_MAX, LN_RANGE_NOT_SATISFIABLE);
    check_served("bytes=-18446744073709551615", UINT64_MAX, 0, UINT64_MAX);
    check_served("bytes=-" BEYOND, UINT64_MAX, 0, UINT64_MAX);
    check_served("bytes=0-18446744073709551613", UINT64_MAX, 0, UINT64_MAX - 1);
}

static void leading_zeros_change_nothing(void **state)
{
    (void)state;
    check_served("bytes=000-0000000000000000000000000000000009", 100, 0, 10);
    check_served("bytes=-0000000000000000000000000000000003", 100, 97, 3);
    check_served("bytes=0000000000000000000000000000000002-2", 100, 2, 1);
    check_outcome("bytes=-000", 100, LN_RANGE_NOT_SATISFIABLE);
    check_ignored("bytes=0000000000000000000000000000000003-2");
}

/* RFC 9110 14.1.1: a last position below the first makes the specifier invalid; so large that
 * neither fits an integer, too. */
static void rfc9110_14_1_1_last_below_first(void **state)
{
    (void)state;
    check_ignored("bytes=5-2");
    check_ignored("bytes=1-0");
    check_ignored("bytes=10-9");
    check_ignored("bytes=18446744073709551615-18446744073709551614");
    check_ignored("bytes=" BEYOND "-5");
    check_ignored("bytes=" BEYOND "-18446744073709551615");
    check_ignored("bytes=" HUGE_B "-" HUGE_A);
}

/* RFC 9110 14.1.1: what is no int-range and no suffix-range is not defined for bytes. */
static void rfc9110_14_1_1_malformed(void **state)
{
    (void)state;
    static const char *const contents[] = {
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=--",
        "bytes=--5",
        "bytes=5",
        "bytes=a-b",
        "bytes=0-a",
        "bytes=a-0",
        "bytes=-a",
        "bytes=0--1",
        "bytes=0-1-",
        "bytes=+0-1",
        "bytes=0-+1",
        "bytes=0x0-1",
        "bytes=0-1;a",
        "bytes==0-1",
        "=0-1",
        "bytes:0-1",
        "bytes 0-1",
        "bytes=0.0-1",
        "bytes=\"0-1\"",
        "bytes=0 -1",
        "bytes=0- 1",
        "bytes=0 - 1",
        "bytes=- 1",
        "bytes=0-1 2",
        "bytes=0 0-1",
        "0-1",
        "bytes=*",
        "bytes=0-*",
        "bytes=0-1=",
        "-",
        "=",
        "bytes=- ",
    };
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        check_ignored(contents[i]);
    }
}

/* RFC 9110 14.1.1: every byte at every place: what is no digit and no comma spoils it. */
static void rfc9110_14_1_1_every_byte_changed(void **state)
{
    (void)state;
    const char *good = "bytes=12-34";
    for (size_t place = 6; place < strlen(good); place++) {
        for (int byte = 1; byte < 256; byte++) {
            char content[16];
            (void)snprintf(content, sizeof content, "%s", good);
            content[place] = (char)byte;
            bool is_digit = byte >= '0' && byte <= '9';
            bool is_blank = byte == ' ' || byte == '\t' || byte == ',';
            bool is_edge = place == 6 || place == strlen(good) - 1;
            if (content[place] == good[place] || (is_digit && place != 8) ||
                (is_blank && is_edge) || (byte == '-' && place == 6)) {
                continue;
            }
            check_ignored(content);
        }
    }
}

/* RFC 9110 14.1: names of units are case-insensitive. RFC 9110 14.2: a unit that is not
 * understood is ignored, whatever follows. */
static void rfc9110_14_1_units(void **state)
{
    (void)state;
    check_served("bytes=1-2", 10, 1, 2);
    check_served("BYTES=1-2", 10, 1, 2);
    check_served("Bytes=1-2", 10, 1, 2);
    check_ignored("items=0-1");
    check_ignored("byte=0-1");
    check_ignored("bytess=0-1");
    check_ignored("bytes =0-1");
    check_ignored(" bytes=0-1");
    check_ignored("none=0-1");
    check_ignored("items=bytes=0-1");
}

/* RFC 9110 5.6.1: the set is a list: blanks around an element and empty elements do not count,
 * and at least one element must be there. An example of RFC 9110 14.1.2 has a blank behind "=". */
static void rfc9110_5_6_1_blanks_in_the_set(void **state)
{
    (void)state;
    check_served("bytes= 0-1", 10, 0, 2);
    check_served("bytes=\t0-1\t", 10, 0, 2);
    check_served("bytes=,0-1", 10, 0, 2);
    check_served("bytes=0-1,", 10, 0, 2);
    check_served("bytes= , ,0-1 ,, ", 10, 0, 2);
    check_served("bytes= -3 ", 10, 7, 3);
    check_ignored("bytes=,");
    check_ignored("bytes= ");
    check_ignored("bytes= , ,");
}

/* RFC 9110 14.2: several ranges are answered with the whole, satisfiable or not, even if they are
 * all the same. */
static void rfc9110_14_2_several_ranges_are_ignored(void **state)
{
    (void)state;
    static const char *const contents[] = {
        "bytes=0-0,-1",          "bytes= 0-999, 4500-5499, -1000",
        "bytes=500-600,601-999", "bytes=0-1,0-1",
        "bytes=0-1,0-1,0-1",     "bytes=0-1,x",
        "bytes=x,0-1",           "bytes=0-1,5-2",
        "bytes=20000-,30000-",   "bytes=-0,-0",
        "bytes=0-1,,2-3",        "bytes=0-,0-,0-,0-,0-,0-,0-",
    };
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        check_ignored(contents[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc9110_14_1_2_examples),
        cmocka_unit_test(rfc9110_14_1_2_every_small_int_range),
        cmocka_unit_test(rfc9110_14_1_2_every_small_suffix),
        cmocka_unit_test(rfc9110_14_4_nothing_of_an_empty_representation),
        cmocka_unit_test(rfc9110_14_1_2_large_numbers),
        cmocka_unit_test(rfc9110_14_1_2_the_largest_length),
        cmocka_unit_test(leading_zeros_change_nothing),
        cmocka_unit_test(rfc9110_14_1_1_last_below_first),
        cmocka_unit_test(rfc9110_14_1_1_malformed),
        cmocka_unit_test(rfc9110_14_1_1_every_byte_changed),
        cmocka_unit_test(rfc9110_14_1_units),
        cmocka_unit_test(rfc9110_5_6_1_blanks_in_the_set),
        cmocka_unit_test(rfc9110_14_2_several_ranges_are_ignored),
    };
    return cmocka_run_group_tests(tests, open_guard, close_guard);
}
