/* Does a pool lend every block once, the hottest first, and let nobody overtake the line? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/base/pool.h"
#include "tests/lib/assertion.h"

enum {
    COUNT = 4,
    BLOCK_LEN = 16,
};

struct fixture {
    struct ln_pool pool;
    uint32_t stack[COUNT];
    _Alignas(8) uint8_t blocks[COUNT * BLOCK_LEN];
};

static struct fixture fixture;

static int setup(void **state)
{
    ln_pool_init(&fixture.pool, fixture.blocks, BLOCK_LEN, fixture.stack, COUNT);
    *state = &fixture.pool;
    return 0;
}

static void lends_every_block_once(void **state)
{
    struct ln_pool *pool = *state;
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t index = ln_pool_take(pool);
        assert_int_equal(index, i);
        assert_ptr_equal(ln_pool_block(pool, index), fixture.blocks + (size_t)index * BLOCK_LEN);
        memset(ln_pool_block(pool, index), (int)index, BLOCK_LEN);
        assert_int_equal(ln_pool_used(pool), i + 1);
    }
    assert_int_equal(ln_pool_take(pool), LN_POOL_NONE);
    for (uint32_t i = 0; i < COUNT; i++) {
        const uint8_t *block = ln_pool_block(pool, i);
        assert_int_equal(block[0], i);
        assert_int_equal(block[BLOCK_LEN - 1], i);
    }
}

static void the_block_given_last_is_lent_first(void **state)
{
    struct ln_pool *pool = *state;
    for (uint32_t i = 0; i < 3; i++) {
        (void)ln_pool_take(pool);
    }
    ln_pool_give(pool, 0);
    ln_pool_give(pool, 2);
    assert_int_equal(ln_pool_take(pool), 2);
    assert_int_equal(ln_pool_take(pool), 0);
    /* Only now is a block touched that never was before. */
    assert_int_equal(ln_pool_take(pool), 3);
    assert_int_equal(ln_pool_take(pool), LN_POOL_NONE);
}

static void the_high_water_mark_stays(void **state)
{
    struct ln_pool *pool = *state;
    uint32_t one = ln_pool_take(pool);
    uint32_t two = ln_pool_take(pool);
    assert_int_equal(ln_pool_used_max(pool), 2);
    ln_pool_give(pool, one);
    ln_pool_give(pool, two);
    assert_int_equal(ln_pool_used(pool), 0);
    (void)ln_pool_take(pool);
    assert_int_equal(ln_pool_used_max(pool), 2);
}

static void the_line_is_served_in_order_and_not_overtaken(void **state)
{
    struct ln_pool *pool = *state;
    struct ln_list_node nodes[3];
    uint32_t index = 77;
    for (uint32_t i = 0; i < COUNT; i++) {
        (void)ln_pool_take(pool);
    }
    for (size_t i = 0; i < 3; i++) {
        ln_list_node_init(&nodes[i]);
        ln_pool_wait(pool, &nodes[i]);
    }
    assert_int_equal(pool->waiting_count, 3);
    assert_null(ln_pool_serve(pool, &index));
    assert_int_equal(index, 77);
    ln_pool_give(pool, 1);
    /* A block is free, but somebody waits for it. */
    assert_int_equal(ln_pool_take(pool), LN_POOL_NONE);
    ln_pool_leave(pool, &nodes[1]);
    ln_pool_leave(pool, &nodes[1]);
    assert_int_equal(pool->waiting_count, 2);
    assert_ptr_equal(ln_pool_serve(pool, &index), &nodes[0]);
    assert_int_equal(index, 1);
    assert_false(ln_list_is_linked(&nodes[0]));
    assert_null(ln_pool_serve(pool, &index));
    ln_pool_give(pool, 3);
    assert_ptr_equal(ln_pool_serve(pool, &index), &nodes[2]);
    assert_int_equal(index, 3);
    assert_int_equal(pool->waiting_count, 0);
    ln_pool_give(pool, 3);
    assert_int_equal(ln_pool_take(pool), 3);
    assert_null(ln_pool_serve(pool, &index));
}

static void a_pool_without_memory_lends_indices(void **state)
{
    (void)state;
    struct ln_pool pool;
    uint32_t stack[2];
    ln_pool_init(&pool, NULL, 0, stack, 2);
    assert_int_equal(ln_pool_take(&pool), 0);
    assert_int_equal(ln_pool_take(&pool), 1);
    assert_int_equal(ln_pool_take(&pool), LN_POOL_NONE);
    ln_pool_give(&pool, 0);
    assert_int_equal(ln_pool_take(&pool), 0);
    expect_assertion(ln_pool_block(&pool, 0));
}

static void an_empty_pool_lends_nothing(void **state)
{
    (void)state;
    struct ln_pool pool;
    ln_pool_init(&pool, NULL, 8, NULL, 0);
    assert_int_equal(ln_pool_take(&pool), LN_POOL_NONE);
}

static void what_is_not_lent_cannot_be_given(void **state)
{
    struct ln_pool *pool = *state;
    expect_assertion(ln_pool_give(pool, 0));
    uint32_t index = ln_pool_take(pool);
    expect_assertion(ln_pool_give(pool, index + 1));
    expect_assertion(ln_pool_give(pool, LN_POOL_NONE));
    ln_pool_give(pool, index);
    expect_assertion(ln_pool_give(pool, index));
}

static void crooked_memory_is_our_bug(void **state)
{
    (void)state;
    struct ln_pool pool;
    uint32_t stack[2];
    expect_assertion(ln_pool_init(&pool, fixture.blocks, 12, stack, 2));
    expect_assertion(ln_pool_init(&pool, fixture.blocks + 4, 8, stack, 2));
    expect_assertion(ln_pool_init(&pool, NULL, 8, stack, 2));
    expect_assertion(ln_pool_init(&pool, fixture.blocks, 8, NULL, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(lends_every_block_once, setup),
        cmocka_unit_test_setup(the_block_given_last_is_lent_first, setup),
        cmocka_unit_test_setup(the_high_water_mark_stays, setup),
        cmocka_unit_test_setup(the_line_is_served_in_order_and_not_overtaken, setup),
        cmocka_unit_test_setup(a_pool_without_memory_lends_indices, setup),
        cmocka_unit_test_setup(an_empty_pool_lends_nothing, setup),
        cmocka_unit_test_setup(what_is_not_lent_cannot_be_given, setup),
        cmocka_unit_test_setup(crooked_memory_is_our_bug, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
