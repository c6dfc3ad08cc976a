/* Is every limit of the chunked decoder exact: n taken, n + 1 refused, at the earliest byte? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/chunk_subject.h"

static char bytes[1024];

static void expect(const struct ln_chunk_limits *limits, const char *expected)
{
    struct linnet_span span = {(const uint8_t *)bytes, strlen(bytes)};
    assert_memory_equal(chunk_subject_feed(span, limits), expected, strlen(expected));
}

/* One byte less is not refused yet. */
static void expect_refused(const struct ln_chunk_limits *limits, const char *expected)
{
    expect(limits, expected);
    bytes[strlen(bytes) - 1] = '\0';
    expect(limits, "more|");
}

/* RFC 9112 7.1.1: the extensions of one body are bounded all together. */
static void rfc9112_7_1_1_extension_len(void **state)
{
    (void)state;
    struct ln_chunk_limits limits = chunk_subject_limits;
    for (uint32_t max = 4; max < 30; max++) {
        limits.extension_len_max = max;
        for (int len = (int)max - 1; len <= (int)max; len++) {
            snprintf(bytes, sizeof bytes, "1;a%0*d\r\nx\r\n0\r\n\r\n", len - 2, 0);
            expect(&limits, "complete ");
            snprintf(bytes, sizeof bytes, "1;a\r\nx\r\n0;%0*d\r\n\r\n", len - 3, 0);
            expect(&limits, "complete ");
        }
        snprintf(bytes, sizeof bytes, "1;a%0*d", (int)max - 1, 0);
        expect_refused(&limits, "refused 413 chunk-too-large|");
        snprintf(bytes, sizeof bytes, "0;a=\"%0*d", (int)max - 3, 0);
        expect_refused(&limits, "refused 413 chunk-too-large|");
        snprintf(bytes, sizeof bytes, "0 %*s", (int)max, "");
        expect_refused(&limits, "refused 413 chunk-too-large|");
    }
}

/* RFC 9112 7.1.1: a limit of 0 takes no extension at all. */
static void rfc9112_7_1_1_no_extension(void **state)
{
    (void)state;
    struct ln_chunk_limits limits = chunk_subject_limits;
    limits.extension_len_max = 0;
    snprintf(bytes, sizeof bytes, "1\r\nx\r\n0\r\n\r\n");
    expect(&limits, "complete ");
    snprintf(bytes, sizeof bytes, "1;");
    expect_refused(&limits, "refused 413 chunk-too-large|");
}

/* RFC 9112 7.1.2: the trailer section is bounded, line ends and all. */
static void rfc9112_7_1_2_trailer_len(void **state)
{
    (void)state;
    struct ln_chunk_limits limits = chunk_subject_limits;
    for (uint32_t max = 12; max < 30; max++) {
        limits.trailer_len_max = max;
        for (int len = (int)max - 1; len <= (int)max; len++) {
            snprintf(bytes, sizeof bytes, "0\r\nA:%0*d\r\n\r\n", len - 4, 0);
            expect(&limits, "complete ");
            snprintf(bytes, sizeof bytes, "0\r\nA:b\r\nA:%0*d\r\n\r\n", len - 9, 0);
            expect(&limits, "complete ");
        }
        snprintf(bytes, sizeof bytes, "0\r\nA:%0*d", (int)max - 1, 0);
        expect_refused(&limits, "refused 413 chunk-too-large|");
        snprintf(bytes, sizeof bytes, "0\r\nA:%0*d\r", (int)max - 2, 0);
        expect_refused(&limits, "refused 413 chunk-too-large|");
        snprintf(bytes, sizeof bytes, "0\r\nA:%0*d\r\n", (int)max - 3, 0);
        expect_refused(&limits, "refused 413 chunk-too-large|");
        snprintf(bytes, sizeof bytes, "0\r\nA:%0*d\r\nB", (int)max - 4, 0);
        expect_refused(&limits, "refused 413 chunk-too-large|");
    }
}

/* RFC 9112 7.1.2: a limit of 0 takes no trailer at all. */
static void rfc9112_7_1_2_no_trailer(void **state)
{
    (void)state;
    struct ln_chunk_limits limits = chunk_subject_limits;
    limits.trailer_len_max = 0;
    snprintf(bytes, sizeof bytes, "0\r\n\r\n");
    expect(&limits, "complete ");
    snprintf(bytes, sizeof bytes, "0\r\nA");
    expect_refused(&limits, "refused 413 chunk-too-large|");
}

/* RFC 9112 7.1: a size has 32 digits at most, 16 of them without leading zeros. */
static void rfc9112_7_1_digits(void **state)
{
    (void)state;
    for (int len = 31; len <= 32; len++) {
        snprintf(bytes, sizeof bytes, "%0*x\r\nabcd\r\n0\r\n\r\n", len, 4);
        expect(&chunk_subject_limits, "complete ");
    }
    snprintf(bytes, sizeof bytes, "%033x", 4);
    expect_refused(&chunk_subject_limits, "refused 400 bad-chunk|");
    snprintf(bytes, sizeof bytes, "%s", "ffffffffffffffff\r\nx");
    expect(&chunk_subject_limits, "more|x");
    snprintf(bytes, sizeof bytes, "%s", "0000000000000000fffffffffffffff1\r\nx");
    expect(&chunk_subject_limits, "more|x");
    snprintf(bytes, sizeof bytes, "%s", "1fffffffffffffff0");
    expect_refused(&chunk_subject_limits, "refused 400 bad-chunk|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc9112_7_1_1_extension_len), cmocka_unit_test(rfc9112_7_1_1_no_extension),
        cmocka_unit_test(rfc9112_7_1_2_trailer_len),   cmocka_unit_test(rfc9112_7_1_2_no_trailer),
        cmocka_unit_test(rfc9112_7_1_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
