/* Does the wheel fire every timer, never early and never later than one tick? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linnet/time.h>

#include "core/worker/wheel.h"

enum { TIMERS = 300 };

static struct ln_wheel wheel;
static struct ln_timer timers[TIMERS];

static void begin(uint64_t now_ms)
{
    ln_wheel_init(&wheel, now_ms);
    for (size_t i = 0; i < TIMERS; i++) {
        ln_wheel_timer_init(&timers[i]);
    }
}

/* Fires what is due at now_ms, arming again what is early; the number of those that were due. */
static unsigned fire(uint64_t now_ms, const uint64_t *due_ms)
{
    unsigned fired = 0;
    struct ln_timer *timer;
    while ((timer = ln_wheel_expire(&wheel, now_ms)) != NULL) {
        const size_t i = (size_t)(timer - timers);
        assert_true(i < TIMERS);
        assert_false(ln_wheel_timer_is_armed(timer));
        if (due_ms[i] > now_ms) {
            ln_wheel_arm(&wheel, timer, due_ms[i]);
        } else {
            fired++;
        }
    }
    return fired;
}

static void nothing_is_armed_at_first(void **state)
{
    (void)state;
    begin(12345);
    assert_int_equal(ln_wheel_next(&wheel), LINNET_NO_DEADLINE);
    assert_null(ln_wheel_expire(&wheel, 12345));
    assert_null(ln_wheel_expire(&wheel, 99999999));
    assert_int_equal(ln_wheel_next(&wheel), LINNET_NO_DEADLINE);
    for (size_t i = 0; i < TIMERS; i++) {
        assert_false(ln_wheel_timer_is_armed(&timers[i]));
        ln_wheel_disarm(&wheel, &timers[i]);
    }
}

/* Deadlines within the horizon, from every place within a tick, looked at every millisecond. */
static void never_early_never_later_than_a_tick(void **state)
{
    (void)state;
    for (uint64_t begin_ms = 1000; begin_ms < 1000 + 2 * LN_WHEEL_TICK_MS; begin_ms += 3) {
        for (uint64_t after_ms = 0; after_ms < 5000; after_ms += 1 + after_ms / 7) {
            begin(begin_ms);
            const uint64_t due_ms = begin_ms + after_ms;
            ln_wheel_arm(&wheel, &timers[0], due_ms);
            uint64_t now_ms = begin_ms;
            while (fire(now_ms, &due_ms) == 0) {
                assert_true(ln_wheel_next(&wheel) <= due_ms + LN_WHEEL_TICK_MS);
                assert_true(now_ms <= due_ms + LN_WHEEL_TICK_MS);
                now_ms++;
            }
            assert_true(now_ms >= due_ms);
            assert_int_equal(ln_wheel_next(&wheel), LINNET_NO_DEADLINE);
        }
    }
}

/* Whoever sleeps until `next` misses nothing and is not woken for nothing more than the horizon
 * asks for. */
static void sleeping_until_next_is_enough(void **state)
{
    (void)state;
    uint64_t due_ms[TIMERS];
    begin(777);
    for (size_t i = 0; i < TIMERS; i++) {
        due_ms[i] = 777 + (i * 7919) % 60000;
        ln_wheel_arm(&wheel, &timers[i], due_ms[i]);
    }
    unsigned fired = 0;
    unsigned wakes = 0;
    uint64_t now_ms = 777;
    while (fired < TIMERS) {
        const uint64_t next_ms = ln_wheel_next(&wheel);
        assert_true(next_ms != LINNET_NO_DEADLINE);
        now_ms = next_ms > now_ms ? next_ms : now_ms;
        fired += fire(now_ms, due_ms);
        wakes++;
        for (size_t i = 0; i < TIMERS; i++) {
            assert_true(!ln_wheel_timer_is_armed(&timers[i]) ||
                        due_ms[i] + LN_WHEEL_TICK_MS > now_ms);
        }
        assert_true(wakes < 20 * TIMERS);
    }
    assert_int_equal(ln_wheel_next(&wheel), LINNET_NO_DEADLINE);
}

static void a_deadline_in_the_past_fires_in_the_next_tick(void **state)
{
    (void)state;
    const uint64_t due_ms = 5;
    begin(100000);
    ln_wheel_arm(&wheel, &timers[0], due_ms);
    assert_true(ln_wheel_next(&wheel) <= 100000 + LN_WHEEL_TICK_MS);
    assert_int_equal(fire(100000 + LN_WHEEL_TICK_MS, &due_ms), 1);
}

