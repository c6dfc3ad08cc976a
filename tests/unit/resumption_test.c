/* Is everybody found who was resumed, once, and nobody whose token is dead? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "core/worker/resumption.h"
#include "tests/lib/assertion.h"

static struct ln_resumption resumption;
static void *memory;

static void begin(uint32_t connections)
{
    const size_t len = ln_resumption_memory_len(connections);
    memory = malloc(len);
    assert_non_null(memory);
    memset(memory, 0xA5, len); /* it may hold anything */
    ln_resumption_init(&resumption, memory, connections);
}

/* Which were found: how many, and the sum of their numbers. */
static uint32_t find(uint64_t *sum)
{
    uint32_t count = 0;
    uint32_t connection;
    *sum = 0;
    ln_resumption_gather(&resumption);
    while (ln_resumption_next(&resumption, &connection)) {
        count++;
        *sum += connection;
    }
    return count;
}

static uint32_t find_any(void)
{
    uint64_t sum;
    return find(&sum);
}

static void one_by_one_and_all(void **state)
{
    (void)state;
    static const uint32_t counts[] = {1, 31, 32, 33, 1023, 1024, 1025, 5000};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        const uint32_t count = counts[i];
        uint64_t sum;
        begin(count);
        assert_false(ln_resumption_is_asked(&resumption));
        for (uint32_t k = 0; k < count; k++) {
            ln_resumption_open(&resumption, k);
            ln_resumption_ask(&resumption, ln_resumption_token(&resumption, k));
            assert_true(ln_resumption_is_asked(&resumption));
            assert_int_equal(find(&sum), 1);
            assert_int_equal(sum, k);
            assert_false(ln_resumption_is_asked(&resumption));
        }
        for (uint32_t k = count; k-- > 0;) {
            ln_resumption_ask(&resumption, ln_resumption_token(&resumption, k));
            ln_resumption_ask(&resumption, ln_resumption_token(&resumption, k));
        }
        assert_int_equal(find(&sum), count);
        assert_int_equal(sum, (uint64_t)count * (count - 1) / 2);
        assert_int_equal(find_any(), 0);
        free(memory);
    }
}

static void a_token_stays_the_same_until_it_ends(void **state)
{
    (void)state;
    begin(10);
    ln_resumption_open(&resumption, 7); /* and with it all below */
    const struct linnet_token first = ln_resumption_token(&resumption, 7);
    const struct linnet_token again = ln_resumption_token(&resumption, 7);
    assert_memory_equal(&first, &again, sizeof first);
    ln_resumption_end(&resumption, 7);
    const struct linnet_token next = ln_resumption_token(&resumption, 7);
    assert_int_equal(next.connection, 7);
    assert_int_not_equal(next.generation, first.generation);
    expect_assertion(ln_resumption_end(&resumption, 6));
    free(memory);
}

static void the_dead_are_not_found_and_hide_nobody(void **state)
{
    (void)state;
    begin(3);
    ln_resumption_open(&resumption, 2);
    const struct linnet_token dead = ln_resumption_token(&resumption, 1);
    ln_resumption_ask(&resumption, dead);
    ln_resumption_end(&resumption, 1);
    assert_int_equal(find_any(), 0);
    const struct linnet_token alive = ln_resumption_token(&resumption, 1);
    ln_resumption_ask(&resumption, dead);
    assert_int_equal(find_any(), 0);
    ln_resumption_ask(&resumption, alive);
    ln_resumption_ask(&resumption, dead);
    assert_int_equal(find_any(), 1);
    ln_resumption_ask(&resumption, dead);
    assert_false(ln_resumption_is_asked(&resumption));
    ln_resumption_ask(&resumption, (struct linnet_token){0, 0});
    ln_resumption_ask(&resumption, (struct linnet_token){3, 1});
    assert_false(ln_resumption_is_asked(&resumption));
    free(memory);
}

/* Generations go around; a connection that was never resumed meanwhile still is heard. */
static void generations_go_around(void **state)
{
    (void)state;
    static const uint32_t begins[] = {UINT32_MAX - 5, INT32_MAX - 4, 0x80000000U - 6};
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        begin(1);
        ln_resumption_open(&resumption, 0);
        resumption.newest[0] = begins[i] & ~1U;
        atomic_store(&resumption.asked[0], resumption.newest[0]);
        struct linnet_token dead = {0, 0};
        for (unsigned k = 0; k < 8; k++) {
            const struct linnet_token token = ln_resumption_token(&resumption, 0);
            ln_resumption_ask(&resumption, dead);
            assert_int_equal(find_any(), 0);
            if (k % 3 == 2) {
                ln_resumption_ask(&resumption, token);
                assert_int_equal(find_any(), 1);
            }
            ln_resumption_end(&resumption, 0);
            dead = token;
        }
        free(memory);
    }
}

/* What is resumed while one looks is found then or the next time. */
static void nobody_is_lost_who_comes_meanwhile(void **state)
{
    (void)state;
    begin(100);
    ln_resumption_open(&resumption, 99);
    uint32_t found = 0;
    uint32_t connection;
    ln_resumption_ask(&resumption, ln_resumption_token(&resumption, 50));
    ln_resumption_gather(&resumption);
    while (ln_resumption_next(&resumption, &connection)) {
        found++;
        if (connection == 50) {
            ln_resumption_ask(&resumption, ln_resumption_token(&resumption, 0));
            ln_resumption_ask(&resumption, ln_resumption_token(&resumption, 51));
            ln_resumption_ask(&resumption, ln_resumption_token(&resumption, 99));
        }
    }
    assert_true(ln_resumption_is_asked(&resumption));
    assert_int_equal(found + find_any(), 4);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_by_one_and_all),
        cmocka_unit_test(a_token_stays_the_same_until_it_ends),
        cmocka_unit_test(the_dead_are_not_found_and_hide_nobody),
        cmocka_unit_test(generations_go_around),
        cmocka_unit_test(nobody_is_lost_who_comes_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
