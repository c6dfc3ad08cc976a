/* Lists in field contents: which elements come out, and which tokens are in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/http/field_list.h"
#include "tests/lib/guard.h"

/* What is read ends at a page that nobody may touch. */
static struct guard guard;

static int open_guard(void **state)
{
    (void)state;
    guard = guard_open(4096);
    return 0;
}

static int close_guard(void **state)
{
    (void)state;
    guard_close(&guard);
    return 0;
}

/* Are the elements of `list` those of `expected`, which stand between bars? */
static void check(const char *list, const char *expected)
{
    const struct linnet_span all =
        guard_put(&guard, (struct linnet_span){(const uint8_t *)list, strlen(list)});
    struct linnet_span rest = all;
    struct linnet_span element;
    char joined[128] = "|";
    size_t joined_len = 1;
    while (ln_field_list_next(&rest, &element)) {
        assert_true(element.len > 0);
        assert_true(element.data >= all.data);
        assert_true(element.data + element.len <= all.data + all.len);
        assert_true(joined_len + element.len + 2 <= sizeof joined);
        memcpy(joined + joined_len, element.data, element.len);
        joined_len += element.len;
        joined[joined_len++] = '|';
        joined[joined_len] = '\0';
    }
    assert_int_equal(rest.len, 0);
    assert_false(ln_field_list_next(&rest, &element));
    assert_string_equal(joined, expected);
}

/* RFC 9110 5.6.1: elements stand between commas, blanks around them are dropped. */
static void rfc9110_5_6_1_elements(void **state)
{
    (void)state;
    check("close", "|close|");
    check("a,b", "|a|b|");
    check("a, b", "|a|b|");
    check("a ,\tb \t, c", "|a|b|c|");
    check("  a  ", "|a|");
    check("a b, c\td", "|a b|c\td|");
    check("a;q=1, b;q=0.5", "|a;q=1|b;q=0.5|");
}

/* RFC 9110 5.6.1: the examples of the section; a recipient skips empty elements. */
static void rfc9110_5_6_1_empty_elements(void **state)
{
    (void)state;
    check("", "|");
    check(",", "|");
    check(",   ,", "|");
    check(" \t ", "|");
    check("foo,bar", "|foo|bar|");
    check("foo ,bar,", "|foo|bar|");
    check("foo , ,bar,charlie", "|foo|bar|charlie|");
    check(",,,,a,,,,", "|a|");
}

/* RFC 9110 5.6.4: in a quoted string neither a comma separates nor a quote with a backslash ends;
 * outside of one a backslash means nothing. */
static void rfc9110_5_6_4_quoted_strings(void **state)
{
    (void)state;
    check("a=\"b,c\", d", "|a=\"b,c\"|d|");
    check("\"a, b\" , c", "|\"a, b\"|c|");
    check("\"a\\\", b\", c", "|\"a\\\", b\"|c|");
    check("\"a\\\\\", b", "|\"a\\\\\"|b|");
    check("\"\",\"\"", "|\"\"|\"\"|");
    check("a\\,b", "|a\\|b|");
    check("\\\"a,b\"", "|\\\"a,b\"|");
}

/* RFC 9110 5.6.4: a string that nobody closes reaches to the end. */
static void rfc9110_5_6_4_unclosed_strings(void **state)
{
    (void)state;
    check("a, \"b, c", "|a|\"b, c|");
    check("\"", "|\"|");
    check("\"\\", "|\"\\|");
    check("\"a\\\"", "|\"a\\\"|");
    check("a,\"  ", "|a|\"|");
}

/* RFC 9110 5.6.1: a token is in the list if an element is that token, in any case. */
static void rfc9110_5_6_1_a_list_has_a_token(void **state)
{
    (void)state;
    struct linnet_span token = LINNET_SPAN("close");
    assert_true(ln_field_list_has(LINNET_SPAN("close"), token));
    assert_true(ln_field_list_has(LINNET_SPAN("CLOSE"), token));
    assert_true(ln_field_list_has(LINNET_SPAN("keep-alive, Close"), token));
    assert_true(ln_field_list_has(LINNET_SPAN(",, \tcLoSe ,"), token));
    assert_true(ln_field_list_has(LINNET_SPAN("close"), LINNET_SPAN("CLOSE")));
    assert_false(ln_field_list_has(LINNET_SPAN(""), token));
    assert_false(ln_field_list_has(LINNET_SPAN(","), token));
    assert_false(ln_field_list_has(LINNET_SPAN("closed"), token));
    assert_false(ln_field_list_has(LINNET_SPAN("clos"), token));
    assert_false(ln_field_list_has(LINNET_SPAN("close;a=b"), token));
    assert_false(ln_field_list_has(LINNET_SPAN("\"close\""), token));
    assert_false(ln_field_list_has(LINNET_SPAN("\"a, close, b\""), token));
    assert_false(ln_field_list_has(LINNET_SPAN("keep-alive close"), token));
    assert_false(ln_field_list_has((struct linnet_span){0}, token));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc9110_5_6_1_elements),
        cmocka_unit_test(rfc9110_5_6_1_empty_elements),
        cmocka_unit_test(rfc9110_5_6_4_quoted_strings),
        cmocka_unit_test(rfc9110_5_6_4_unclosed_strings),
        cmocka_unit_test(rfc9110_5_6_1_a_list_has_a_token),
    };
    return cmocka_run_group_tests(tests, open_guard, close_guard);
}
