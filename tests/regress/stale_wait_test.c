/* A connection that was the first to do anything behind a quiet time joined the line for an input
 * buffer with the time of the turn before: by the clock it had waited for wait_ms at once, and a
 * request that was still arriving lost its buffer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/sample_routes.h"

static void waiting_begins_when_the_line_is_joined(void **state)
{
    (void)state;
    static struct sample_routes sample;
    struct linnet_limits limits;
    simulated_limits(&limits);
    limits.connections = 2;
    limits.inputs = 1;
    limits.body_len_max = 1000;
    limits.wait_ms = 1000;
    limits.read_stall_ms = 60000;
    limits.body_rate_min = 0;
    struct simulated_driver *driver =
        sample_driver_open(&sample, &limits, (struct simulated_way){0}, 0);
    struct simulated_peer *slow = simulated_connect(driver);
    struct simulated_peer *other = simulated_connect(driver);
    simulated_send(slow,
                   LINNET_SPAN("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab"));
    simulated_run(driver);
    /* Nothing happens for as long as anybody would wait. */
    driver->time.monotonic_ms += 5000;
    simulated_send(other, LINNET_SPAN("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
    simulated_run(driver);
    assert_int_equal(slow->received_len, 0);
    simulated_advance(driver, 900);
    assert_int_equal(slow->received_len, 0);
    simulated_send(slow, LINNET_SPAN("cd"));
    simulated_run(driver);
    assert_memory_equal(slow->received, "HTTP/1.1 200", 12);
    assert_memory_equal(other->received, "HTTP/1.1 200", 12);
    sample_driver_close(&sample, driver);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waiting_begins_when_the_line_is_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
