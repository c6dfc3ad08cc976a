/* Does parameter.h read parameters as the grammar says, quotes and all? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/http/parameter.h"
#include "tests/lib/guard.h"

static char text[512];

static void append(const char *before, struct linnet_span span)
{
    const size_t len = strlen(text);
    snprintf(text + len, sizeof text - len, "%s%.*s", before, (int)span.len,
             (const char *)span.data);
}

/* "subject|name=value|name=\"value\"|end", values without their backslashes. */
static const char *parse(struct linnet_span content)
{
    struct guard input = guard_open(content.len);
    struct guard output = guard_open(content.len);
    struct linnet_span rest = guard_put(&input, content);
    struct ln_parameter parameter;
    enum ln_parameter_outcome outcome;
    text[0] = '\0';
    append("", ln_parameter_subject(&rest));
    while ((outcome = ln_parameter_next(&rest, &parameter)) == LN_PARAMETER_FOUND) {
        struct linnet_span value;
        assert_true(
            ln_parameter_unquote(&parameter, guard_room(&output, parameter.value.len), &value));
        append("|", parameter.name);
        append(parameter.quoted ? "='" : "=", value);
        append(parameter.quoted ? "'" : "", LINNET_SPAN(""));
    }
    append(outcome == LN_PARAMETER_END ? "|end" : "|malformed", LINNET_SPAN(""));
    guard_close(&input);
    guard_close(&output);
    return text;
}

#define expect(literal, expected) assert_string_equal(parse(LINNET_SPAN(literal)), expected)

/* RFC 9110 5.6.6: parameters behind semicolons, with blanks around these and nowhere else. */
static void rfc9110_5_6_6_parameters(void **state)
{
    (void)state;
    expect("", "|end");
    expect("a/b", "a/b|end");
    expect(" a/b ", "a/b|end");
    expect("a/b;c=d", "a/b|c=d|end");
    expect("a/b ; c=d\t;\te=f", "a/b|c=d|e=f|end");
    expect("a/b; c=d ", "a/b|c=d|end");
    expect("a/b;", "a/b|end");
    expect("a/b;;; c=d;", "a/b|c=d|end");
    expect("a;b", "a|malformed");
    expect("a;b=", "a|malformed");
    expect("a;=b", "a|malformed");
    expect("a;b =c", "a|malformed");
    expect("a;b= c", "a|malformed");
    expect("a;b=c d", "a|b=c|malformed");
    expect("a;b=c/d", "a|b=c|malformed");
    expect("a;b c=d", "a|malformed");
}

/* RFC 9110 5.6.4: quoted strings and what a backslash does in them. */
static void rfc9110_5_6_4_quoted_strings(void **state)
{
    (void)state;
    expect("a;b=\"\"", "a|b=''|end");
    expect("a;b=\"c;d=e\";f=g", "a|b='c;d=e'|f=g|end");
    expect("a;b=\"c\\\"d\\\\e\\f\"", "a|b='c\"d\\ef'|end");
    expect("a;b=\"\t\xC3\xA4\"", "a|b='\t\xC3\xA4'|end");
    expect("a;b=\"", "a|malformed");
    expect("a;b=\"c", "a|malformed");
    expect("a;b=\"c\\", "a|malformed");
    expect("a;b=\"c\\\"", "a|malformed");
    expect("a;b=\"c\"d", "a|b='c'|malformed");
    expect("a;b=\"c\x01\"", "a|malformed");
    expect("a;b=\"c\\\x01\"", "a|malformed");
    expect("a;b=c\"d\"", "a|b=c|malformed");
    /* A backslash is no part of a token. */
    expect("a;b=c\\d", "a|b=c|malformed");
}

static void unquoting_into_too_small_a_room(void **state)
{
    (void)state;
    const struct ln_parameter parameter = {.value = LINNET_SPAN("a\\bc"), .quoted = true};
    struct guard guard = guard_open(8);
    for (size_t len = 0; len < 5; len++) {
        struct linnet_span value;
        assert_int_equal(ln_parameter_unquote(&parameter, guard_room(&guard, len), &value),
                         len >= 3);
    }
    guard_close(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc9110_5_6_6_parameters),
        cmocka_unit_test(rfc9110_5_6_4_quoted_strings),
        cmocka_unit_test(unquoting_into_too_small_a_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
