/* Does the head parser take what RFC 9112 allows, refuse the rest, and both at the same byte,
 * however the bytes are split and whichever scanner runs?
 *
 * A head that is refused is written up to the byte that must refuse it: one byte less is "more". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/base/character.h"
#include "core/base/span.h"
#include "core/http1/request_head.h"
#include "core/table/leniency.h"
#include "tests/lib/assertion.h"
#include "tests/lib/head_subject.h"

static void expect_with(struct linnet_span bytes, unsigned leniencies, const char *expected)
{
    struct ln_request_head_limits limits = head_subject_limits;
    limits.leniencies = leniencies;
    assert_string_equal(head_subject_feed(bytes, &limits), expected);
    struct linnet_span shorter = {bytes.data, bytes.len - 1};
    assert_string_equal(head_subject_feed(shorter, &limits), "more");
}

#define expect(bytes, expected) expect_with(LINNET_SPAN(bytes), 0, expected)
#define expect_lenient(bytes, expected) \
    expect_with(LINNET_SPAN(bytes), LN_LENIENCY_BARE_LF, expected)

#define BAD_LINE      "refused 400 bad-request-line"
#define BAD_END       "refused 400 bad-line-end"
#define BAD_VERSION   "refused 400 bad-version"
#define BAD_TARGET    "refused 400 bad-target"
#define BAD_NAME      "refused 400 bad-field-name"
#define BAD_CONTENT   "refused 400 bad-field-content"
#define FOLD          "refused 400 obsolete-fold"
#define OTHER_VERSION "refused 505 bad-version"

/* A field line of a good request, up to the byte in question. */
#define AFTER_HEAD "GET / HTTP/1.1\r\nHost: a\r\n"

