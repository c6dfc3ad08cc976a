/* Do patterns match the paths they should, segment by segment, and hand out their parameters? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/route/pattern.h"
#include "tests/lib/guard.h"

static char text[512];

/* "no", or "name=value|" for each parameter. */
static const char *match(struct linnet_span pattern, struct linnet_span path)
{
    struct guard patterns = guard_open(pattern.len);
    struct guard paths = guard_open(path.len);
    const struct linnet_route route = {.kind = LINNET_ROUTE_PATTERN,
                                       .path = guard_put(&patterns, pattern)};
    const struct linnet_span bytes = guard_put(&paths, path);
    struct ln_pattern_parameter parameter;
    snprintf(text, sizeof text, "%s", ln_pattern_matches(&route, bytes) ? "" : "no");
    for (size_t i = 0; text[0] != 'n' && ln_pattern_parameter(&route, bytes, i, &parameter); i++) {
        const size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%.*s=%.*s|", (int)parameter.name.len,
                 (const char *)parameter.name.data, (int)parameter.value.len,
                 (const char *)parameter.value.data);
    }
    guard_close(&patterns);
    guard_close(&paths);
    return text;
}

#define expect(pattern, path, expected) \
    assert_string_equal(match(LINNET_SPAN(pattern), LINNET_SPAN(path)), expected)

static void literals(void **state)
{
    (void)state;
    expect("/", "/", "");
    expect("/", "/a", "no");
    expect("/a/b", "/a/b", "");
    expect("/a/b", "/a/b/", "no");
    expect("/a/b", "/a", "no");
    expect("/a/b/", "/a/b/", "");
    expect("/a/b/", "/a/b", "no");
    expect("/a//b", "/a//b", "");
    expect("/a//b", "/a/b", "no");
    expect("/a", "/A", "no");
    expect("", "/", "no");
    expect("a", "/a", "no");
}

static void strings(void **state)
{
    (void)state;
    expect("/{p_1}", "/x", "p_1=x|");
    expect("/{p:string}", "/x y\xC3", "p=x y\xC3|");
    expect("/{p}", "/", "no");
    expect("/{p}", "/x/", "no");
    expect("/{p}/", "/x/", "p=x|");
    expect("/{p}/b/{q}", "/x/b/y", "p=x|q=y|");
    expect("/{p}/b/{q}", "/x/c/y", "no");
    expect("/{p}/b/{q}", "/x/b/", "no");
}

static void rests(void **state)
{
    (void)state;
    expect("/f/{p:rest}", "/f/", "p=|");
    expect("/f/{p:rest}", "/f", "no");
    expect("/f/{p:rest}", "/f/a", "p=a|");
    expect("/f/{p:rest}", "/f/a/b/", "p=a/b/|");
    expect("/f/{p:rest}", "/f//", "p=/|");
    expect("/{p:rest}", "/", "p=|");
    expect("/{a:uint}/{p:rest}", "/1/x/y", "a=1|p=x/y|");
    expect("/{a:uint}/{p:rest}", "/x/y", "no");
}

/* The edges of each range: what is beyond does not match. */
static void numbers(void **state)
{
    (void)state;
    expect("/{n:uint}", "/0", "n=0|");
    expect("/{n:uint}", "/007", "n=007|");
    expect("/{n:uint}", "/18446744073709551614", "n=18446744073709551614|");
    expect("/{n:uint}", "/18446744073709551615", "n=18446744073709551615|");
    expect("/{n:uint}", "/18446744073709551616", "no");
    expect("/{n:uint}", "/-1", "no");
    expect("/{n:uint}", "/+1", "no");
    expect("/{n:uint}", "/1 ", "no");
    expect("/{n:uint}", "/1.0", "no");
    expect("/{n:uint}", "/a", "no");
    expect("/{n:uint}", "/", "no");
    expect("/{n:int}", "/-0", "n=-0|");
    expect("/{n:int}", "/9223372036854775807", "n=9223372036854775807|");
    expect("/{n:int}", "/9223372036854775808", "no");
    expect("/{n:int}", "/-9223372036854775808", "n=-9223372036854775808|");
    expect("/{n:int}", "/-9223372036854775809", "no");
    expect("/{n:int}", "/-", "no");
    expect("/{n:int}", "/--1", "no");
    expect("/{n:int}", "/+1", "no");
    expect("/{n:hex}", "/0", "n=0|");
    expect("/{n:hex}", "/dEaD0", "n=dEaD0|");
    expect("/{n:hex}", "/ffffffffffffffff", "n=ffffffffffffffff|");
    expect("/{n:hex}", "/0ffffffffffffffff", "n=0ffffffffffffffff|");
    expect("/{n:hex}", "/10000000000000000", "no");
    expect("/{n:hex}", "/0x1", "no");
    expect("/{n:hex}", "/g", "no");
    expect("/{n:hex}", "/", "no");
}

/* What is no parameter is a literal, so that nothing is malformed while requests come. */
static void what_is_no_parameter(void **state)
{
    (void)state;
    expect("/{}", "/{}", "");
    expect("/{}", "/x", "no");
    expect("/{a", "/{a", "");
    expect("/a}", "/a}", "");
    expect("/{a}b", "/{a}b", "");
    expect("/{a:float}", "/{a:float}", "");
    expect("/{a:}", "/{a:}", "");
    expect("/{:uint}", "/{:uint}", "");
    expect("/{a-b}", "/{a-b}", "");
    expect("/{a:rest}/b", "/x/b", "a=x/b|");
}

static void values_of_numbers(void **state)
{
    (void)state;
    uint64_t number = 1;
    int64_t integer = 1;
    assert_true(ln_pattern_uint(LN_PATTERN_UINT, LINNET_SPAN("18446744073709551615"), &number));
    assert_true(number == UINT64_MAX);
    assert_true(ln_pattern_uint(LN_PATTERN_HEX, LINNET_SPAN("fFfFfFfFfFfFfFfE"), &number));
    assert_true(number == UINT64_MAX - 1);
    assert_false(ln_pattern_uint(LN_PATTERN_HEX, LINNET_SPAN("x"), &number));
    assert_false(ln_pattern_uint(LN_PATTERN_STRING, LINNET_SPAN("1"), &number));
    assert_true(number == UINT64_MAX - 1);
    assert_true(ln_pattern_int(LINNET_SPAN("-9223372036854775808"), &integer));
    assert_true(integer == INT64_MIN);
    assert_true(ln_pattern_int(LINNET_SPAN("9223372036854775807"), &integer));
    assert_true(integer == INT64_MAX);
    assert_true(ln_pattern_int(LINNET_SPAN("-0"), &integer));
    assert_true(integer == 0);
    assert_true(ln_pattern_int(LINNET_SPAN("-1"), &integer));
    assert_true(integer == -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals),
        cmocka_unit_test(strings),
        cmocka_unit_test(rests),
        cmocka_unit_test(numbers),
        cmocka_unit_test(what_is_no_parameter),
        cmocka_unit_test(values_of_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