static void a_disarmed_timer_does_not_fire(void **state)
{
    (void)state;
    begin(0);
    ln_wheel_arm(&wheel, &timers[0], 100);
    ln_wheel_arm(&wheel, &timers[1], 100);
    ln_wheel_disarm(&wheel, &timers[0]);
    ln_wheel_disarm(&wheel, &timers[0]);
    assert_int_equal(timers[0].due_ms, LINNET_NO_DEADLINE);
    assert_ptr_equal(ln_wheel_expire(&wheel, 200), &timers[1]);
    assert_null(ln_wheel_expire(&wheel, 200));
    assert_int_equal(ln_wheel_next(&wheel), LINNET_NO_DEADLINE);
}

/* Disarmed by whoever fires before it, in the same tick. */
static void a_timer_that_is_due_can_still_be_disarmed(void **state)
{
    (void)state;
    begin(0);
    for (size_t i = 0; i < 3; i++) {
        ln_wheel_arm(&wheel, &timers[i], 100 + i);
    }
    ln_wheel_arm(&wheel, &timers[3], 3000);
    assert_ptr_equal(ln_wheel_expire(&wheel, 200), &timers[0]);
    ln_wheel_disarm(&wheel, &timers[1]);
    assert_ptr_equal(ln_wheel_expire(&wheel, 200), &timers[2]);
    assert_null(ln_wheel_expire(&wheel, 200));
    assert_true(ln_wheel_next(&wheel) >= 3000);
    assert_ptr_equal(ln_wheel_expire(&wheel, 3016), &timers[3]);
}

static void armed_anew_it_fires_once(void **state)
{
    (void)state;
    uint64_t due_ms = 2000;
    begin(0);
    ln_wheel_arm(&wheel, &timers[0], 1000);
    ln_wheel_arm(&wheel, &timers[0], due_ms);
    assert_int_equal(timers[0].due_ms, 2000);
    assert_int_equal(fire(1999, &due_ms), 0);
    assert_int_equal(fire(2016, &due_ms), 1);
    assert_int_equal(fire(9000, &due_ms), 0);
}

/* A clock that jumps by more than the horizon, from every place in the wheel. */
static void a_long_jump_fires_everything_once(void **state)
{
    (void)state;
    uint64_t due_ms[TIMERS];
    for (uint64_t jump_ms = 3000; jump_ms < 1000000000; jump_ms = jump_ms * 3 + 1) {
        begin(jump_ms);
        for (size_t i = 0; i < TIMERS; i++) {
            due_ms[i] = jump_ms + i * 13;
            ln_wheel_arm(&wheel, &timers[i], due_ms[i]);
        }
        assert_int_equal(fire(jump_ms + TIMERS * 13 + jump_ms, due_ms), TIMERS);
        assert_int_equal(ln_wheel_next(&wheel), LINNET_NO_DEADLINE);
    }
}

static void a_far_deadline_is_reached_by_arming_again(void **state)
{
    (void)state;
    const uint64_t due_ms = 86400000;
    begin(0);
    ln_wheel_arm(&wheel, &timers[0], due_ms);
    unsigned wakes = 0;
    uint64_t now_ms = 0;
    while (fire(now_ms, &due_ms) == 0) {
        now_ms = ln_wheel_next(&wheel);
        assert_true(now_ms <= due_ms + LN_WHEEL_TICK_MS);
        wakes++;
    }
    assert_true(now_ms >= due_ms);
    assert_true(wakes < 86400000 / 4000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_armed_at_first),
        cmocka_unit_test(never_early_never_later_than_a_tick),
        cmocka_unit_test(sleeping_until_next_is_enough),
        cmocka_unit_test(a_deadline_in_the_past_fires_in_the_next_tick),
        cmocka_unit_test(a_disarmed_timer_does_not_fire),
        cmocka_unit_test(a_timer_that_is_due_can_still_be_disarmed),
        cmocka_unit_test(armed_anew_it_fires_once),
        cmocka_unit_test(a_long_jump_fires_everything_once),
        cmocka_unit_test(a_far_deadline_is_reached_by_arming_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
