/* Are the limits a sound table, found by name, and are the rules between them exact? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/table/limit.h"

static void every_row_is_sound(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LINNET_LIMIT_COUNT; i++) {
        const struct ln_limit_row *row = ln_limit_row((enum linnet_limit)i);
        assert_true(row->name.len > 0 && row->unit.len > 0 && row->reason.len > 0);
        assert_true(row->least <= row->normal);
        assert_true(row->normal <= row->most);
        enum linnet_limit found = LINNET_LIMIT_COUNT;
        assert_true(ln_limit_find(row->name, &found));
        assert_int_equal(found, i);
        assert_false(
            ln_limit_find((struct linnet_span){row->name.data, row->name.len - 1}, &found));
    }
    enum linnet_limit found;
    assert_false(ln_limit_find(LINNET_SPAN(""), &found));
    assert_false(ln_limit_find(LINNET_SPAN("Connections"), &found));
}

static void a_value_is_set_between_least_and_most(void **state)
{
    (void)state;
    struct linnet_limits limits;
    for (unsigned i = 0; i < LINNET_LIMIT_COUNT; i++) {
        const enum linnet_limit limit = (enum linnet_limit)i;
        const struct ln_limit_row *row = ln_limit_row(limit);
        memset(&limits, 0, sizeof limits);
        assert_true(ln_limit_set(&limits, limit, row->least));
        assert_int_equal(ln_limit_get(&limits, limit), row->least);
        assert_true(ln_limit_set(&limits, limit, row->most));
        assert_int_equal(ln_limit_get(&limits, limit), row->most);
        assert_false(ln_limit_set(&limits, limit, row->most + 1));
        assert_true(row->least == 0 || !ln_limit_set(&limits, limit, row->least - 1));
        assert_int_equal(ln_limit_get(&limits, limit), row->most);
        uint64_t sum = 0;
        for (unsigned j = 0; j < LINNET_LIMIT_COUNT; j++) {
            sum += j == i ? 0 : ln_limit_get(&limits, (enum linnet_limit)j);
        }
        assert_int_equal(sum, 0);
    }
}

static void members_are_in_the_order_of_the_rows(void **state)
{
    (void)state;
    struct linnet_limits limits;
    ln_limits_default(&limits);
#define CHECK_MEMBER(member, unit, default_value, smallest, largest, why)          \
    assert_int_equal(limits.member, ln_limit_get(&limits, LINNET_LIMIT_##member)); \
    assert_int_equal(limits.member, ln_limit_row(LINNET_LIMIT_##member)->normal);
    LINNET_LIMITS(CHECK_MEMBER)
#undef CHECK_MEMBER
}

static void the_defaults_hold_together_and_so_do_the_least(void **state)
{
    (void)state;
    struct linnet_limits limits;
    ln_limits_default(&limits);
    assert_null(ln_limits_check(&limits));
    for (unsigned i = 0; i < LINNET_LIMIT_COUNT; i++) {
        const enum linnet_limit limit = (enum linnet_limit)i;
        assert_true(ln_limit_set(&limits, limit, ln_limit_row(limit)->least));
    }
    assert_null(ln_limits_check(&limits));
}

static void every_limit_is_checked(void **state)
{
    (void)state;
    struct linnet_limits limits;
    for (unsigned i = 0; i < LINNET_LIMIT_COUNT; i++) {
        const struct ln_limit_row *row = ln_limit_row((enum linnet_limit)i);
        uint64_t value = row->most + 1;
        ln_limits_default(&limits);
        memcpy((uint8_t *)&limits + i * sizeof value, &value, sizeof value);
        const char *wrong = ln_limits_check(&limits);
        assert_non_null(wrong);
        assert_memory_equal(wrong, row->name.data, row->name.len);
        if (row->least > 0) {
            value = row->least - 1;
            memcpy((uint8_t *)&limits + i * sizeof value, &value, sizeof value);
            assert_non_null(ln_limits_check(&limits));
        }
    }
}

/* What does not hold is said by a text that names the limit to change. */
static void expect_wrong(const struct linnet_limits *limits, const char *name)
{
    const char *wrong = ln_limits_check(limits);
    assert_non_null(wrong);
    assert_non_null(strstr(wrong, name));
}

/* The limits that the rules are about, far from any rule. */
static struct linnet_limits roomy(void)
{
    struct linnet_limits limits;
    ln_limits_default(&limits);
    limits.path_len_max = 100;
    limits.request_line_len_max = 200;
    limits.head_len_max = 1000;
    limits.input_len = 4000;
    limits.reply_head_len_max = 1000;
    limits.output_len = 60000;
    return limits;
}

static void rules_between_limits_are_exact(void **state)
{
    (void)state;
    struct linnet_limits limits = roomy();
    assert_null(ln_limits_check(&limits));
    limits.input_len = limits.head_len_max + LN_BODY_WINDOW_MIN;
    assert_null(ln_limits_check(&limits));
    limits.input_len--;
    expect_wrong(&limits, "input_len");
    limits = roomy();
    limits.request_line_len_max = limits.head_len_max - 4;
    assert_null(ln_limits_check(&limits));
    limits.request_line_len_max++;
    expect_wrong(&limits, "head_len_max");
    limits = roomy();
    limits.path_len_max = limits.request_line_len_max;
    assert_null(ln_limits_check(&limits));
    limits.path_len_max++;
    expect_wrong(&limits, "request_line_len_max");
    limits = roomy();
    limits.output_len = limits.reply_head_len_max;
    expect_wrong(&limits, "output_len");
    while (ln_limits_check(&limits) != NULL) {
        limits.output_len++;
    }
    assert_true(limits.output_len >= limits.reply_head_len_max + 192);
    assert_true(limits.output_len < 60000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_sound),
        cmocka_unit_test(a_value_is_set_between_least_and_most),
        cmocka_unit_test(members_are_in_the_order_of_the_rows),
        cmocka_unit_test(the_defaults_hold_together_and_so_do_the_least),
        cmocka_unit_test(every_limit_is_checked),
        cmocka_unit_test(rules_between_limits_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
