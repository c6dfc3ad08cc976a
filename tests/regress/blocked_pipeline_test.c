/* A client that sent more requests behind one whose answer it did not take kept an input buffer for
 * as long as it liked; as many of them as there are buffers kept everybody else out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/lib/sample_routes.h"

#define GET_HELLO "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
#define GET_FILE  "GET /file HTTP/1.1\r\nHost: a\r\n\r\n"

enum { GRACE_MS = 500 };

static struct sample_routes sample;
static struct simulated_driver *driver;
static struct simulated_peer *slow;

/* One input buffer; its owner reads 100 bytes of a long answer and has sent `more` behind it. */
static void block(struct linnet_span more)
{
    struct linnet_limits limits;
    simulated_limits(&limits);
    limits.connections = 2;
    limits.inputs = 1;
    limits.outputs = 2;
    limits.loan_grace_ms = GRACE_MS;
    limits.wait_ms = 60000;
    driver = sample_driver_open(&sample, &limits, (struct simulated_way){.file = true}, 0);
    slow = simulated_connect(driver);
    slow->window = 100;
    simulated_send(slow, more);
    simulated_run(driver);
}

static bool is_answered(const struct simulated_peer *peer)
{
    return peer->received_len > 12 && memcmp(peer->received, "HTTP/1.1 200", 12) == 0;
}

static unsigned answers(const struct simulated_peer *peer)
{
    unsigned count = 0;
    for (size_t i = 0; i + 9 <= peer->received_len; i++) {
        count += memcmp(peer->received + i, "HTTP/1.1 ", 9) == 0 ? 1 : 0;
    }
    return count;
}

/* RFC 9112 9.3.2: the requests behind are not answered, and the connection closes; the answer that
 * had begun is whole. */
static void rfc9112_9_3_2_blocked_requests_give_their_buffer_up(void **state)
{
    (void)state;
    block(LINNET_SPAN(GET_FILE GET_HELLO GET_HELLO));
    struct simulated_peer *other = simulated_connect(driver);
    simulated_send(other, LINNET_SPAN(GET_HELLO));
    simulated_advance(driver, GRACE_MS - 1);
    assert_false(is_answered(other));
    simulated_advance(driver, 2);
    assert_true(is_answered(other));
    assert_int_equal(ln_worker_counters(driver->worker)->inputs_reclaimed, 1);
    slow->window = UINT64_MAX;
    simulated_run(driver);
    assert_int_equal(answers(slow), 1);
    assert_true(slow->received_len > 3000);
    assert_true(slow->fin);
    sample_driver_close(&sample, driver);
}

static void blocked_requests_are_left_alone_while_nobody_waits(void **state)
{
    (void)state;
    block(LINNET_SPAN(GET_FILE GET_HELLO GET_HELLO));
    simulated_advance(driver, 2 * GRACE_MS);
    slow->window = UINT64_MAX;
    simulated_run(driver);
    assert_int_equal(answers(slow), 3);
    assert_false(slow->fin);
    sample_driver_close(&sample, driver);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc9112_9_3_2_blocked_requests_give_their_buffer_up),
        cmocka_unit_test(blocked_requests_are_left_alone_while_nobody_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