/* RFC 9112 2.1: a head is a request line, field lines and an empty line. */
static void rfc9112_2_1_heads_are_taken_apart(void **state)
{
    (void)state;
    expect("GET / HTTP/1.1\r\n\r\n", "complete 18: GET / HTTP/1.1");
    expect("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "complete 27: GET / HTTP/1.1|Host=a");
    expect("POST /a/b?c=d HTTP/1.0\r\nhost:b\r\nContent-Length: 5 \r\nX: \r\n\r\n",
           "complete 59: POST /a/b?c=d HTTP/1.0|host=b|Content-Length=5|X=");
    expect("OPTIONS * HTTP/1.1\r\n\r\n", "complete 22: OPTIONS * HTTP/1.1");
    expect("CONNECT a:80 HTTP/1.1\r\n\r\n", "complete 25: CONNECT a:80 HTTP/1.1");
}

/* RFC 9112 2.1: what follows the head belongs to the body or the next request. */
static void rfc9112_2_1_nothing_behind_the_head_is_read(void **state)
{
    (void)state;
    struct linnet_span bytes = LINNET_SPAN("GET / HTTP/1.1\r\n\r\n\0\0 GET");
    assert_string_equal(head_subject_feed(bytes, &head_subject_limits),
                        "complete 18: GET / HTTP/1.1");
}

/* RFC 9112 2.2: CR LF ends a line; neither does alone. */
static void rfc9112_2_2_bare_cr_and_bare_lf_are_400(void **state)
{
    (void)state;
    expect("GET / HTTP/1.1\n", BAD_END);
    expect("GET / HTTP/1.1\r\r", BAD_END);
    expect("GET / HTTP/1.1\rH", BAD_END);
    expect(AFTER_HEAD "\n", BAD_END);
    expect(AFTER_HEAD "\r\r", BAD_END);
    expect(AFTER_HEAD "\rX", BAD_END);
    expect(AFTER_HEAD "X: a\n", BAD_END);
    expect(AFTER_HEAD "X:\n", BAD_END);
    expect(AFTER_HEAD "X: a\rb", BAD_END);
    expect(AFTER_HEAD "X: a\r\r", BAD_END);
    expect(AFTER_HEAD "X:\r ", BAD_END);
    expect("\n", BAD_END);
    expect("\r\r", BAD_END);
    expect("\rG", BAD_END);
}

/* RFC 9112 2.2: with the leniency, and only with it, LF alone ends a line. */
static void rfc9112_2_2_lenient_bare_lf(void **state)
{
    (void)state;
    expect_lenient("GET / HTTP/1.1\n\n", "complete 16: GET / HTTP/1.1");
    expect_lenient("\n\r\nGET / HTTP/1.1\nX: a \r\nY:\n\n", "complete 29: GET / HTTP/1.1|X=a|Y=");
    expect_lenient("GET / HTTP/1.1\r\nX: a\n\r\n", "complete 23: GET / HTTP/1.1|X=a");
    /* A CR without LF stays what it is. */
    expect_lenient("GET / HTTP/1.1\r\r", BAD_END);
    expect_lenient("GET / HTTP/1.1\nX: a\rb", BAD_END);
    expect_lenient("GET / HTTP/1.1\n\rb", BAD_END);
    expect_lenient("GET /\n", BAD_LINE);
    expect_lenient("GET / HTTP/1.1\nX\n", BAD_NAME);
}

/* RFC 9112 2.2: a few empty lines before the request line are passed over. */
static void rfc9112_2_2_empty_lines_before_the_request_line(void **state)
{
    (void)state;
    expect("\r\nGET / HTTP/1.1\r\n\r\n", "complete 20: GET / HTTP/1.1");
    expect("\r\n\r\nGET / HTTP/1.1\r\nA: b\r\n\r\n", "complete 28: GET / HTTP/1.1|A=b");
    expect("\r\n\r\n\r", BAD_LINE);
    expect_lenient("\n\n\n", BAD_LINE);
}

/* RFC 9112 2.2: whitespace before the first field line is no way to hide it. */
static void rfc9112_2_2_whitespace_before_the_first_field_is_400(void **state)
{
    (void)state;
    expect("GET / HTTP/1.1\r\n ", FOLD);
    expect("GET / HTTP/1.1\r\n\t", FOLD);
}

/* RFC 9112 2.3: HTTP-version is "HTTP/" DIGIT "." DIGIT, in upper case. */
static void rfc9112_2_3_malformed_version_is_400(void **state)
{
    (void)state;
    expect("GET / h", BAD_VERSION);
    expect("GET / Ht", BAD_VERSION);
    expect("GET / HTTPS", BAD_VERSION);
    expect("GET / HTTP ", BAD_VERSION);
    expect("GET / HTTP/x", BAD_VERSION);
    expect("GET / HTTP/.", BAD_VERSION);
    expect("GET / HTTP/1,", BAD_VERSION);
    expect("GET / HTTP/11", BAD_VERSION);
    expect("GET / HTTP/1.x", BAD_VERSION);
    expect("GET / HTTP/1.\r", BAD_VERSION);
    expect("GET / HTTP/1.10", BAD_VERSION);
    expect("GET / HTTP/1.1x", BAD_VERSION);
    expect("GET / HTTP/2\r", BAD_VERSION);
    expect("GET / HTTP/ ", BAD_VERSION);
    expect("GET / \r", BAD_VERSION);
}

/* RFC 9110 15.6.6: a version that is well-formed but not 1.x is 505. */
static void rfc9110_15_6_6_another_major_version_is_505(void **state)
{
    (void)state;
    expect("GET / HTTP/2.0", OTHER_VERSION);
    expect("GET / HTTP/0.9", OTHER_VERSION);
    expect("GET / HTTP/3.1", OTHER_VERSION);
    expect("PRI * HTTP/2.0", OTHER_VERSION);
    expect("GET / HTTP/9.9", OTHER_VERSION);
}

/* RFC 9110 2.5: a higher minor version is served as 1.1. */
static void rfc9110_2_5_higher_minor_versions_are_served(void **state)
{
    (void)state;
    expect("GET / HTTP/1.0\r\n\r\n", "complete 18: GET / HTTP/1.0");
    expect("GET / HTTP/1.2\r\n\r\n", "complete 18: GET / HTTP/1.1");
    expect("GET / HTTP/1.9\r\n\r\n", "complete 18: GET / HTTP/1.1");
}

/* RFC 9112 3: exactly one SP stands between the three parts, and none around them. */
static void rfc9112_3_request_line_layout_is_strict(void **state)
{
    (void)state;
    expect(" ", BAD_LINE);
    expect("\t", BAD_LINE);
    expect("GET\t", BAD_LINE);
    expect("GET  ", BAD_LINE);
    expect("GET \t", BAD_LINE);
    expect("GET /\t", BAD_LINE);
    expect("GET /  ", BAD_VERSION);
    expect("GET / HTTP/1.1 ", BAD_LINE);
    expect("GET / HTTP/1.1\t", BAD_LINE);
    expect("GET / a", BAD_VERSION);
}

/* RFC 9112 3: a line without a version is of HTTP/0.9 and refused. */
static void rfc9112_3_simple_request_is_400(void **state)
{
    (void)state;
    expect("GET /\r", BAD_LINE);
    expect("GET /\n", BAD_LINE);
    expect("GET\r", BAD_LINE);
    expect("GET\n", BAD_LINE);
    expect("GET \r", BAD_LINE);
}

/* RFC 9112 3: what is no method is refused at its first byte, be it TLS or another protocol. */
static void rfc9112_3_first_byte_of_another_protocol_is_400(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t data[1] = {(uint8_t)byte};
        const char *expected = BAD_LINE;
        if (byte == '\r' || ln_character_is((uint8_t)byte, LN_CHARACTER_TOKEN)) {
            expected = "more";
        } else if (byte == '\n') {
            expected = BAD_END;
        }
        assert_string_equal(head_subject_feed((struct linnet_span){data, 1}, &head_subject_limits),
                            expected);
    }
    expect("\x16", BAD_LINE);
    expect("GET\0", BAD_LINE);
    expect("GE(", BAD_LINE);
    expect("G\x80", BAD_LINE);
}

