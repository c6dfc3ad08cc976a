/* Are cookies read as browsers send them, and does nothing that is written split its field? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include <linnet/cookie.h>

#include "tests/lib/guard.h"

static char text[512];

/* The cookies as "name:value|". */
static const char *cookies(struct linnet_span content)
{
    struct guard guard = guard_open(content.len);
    struct linnet_span rest = guard_put(&guard, content);
    struct linnet_span name;
    struct linnet_span value;
    text[0] = '\0';
    while (linnet_cookie_next(&rest, &name, &value)) {
        const size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%.*s:%.*s|", (int)name.len,
                 (const char *)name.data, (int)value.len, (const char *)value.data);
    }
    assert_int_equal(rest.len, 0);
    guard_close(&guard);
    return text;
}

#define expect(literal, expected) assert_string_equal(cookies(LINNET_SPAN(literal)), expected)

/* RFC 6265 4.2.1: pairs between semicolons; what is none is passed over. */
static void rfc6265_4_2_1_reading(void **state)
{
    (void)state;
    expect("", "");
    expect("a=b", "a:b|");
    expect("a=b; c=d", "a:b|c:d|");
    expect("a=b;c=d ;\te=f", "a:b|c:d|e:f|");
    expect("a=; b=", "a:|b:|");
    expect("a=b=c", "a:b=c|");
    expect("a = b ", "a:b|");
    expect("a=\"b c\"; d=e, f", "a:\"b c\"|d:e, f|");
    expect("a; =b; c=d; ;; ", "c:d|");
    expect("a b=c; (=d; e=f", "e:f|");
    expect("a=\xC3\xA4", "a:\xC3\xA4|");
}

/* RFC 6265 5.4: the first of that name; a name's case matters. */
static void rfc6265_5_4_finding(void **state)
{
    (void)state;
    const struct linnet_span content = LINNET_SPAN("sid=1; SID=2; sid=3; long=x");
    struct linnet_span value;
    assert_true(linnet_cookie_find(content, LINNET_SPAN("sid"), &value));
    assert_memory_equal(value.data, "1", value.len);
    assert_true(linnet_cookie_find(content, LINNET_SPAN("SID"), &value));
    assert_memory_equal(value.data, "2", value.len);
    assert_false(linnet_cookie_find(content, LINNET_SPAN("si"), &value));
    assert_false(linnet_cookie_find(content, LINNET_SPAN("x"), &value));
    assert_false(linnet_cookie_find(content, LINNET_SPAN(""), &value));
}

/* The content, or how it was refused. */
static const char *written(const struct linnet_cookie *cookie)
{
    struct guard guard = guard_open(256);
    struct linnet_span content;
    const enum linnet_error error = linnet_cookie_write(cookie, guard_room(&guard, 256), &content);
    assert_true(error == LINNET_ERROR_NONE || content.len == 0);
    snprintf(text, sizeof text, "%.*s%s", (int)content.len, (const char *)content.data,
             error == LINNET_ERROR_INVALID ? "invalid" : "");
    assert_true(error == LINNET_ERROR_NONE || error == LINNET_ERROR_INVALID);
    guard_close(&guard);
    return text;
}

#define expect_written(expected, ...)                              \
    do {                                                           \
        const struct linnet_cookie cookie = {.name = __VA_ARGS__}; \
        assert_string_equal(written(&cookie), expected);           \
    } while (0)

/* RFC 6265 4.1.1: the pair, then its attributes. */
static void rfc6265_4_1_1_writing(void **state)
{
    (void)state;
    expect_written("a=", LINNET_SPAN("a"));
    expect_written("a=b", LINNET_SPAN("a"), .value = LINNET_SPAN("b"));
    expect_written("a=\"b\"", LINNET_SPAN("a"), .value = LINNET_SPAN("\"b\""));
    expect_written("a=\"\"", LINNET_SPAN("a"), .value = LINNET_SPAN("\"\""));
    expect_written("a=b; Path=/x y; Domain=a-1.example; Max-Age=4294967295; Secure; HttpOnly; "
                   "SameSite=None",
                   LINNET_SPAN("a"), .value = LINNET_SPAN("b"), .path = LINNET_SPAN("/x y"),
                   .domain = LINNET_SPAN("a-1.example"), .has_max_age = true,
                   .max_age_s = UINT32_MAX, .secure = true, .http_only = true,
                   .same_site = LINNET_SAME_SITE_NONE);
    expect_written("a=; SameSite=Lax", LINNET_SPAN("a"), .same_site = LINNET_SAME_SITE_LAX);
    expect_written("a=; SameSite=Strict", LINNET_SPAN("a"), .same_site = LINNET_SAME_SITE_STRICT);
}

/* RFC 6265 5.2.2: an age of zero ends the cookie. */
static void rfc6265_5_2_2_max_age(void **state)
{
    (void)state;
    expect_written("a=; Max-Age=0", LINNET_SPAN("a"), .has_max_age = true);
}

