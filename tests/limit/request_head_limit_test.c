/* Is every limit of the head parser exact: n taken, n + 1 refused, at the earliest byte? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/assertion.h"
#include "tests/lib/head_subject.h"

enum { BYTES_MAX = 70000 };

static char bytes[BYTES_MAX];

static struct linnet_span span_of_bytes(void)
{
    return (struct linnet_span){(const uint8_t *)bytes, strlen(bytes)};
}

static void append(const char *text)
{
    size_t len = strlen(bytes);
    snprintf(bytes + len, sizeof bytes - len, "%s", text);
}

static void expect(const struct ln_request_head_limits *limits, const char *expected)
{
    const char *text = head_subject_feed(span_of_bytes(), limits);
    assert_int_equal(strncmp(text, expected, strlen(expected)), 0);
}

/* One byte less is not refused yet. */
static void expect_refused(const struct ln_request_head_limits *limits, const char *expected)
{
    expect(limits, expected);
    bytes[strlen(bytes) - 1] = '\0';
    expect(limits, "more");
}

/* RFC 9112 3: over its limit, the request line is 414. */
static void rfc9112_3_request_line_len(void **state)
{
    (void)state;
    struct ln_request_head_limits limits = head_subject_limits;
    for (uint32_t max = 16; max < 40; max++) {
        limits.request_line_len_max = max;
        for (int len = (int)max - 1; len <= (int)max; len++) {
            snprintf(bytes, sizeof bytes, "GET /%0*d HTTP/1.1\r\n\r\n", len - 14, 0);
            expect(&limits, "complete ");
        }
        /* The first byte over the limit decides, wherever in the line it stands. */
        snprintf(bytes, sizeof bytes, "GET /%0*d HTTP/1.1", (int)max - 13, 0);
        expect_refused(&limits, "refused 414 target-too-long");
        snprintf(bytes, sizeof bytes, "GET /%0*d", (int)max - 4, 0);
        expect_refused(&limits, "refused 414 target-too-long");
        snprintf(bytes, sizeof bytes, "\r\n\r\nGET /%0*d", (int)max - 4, 0);
        expect_refused(&limits, "refused 414 target-too-long");
    }
}

/* RFC 9112 3: so is a method that alone has no end, if the limit is that small. */
static void rfc9112_3_request_line_len_in_the_method(void **state)
{
    (void)state;
    struct ln_request_head_limits limits = head_subject_limits;
    limits.request_line_len_max = 20;
    snprintf(bytes, sizeof bytes, "AAAAAAAAAAAAAAAAAAAAA");
    expect_refused(&limits, "refused 414 target-too-long");
    snprintf(bytes, sizeof bytes, "AAAAAAAAAAAAAAAAAAAA ");
    expect_refused(&limits, "refused 414 target-too-long");
    snprintf(bytes, sizeof bytes, "AAAAAAAAAAAAAAAAAAA  ");
    expect_refused(&limits, "refused 414 target-too-long");
    limits.request_line_len_max = 0;
    snprintf(bytes, sizeof bytes, "A");
    expect_refused(&limits, "refused 414 target-too-long");
}

/* RFC 9112 3: a method longer than any is 501. */
static void rfc9112_3_method_len(void **state)
{
    (void)state;
    for (int len = 31; len <= 32; len++) {
        snprintf(bytes, sizeof bytes, "%0*d / HTTP/1.1\r\n\r\n", len, 0);
        expect(&head_subject_limits, "complete ");
    }
    snprintf(bytes, sizeof bytes, "%033d", 0);
    expect_refused(&head_subject_limits, "refused 501 unknown-method");
}

/* RFC 6585 5: over its limit, the head is 431: as soon as all its bytes are used up. */
static void rfc6585_5_head_len(void **state)
{
    (void)state;
    struct ln_request_head_limits limits = head_subject_limits;
    for (uint32_t max = 40; max < 100; max++) {
        limits.head_len_max = max;
        char expected[32];
        for (int len = (int)max - 1; len <= (int)max; len++) {
            snprintf(bytes, sizeof bytes, "GET / HTTP/1.1\r\nX: %0*d\r\n\r\n", len - 23, 0);
            snprintf(expected, sizeof expected, "complete %d:", len);
            expect(&limits, expected);
        }
        snprintf(bytes, sizeof bytes, "GET / HTTP/1.1\r\nX: %0*d\r\n\r\n", (int)max + 1 - 23, 0);
        expect(&limits, "refused 431 fields-too-large");
        bytes[max] = '\0';
        expect_refused(&limits, "refused 431 fields-too-large");
        snprintf(bytes, sizeof bytes, "GET / HTTP/1.1\r\nX%0*d", (int)max - 17, 0);
        expect_refused(&limits, "refused 431 fields-too-large");
    }
}

