/* Is every limit of a connection exact: n - 1 and n taken, n + 1 not? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/table/leniency.h"
#include "core/table/limit.h"
#include "core/worker/wheel.h"
#include "tests/lib/sample_routes.h"

static struct sample_routes sample;
static struct linnet_limits limits;
static struct simulated_driver *driver;
static struct simulated_peer *peer;
static char request[4096];

static int begin(void **state)
{
    (void)state;
    simulated_limits(&limits);
    limits.connections = 4;
    limits.inputs = 4;
    limits.outputs = 4;
    limits.body_len_max = 1000;
    limits.discard_len_max = 1000;
    limits.body_rate_min = 0;
    limits.answer_rate_min = 0;
    return 0;
}

static void open_peer(void)
{
    driver = sample_driver_open(&sample, &limits, (struct simulated_way){0}, 0);
    peer = simulated_connect(driver);
}

static void send_text(const char *text)
{
    simulated_send(peer, (struct linnet_span){(const uint8_t *)text, strlen(text)});
    simulated_run(driver);
}

static void close_driver(void)
{
    sample_driver_close(&sample, driver);
}

/* The status of the only answer to one request, or 0. */
static int status_of(const char *text)
{
    open_peer();
    send_text(text);
    int status = 0;
    if (peer->received_len > 0) {
        assert_int_equal(sscanf(simulated_text(peer), "HTTP/1.1 %d", &status), 1);
    }
    close_driver();
    return status;
}

/* RFC 9110 15.5.14: sized and chunked content alike. */
static void body_len_max(void **state)
{
    (void)state;
    for (size_t max = 0; max < 40; max += 13) {
        limits.body_len_max = max;
        for (size_t len = max > 0 ? max - 1 : 0; len <= max + 1; len++) {
            const int expected = len > max ? 413 : 200;
            snprintf(request, sizeof request,
                     "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n%.*s", len,
                     (int)len, "0123456789012345678901234567890123456789");
            assert_int_equal(status_of(request), expected);
            snprintf(request, sizeof request,
                     "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "%zx\r\n%.*s%s0\r\n\r\n",
                     len, (int)len, "0123456789012345678901234567890123456789",
                     len > 0 ? "\r\n" : "");
            if (len > 0) {
                assert_int_equal(status_of(request), expected);
            }
        }
    }
}

static void connections(void **state)
{
    (void)state;
    for (size_t count = 1; count < 4; count++) {
        limits.connections = count;
        open_peer();
        for (size_t i = 1; i < count; i++) {
            assert_non_null(simulated_connect(driver));
        }
        assert_null(simulated_connect(driver));
        close_driver();
    }
}

static void inputs(void **state)
{
    (void)state;
    for (size_t count = 1; count < 4; count++) {
        limits.inputs = count;
        open_peer();
        for (size_t i = 0; i <= count; i++) {
            peer = i == 0 ? peer : simulated_connect(driver);
            send_text("GET /");
            assert_int_equal(peer->in_line, i == count);
        }
        close_driver();
    }
}

static void outputs(void **state)
{
    (void)state;
    for (size_t count = 1; count < 4; count++) {
        limits.outputs = count;
        open_peer();
        for (size_t i = 0; i <= count; i++) {
            peer = i == 0 ? peer : simulated_connect(driver);
            peer->window = 0;
            send_text("GET /lend HTTP/1.1\r\nHost: a\r\n\r\n");
            assert_int_equal((simulated_state(driver, peer) & LINNET_HAS_OUTPUT) != 0, i < count);
        }
        close_driver();
    }
}

