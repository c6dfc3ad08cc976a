/* Does a cursor write up to its last byte, never over it, and remember that it overflowed? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/cursor.h"
#include "tests/lib/assertion.h"
#include "tests/lib/guard.h"

static void writes_up_to_the_last_byte(void **state)
{
    (void)state;
    struct guard guard = guard_open(8);
    struct ln_cursor cursor = ln_cursor_over(guard_room(&guard, 8));
    ln_cursor_put(&cursor, "abc", 3);
    ln_cursor_put_byte(&cursor, 'd');
    ln_cursor_put_span(&cursor, LINNET_SPAN("efgh"));
    assert_false(cursor.overflow);
    assert_int_equal(ln_cursor_span(&cursor).len, 8);
    assert_memory_equal(ln_cursor_span(&cursor).data, "abcdefgh", 8);
    guard_close(&guard);
}

static void one_byte_too_many_writes_nothing_and_is_remembered(void **state)
{
    (void)state;
    struct guard guard = guard_open(4);
    struct ln_cursor cursor = ln_cursor_over(guard_room(&guard, 4));
    ln_cursor_put(&cursor, "ab", 2);
    ln_cursor_put(&cursor, "xyz", 3);
    assert_true(cursor.overflow);
    assert_int_equal(cursor.len, 2);
    /* This would fit, but what came before it is missing. */
    ln_cursor_put_byte(&cursor, 'c');
    ln_cursor_put(&cursor, "", 0);
    assert_true(cursor.overflow);
    assert_int_equal(cursor.len, 2);
    assert_memory_equal(cursor.data, "ab", 2);
    guard_close(&guard);
}

static void no_memory_at_all_holds_nothing(void **state)
{
    (void)state;
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){NULL, 0});
    ln_cursor_put(&cursor, NULL, 0);
    ln_cursor_put_span(&cursor, (struct linnet_span){NULL, 0});
    assert_false(cursor.overflow);
    ln_cursor_put_byte(&cursor, 'a');
    assert_true(cursor.overflow);
    assert_int_equal(cursor.len, 0);
}

static void a_huge_length_does_not_wrap(void **state)
{
    (void)state;
    uint8_t data[4];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){data, sizeof data});
    ln_cursor_put_byte(&cursor, 'a');
    ln_cursor_put(&cursor, "b", SIZE_MAX);
    assert_true(cursor.overflow);
    assert_int_equal(cursor.len, 1);
}

static void a_broken_cursor_is_our_bug(void **state)
{
    (void)state;
    uint8_t data[4];
    struct ln_cursor cursor = {.data = data, .len = 5, .capacity = 4};
    expect_assertion(ln_cursor_put(&cursor, "a", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_up_to_the_last_byte),
        cmocka_unit_test(one_byte_too_many_writes_nothing_and_is_remembered),
        cmocka_unit_test(no_memory_at_all_holds_nothing),
        cmocka_unit_test(a_huge_length_does_not_wrap),
        cmocka_unit_test(a_broken_cursor_is_our_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
