/* Is every limit of the multipart parser exact: n taken, n + 1 refused, at every split? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/multipart_subject.h"

#define HEAD "Content-Disposition: form-data; name=a\r\n\r\n"
#define PART "--B\r\n" HEAD "x\r\n"

static struct multipart_subject subject;

/* Whole and byte by byte: how does it end? */
static void expect_end(const char *expected)
{
    for (size_t i = 0; i < 2; i++) {
        const char *text = multipart_subject_feed(&subject, i == 0 ? subject.body.len : 0, 1);
        const char *last = strrchr(text, '|');
        assert_string_equal(last == NULL ? text : last + 1, expected);
    }
}

static void set_up(const char *body)
{
    subject = (struct multipart_subject){
        .content_type = LINNET_SPAN("multipart/form-data; boundary=B"),
        .body = {(const uint8_t *)body, strlen(body)},
        .head_len = 128,
        .part_count_max = 8,
    };
}

/* The room of a head: its lines, their ends and the empty one. */
static void head_len(void **state)
{
    (void)state;
    const size_t exact = sizeof HEAD - 1;
    for (size_t len = 0; len <= exact + 1; len++) {
        set_up(PART PART "--B--");
        subject.head_len = len;
        expect_end(len < exact ? "HEAD_TOO_LONG" : "NONE");
    }
}

static void part_count(void **state)
{
    (void)state;
    for (uint32_t max = 0; max < 5; max++) {
        set_up(PART PART PART "--B--");
        subject.part_count_max = max;
        expect_end(max < 3 ? "TOO_MANY_PARTS" : "NONE");
    }
    set_up("--B--");
    subject.part_count_max = 0;
    expect_end("NONE");
}

/* RFC 2046 5.1.1: a boundary has 1 to 70 bytes. */
static void rfc2046_5_1_1_boundary_len(void **state)
{
    (void)state;
    for (int len = 1; len <= LINNET_MULTIPART_BOUNDARY_LEN_MAX + 2; len++) {
        char type[160];
        char body[160];
        snprintf(type, sizeof type, "multipart/form-data; boundary=%0*d", len, 0);
        snprintf(body, sizeof body, "--%0*d--", len, 0);
        set_up(body);
        subject.content_type = (struct linnet_span){(const uint8_t *)type, strlen(type)};
        expect_end(len <= LINNET_MULTIPART_BOUNDARY_LEN_MAX ? "NONE" : "BAD_BOUNDARY");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(head_len),
        cmocka_unit_test(part_count),
        cmocka_unit_test(rfc2046_5_1_1_boundary_len),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
