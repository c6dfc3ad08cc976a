/* Does a list keep its order, and is leaving it twice harmless? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/list.h"
#include "tests/lib/assertion.h"

struct thing {
    int number;
    struct ln_list_node node;
};

static void things_init(struct thing *things, int count)
{
    for (int i = 0; i < count; i++) {
        things[i].number = i;
        ln_list_node_init(&things[i].node);
    }
}

static int number_of_first(const struct ln_list *list)
{
    struct ln_list_node *node = ln_list_first(list);
    return node == NULL ? -1 : LN_LIST_OWNER(node, struct thing, node)->number;
}

static void a_new_list_is_empty(void **state)
{
    (void)state;
    struct ln_list list;
    ln_list_init(&list);
    assert_true(ln_list_is_empty(&list));
    assert_null(ln_list_first(&list));
}

static void the_first_in_is_the_first(void **state)
{
    (void)state;
    struct ln_list list;
    struct thing things[3];
    ln_list_init(&list);
    things_init(things, 3);
    for (int i = 0; i < 3; i++) {
        assert_false(ln_list_is_linked(&things[i].node));
        ln_list_append(&list, &things[i].node);
        assert_true(ln_list_is_linked(&things[i].node));
        assert_false(ln_list_is_empty(&list));
        assert_int_equal(number_of_first(&list), 0);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(number_of_first(&list), i);
        ln_list_remove(&things[i].node);
        assert_false(ln_list_is_linked(&things[i].node));
    }
    assert_true(ln_list_is_empty(&list));
}

static void any_node_can_leave_and_leaving_twice_is_harmless(void **state)
{
    (void)state;
    struct ln_list list;
    struct thing things[3];
    ln_list_init(&list);
    things_init(things, 3);
    for (int i = 0; i < 3; i++) {
        ln_list_append(&list, &things[i].node);
    }
    ln_list_remove(&things[1].node);
    ln_list_remove(&things[1].node);
    assert_ptr_equal(things[0].node.next, &things[2].node);
    assert_ptr_equal(things[2].node.previous, &things[0].node);
    ln_list_remove(&things[2].node);
    assert_ptr_equal(list.head.previous, &things[0].node);
    ln_list_append(&list, &things[1].node);
    ln_list_remove(&things[0].node);
    assert_int_equal(number_of_first(&list), 1);
}

static void a_node_is_in_one_list_only(void **state)
{
    (void)state;
    struct ln_list list;
    struct thing things[1];
    ln_list_init(&list);
    things_init(things, 1);
    ln_list_append(&list, &things[0].node);
    expect_assertion(ln_list_append(&list, &things[0].node));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_list_is_empty),
        cmocka_unit_test(the_first_in_is_the_first),
        cmocka_unit_test(any_node_can_leave_and_leaving_twice_is_harmless),
        cmocka_unit_test(a_node_is_in_one_list_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