/* RFC 9110 9.1: an unknown method is a method; whether it is served is not the parser's matter. */
static void rfc9110_9_1_unknown_method_is_taken(void **state)
{
    (void)state;
    expect("BREW /pot HTTP/1.1\r\n\r\n", "complete 22: BREW /pot HTTP/1.1");
    expect("get / HTTP/1.1\r\n\r\n", "complete 18: get / HTTP/1.1");
    expect("!#$%&'*+-.^_`|~09azAZ / HTTP/1.1\r\n\r\n",
           "complete 36: !#$%&'*+-.^_`|~09azAZ / HTTP/1.1");
}

/* RFC 9112 3.2: no byte outside of 0x21 to 0x7E stands in a target. */
static void rfc9112_3_2_invisible_bytes_in_the_target_are_400(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t data[] = "GET /x?";
        data[6] = (uint8_t)byte;
        const char *expected = "more";
        if (byte == '\r' || byte == '\n' || byte == '\t') {
            expected = BAD_LINE;
        } else if (byte < ' ' || byte >= 0x7F) {
            expected = BAD_TARGET;
        }
        assert_string_equal(head_subject_feed((struct linnet_span){data, 7}, &head_subject_limits),
                            expected);
    }
}

/* RFC 9112 5.1: whitespace between name and colon is refused. */
static void rfc9112_5_1_space_before_colon_is_400(void **state)
{
    (void)state;
    expect(AFTER_HEAD "X ", BAD_NAME);
    expect(AFTER_HEAD "X\t", BAD_NAME);
    expect("GET / HTTP/1.1\r\nTransfer-Encoding ", BAD_NAME);
}

/* RFC 9110 5.1: a name is one tchar or more. */
static void rfc9110_5_1_malformed_name_is_400(void **state)
{
    (void)state;
    expect(AFTER_HEAD ":", BAD_NAME);
    expect(AFTER_HEAD "X\r", BAD_NAME);
    expect(AFTER_HEAD "X\n", BAD_NAME);
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t data[] = "GET / HTTP/1.1\r\nX-long-enough-for-vectors?";
        size_t len = sizeof data - 1;
        data[len - 1] = (uint8_t)byte;
        bool good = byte == ':' || ln_character_is((uint8_t)byte, LN_CHARACTER_TOKEN);
        assert_string_equal(
            head_subject_feed((struct linnet_span){data, len}, &head_subject_limits),
            good ? "more" : BAD_NAME);
    }
}

/* RFC 9112 5.1: the whitespace around a content is not part of it; that inside is. */
static void rfc9112_5_1_whitespace_around_the_content_is_dropped(void **state)
{
    (void)state;
    expect("GET / HTTP/1.1\r\nA:b\r\nB: \t b \t c\t \t\r\nC:\r\nD: \t \r\n\r\n",
           "complete 49: GET / HTTP/1.1|A=b|B=b \\x09 c|C=|D=");
    expect("GET / HTTP/1.1\r\nA: :b: \r\n\r\n", "complete 27: GET / HTTP/1.1|A=:b:");
}

/* RFC 9112 5.2: a folded line is refused. */
static void rfc9112_5_2_folded_line_is_400(void **state)
{
    (void)state;
    expect(AFTER_HEAD "X: a\r\n ", FOLD);
    expect(AFTER_HEAD "X: a\r\n\t", FOLD);
    expect(AFTER_HEAD "X:\r\n ", FOLD);
}

