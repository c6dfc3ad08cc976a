/* Does target.h take every form apart as the grammar says, and refuse what is malformed? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/base/span.h"
#include "core/http1/target.h"
#include "core/table/leniency.h"
#include "tests/lib/guard.h"
#include "tests/lib/processor.h"

enum { PATH_LEN_MAX = 64 };

static char text[1024];

/* The target as text: "origin path=/a query=b", or "refused 400 bad-target". */
static const char *parse(struct linnet_span raw, enum linnet_method method, unsigned leniencies,
                         size_t room_len)
{
    static const char *const forms[] = {"origin", "absolute", "authority", "asterisk"};
    struct guard input = guard_open(raw.len);
    struct guard output = guard_open(room_len);
    struct ln_target target;
    struct ln_refusal refusal = {LINNET_STATUS_NONE, LN_CLOSE_NONE};
    if (ln_target_parse(guard_put(&input, raw), method, leniencies, ln_scan_for(processor_bits()),
                        guard_room(&output, room_len), &target, &refusal)) {
        snprintf(text, sizeof text, "%s %.*s|%.*s|%.*s%s%.*s", forms[target.form],
                 (int)target.scheme.len, (const char *)target.scheme.data,
                 (int)target.authority.len, (const char *)target.authority.data,
                 (int)target.path.len, (const char *)target.path.data, target.has_query ? "?" : "",
                 (int)target.query.len, (const char *)target.query.data);
    } else {
        struct linnet_span reason = ln_close_reason_name(refusal.reason);
        snprintf(text, sizeof text, "refused %d %.*s", (int)refusal.status, (int)reason.len,
                 (const char *)reason.data);
    }
    guard_close(&input);
    guard_close(&output);
    return text;
}

#define GET  LINNET_METHOD_GET
#define BAD  "refused 400 bad-target"
#define LONG "refused 414 target-too-long"

#define expect(raw, expected) \
    assert_string_equal(parse(LINNET_SPAN(raw), GET, 0, PATH_LEN_MAX), expected)
#define expect_method(raw, method, expected) \
    assert_string_equal(parse(LINNET_SPAN(raw), method, 0, PATH_LEN_MAX), expected)
#define expect_raw(raw, expected)                                                           \
    assert_string_equal(parse(LINNET_SPAN(raw), GET, LN_LENIENCY_RAW_TARGET, PATH_LEN_MAX), \
                        expected)

/* RFC 9112 3.2.1: origin-form is a path that begins with a slash, and perhaps a query. */
static void rfc9112_3_2_1_origin_form(void **state)
{
    (void)state;
    expect("/", "origin ||/");
    expect("/a/b.c", "origin ||/a/b.c");
    expect("/a?", "origin ||/a?");
    expect("/a?b=c&d", "origin ||/a?b=c&d");
    expect("/a?b?c/d?", "origin ||/a?b?c/d?");
    expect("//a//", "origin ||//a//");
    expect("/:@!$&'()*+,;=-._~", "origin ||/:@!$&'()*+,;=-._~");
    expect("", BAD);
    expect("a", BAD);
    expect("a/b", BAD);
    expect("?a", BAD);
    expect(".", BAD);
}

/* RFC 9112 3.2: what a URI does not hold unescaped is refused, in the path and in the query.
 * RFC 3986 3.3, RFC 3986 3.4: which bytes those are. */
static void rfc9112_3_2_bytes_of_path_and_query(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        bool bad = byte <= ' ' || byte >= 0x7F || strchr("\"#%<>[\\]^`{|}", (int)byte) != NULL;
        bool let_through = byte > ' ' && byte < 0x7F && byte != '#' && byte != '%';
        uint8_t path[] = "/a?b";
        uint8_t query[] = "/?ab";
        path[2] = (uint8_t)byte;
        query[3] = (uint8_t)byte;
        struct linnet_span in_path = {path, 4};
        struct linnet_span in_query = {query, 4};
        assert_int_equal(strcmp(parse(in_path, GET, 0, 64), BAD) == 0, bad);
        assert_int_equal(strcmp(parse(in_query, GET, 0, 64), BAD) == 0, bad);
        /* The leniency lets the visible ones through, but not those that mean something. */
        assert_int_equal(strcmp(parse(in_path, GET, LN_LENIENCY_RAW_TARGET, 64), BAD) == 0,
                         !let_through);
        assert_int_equal(strcmp(parse(in_query, GET, LN_LENIENCY_RAW_TARGET, 64), BAD) == 0,
                         !let_through);
    }
    expect("/a#b", BAD);
    expect("/a?b#c", BAD);
    expect_raw("/a|b^[c]?{d}", "origin ||/a|b^[c]?{d}");
    expect_raw("/a#b", BAD);
    expect_raw("/a%zz", BAD);
}

