/* Is the length of a body, and the fate of the connection, decided as RFC 9112 6.3 and 9.3 say? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "core/http1/framing.h"
#include "tests/lib/parsed_head.h"

static char text[128];

/* "none close", "length 5 keep", "chunked keep continue" or "refused 400 bad-content-length". */
static const char *decide(struct linnet_span bytes)
{
    static const char *const kinds[] = {"none", "length", "chunked"};
    struct parsed_head parsed;
    struct ln_framing framing;
    struct ln_refusal refusal;
    parsed_head_init(&parsed, bytes);
    if (!ln_framing_decide(&parsed.head, bytes, &framing, &refusal)) {
        struct linnet_span reason = ln_close_reason_name(refusal.reason);
        snprintf(text, sizeof text, "refused %d %.*s", (int)refusal.status, (int)reason.len,
                 (const char *)reason.data);
        return text;
    }
    char len[32] = "";
    if (framing.kind == LN_FRAMING_LENGTH) {
        snprintf(len, sizeof len, " %llu", (unsigned long long)framing.len);
    }
    snprintf(text, sizeof text, "%s%s %s%s", kinds[framing.kind], len,
             framing.keep_alive ? "keep" : "close", framing.expect_continue ? " continue" : "");
    return text;
}

#define expect(lines, expected)                                                             \
    assert_string_equal(decide(LINNET_SPAN("POST / HTTP/1.1\r\nHost: a\r\n" lines "\r\n")), \
                        expected)
#define expect_1_0(lines, expected) \
    assert_string_equal(decide(LINNET_SPAN("POST / HTTP/1.0\r\n" lines "\r\n")), expected)
#define LENGTH "Content-Length: "
#define CODING "Transfer-Encoding: "

#define BAD_LENGTH      "refused 400 bad-content-length"
#define BOTH            "refused 400 length-and-coding"
#define BAD_CODING      "refused 400 bad-transfer-coding"
#define UNKNOWN_CODING  "refused 501 unknown-transfer-coding"
#define BAD_EXPECTATION "refused 417 bad-expectation"

/* RFC 9112 6.3: without either field a request has no body. */
static void rfc9112_6_3_no_fields_no_body(void **state)
{
    (void)state;
    expect("", "none keep");
    expect("A: b\r\n", "none keep");
}

/* RFC 9110 8.6: the length is digits. */
static void rfc9110_8_6_content_length(void **state)
{
    (void)state;
    expect(LENGTH "5\r\n", "length 5 keep");
    expect("content-LENGTH:5\r\n", "length 5 keep");
    expect(LENGTH "0\r\n", "none keep");
    expect(LENGTH "0005\r\n", "length 5 keep");
    expect(LENGTH "18446744073709551615\r\n", "length 18446744073709551615 keep");
    expect_1_0(LENGTH "5\r\n", "length 5 close");
}

/* RFC 9112 6.3: a length that is no number, or differs, is refused; so are two that agree. */
static void rfc9112_6_3_bad_content_length_is_400(void **state)
{
    (void)state;
    expect(LENGTH "\r\n", BAD_LENGTH);
    expect(LENGTH "-1\r\n", BAD_LENGTH);
    expect(LENGTH "+1\r\n", BAD_LENGTH);
    expect(LENGTH "1 2\r\n", BAD_LENGTH);
    expect(LENGTH "0x10\r\n", BAD_LENGTH);
    expect(LENGTH "1e3\r\n", BAD_LENGTH);
    expect(LENGTH "5, 5\r\n", BAD_LENGTH);
    expect(LENGTH "5,\r\n", BAD_LENGTH);
    expect(LENGTH "18446744073709551616\r\n", BAD_LENGTH);
    expect(LENGTH "5\r\n" LENGTH "5\r\n", BAD_LENGTH);
    expect(LENGTH "5\r\n" LENGTH "6\r\n", BAD_LENGTH);
    expect(LENGTH "x\r\n" LENGTH "5\r\n", BAD_LENGTH);
    expect(LENGTH "0\r\n" LENGTH "0\r\n", BAD_LENGTH);
    expect_1_0(LENGTH "x\r\n", BAD_LENGTH);
}