/* RFC 9110 5.5: a field holds no control byte but HTAB; bytes from 0x80 on are its own matter. */
static void rfc9110_5_5_control_bytes_in_a_field_are_400(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t data[] = "GET / HTTP/1.1\r\nX: a content that is long enough for vectors?";
        size_t len = sizeof data - 1;
        data[len - 1] = (uint8_t)byte;
        const char *expected = "more";
        if (byte == '\n') {
            expected = BAD_END;
        } else if ((byte < ' ' && byte != '\t' && byte != '\r') || byte == 0x7F) {
            expected = BAD_CONTENT;
        }
        assert_string_equal(
            head_subject_feed((struct linnet_span){data, len}, &head_subject_limits), expected);
    }
    expect(AFTER_HEAD "X:\0", BAD_CONTENT);
    expect("GET / HTTP/1.1\r\nX: \x80\xFF\r\n\r\n", "complete 25: GET / HTTP/1.1|X=\\x80\\xFF");
}

static void a_real_request_is_taken_apart(void **state)
{
    (void)state;
    expect("GET /styles/site.css?v=3 HTTP/1.1\r\n"
           "Host: www.example.org\r\n"
           "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
           "Accept: text/css,*/*;q=0.1\r\n"
           "Accept-Language: en-US,en;q=0.5\r\n"
           "Accept-Encoding: gzip, deflate, br, zstd\r\n"
           "Connection: keep-alive\r\n"
           "If-None-Match: \"abc\"\r\n"
           "\r\n",
           "complete 293: GET /styles/site.css?v=3 HTTP/1.1|Host=www.example.org"
           "|User-Agent=Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
           "|Accept=text/css,*/*;q=0.1|Accept-Language=en-US,en;q=0.5"
           "|Accept-Encoding=gzip, deflate, br, zstd|Connection=keep-alive"
           "|If-None-Match=\"abc\"");
}

static struct ln_request_head head;
static struct ln_field_line lines[8];

static enum ln_parse parse(struct linnet_span bytes)
{
    struct ln_request_head_limits limits = head_subject_limits;
    limits.field_count_max = 8;
    return ln_request_head_parse(&head, bytes, ln_scan_for(0), &limits);
}

static void the_first_field_of_a_kind_is_found(void **state)
{
    (void)state;
    struct linnet_span bytes =
        LINNET_SPAN("GET / HTTP/1.1\r\nA: b\r\nRANGE: one\r\nRange: two\r\nHost:\r\n\r\n");
    ln_request_head_init(&head, lines);
    assert_int_equal(parse(bytes), LN_PARSE_COMPLETE);
    struct linnet_span content = LINNET_SPAN("unchanged");
    assert_false(ln_request_head_field(&head, bytes, LN_FIELD_EXPECT, &content));
    assert_true(ln_span_equal(content, LINNET_SPAN("unchanged")));
    assert_true(ln_request_head_field(&head, bytes, LN_FIELD_RANGE, &content));
    assert_true(ln_span_equal(content, LINNET_SPAN("one")));
    assert_true(ln_request_head_field(&head, bytes, LN_FIELD_HOST, &content));
    assert_int_equal(content.len, 0);
    expect_assertion(ln_request_head_field(&head, bytes, LN_FIELD_OTHER, &content));
}

static void the_outcome_stays(void **state)
{
    (void)state;
    ln_request_head_init(&head, lines);
    assert_int_equal(parse(LINNET_SPAN("GET / HTTP/1.1\r\n\r\n")), LN_PARSE_COMPLETE);
    assert_int_equal(parse(LINNET_SPAN("GET / HTTP/1.1\r\n\r\n\0")), LN_PARSE_COMPLETE);
    assert_int_equal(head.len, 18);
    ln_request_head_init(&head, lines);
    assert_int_equal(parse(LINNET_SPAN("GET\t")), LN_PARSE_REFUSED);
    assert_int_equal(parse(LINNET_SPAN("GET / HTTP/1.1\r\n\r\n")), LN_PARSE_REFUSED);
    assert_int_equal(head.refusal.status, 400);
    assert_int_equal(head.refusal.reason, LN_CLOSE_BAD_REQUEST_LINE);
}

