/* Does host.h know a valid host from an invalid one, and how many a request may have? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/base/span.h"
#include "core/http1/host.h"
#include "core/table/leniency.h"
#include "tests/lib/guard.h"
#include "tests/lib/parsed_head.h"
#include "tests/lib/processor.h"

static bool is_valid(const char *authority, bool empty_allowed)
{
    struct linnet_span bytes = {(const uint8_t *)authority, strlen(authority)};
    struct guard guard = guard_open(bytes.len);
    bool valid =
        ln_host_is_valid(guard_put(&guard, bytes), ln_scan_for(processor_bits()), empty_allowed);
    guard_close(&guard);
    return valid;
}

static void expect_all(const char *const *hosts, bool valid)
{
    for (size_t i = 0; hosts[i] != NULL; i++) {
        if (is_valid(hosts[i], false) != valid || is_valid(hosts[i], true) != valid) {
            fail_msg("%s should be %s", hosts[i], valid ? "valid" : "invalid");
        }
    }
}

/* RFC 3986 3.2.2: a reg-name is unreserved, sub-delims and pct-encoded; an IPv4 address is one. */
static void rfc3986_3_2_2_names(void **state)
{
    (void)state;
    static const char *const valid[] = {
        "a", "www.example.org", "EXAMPLE.org", "127.0.0.1", "999.1.1.1", "a_b", "a-b.",
        "-", "%41%ff",          "!$&'()*+,;=", "a~b",       NULL};
    static const char *const invalid[] = {
        "a b", "a/b", "a?b", "a#b", "a@b",  "@", "a%",    "a%4",   "a%4g", "a%g4",  "a\\b", "a\"",
        "a<b", "a|b", "a^b", "{a}", "a[b]", "]", "a\x7f", "a\x80", "\t",   "a,b c", NULL};
    expect_all(valid, true);
    expect_all(invalid, false);
}

/* RFC 3986 3.2.3: a port is digits, or nothing behind the colon. */
static void rfc3986_3_2_3_ports(void **state)
{
    (void)state;
    static const char *const valid[] = {"a:",      "a:0",    "a:80",        "a:65535",
                                        "a:00080", "[::1]:", "[::1]:65535", NULL};
    static const char *const invalid[] = {"a:65536",     "a:-1",   "a:+1",
                                          "a: 80",       "a:80 ",  "a:8x",
                                          "a:80:80",     "a::",    "a:99999999999999999999999",
                                          "[::1]80",     "[::1]a", "[::1]:x",
                                          "[::1]:65536", NULL};
    expect_all(valid, true);
    expect_all(invalid, false);
}

/* RFC 3986 3.2.2: the nine forms of an IPv6 address. */
static void rfc3986_3_2_2_ipv6(void **state)
{
    (void)state;
    static const char *const valid[] = {"[1:2:3:4:5:6:7:8]",
                                        "[1:2:3:4:5:6:1.2.3.4]",
                                        "[::2:3:4:5:6:7:8]",
                                        "[::3:4:5:6:1.2.3.4]",
                                        "[::2:3:4:5:6:1.2.3.4]",
                                        "[1::3:4:5:6:7:8]",
                                        "[::]",
                                        "[::1]",
                                        "[1::]",
                                        "[1:2:3:4:5:6:7::]",
                                        "[1:2:3:4:5::1.2.3.4]",
                                        "[::ffff:192.0.2.1]",
                                        "[FE80::aBcD]",
                                        "[0000:0000::0000]",
                                        "[1::8]",
                                        "[::255.255.255.255]",
                                        "[::0.0.0.0]",
                                        NULL};
    static const char *const invalid[] = {"[]",
                                          "[",
                                          "[::",
                                          "[:]",
                                          "[:::]",
                                          "[1]",
                                          "[1:]",
                                          "[:1]",
                                          "[1:2:3:4:5:6:7]",
                                          "[1:2:3:4:5:6:7:8:9]",
                                          "[1:2:3:4:5:6:7:8:]",
                                          "[1:2:3:4:5:6:7:8::]",
                                          "[::1:2:3:4:5:6:7:8]",
                                          "[1::2::3]",
                                          "[12345::]",
                                          "[g::]",
                                          "[::1.2.3]",
                                          "[::1.2.3.4.5]",
                                          "[::1.2.3.256]",
                                          "[::1.2.3.04]",
                                          "[::01.2.3.4]",
                                          "[::1.2.3.]",
                                          "[::.1.2.3]",
                                          "[::1.2.3.4:5]",
                                          "[1.2.3.4::]",
                                          "[1:2:3:4:5:6:7:1.2.3.4]",
                                          "[1:2:3:4:5:6::1.2.3.4]",
                                          "[::1%25eth0]",
                                          "[::1]]",
                                          "[[::1]]",
                                          "[::1 ]",
                                          "[ ::1]",
                                          "[::1.2.3.1234]",
                                          "[::ffff.1.2.3]",
                                          NULL};
    expect_all(valid, true);
    expect_all(invalid, false);
}

/* RFC 3986 3.2.2: an address of a future version says which. */
static void rfc3986_3_2_2_ip_future(void **state)
{
    (void)state;
    static const char *const valid[] = {"[v1.a]", "[VF0.a:b]", "[v1.~!:]:80", NULL};
    static const char *const invalid[] = {"[v.a]",   "[v1]",     "[v1.]", "[vg.a]", "[1.a]",
                                          "[v1.a/]", "[v1.%41]", "[v1a]", "[v]",    NULL};
    expect_all(valid, true);
    expect_all(invalid, false);
}