/* RFC 9112 3: a head that is used up by its request line is 414. */
static void rfc9112_3_head_len_in_the_request_line(void **state)
{
    (void)state;
    struct ln_request_head_limits limits = head_subject_limits;
    limits.head_len_max = 30;
    snprintf(bytes, sizeof bytes, "GET /%025d", 0);
    expect_refused(&limits, "refused 414 target-too-long");
    snprintf(bytes, sizeof bytes, "GET /%015d HTTP/1.1\r", 0);
    expect_refused(&limits, "refused 414 target-too-long");
}

/* RFC 6585 5: more field lines than their limit are 431, by the first byte of the line. */
static void rfc6585_5_field_count(void **state)
{
    (void)state;
    struct ln_request_head_limits limits = head_subject_limits;
    for (uint32_t max = 0; max < 5; max++) {
        limits.field_count_max = max;
        for (uint32_t count = max == 0 ? 0 : max - 1; count <= max + 1; count++) {
            snprintf(bytes, sizeof bytes, "GET / HTTP/1.1\r\n");
            for (uint32_t i = 0; i < count && i < max; i++) {
                append("A: b\r\n");
            }
            if (count > max) {
                append("B");
                expect_refused(&limits, "refused 431 too-many-fields");
            } else {
                append("\r\n");
                expect(&limits, "complete ");
            }
        }
    }
}

/* RFC 9112 2.2: the empty lines that are passed over are counted. */
static void rfc9112_2_2_empty_lines(void **state)
{
    (void)state;
    struct ln_request_head_limits limits = head_subject_limits;
    for (uint32_t max = 0; max < 4; max++) {
        limits.empty_lines_max = max;
        for (uint32_t count = max == 0 ? 0 : max - 1; count <= max; count++) {
            bytes[0] = '\0';
            for (uint32_t i = 0; i < count; i++) {
                append("\r\n");
            }
            append("GET / HTTP/1.1\r\n\r\n");
            expect(&limits, "complete ");
        }
        bytes[2 * max] = '\r';
        bytes[2 * max + 1] = '\0';
        expect_refused(&limits, "refused 400 bad-request-line");
    }
}

/* Offsets have 16 bits: the longest head of all, and one that would not fit them. */
static void the_longest_head_of_all(void **state)
{
    (void)state;
    static struct head_subject subject;
    subject.scan = ln_scan_for(0);
    subject.limits = head_subject_limits;
    subject.limits.head_len_max = UINT16_MAX;
    snprintf(bytes, sizeof bytes, "GET / HTTP/1.1\r\nX: %0*d\r\nY: z\r\n\r\n", UINT16_MAX - 29, 0);
    const char *text = head_subject_whole(&subject, span_of_bytes());
    assert_memory_equal(text, "complete 65535: ", 16);
    assert_string_equal(text + strlen(text) - 4, "|Y=z");
    snprintf(bytes, sizeof bytes, "GET / HTTP/1.1\r\nX: %0*d\r\nY: z\r\n\r\n", UINT16_MAX - 28, 0);
    assert_string_equal(head_subject_whole(&subject, span_of_bytes()),
                        "refused 431 fields-too-large");
    subject.limits.head_len_max = UINT16_MAX + 1;
    expect_assertion(head_subject_whole(&subject, span_of_bytes()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc9112_3_request_line_len),
        cmocka_unit_test(rfc9112_3_request_line_len_in_the_method),
        cmocka_unit_test(rfc9112_3_method_len),
        cmocka_unit_test(rfc6585_5_head_len),
        cmocka_unit_test(rfc9112_3_head_len_in_the_request_line),
        cmocka_unit_test(rfc6585_5_field_count),
        cmocka_unit_test(rfc9112_2_2_empty_lines),
        cmocka_unit_test(the_longest_head_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