/* RFC 3986 2.1: a percent sign stands before two hexadecimal digits. */
static void rfc3986_2_1_percent_is_decoded_once(void **state)
{
    (void)state;
    expect("/%61%62%63", "origin ||/abc");
    expect("/a%20b%7e", "origin ||/a b~");
    expect("/%2525", "origin ||/%25");
    expect("/%252e%252e/a", "origin ||/%2e%2e/a");
    expect("/%e4%F6", "origin ||/\xe4\xf6");
    expect("/a%2Fb", "origin ||/a/b");
    expect("/a%3Fb", "origin ||/a?b");
    expect("/%23", "origin ||/#");
    expect("/%", BAD);
    expect("/%4", BAD);
    expect("/%4g", BAD);
    expect("/%g4", BAD);
    expect("/%%41", BAD);
    expect("/%4?1", BAD);
}

/* RFC 3986 2.1: a query stays as it came, but it is well-formed. */
static void rfc3986_2_1_query_is_not_decoded(void **state)
{
    (void)state;
    expect("/?%61%00%2e", "origin ||/?%61%00%2e");
    expect("/?a%", BAD);
    expect("/?a%4", BAD);
    expect("/?a%4x", BAD);
}

/* RFC 3986 7.3: a NUL in a path means a file that no client could want. */
static void rfc3986_7_3_nul_in_the_path_is_400(void **state)
{
    (void)state;
    expect("/a%00", BAD);
    expect("/%00/../a", BAD);
    expect("/a%00?b", BAD);
    expect("/a%01", "origin ||/a\x01");
}

/* RFC 3986 5.2.4: dot segments are resolved, after decoding. */
static void rfc3986_5_2_4_dot_segments_are_resolved(void **state)
{
    (void)state;
    expect("/.", "origin ||/");
    expect("/./", "origin ||/");
    expect("/a/.", "origin ||/a/");
    expect("/a/./b", "origin ||/a/b");
    expect("/a/..", "origin ||/");
    expect("/a/../", "origin ||/");
    expect("/a/../b", "origin ||/b");
    expect("/a/b/..", "origin ||/a/");
    expect("/a/b/../", "origin ||/a/");
    expect("/a/b/../../c", "origin ||/c");
    expect("/a/b/c/./../../g", "origin ||/a/g");
    expect("/a//..", "origin ||/a/");
    expect("/a//../b", "origin ||/a/b");
    expect("//..", "origin ||/");
    expect("//../", "origin ||/");
    expect("/%2e", "origin ||/");
    expect("/a/%2E%2e/b", "origin ||/b");
    expect("/a/.%2e/b", "origin ||/b");
    expect("/a%2f..%2fb", "origin ||/b");
    expect("/a%2f%2e%2e", "origin ||/");
    expect("/a/..?b/../c", "origin ||/?b/../c");
    /* These are names. */
    expect("/.a", "origin ||/.a");
    expect("/..a/...", "origin ||/..a/...");
    expect("/a./b..", "origin ||/a./b..");
    expect("/.well-known/x", "origin ||/.well-known/x");
}

/* RFC 3986 5.2.4: whoever climbs over the root is refused. */
static void rfc3986_5_2_4_above_the_root_is_400(void **state)
{
    (void)state;
    expect("/..", BAD);
    expect("/../", BAD);
    expect("/../a", BAD);
    expect("/a/../..", BAD);
    expect("/a/../../b", BAD);
    expect("/./..", BAD);
    expect("/%2e%2e/etc/passwd", BAD);
    expect("/..%2fetc", BAD);
    expect("/a/..%2f..%2fetc", BAD);
    expect("//../..", BAD);
}