/* RFC 6265 4.1.1: no byte of a part ends it. Every byte, at every place of each part. */
static void rfc6265_4_1_1_nothing_splits(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        const uint8_t byte = (uint8_t)i;
        const uint8_t part[] = {'/', byte, 'a'};
        const struct linnet_span behind = {part + 1, 2};
        const struct linnet_span path = {part, 3};
        const bool is_token =
            byte > ' ' && byte < 0x7F && strchr("()<>@,;:\\\"/[]?={}", byte) == NULL;
        const bool is_octet = byte > ' ' && byte < 0x7F && strchr("\",;\\", byte) == NULL;
        const bool is_path = byte >= ' ' && byte < 0x7F && byte != ';';
        const bool is_domain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                               (byte >= 'A' && byte <= 'Z') || byte == '-';
        const struct linnet_cookie named = {.name = behind};
        const struct linnet_cookie valued = {.name = LINNET_SPAN("a"), .value = behind};
        const struct linnet_cookie pathed = {.name = LINNET_SPAN("a"), .path = path};
        const struct linnet_cookie domained = {.name = LINNET_SPAN("a"), .domain = behind};
        assert_int_equal(strcmp(written(&named), "invalid") != 0, is_token);
        assert_int_equal(strcmp(written(&valued), "invalid") != 0, is_octet);
        assert_int_equal(strcmp(written(&pathed), "invalid") != 0, is_path);
        assert_int_equal(strcmp(written(&domained), "invalid") != 0, is_domain);
    }
    expect_written("invalid", LINNET_SPAN(""));
    expect_written("invalid", LINNET_SPAN("a"), .value = LINNET_SPAN("\""));
    expect_written("invalid", LINNET_SPAN("a"), .value = LINNET_SPAN("b\"c\""));
    expect_written("invalid", LINNET_SPAN("a"), .value = LINNET_SPAN("\"b;\""));
}

/* RFC 6265 5.2.4: browsers drop a path without its slash. RFC 6265 4.1.2.3: and read a dot at the
 * begin of a domain as if it were not there. */
static void rfc6265_5_2_4_path_and_domain(void **state)
{
    (void)state;
    expect_written("invalid", LINNET_SPAN("a"), .path = LINNET_SPAN("x"));
    expect_written("invalid", LINNET_SPAN("a"), .path = LINNET_SPAN("/x "));
    expect_written("a=; Path=/", LINNET_SPAN("a"), .path = LINNET_SPAN("/"));
    expect_written("invalid", LINNET_SPAN("a"), .domain = LINNET_SPAN(".example"));
    expect_written("invalid", LINNET_SPAN("a"), .domain = LINNET_SPAN("example."));
}

static void what_browsers_would_drop(void **state)
{
    (void)state;
    expect_written("invalid", LINNET_SPAN("a"), .same_site = LINNET_SAME_SITE_NONE);
    expect_written("invalid", LINNET_SPAN("__Secure-a"));
    expect_written("invalid", LINNET_SPAN("__secure-a"));
    expect_written("__Secure-a=; Secure", LINNET_SPAN("__Secure-a"), .secure = true);
    expect_written("invalid", LINNET_SPAN("__Host-a"), .secure = true);
    expect_written("invalid", LINNET_SPAN("__Host-a"), .path = LINNET_SPAN("/"));
    expect_written("invalid", LINNET_SPAN("__Host-a"), .secure = true, .path = LINNET_SPAN("/x"));
    expect_written("invalid", LINNET_SPAN("__Host-a"), .secure = true, .path = LINNET_SPAN("/"),
                   .domain = LINNET_SPAN("a"));
    expect_written("__Host-a=; Path=/; Secure", LINNET_SPAN("__Host-a"), .secure = true,
                   .path = LINNET_SPAN("/"));
}

/* Room of n - 1, n and n + 1 bytes. */
static void a_room_that_is_too_small(void **state)
{
    (void)state;
    const struct linnet_cookie cookie = {.name = LINNET_SPAN("a"), .value = LINNET_SPAN("bcd")};
    struct guard guard = guard_open(8);
    for (size_t len = 0; len <= 6; len++) {
        struct linnet_span content;
        assert_int_equal(linnet_cookie_write(&cookie, guard_room(&guard, len), &content),
                         len < 5 ? LINNET_ERROR_TOO_LARGE : LINNET_ERROR_NONE);
        assert_int_equal(content.len, len < 5 ? 0 : 5);
    }
    guard_close(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc6265_4_2_1_reading),
        cmocka_unit_test(rfc6265_5_4_finding),
        cmocka_unit_test(rfc6265_4_1_1_writing),
        cmocka_unit_test(rfc6265_5_2_2_max_age),
        cmocka_unit_test(rfc6265_4_1_1_nothing_splits),
        cmocka_unit_test(rfc6265_5_2_4_path_and_domain),
        cmocka_unit_test(what_browsers_would_drop),
        cmocka_unit_test(a_room_that_is_too_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
