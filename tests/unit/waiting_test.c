/* What does who waits hold, and does everybody who was resumed go on? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/lib/sample_routes.h"

static struct linnet_limits limits;
static struct sample_routes sample;
static struct simulated_driver *driver;

static int begin(void **state)
{
    (void)state;
    simulated_limits(&limits);
    limits.connections = 12;
    limits.body_len_max = 1000;
    limits.inputs = 4;
    limits.outputs = 4;
    return 0;
}

static void open_driver(struct simulated_way way)
{
    driver = sample_driver_open(&sample, &limits, way, 0);
}

static struct simulated_peer *ask(const char *request)
{
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, (struct linnet_span){(const uint8_t *)request, strlen(request)});
    simulated_run(driver);
    return peer;
}

static void assert_holds(uint32_t inputs, uint32_t outputs, uint32_t exchanges)
{
    assert_int_equal(ln_pool_used(&driver->worker->inputs), inputs);
    assert_int_equal(ln_pool_used(&driver->worker->outputs), outputs);
    assert_int_equal(ln_pool_used(&driver->worker->exchanges), exchanges);
}

#define GET(query) "GET /act?" query " HTTP/1.1\r\nHost: a\r\n\r\n"

static void a_stream_that_waits_holds_nothing(void **state)
{
    (void)state;
    limits.inputs = 1;
    limits.outputs = 1;
    open_driver((struct simulated_way){.take_max = 3});
    struct simulated_peer *peers[8];
    for (size_t i = 0; i < 8; i++) {
        peers[i] = ask(GET("b=k&f=s&s=clclz"));
        assert_holds(0, 0, 0);
        const unsigned state_bits = simulated_state(driver, peers[i]);
        assert_int_equal(
            state_bits & (LINNET_HOLDS_INPUT | LINNET_LENT | LINNET_HAS_OUTPUT | LINNET_EVICTABLE),
            0);
        assert_int_equal(state_bits & LINNET_WANTS_INPUT, LINNET_WANTS_INPUT); /* for its end */
    }
    /* All at once by one buffer: they stand in line for it. */
    for (unsigned i = 0; i < 4; i++) {
        sample_resume(&sample.acts);
        simulated_run(driver);
        assert_holds(0, 0, 0);
    }
    for (size_t i = 0; i < 8; i++) {
        assert_non_null(strstr(simulated_text(peers[i]),
                               "\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n3\r\nghi\r\n0\r\n\r\n"));
    }
    assert_int_equal(sample.acts.streaming, 0);
    sample_driver_close(&sample, driver);
}

/* The line for a buffer is left when the connection ends in it. */
static void who_ends_in_line_leaves_it(void **state)
{
    (void)state;
    limits.inputs = 2;
    limits.outputs = 1;
    open_driver((struct simulated_way){.take_max = 0});
    struct simulated_peer *stream = ask(GET("b=k&f=s&s=cz"));
    struct simulated_peer *slow = simulated_connect(driver);
    slow->window = 10;
    simulated_send(slow, LINNET_SPAN("GET /memory HTTP/1.1\r\nHost: a\r\n\r\n"));
    simulated_run(driver);
    sample_resume(&sample.acts);
    simulated_run(driver);
    assert_int_equal(driver->worker->outputs.waiting_count, 1);
    simulated_abort(driver, stream, LINNET_ABORT_RESET);
    assert_int_equal(driver->worker->outputs.waiting_count, 0);
    assert_int_equal(sample.acts.streaming, 0);
    slow->window = UINT64_MAX;
    simulated_run(driver);
    assert_holds(0, 0, 0);
    sample_driver_close(&sample, driver);
}

static void a_handler_that_waits_holds_its_request(void **state)
{
    (void)state;
    open_driver((struct simulated_way){.take_max = 0});
    struct simulated_peer *peers[4];
    for (uint32_t i = 0; i < 4; i++) {
        peers[i] = ask(GET("b=k&r=a"));
        assert_holds(i + 1, i + 1, i + 1);
        assert_int_equal(simulated_state(driver, peers[i]),
                         LINNET_WATCH_HANGUP | LINNET_HOLDS_INPUT);
    }
    sample_resume(&sample.acts);
    simulated_run(driver);
    assert_holds(0, 0, 0);
    for (size_t i = 0; i < 4; i++) {
        const char *text = simulated_text(peers[i]);
        assert_string_equal(text + strlen(text) - 2, "ok");
    }
    sample_driver_close(&sample, driver);
}

/* While it says "not now" nothing is read: TCP feels it. */
static void a_paused_request_is_not_read(void **state)
{
    (void)state;
    open_driver((struct simulated_way){.take_max = 0});
    struct simulated_peer *peer =
        ask("POST /act?d=pk&f=a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
    assert_int_equal(simulated_state(driver, peer), LINNET_WATCH_HANGUP | LINNET_HOLDS_INPUT);
    const size_t read_len = peer->read_len;
    simulated_send(peer, LINNET_SPAN("defghi"));
    simulated_run(driver);
    assert_int_equal(peer->read_len, read_len);
    sample_resume(&sample.acts);
    simulated_run(driver);
    assert_int_equal(peer->read_len, read_len + 6);
    sample_resume(&sample.acts);
    simulated_run(driver);
    assert_string_equal(sample.log, "begin /act\ndata abcdefghi\nfinal\n");
    sample_driver_close(&sample, driver);
}

/* A request that came behind a stream that waits holds a buffer without using it: whoever needs
 * one takes it. */
static void who_stands_behind_a_stream_gives_its_buffer_up(void **state)
{
    (void)state;
    limits.inputs = 1;
    open_driver((struct simulated_way){.take_max = 0});
    struct simulated_peer *stream = ask(GET("b=k&f=s&s=cz") "GET /hello HTTP/1.1\r\n");
    assert_holds(1, 0, 0);
    assert_int_equal(simulated_state(driver, stream) & LINNET_WANTS_INPUT, 0);
    struct simulated_peer *other = ask("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    simulated_advance(driver, limits.loan_grace_ms + 100);
    assert_memory_equal(simulated_text(other), "HTTP/1.1 200 OK", 15);
    assert_false(stream->closed); /* and the stream goes on */
    sample_resume(&sample.acts);
    simulated_run(driver);
    assert_non_null(strstr(simulated_text(stream), "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"));
    sample_driver_close(&sample, driver);
}

/* n - 1, n, n + 1 milliseconds of a wheel's tick. */
static void a_handler_is_heard_of_in_time(void **state)
{
    (void)state;
    limits.suspend_ms = 1000;
    for (uint64_t ms = 999; ms <= 1001; ms++) {
        open_driver((struct simulated_way){.take_max = 0});
        struct simulated_peer *peer = ask(GET("b=k&r=a"));
        simulated_jump(driver, ms);
        const bool late = strstr(simulated_text(peer), "503") != NULL;
        simulated_jump(driver, LN_WHEEL_TICK_MS);
        assert_non_null(strstr(simulated_text(peer), "HTTP/1.1 503 Service Unavailable"));
        assert_true(!late || ms >= 1000);
        sample_driver_close(&sample, driver);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_stream_that_waits_holds_nothing, begin),
        cmocka_unit_test_setup(who_ends_in_line_leaves_it, begin),
        cmocka_unit_test_setup(a_handler_that_waits_holds_its_request, begin),
        cmocka_unit_test_setup(a_paused_request_is_not_read, begin),
        cmocka_unit_test_setup(who_stands_behind_a_stream_gives_its_buffer_up, begin),
        cmocka_unit_test_setup(a_handler_is_heard_of_in_time, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