/* RFC 9112 3.2.2: absolute-form is a scheme, an authority and perhaps a path and a query. */
static void rfc9112_3_2_2_absolute_form(void **state)
{
    (void)state;
    expect("http://a/b?c", "absolute http|a|/b?c");
    expect("http://a:80/", "absolute http|a:80|/");
    expect("https://[::1]:8443/x", "absolute https|[::1]:8443|/x");
    expect("http://a/b/../%63", "absolute http|a|/c");
    expect("http://a/..", BAD);
    expect("http://a/#b", BAD);
    expect("http://a#b", BAD);
    expect("http:/a", BAD);
    expect("http:a", BAD);
    expect("http//a", BAD);
    expect("http", BAD);
    expect("http:", BAD);
    expect("://a/", BAD);
    expect("1http://a/", BAD);
    expect("ht_tp://a/", BAD);
    expect("+a://a/", BAD);
}

/* RFC 3986 3.1: a scheme is a letter and then letters, digits, "+", "-", "."; its case does not
 * matter. Which schemes are served is not decided here. */
static void rfc3986_3_1_schemes(void **state)
{
    (void)state;
    expect("HTTP://a/", "absolute HTTP|a|/");
    expect("HtTpS://user@a/", BAD);
    expect("ftp://a/b", "absolute ftp|a|/b");
    expect("x+y-z.1://a", "absolute x+y-z.1|a|/");
    expect("file:///a", "absolute file||/a");
    expect("ftp://u:p@a%20b/", "absolute ftp|u:p@a%20b|/");
    expect("ftp://a%2/", BAD);
    expect("ftp://a\"/", BAD);
}

/* RFC 9110 4.2.1: an http URI has a host. RFC 9110 4.2.4: and no userinfo. */
static void rfc9110_4_2_1_http_needs_a_valid_host(void **state)
{
    (void)state;
    expect("http:///a", BAD);
    expect("http://", BAD);
    expect("http://:80/", BAD);
    expect("http://a:b/", BAD);
    expect("http://a:65536/", BAD);
    expect("http://a_b/", "absolute http|a_b|/");
    expect("http://[::1/", BAD);
}

static void rfc9110_4_2_4_userinfo_is_400(void **state)
{
    (void)state;
    expect("http://user@a/", BAD);
    expect("http://user:secret@a/", BAD);
    expect("https://@a/", BAD);
}

/* RFC 9110 4.2.3: an empty path is the same as "/". */
static void rfc9110_4_2_3_empty_path_is_the_root(void **state)
{
    (void)state;
    expect("http://a", "absolute http|a|/");
    expect("http://a?b", "absolute http|a|/?b");
    expect("http://a?b%", BAD);
}

/* RFC 9112 3.2.3: authority-form is for CONNECT only, and CONNECT takes no other. */
static void rfc9112_3_2_3_authority_form(void **state)
{
    (void)state;
    expect_method("a:443", LINNET_METHOD_CONNECT, "authority |a:443|");
    expect_method("[::1]:443", LINNET_METHOD_CONNECT, "authority |[::1]:443|");
    expect_method("/", LINNET_METHOD_CONNECT, BAD);
    expect_method("http://a/", LINNET_METHOD_CONNECT, BAD);
    expect_method("*", LINNET_METHOD_CONNECT, BAD);
    expect("a:443", BAD);
}

/* RFC 9110 9.3.6: CONNECT without a port, or with a bad one, is refused. */
static void rfc9110_9_3_6_connect_names_a_port(void **state)
{
    (void)state;
    expect_method("a", LINNET_METHOD_CONNECT, BAD);
    expect_method("a:", LINNET_METHOD_CONNECT, BAD);
    expect_method(":443", LINNET_METHOD_CONNECT, BAD);
    expect_method("443", LINNET_METHOD_CONNECT, BAD);
    expect_method("a:65536", LINNET_METHOD_CONNECT, BAD);
    expect_method("u@a:443", LINNET_METHOD_CONNECT, BAD);
    expect_method("[::1]", LINNET_METHOD_CONNECT, BAD);
    expect_method("[::1:443", LINNET_METHOD_CONNECT, BAD);
    expect_method("", LINNET_METHOD_CONNECT, BAD);
}