/* RFC 9112 7: the name of the coding is case-insensitive. */
static void rfc9112_7_chunked_in_any_case(void **state)
{
    (void)state;
    expect(CODING "chunked\r\n", "chunked keep");
    expect(CODING "CHUNKED\r\n", "chunked keep");
    expect("transfer-encoding:chunKed \r\n", "chunked keep");
}

/* RFC 9112 6.3: a length beside a coding looks like smuggling. */
static void rfc9112_6_3_length_and_coding_is_400(void **state)
{
    (void)state;
    expect(LENGTH "5\r\n" CODING "chunked\r\n", BOTH);
    expect(CODING "chunked\r\n" LENGTH "5\r\n", BOTH);
    expect(CODING "chunked\r\n" LENGTH "0\r\n", BOTH);
    expect(CODING "chunked\r\n" LENGTH "x\r\n", BOTH);
}

/* RFC 9112 6.1: chunked once, and last; a list may be spread over lines. */
static void rfc9112_6_1_malformed_coding_is_400(void **state)
{
    (void)state;
    expect(CODING "\r\n", BAD_CODING);
    expect(CODING ",\r\n", BAD_CODING);
    expect(CODING "chunked, chunked\r\n", BAD_CODING);
    expect(CODING "chunked\r\n" CODING "chunked\r\n", BAD_CODING);
    expect(CODING "chunked, gzip\r\n", BAD_CODING);
    expect(CODING "chunked\r\n" CODING "gzip\r\n", BAD_CODING);
    expect(CODING "chunked\r\n" CODING "identity\r\n", BAD_CODING);
    expect(CODING "gzip, chunked, gzip\r\n", BAD_CODING);
    expect(CODING "chunked gzip\r\n", BAD_CODING);
    expect(CODING "\"chunked\"\r\n", BAD_CODING);
    expect(CODING "chunked;\r\n", BAD_CODING);
    expect(CODING "=chunked\r\n", BAD_CODING);
    expect(CODING "(chunked)\r\n", BAD_CODING);
}

/* RFC 9110 5.6.1: empty elements of a list are nothing. */
static void rfc9110_5_6_1_empty_elements_are_passed_over(void **state)
{
    (void)state;
    expect(CODING ", chunked ,\r\n", "chunked keep");
    expect(CODING "\r\n" CODING "chunked\r\n", "chunked keep");
}

/* RFC 9112 7.1: chunked has no parameters. */
static void rfc9112_7_1_chunked_with_parameters_is_400(void **state)
{
    (void)state;
    expect(CODING "chunked;a=b\r\n", BAD_CODING);
    expect(CODING "chunked ; a=\"b\"\r\n", BAD_CODING);
}

/* RFC 9112 6.1: a well-formed coding that is not known is 501. */
static void rfc9112_6_1_unknown_coding_is_501(void **state)
{
    (void)state;
    expect(CODING "gzip, chunked\r\n", UNKNOWN_CODING);
    expect(CODING "gzip\r\n" CODING "chunked\r\n", UNKNOWN_CODING);
    expect(CODING "xchunked, chunked\r\n", UNKNOWN_CODING);
    /* RFC 9112 6.3: without chunked as the last coding it is 400, known or not. */
    expect(CODING "gzip\r\n", BAD_CODING);
    expect(CODING "identity\r\n", BAD_CODING);
    expect(CODING "xchunked\r\n", BAD_CODING);
    expect(CODING "chunked2\r\n", BAD_CODING);
    expect(CODING "a;b=c;d = \"e,\\\"chunked\", chunked\r\n", UNKNOWN_CODING);
    expect(CODING "a;b=\"c\r\n", BAD_CODING);
    expect(CODING "a;b\r\n", BAD_CODING);
    expect(CODING "a;b=\r\n", BAD_CODING);
    expect(CODING "a;=c\r\n", BAD_CODING);
    expect(CODING "a;b=\"c\"d\r\n", BAD_CODING);
    expect(CODING "a;b=\"c\\\"\r\n", BAD_CODING);
}

/* RFC 9112 6.1: HTTP/1.0 knows no transfer codings. */
static void rfc9112_6_1_coding_in_http_1_0_is_400(void **state)
{
    (void)state;
    expect_1_0(CODING "chunked\r\n", BAD_CODING);
    expect_1_0(CODING "chunked\r\n" LENGTH "5\r\n", BAD_CODING);
    expect_1_0(CODING "gzip\r\n", BAD_CODING);
}

