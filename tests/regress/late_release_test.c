/* Content was read into an output buffer only when all of it was released; until then HAS_OUTPUT
 * was up and nothing was lent: a driver whose sends complete later had something to do for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/sample_routes.h"

static void has_output_lends_something(void **state)
{
    (void)state;
    static struct sample_routes sample;
    struct linnet_limits limits;
    simulated_limits(&limits);
    limits.reply_head_len_max = 384;
    limits.copy_len_max = 192;
    limits.output_len = 640;
    struct simulated_driver *driver =
        sample_driver_open(&sample, &limits, (struct simulated_way){0}, 0);
    struct linnet_worker *worker = driver->worker;
    const struct linnet_connection_info info = {.accept = 0};
    const uint32_t connection = linnet_worker_open(worker, &info, driver->time);
    const struct linnet_span request = LINNET_SPAN("GET /memory HTTP/1.1\r\nHost: a\r\n\r\n");
    struct linnet_room room;
    assert_true(linnet_worker_input(worker, connection, &room, driver->time));
    for (size_t i = 0; i < request.len; i++) {
        room.data[i] = request.data[i];
    }
    linnet_worker_received(worker, connection, request.len, driver->time);
    struct linnet_output out;
    linnet_worker_output(worker, connection, 0, &out);
    assert_int_equal(out.span_count, 1);
    const uint64_t lent = out.spans[0].len;
    linnet_worker_taken(worker, connection, out.spans[0].len, driver->time);
    linnet_worker_output(worker, connection, 0, &out);
    const bool lends = out.span_count > 0 || (out.flags & LINNET_OUTPUT_FIN) != 0;
    const bool has = (linnet_worker_state(worker, connection) & LINNET_HAS_OUTPUT) != 0;
    assert_int_equal(has, lends);
    linnet_worker_abort(worker, connection, LINNET_ABORT_RESET, driver->time);
    linnet_worker_released(worker, connection, lent, driver->time);
    linnet_worker_close(worker, connection);
    sample_driver_close(&sample, driver);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_output_lends_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
