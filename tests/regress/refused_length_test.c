/* A request with more content than its route takes, and less than is discarded, was answered 413
 * without "Connection: close"; then its content ended the connection and the next request, which
 * the answer had promised to take, was dropped.
 *
 * RFC 9112 9.6: who will not take another request says so in the answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/lib/sample_routes.h"

static void an_answer_that_persists_is_followed_by_the_next(void **state)
{
    (void)state;
    static struct sample_routes sample;
    struct linnet_limits limits;
    simulated_limits(&limits);
    limits.body_len_max = 1000;
    limits.discard_len_max = 1000;
    struct simulated_driver *driver =
        sample_driver_open(&sample, &limits, (struct simulated_way){0}, 0);
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, LINNET_SPAN("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n"
                                     "01234567890123456789"
                                     "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
    simulated_run(driver);
    const char *text = simulated_text(peer);
    assert_memory_equal(text, "HTTP/1.1 413", 12);
    assert_true(strstr(text, "Connection: close") != NULL || strstr(text, "hello") != NULL);
    sample_driver_close(&sample, driver);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_that_persists_is_followed_by_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
