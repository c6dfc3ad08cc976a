/* Does utf8.h tell well-formed characters from the rest, and cut faults as browsers do? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/utf8.h"
#include "tests/lib/assertion.h"
#include "tests/lib/guard.h"

#define expect(bytes, expected_len, expected_good)                                         \
    do {                                                                                   \
        struct guard guard = guard_open(8);                                                \
        const struct ln_utf8 first = ln_utf8_first(guard_put(&guard, LINNET_SPAN(bytes))); \
        assert_int_equal(first.len, expected_len);                                         \
        assert_int_equal(first.well_formed, expected_good);                                \
        assert_true(first.well_formed || first.value == 0xFFFD);                           \
        guard_close(&guard);                                                               \
    } while (0)

/* A well-formed one, and what it is. */
#define expect_character(bytes, expected_len, expected_value)                      \
    do {                                                                           \
        expect(bytes, expected_len, true);                                         \
        assert_int_equal(ln_utf8_first(LINNET_SPAN(bytes)).value, expected_value); \
    } while (0)

/* RFC 3629 4: the first and the last character of each row of the grammar. */
static void rfc3629_4_well_formed(void **state)
{
    (void)state;
    expect_character("\x00", 1, 0);
    expect_character("a\x80", 1, 'a');
    expect_character("\x7F", 1, 0x7F);
    expect_character("\xC2\x80", 2, 0x80);
    expect_character("\xDF\xBF\xBF", 2, 0x7FF);
    expect_character("\xE0\xA0\x80", 3, 0x800);
    expect_character("\xE1\x80\x80", 3, 0x1000);
    expect_character("\xEC\xBF\xBF", 3, 0xCFFF);
    expect_character("\xED\x80\x80", 3, 0xD000);
    expect_character("\xED\x9F\xBF", 3, 0xD7FF);
    expect_character("\xEE\x80\x80", 3, 0xE000);
    expect_character("\xEF\xBF\xBF", 3, 0xFFFF);
    expect_character("\xF0\x90\x80\x80", 4, 0x10000);
    expect_character("\xF1\x80\x80\x80", 4, 0x40000);
    expect_character("\xF3\xBF\xBF\xBF", 4, 0xFFFFF);
    expect_character("\xF4\x8F\xBF\xBF", 4, 0x10FFFF);
}

/* RFC 3629 3: too long a form, surrogates, beyond U+10FFFF: the first byte alone is the fault. */
static void rfc3629_3_forbidden_forms(void **state)
{
    (void)state;
    expect("\x80", 1, false);
    expect("\xBF\x80", 1, false);
    expect("\xC0\x80", 1, false);
    expect("\xC1\xBF", 1, false);
    expect("\xE0\x9F\xBF", 1, false);
    expect("\xED\xA0\x80", 1, false);
    expect("\xF0\x8F\xBF\xBF", 1, false);
    expect("\xF4\x90\x80\x80", 1, false);
    expect("\xF5\x80\x80\x80", 1, false);
    expect("\xFF", 1, false);
}

/* What could have become a character counts as one fault, and nothing behind it does. */
static void cut_characters(void **state)
{
    (void)state;
    expect("\xC2", 1, false);
    expect("\xC2\x22", 1, false);
    expect("\xE1\x80", 2, false);
    expect("\xE1\x80\x22", 2, false);
    expect("\xF1\x80\x80", 3, false);
    expect("\xF1\x80\x80\xC0", 3, false);
    expect("\xF1\x80\xC2\x80", 2, false);
    expect_assertion(ln_utf8_first((struct linnet_span){NULL, 0}).len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc3629_4_well_formed),
        cmocka_unit_test(rfc3629_3_forbidden_forms),
        cmocka_unit_test(cut_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
