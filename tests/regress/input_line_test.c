/* Two stood in line for one input buffer: each was granted it in turn, gave it back before it had
 * read, and stood in line again. No byte moved and no turn waited. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/sample_routes.h"

enum { IN_LINE = 3 };

static void the_line_for_an_input_buffer_moves(void **state)
{
    (void)state;
    static struct sample_routes sample;
    struct linnet_limits limits;
    simulated_limits(&limits);
    limits.connections = IN_LINE + 1;
    limits.inputs = 1;
    struct simulated_driver *driver =
        sample_driver_open(&sample, &limits, (struct simulated_way){0}, 0);
    struct simulated_peer *first = simulated_connect(driver);
    struct simulated_peer *others[IN_LINE];
    simulated_send(first, LINNET_SPAN("GET /hello HT"));
    simulated_run(driver);
    for (size_t i = 0; i < IN_LINE; i++) {
        others[i] = simulated_connect(driver);
        simulated_send(others[i], LINNET_SPAN("GET /hello HTTP/1.0\r\n\r\n"));
    }
    simulated_run(driver);
    simulated_send(first, LINNET_SPAN("TP/1.0\r\n\r\n"));
    simulated_run(driver);
    assert_true(first->closed);
    for (size_t i = 0; i < IN_LINE; i++) {
        assert_true(others[i]->closed);
        assert_memory_equal(others[i]->received, "HTTP/1.1 200", 12);
    }
    sample_driver_close(&sample, driver);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_for_an_input_buffer_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