static void fewer_bytes_than_before_are_our_bug(void **state)
{
    (void)state;
    ln_request_head_init(&head, lines);
    assert_int_equal(parse(LINNET_SPAN("GET / H")), LN_PARSE_MORE);
    assert_int_equal(head.resume, 7);
    expect_assertion(parse(LINNET_SPAN("GET / ")));
}

/* Counting scanners: how many bytes were scanned in all. */
static size_t scanned;

static size_t count_token(const uint8_t *data, size_t len)
{
    size_t run = ln_scan_for(0)->token(data, len);
    scanned += run + 1;
    return run;
}

static size_t count_content(const uint8_t *data, size_t len)
{
    size_t run = ln_scan_for(0)->content(data, len);
    scanned += run + 1;
    return run;
}

static size_t count_target(const uint8_t *data, size_t len)
{
    size_t run = ln_scan_for(0)->target(data, len);
    scanned += run + 1;
    return run;
}

static size_t count_field_lines(const uint8_t *data, size_t begin, size_t len,
                                struct ln_field_line *found, size_t count_max, size_t *end)
{
    size_t count = ln_scan_for(0)->field_lines(data, begin, len, found, count_max, end);
    scanned += len - begin + 1;
    return count;
}

/* A slow client must not cost more than its bytes, whichever part of the head is the long one. */
static void byte_by_byte_costs_no_more_than_the_bytes(void **state)
{
    (void)state;
    static const struct ln_scan counting = {
        .name = "counting",
        .token = count_token,
        .content = count_content,
        .target = count_target,
        .field_lines = count_field_lines,
    };
    static const char *const fronts[] = {"GET /", "GET / HTTP/1.1\r\nX",
                                         "GET / HTTP/1.1\r\nX: ", "GET / HTTP/1.1\r\nX: a "};
    for (size_t i = 0; i < sizeof fronts / sizeof fronts[0]; i++) {
        static uint8_t bytes[6000];
        memset(bytes, i == 3 ? ' ' : 'a', sizeof bytes);
        memcpy(bytes, fronts[i], strlen(fronts[i]));
        ln_request_head_init(&head, lines);
        scanned = 0;
        for (size_t len = 1; len <= sizeof bytes; len++) {
            assert_int_equal(ln_request_head_parse(&head, (struct linnet_span){bytes, len},
                                                   &counting, &head_subject_limits),
                             LN_PARSE_MORE);
            assert_int_equal(head.resume, len);
        }
        assert_true(scanned <= 2 * sizeof bytes);
        assert_true(scanned >= sizeof bytes / 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc9112_2_1_heads_are_taken_apart),
        cmocka_unit_test(rfc9112_2_1_nothing_behind_the_head_is_read),
        cmocka_unit_test(rfc9112_2_2_bare_cr_and_bare_lf_are_400),
        cmocka_unit_test(rfc9112_2_2_lenient_bare_lf),
        cmocka_unit_test(rfc9112_2_2_empty_lines_before_the_request_line),
        cmocka_unit_test(rfc9112_2_2_whitespace_before_the_first_field_is_400),
        cmocka_unit_test(rfc9112_2_3_malformed_version_is_400),
        cmocka_unit_test(rfc9110_15_6_6_another_major_version_is_505),
        cmocka_unit_test(rfc9110_2_5_higher_minor_versions_are_served),
        cmocka_unit_test(rfc9112_3_request_line_layout_is_strict),
        cmocka_unit_test(rfc9112_3_simple_request_is_400),
        cmocka_unit_test(rfc9112_3_first_byte_of_another_protocol_is_400),
        cmocka_unit_test(rfc9110_9_1_unknown_method_is_taken),
        cmocka_unit_test(rfc9112_3_2_invisible_bytes_in_the_target_are_400),
        cmocka_unit_test(rfc9112_5_1_space_before_colon_is_400),
        cmocka_unit_test(rfc9110_5_1_malformed_name_is_400),
        cmocka_unit_test(rfc9112_5_1_whitespace_around_the_content_is_dropped),
        cmocka_unit_test(rfc9112_5_2_folded_line_is_400),
        cmocka_unit_test(rfc9110_5_5_control_bytes_in_a_field_are_400),
        cmocka_unit_test(a_real_request_is_taken_apart),
        cmocka_unit_test(the_first_field_of_a_kind_is_found),
        cmocka_unit_test(the_outcome_stays),
        cmocka_unit_test(fewer_bytes_than_before_are_our_bug),
        cmocka_unit_test(byte_by_byte_costs_no_more_than_the_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
