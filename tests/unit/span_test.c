/* Does span.h compare and cut bytes exactly, and fold the case of letters only? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/span.h"
#include "tests/lib/assertion.h"

static void slices_lie_inside(void **state)
{
    (void)state;
    struct linnet_span span = LINNET_SPAN("abcdef");
    assert_true(ln_span_equal(ln_span_slice(span, 2, 3), LINNET_SPAN("cde")));
    assert_true(ln_span_equal(ln_span_slice(span, 0, 6), span));
    assert_int_equal(ln_span_slice(span, 6, 0).len, 0);
    assert_int_equal(ln_span_slice((struct linnet_span){NULL, 0}, 0, 0).len, 0);
    expect_assertion(ln_span_slice(span, 7, 0));
    expect_assertion(ln_span_slice(span, 6, 1));
    expect_assertion(ln_span_slice(span, 1, SIZE_MAX));
}

static void equal_is_equal_bytes(void **state)
{
    (void)state;
    struct linnet_span empty = {NULL, 0};
    assert_true(ln_span_equal(LINNET_SPAN("a\0b"), LINNET_SPAN("a\0b")));
    assert_false(ln_span_equal(LINNET_SPAN("a\0b"), LINNET_SPAN("a\0c")));
    assert_false(ln_span_equal(LINNET_SPAN("ab"), LINNET_SPAN("abc")));
    assert_false(ln_span_equal(LINNET_SPAN("a"), LINNET_SPAN("A")));
    assert_true(ln_span_equal(empty, LINNET_SPAN("")));
    assert_true(ln_span_equal_fold(empty, LINNET_SPAN("")));
}

/* RFC 9110 5.1: the case of letters does not matter, that of nothing else does. */
static void rfc9110_5_1_fold_is_of_ascii_letters_only(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++) {
        bool upper = a >= 'A' && a <= 'Z';
        assert_int_equal(ln_byte_lower((uint8_t)a), upper ? a + 32 : a);
        for (unsigned b = 0; b < 256; b++) {
            uint8_t one[1] = {(uint8_t)a};
            uint8_t two[1] = {(uint8_t)b};
            bool letters = (a | 32) == (b | 32) && (a | 32) >= 'a' && (a | 32) <= 'z';
            assert_int_equal(
                ln_span_equal_fold((struct linnet_span){one, 1}, (struct linnet_span){two, 1}),
                a == b || letters);
        }
    }
    assert_true(ln_span_equal_fold(LINNET_SPAN("Content-LENGTH"), LINNET_SPAN("content-length")));
    assert_false(ln_span_equal_fold(LINNET_SPAN("ab"), LINNET_SPAN("abc")));
}

static void starts_with_its_prefix(void **state)
{
    (void)state;
    assert_true(ln_span_starts_with(LINNET_SPAN("abc"), LINNET_SPAN("ab")));
    assert_true(ln_span_starts_with(LINNET_SPAN("abc"), LINNET_SPAN("abc")));
    assert_true(ln_span_starts_with(LINNET_SPAN("abc"), (struct linnet_span){NULL, 0}));
    assert_false(ln_span_starts_with(LINNET_SPAN("abc"), LINNET_SPAN("abcd")));
    assert_false(ln_span_starts_with(LINNET_SPAN("abc"), LINNET_SPAN("b")));
}

/* RFC 9110 5.6.3: optional whitespace is SP and HTAB, nothing else. */
static void rfc9110_5_6_3_trim_takes_space_and_tab(void **state)
{
    (void)state;
    assert_true(ln_span_equal(ln_span_trim(LINNET_SPAN(" \t a b\t ")), LINNET_SPAN("a b")));
    assert_true(ln_span_equal(ln_span_trim(LINNET_SPAN("\ra\n")), LINNET_SPAN("\ra\n")));
    assert_int_equal(ln_span_trim(LINNET_SPAN(" \t ")).len, 0);
    assert_int_equal(ln_span_trim((struct linnet_span){NULL, 0}).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_lie_inside),
        cmocka_unit_test(equal_is_equal_bytes),
        cmocka_unit_test(rfc9110_5_1_fold_is_of_ascii_letters_only),
        cmocka_unit_test(starts_with_its_prefix),
        cmocka_unit_test(rfc9110_5_6_3_trim_takes_space_and_tab),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