/* Behind the last answer: so many bytes are read and dropped. */
static void discard_len_max(void **state)
{
    (void)state;
    for (size_t max = 0; max < 40; max += 13) {
        limits.discard_len_max = max;
        open_peer();
        send_text("GET /close HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_true(peer->fin);
        for (size_t i = 0; i < max; i++) {
            send_text("x");
            assert_false(peer->closed);
        }
        send_text("x");
        assert_true(peer->closed);
        close_driver();
    }
}

/* Moves the clock to just before a deadline, then over it; what was true before is asserted. */
static void expect_open_for(uint64_t ms)
{
    simulated_advance(driver, ms - 1);
    assert_false(peer->closed);
    assert_false(peer->fin);
    simulated_advance(driver, 1 + LN_WHEEL_TICK_MS);
}

static void head_ms(void **state)
{
    (void)state;
    for (limits.head_ms = 50; limits.head_ms < 5000; limits.head_ms = limits.head_ms * 3 + 7) {
        open_peer();
        expect_open_for(limits.head_ms);
        assert_true(peer->closed);
        assert_int_equal(peer->received_len, 0);
        close_driver();
        open_peer();
        send_text("GET /");
        expect_open_for(limits.head_ms);
        assert_memory_equal(peer->received, "HTTP/1.1 408", 12);
        close_driver();
    }
}

static void idle_ms(void **state)
{
    (void)state;
    for (limits.idle_ms = 50; limits.idle_ms < 5000; limits.idle_ms = limits.idle_ms * 3 + 7) {
        open_peer();
        send_text("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        expect_open_for(limits.idle_ms);
        assert_true(peer->closed);
        assert_int_equal(peer->reason, LN_CLOSE_TIMEOUT_IDLE);
        close_driver();
    }
}

static void write_stall_ms(void **state)
{
    (void)state;
    for (limits.write_stall_ms = 50; limits.write_stall_ms < 5000;
         limits.write_stall_ms = limits.write_stall_ms * 3 + 7) {
        open_peer();
        peer->window = 5;
        send_text("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        expect_open_for(limits.write_stall_ms);
        assert_true(peer->closed && peer->reset);
        assert_int_equal(peer->reason, LN_CLOSE_TIMEOUT_WRITE);
        close_driver();
    }
}

static void read_stall_ms(void **state)
{
    (void)state;
    for (limits.read_stall_ms = 50; limits.read_stall_ms < 5000;
         limits.read_stall_ms = limits.read_stall_ms * 3 + 7) {
        open_peer();
        send_text("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab");
        expect_open_for(limits.read_stall_ms);
        assert_memory_equal(peer->received, "HTTP/1.1 408", 12);
        close_driver();
    }
}

static void linger_ms(void **state)
{
    (void)state;
    for (limits.linger_ms = 50; limits.linger_ms < 5000;
         limits.linger_ms = limits.linger_ms * 3 + 7) {
        open_peer();
        send_text("GET /close HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_true(peer->fin);
        simulated_advance(driver, limits.linger_ms - 1);
        assert_false(peer->closed);
        simulated_advance(driver, 1 + LN_WHEEL_TICK_MS);
        assert_true(peer->closed);
        close_driver();
    }
}

static void wait_ms(void **state)
{
    (void)state;
    limits.outputs = 1;
    for (limits.wait_ms = 50; limits.wait_ms < 5000; limits.wait_ms = limits.wait_ms * 3 + 7) {
        open_peer();
        peer->window = 0;
        send_text("GET /lend HTTP/1.1\r\nHost: a\r\n\r\n");
        peer = simulated_connect(driver);
        send_text("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        expect_open_for(limits.wait_ms);
        assert_memory_equal(peer->received, "HTTP/1.1 503", 12);
        close_driver();
    }
}

static void loan_grace_ms(void **state)
{
    (void)state;
    limits.inputs = 1;
    for (limits.loan_grace_ms = 50; limits.loan_grace_ms < 5000;
         limits.loan_grace_ms = limits.loan_grace_ms * 3 + 7) {
        open_peer();
        send_text("GET /");
        struct simulated_peer *other = simulated_connect(driver);
        simulated_send(other, LINNET_SPAN("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
        expect_open_for(limits.loan_grace_ms);
        assert_memory_equal(peer->received, "HTTP/1.1 408", 12);
        assert_memory_equal(other->received, "HTTP/1.1 200", 12);
        close_driver();
    }
}

static void lifetime_ms(void **state)
{
    (void)state;
    for (limits.lifetime_ms = 50; limits.lifetime_ms < 5000;
         limits.lifetime_ms = limits.lifetime_ms * 3 + 7) {
        open_peer();
        send_text("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        expect_open_for(limits.lifetime_ms);
        assert_true(peer->closed);
        assert_int_equal(peer->reason, LN_CLOSE_TIMEOUT_LIFETIME);
        close_driver();
    }
}

/* A line and not a sample: grace + len / rate. */
static void body_rate_min(void **state)
{
    (void)state;
    limits.rate_grace_ms = 500;
    for (size_t rate = 1; rate < 50; rate *= 3) {
        limits.body_rate_min = rate;
        open_peer();
        send_text("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 90\r\n\r\n0123456789");
        expect_open_for(500 + 10 * 1000 / rate);
        assert_memory_equal(peer->received, "HTTP/1.1 408", 12);
        close_driver();
    }
}

static void answer_rate_min(void **state)
{
    (void)state;
    limits.rate_grace_ms = 500;
    for (size_t rate = 1; rate < 50; rate *= 3) {
        limits.answer_rate_min = rate;
        open_peer();
        peer->window = 10;
        send_text("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        expect_open_for(500 + 10 * 1000 / rate);
        assert_true(peer->closed && peer->reset);
        close_driver();
    }
}

/* Of one connection, so many requests in one turn. */
static void requests_per_turn(void **state)
{
    (void)state;
    limits.output_len = limits.reply_head_len_max + limits.copy_len_max + 1000;
    for (size_t max = 1; max < 5; max++) {
        limits.requests_per_turn = max;
        driver = sample_driver_open(&sample, &limits, (struct simulated_way){0},
                                    LN_LENIENCY_MISSING_HOST);
        peer = simulated_connect(driver);
        for (size_t i = 0; i < max + 1; i++) {
            simulated_send(peer, LINNET_SPAN("GET /nothing HTTP/1.1\r\n\r\n"));
        }
        const struct ln_counters *counters = ln_worker_counters(driver->worker);
        struct linnet_room room;
        assert_true(linnet_worker_input(driver->worker, peer->connection, &room, driver->time));
        memcpy(room.data, peer->sent, peer->sent_len);
        peer->read_len = peer->sent_len;
        linnet_worker_received(driver->worker, peer->connection, peer->sent_len, driver->time);
        assert_int_equal(counters->requests, max);
        assert_int_equal(linnet_worker_deadline(driver->worker), 0);
        simulated_run(driver);
        assert_int_equal(counters->requests, max + 1);
        close_driver();
    }
}

/* What was read whole in one turn does not count in the next. */
static void requests_of_different_turns(void **state)
{
    (void)state;
    limits.requests_per_turn = 2;
    open_peer();
    for (uint64_t i = 1; i < 6; i++) {
        simulated_send(peer, LINNET_SPAN("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"));
        struct linnet_room room;
        const size_t len = peer->sent_len - peer->read_len;
        assert_true(linnet_worker_input(driver->worker, peer->connection, &room, driver->time));
        memcpy(room.data, peer->sent + peer->read_len, len);
        peer->read_len += len;
        linnet_worker_received(driver->worker, peer->connection, len, driver->time);
        assert_int_equal(ln_worker_counters(driver->worker)->requests, i);
        assert_true(linnet_worker_deadline(driver->worker) > driver->time.monotonic_ms);
        simulated_run(driver);
    }
    close_driver();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(body_len_max, begin),
        cmocka_unit_test_setup(connections, begin),
        cmocka_unit_test_setup(inputs, begin),
        cmocka_unit_test_setup(outputs, begin),
        cmocka_unit_test_setup(discard_len_max, begin),
        cmocka_unit_test_setup(head_ms, begin),
        cmocka_unit_test_setup(idle_ms, begin),
        cmocka_unit_test_setup(write_stall_ms, begin),
        cmocka_unit_test_setup(read_stall_ms, begin),
        cmocka_unit_test_setup(linger_ms, begin),
        cmocka_unit_test_setup(wait_ms, begin),
        cmocka_unit_test_setup(loan_grace_ms, begin),
        cmocka_unit_test_setup(lifetime_ms, begin),
        cmocka_unit_test_setup(body_rate_min, begin),
        cmocka_unit_test_setup(answer_rate_min, begin),
        cmocka_unit_test_setup(requests_per_turn, begin),
        cmocka_unit_test_setup(requests_of_different_turns, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
