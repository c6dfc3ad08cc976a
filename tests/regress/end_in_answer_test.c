/* A peer that was heard to finish while its answer was being sent was kept for idle_ms behind the
 * answer, though nothing more could come from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/sample_routes.h"

static void a_peer_that_ended_is_closed_behind_its_answer(void **state)
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
    struct simulated_peer *peer = simulated_connect(driver);
    peer->window = 100;
    simulated_send(peer, LINNET_SPAN("GET /memory HTTP/1.1\r\nHost: a\r\n\r\n"));
    simulated_run(driver);
    /* A driver that watches for hang-ups hears of it while it does not read. */
    peer->ended = true;
    peer->end_told = true;
    linnet_worker_receive_end(driver->worker, peer->connection, driver->time);
    simulated_run(driver);
    assert_false(peer->closed);
    peer->window = UINT64_MAX;
    simulated_run(driver);
    assert_true(peer->received_len > SAMPLE_FILE_LEN);
    assert_true(peer->closed);
    sample_driver_close(&sample, driver);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_that_ended_is_closed_behind_its_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