/* RFC 9112 3.2.4: asterisk-form is for OPTIONS only; so is its absolute spelling. */
static void rfc9112_3_2_4_asterisk_form(void **state)
{
    (void)state;
    expect_method("*", LINNET_METHOD_OPTIONS, "asterisk ||");
    expect_method("http://a:8001", LINNET_METHOD_OPTIONS, "asterisk http|a:8001|");
    expect_method("http://a/", LINNET_METHOD_OPTIONS, "absolute http|a|/");
    expect_method("http://a?b", LINNET_METHOD_OPTIONS, "absolute http|a|/?b");
    expect_method("/*", LINNET_METHOD_OPTIONS, "origin ||/*");
    expect_method("**", LINNET_METHOD_OPTIONS, BAD);
    expect_method("*?", LINNET_METHOD_OPTIONS, BAD);
    expect("*", BAD);
    expect_method("*", LINNET_METHOD_UNKNOWN, BAD);
    expect_method("/a", LINNET_METHOD_UNKNOWN, "origin ||/a");
}

/* RFC 9110 15.5.15: a path that does not fit is 414, whether it is decoded or not. */
static void rfc9110_15_5_15_path_over_the_room_is_414(void **state)
{
    (void)state;
    for (size_t room = 0; room < 8; room++) {
        assert_string_equal(parse(LINNET_SPAN("/abc"), GET, 0, room),
                            room < 4 ? LONG : "origin ||/abc");
        assert_string_equal(parse(LINNET_SPAN("/%61bc?query"), GET, 0, room),
                            room < 4 ? LONG : "origin ||/abc?query");
        assert_string_equal(parse(LINNET_SPAN("/a/../b"), GET, 0, room),
                            room < 7 ? LONG : "origin ||/b");
    }
    assert_string_equal(parse(LINNET_SPAN("http://a"), GET, 0, 0), LONG);
    assert_string_equal(parse(LINNET_SPAN("http://a"), GET, 0, 1), "absolute http|a|/");
    assert_string_equal(parse(LINNET_SPAN("*"), LINNET_METHOD_OPTIONS, 0, 0), "asterisk ||");
}

/* A path that needs no work is not copied. */
static void a_plain_path_stays_where_it_came(void **state)
{
    (void)state;
    struct linnet_span raw = LINNET_SPAN("/a/b?c");
    uint8_t memory[16];
    struct ln_target target;
    struct ln_refusal refusal;
    struct linnet_room room = {memory, sizeof memory};
    assert_true(
        ln_target_parse(raw, GET, 0, ln_scan_for(processor_bits()), room, &target, &refusal));
    assert_ptr_equal(target.path.data, raw.data);
    assert_ptr_equal(target.query.data, raw.data + 5);
    assert_true(ln_target_parse(LINNET_SPAN("/%61"), GET, 0, ln_scan_for(processor_bits()), room,
                                &target, &refusal));
    assert_ptr_equal(target.path.data, memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc9112_3_2_1_origin_form),
        cmocka_unit_test(rfc9112_3_2_bytes_of_path_and_query),
        cmocka_unit_test(rfc3986_2_1_percent_is_decoded_once),
        cmocka_unit_test(rfc3986_2_1_query_is_not_decoded),
        cmocka_unit_test(rfc3986_7_3_nul_in_the_path_is_400),
        cmocka_unit_test(rfc3986_5_2_4_dot_segments_are_resolved),
        cmocka_unit_test(rfc3986_5_2_4_above_the_root_is_400),
        cmocka_unit_test(rfc9112_3_2_2_absolute_form),
        cmocka_unit_test(rfc3986_3_1_schemes),
        cmocka_unit_test(rfc9110_4_2_1_http_needs_a_valid_host),
        cmocka_unit_test(rfc9110_4_2_4_userinfo_is_400),
        cmocka_unit_test(rfc9110_4_2_3_empty_path_is_the_root),
        cmocka_unit_test(rfc9112_3_2_3_authority_form),
        cmocka_unit_test(rfc9110_9_3_6_connect_names_a_port),
        cmocka_unit_test(rfc9112_3_2_4_asterisk_form),
        cmocka_unit_test(rfc9110_15_5_15_path_over_the_room_is_414),
        cmocka_unit_test(a_plain_path_stays_where_it_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
