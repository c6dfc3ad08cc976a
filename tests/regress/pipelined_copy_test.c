/* What a handler copies fitted into an empty output buffer and not behind an answer that was still
 * to be sent: the same request was answered 200 alone and TOO_LARGE when it was pipelined. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/lib/sample_routes.h"

static void a_copied_answer_does_not_depend_on_pipelining(void **state)
{
    (void)state;
    static struct sample_routes sample;
    struct linnet_limits limits;
    simulated_limits(&limits);
    limits.reply_head_len_max = 2048;
    limits.copy_len_max = 4096;
    limits.output_len = 8192;
    struct simulated_driver *driver =
        sample_driver_open(&sample, &limits, (struct simulated_way){0}, 0);
    struct simulated_peer *peer = simulated_connect(driver);
    for (size_t i = 0; i < 5; i++) {
        simulated_send(peer, LINNET_SPAN("GET /copy?4096 HTTP/1.1\r\nHost: a\r\n\r\n"));
    }
    simulated_run(driver);
    assert_null(strstr(simulated_text(peer), "HTTP/1.1 500"));
    sample_driver_close(&sample, driver);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copied_answer_does_not_depend_on_pipelining),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