/* RFC 9110 7.2: the field may be empty; RFC 9110 4.2.1: a URI's host may not. */
static void rfc9110_7_2_empty_host(void **state)
{
    (void)state;
    assert_true(is_valid("", true));
    assert_false(is_valid("", false));
    assert_true(is_valid(":80", true));
    assert_false(is_valid(":80", false));
    assert_false(is_valid(":x", true));
}

static void expect_host(struct linnet_span bytes, unsigned leniencies, const char *host)
{
    struct parsed_head parsed;
    struct linnet_span found;
    struct ln_refusal refusal;
    parsed_head_init(&parsed, bytes);
    /* The memory of the tests before, and then its own, change nothing. */
    static struct ln_host_memory memory;
    const struct ln_scan *scan = ln_scan_for(processor_bits());
    bool good = ln_host_check(&parsed.head, bytes, leniencies, scan, &memory, &found, &refusal);
    assert_int_equal(good, host != NULL);
    assert_int_equal(
        ln_host_check(&parsed.head, bytes, leniencies, scan, &memory, &found, &refusal), good);
    if (good && host != NULL) {
        assert_int_equal(found.len, strlen(host));
        assert_memory_equal(found.data == NULL ? (const uint8_t *)"" : found.data, host, found.len);
    } else {
        assert_int_equal(refusal.status, 400);
        assert_int_equal(refusal.reason, LN_CLOSE_BAD_HOST);
    }
}

#define check(bytes, host) expect_host(LINNET_SPAN(bytes "\r\n"), 0, host)

/* RFC 9112 3.2: HTTP/1.1 has exactly one valid Host. */
static void rfc9112_3_2_http_1_1_has_one_host(void **state)
{
    (void)state;
    check("GET / HTTP/1.1\r\nHost: a:80\r\n", "a:80");
    check("GET / HTTP/1.1\r\nA: b\r\nhOST: a\r\n", "a");
    check("GET / HTTP/1.1\r\nHost:\r\n", "");
    check("GET / HTTP/1.1\r\n", NULL);
    check("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n", NULL);
    check("GET / HTTP/1.1\r\nHost: a\r\nHost:\r\n", NULL);
    check("GET / HTTP/1.1\r\nHost: a b\r\n", NULL);
    check("GET / HTTP/1.1\r\nHost: a, b\r\n", NULL);
    check("GET / HTTP/1.1\r\nHost: a@b\r\n", NULL);
    check("GET / HTTP/1.1\r\nHost: a/\r\n", NULL);
}

/* RFC 9112 3.2: HTTP/1.0 may have none, but not two, and no bad one. */
static void rfc9112_3_2_http_1_0_may_have_no_host(void **state)
{
    (void)state;
    check("GET / HTTP/1.0\r\n", "");
    check("GET / HTTP/1.0\r\nHost: a\r\n", "a");
    check("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n", NULL);
    check("GET / HTTP/1.0\r\nHost: [\r\n", NULL);
}

/* RFC 9112 3.2: with the leniency, and only with it, HTTP/1.1 may have none. */
static void rfc9112_3_2_lenient_missing_host(void **state)
{
    (void)state;
    struct linnet_span none = LINNET_SPAN("GET / HTTP/1.1\r\n\r\n");
    struct linnet_span two = LINNET_SPAN("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n");
    expect_host(none, LN_LENIENCY_MISSING_HOST, "");
    expect_host(none, LN_LENIENCY_BARE_LF | LN_LENIENCY_RAW_TARGET, NULL);
    expect_host(two, LN_LENIENCY_MISSING_HOST, NULL);
}

/* What was valid is known by its whole content, up to a length. */
static void the_last_valid_host_is_remembered(void **state)
{
    (void)state;
    const struct ln_scan *scan = ln_scan_for(processor_bits());
    struct ln_host_memory memory = {0};
    struct parsed_head parsed;
    struct linnet_span found;
    struct ln_refusal refusal;
    static const char lines_end[] = {'\r', '\n', '\r', '\n'};
    char text[128] = "GET / HTTP/1.1\r\nHost: ";
    const size_t begin = strlen(text);
    for (size_t len = 1; len <= LN_HOST_MEMORY_LEN_MAX + 1; len++) {
        memset(text + begin, 'a', len);
        memcpy(text + begin + len, lines_end, sizeof lines_end);
        const struct linnet_span bytes = {(const uint8_t *)text, begin + len + 4};
        parsed_head_init(&parsed, bytes);
        assert_true(ln_host_check(&parsed.head, bytes, 0, scan, &memory, &found, &refusal));
        assert_int_equal(memory.len, len <= LN_HOST_MEMORY_LEN_MAX ? len : len - 1);
        assert_int_equal(found.len, len);
        text[begin + len - 1] = '/';
        assert_false(ln_host_check(&parsed.head, bytes, 0, scan, &memory, &found, &refusal));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc3986_3_2_2_names),
        cmocka_unit_test(rfc3986_3_2_3_ports),
        cmocka_unit_test(rfc3986_3_2_2_ipv6),
        cmocka_unit_test(rfc3986_3_2_2_ip_future),
        cmocka_unit_test(rfc9110_7_2_empty_host),
        cmocka_unit_test(rfc9112_3_2_http_1_1_has_one_host),
        cmocka_unit_test(rfc9112_3_2_http_1_0_may_have_no_host),
        cmocka_unit_test(the_last_valid_host_is_remembered),
        cmocka_unit_test(rfc9112_3_2_lenient_missing_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