/* RFC 9112 9.3: 1.1 persists unless close is said, 1.0 only where keep-alive is. */
static void rfc9112_9_3_persistence(void **state)
{
    (void)state;
    expect("Connection: close\r\n", "none close");
    expect("Connection: CLOSE\r\n", "none close");
    expect("Connection: keep-alive\r\n", "none keep");
    expect("Connection: upgrade\r\n", "none keep");
    expect("Connection: closed\r\n", "none keep");
    expect("Connection: clos\r\n", "none keep");
    expect_1_0("", "none close");
    expect_1_0("Connection: Keep-Alive\r\n", "none keep");
    expect_1_0("Connection: upgrade\r\n", "none close");
    expect_1_0("Connection: close\r\n", "none close");
}

/* RFC 9110 7.6.1: the options are a list, perhaps over several lines; close wins. */
static void rfc9110_7_6_1_connection_is_a_list(void **state)
{
    (void)state;
    expect("Connection: keep-alive, close\r\n", "none close");
    expect("Connection: close, keep-alive\r\n", "none close");
    expect("Connection: upgrade ,\tClose\r\n", "none close");
    expect("Connection: close\r\nConnection: keep-alive\r\n", "none close");
    expect("Connection: keep-alive\r\nConnection: close\r\n", "none close");
    expect_1_0("Connection: x\r\nConnection: y, keep-alive\r\n", "none keep");
    expect_1_0("Connection: keep-alive, close\r\n", "none close");
    expect("Connection:\r\n", "none keep");
    expect("Connection: keep-alive\r\n" LENGTH "5\r\n", "length 5 keep");
}

/* RFC 9110 10.1.1: the one expectation, where there is a body to wait for. */
static void rfc9110_10_1_1_expect_continue(void **state)
{
    (void)state;
    expect("Expect: 100-continue\r\n" LENGTH "5\r\n", "length 5 keep continue");
    expect("Expect: 100-CONTINUE\r\n" CODING "chunked\r\n", "chunked keep continue");
    expect("Expect: 100-continue\r\n", "none keep");
    expect("Expect: 100-continue\r\n" LENGTH "0\r\n", "none keep");
    expect("Expect:\r\n" LENGTH "5\r\n", "length 5 keep");
}

/* RFC 9110 10.1.1: any other expectation is 417; in HTTP/1.0 all are ignored. */
static void rfc9110_10_1_1_other_expectations_are_417(void **state)
{
    (void)state;
    expect("Expect: 200-ok\r\n", BAD_EXPECTATION);
    expect("Expect: 100-continue, x\r\n", BAD_EXPECTATION);
    expect("Expect: 100-continue\r\nExpect: x\r\n" LENGTH "5\r\n", BAD_EXPECTATION);
    expect("Expect: 100-continue;a=b\r\n", BAD_EXPECTATION);
    expect_1_0("Expect: 100-continue\r\n" LENGTH "5\r\n", "length 5 close");
    expect_1_0("Expect: x\r\n", "none close");
}

/* A framing that is refused is refused whatever else is wrong. */
static void framing_comes_before_expectation(void **state)
{
    (void)state;
    expect("Expect: x\r\n" LENGTH "x\r\n", BAD_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc9112_6_3_no_fields_no_body),
        cmocka_unit_test(rfc9110_8_6_content_length),
        cmocka_unit_test(rfc9112_6_3_bad_content_length_is_400),
        cmocka_unit_test(rfc9112_7_chunked_in_any_case),
        cmocka_unit_test(rfc9112_6_3_length_and_coding_is_400),
        cmocka_unit_test(rfc9112_6_1_malformed_coding_is_400),
        cmocka_unit_test(rfc9110_5_6_1_empty_elements_are_passed_over),
        cmocka_unit_test(rfc9112_7_1_chunked_with_parameters_is_400),
        cmocka_unit_test(rfc9112_6_1_unknown_coding_is_501),
        cmocka_unit_test(rfc9112_6_1_coding_in_http_1_0_is_400),
        cmocka_unit_test(rfc9112_9_3_persistence),
        cmocka_unit_test(rfc9110_7_6_1_connection_is_a_list),
        cmocka_unit_test(rfc9110_10_1_1_expect_continue),
        cmocka_unit_test(rfc9110_10_1_1_other_expectations_are_417),
        cmocka_unit_test(framing_comes_before_expectation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
