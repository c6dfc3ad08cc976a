/* The arena of TLS: classes, slabs that come back, large blocks, runs, and full as a state. */
#include "tls/tls_arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    SLABS = 64,
    LARGE = 4,
    BLOCKS_MAX = 65536,
};

static void *blocks[BLOCKS_MAX];
static size_t lens[BLOCKS_MAX];

static int make_arena(void **state)
{
    const size_t len = ln_tls_arena_len(SLABS, LARGE);
    void *memory = aligned_alloc(4096, len);
    (void)state;
    assert_non_null(memory);
    memset(memory, 0, len);
    ln_tls_arena_init(memory, SLABS, LARGE, false);
    *state = memory;
    return 0;
}

static int free_memory(void **state)
{
    free(*state);
    return 0;
}

static void assert_empty(void)
{
    const struct ln_tls_arena_use use = ln_tls_arena_use();
    assert_int_equal(use.blocks, 0);
    assert_int_equal(use.slabs, 0);
    assert_int_equal(use.small, 0);
    assert_int_equal(use.large, 0);
}

/* Fills a block with a byte of its own, and sees that nobody has written to it since. */
static void fill(size_t i, size_t len)
{
    blocks[i] = ln_tls_arena_take(len);
    lens[i] = len;
    assert_non_null(blocks[i]);
    assert_int_equal((uintptr_t)blocks[i] % 16, 0);
    memset(blocks[i], (int)(i & 0xFF), len);
}

static void check_and_give(size_t i)
{
    const uint8_t *bytes = blocks[i];
    for (size_t at = 0; at < lens[i]; at++) {
        assert_int_equal(bytes[at], i & 0xFF);
    }
    ln_tls_arena_give(blocks[i]);
    blocks[i] = NULL;
}

static void test_every_length_is_its_own_memory(void **state)
{
    size_t count = 0;
    (void)state;
    for (size_t len = 1; len <= 8192; len = len < 64 ? len + 1 : len * 9 / 8) {
        fill(count, len);
        fill(count + 1, len);
        count += 2;
    }
    for (size_t i = 0; i < count; i++) {
        check_and_give(i);
    }
    assert_empty();
}

/* Full is a state: the next is refused, and one that comes back is enough. */
static void test_a_class_takes_all_slabs_and_gives_them_back(void **state)
{
    size_t count = 0;
    void *block;
    (void)state;
    const size_t failures = ln_tls_arena_use().failures;
    while ((block = ln_tls_arena_take(4096)) != NULL) {
        blocks[count++] = block;
    }
    assert_int_equal(count, SLABS * (LN_TLS_ARENA_SLAB_LEN / 4096));
    assert_int_equal(ln_tls_arena_use().failures, failures + 1);
    assert_null(ln_tls_arena_take(16));
    assert_false(ln_tls_arena_has(1, 0));
    ln_tls_arena_give(blocks[0]);
    blocks[0] = ln_tls_arena_take(3500);
    assert_non_null(blocks[0]);
    for (size_t i = 0; i < count; i++) {
        ln_tls_arena_give(blocks[i]);
    }
    assert_empty();
    assert_true(ln_tls_arena_has(SLABS, LARGE));
    assert_false(ln_tls_arena_has(SLABS + 1, 0));
    assert_false(ln_tls_arena_has(0, LARGE + 1));
}

/* Large ones have memory of their own, then runs of slabs. */
static void test_large_blocks_and_runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < LARGE; i++) {
        fill(i, i % 2 == 0 ? 8193 : 24576);
        assert_int_equal(ln_tls_arena_use().slabs, 0);
    }
    fill(LARGE, 24576);
    assert_int_equal(ln_tls_arena_use().slabs, 2);
    fill(LARGE + 1, 300000);
    assert_int_equal(ln_tls_arena_use().slabs, 2 + 19);
    for (size_t i = 0; i < LARGE + 2; i++) {
        check_and_give(i);
    }
    assert_null(ln_tls_arena_take((size_t)(SLABS + 1) * LN_TLS_ARENA_SLAB_LEN));
    assert_empty();
}

static void test_resizing_keeps_what_there_is(void **state)
{
    (void)state;
    static const uint8_t ten[] = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9'};
    uint8_t *block = ln_tls_arena_resize(NULL, sizeof ten);
    memcpy(block, ten, sizeof ten);
    assert_ptr_equal(ln_tls_arena_resize(block, 16), block);
    uint8_t *larger = ln_tls_arena_resize(block, 9000);
    assert_memory_equal(larger, "0123456789", 10);
    uint8_t *largest = ln_tls_arena_resize(larger, 100000);
    assert_memory_equal(largest, "0123456789", 10);
    assert_null(ln_tls_arena_resize(largest, (size_t)SLABS * LN_TLS_ARENA_SLAB_LEN));
    uint8_t *small = ln_tls_arena_resize(largest, 10);
    assert_memory_equal(small, "0123456789", 10);
    ln_tls_arena_give(small);
    ln_tls_arena_give(NULL);
    assert_empty();
}

/* Any order of any sizes: what was given back serves the same again, so that the high-water mark of
 * the first round is that of all. */
static void test_rounds_need_no_more_than_the_first(void **state)
{
    uint32_t random = 1;
    size_t slabs_most = 0;
    (void)state;
    for (unsigned round = 0; round < 50; round++) {
        uint32_t sizes = 7;
        for (size_t i = 0; i < 200; i++) {
            sizes = sizes * 1664525 + 1013904223;
            fill(i, 1 + (sizes >> 8) % 3000);
        }
        slabs_most = round == 0 ? ln_tls_arena_use().slabs : slabs_most;
        assert_int_equal(ln_tls_arena_use().slabs, slabs_most);
        for (size_t left = 200; left > 0; left--) {
            random = random * 1664525 + 1013904223;
            const size_t i = (random >> 8) % left;
            check_and_give(i);
            blocks[i] = blocks[left - 1];
            lens[i] = lens[left - 1];
            if (blocks[i] != NULL) {
                memset(blocks[i], (int)(i & 0xFF), lens[i]);
            }
        }
        assert_empty();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_length_is_its_own_memory),
        cmocka_unit_test(test_a_class_takes_all_slabs_and_gives_them_back),
        cmocka_unit_test(test_large_blocks_and_runs),
        cmocka_unit_test(test_resizing_keeps_what_there_is),
        cmocka_unit_test(test_rounds_need_no_more_than_the_first),
    };
    return cmocka_run_group_tests(tests, make_arena, free_memory);
}
