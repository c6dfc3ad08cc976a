/* Behind a jump of the clock over the wheel's horizon, a timer that was armed again for later came
 * back for the same now. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/worker/wheel.h"

static void a_timer_armed_for_later_does_not_come_back(void **state)
{
    (void)state;
    static struct ln_wheel wheel;
    struct ln_timer timer;
    ln_wheel_init(&wheel, 0);
    ln_wheel_timer_init(&timer);
    ln_wheel_arm(&wheel, &timer, 100);
    const uint64_t now_ms = 1000000;
    unsigned fired = 0;
    while (fired < 100 && ln_wheel_expire(&wheel, now_ms) == &timer) {
        fired++;
        ln_wheel_arm(&wheel, &timer, now_ms + 5000);
    }
    assert_int_equal(fired, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timer_armed_for_later_does_not_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
