/* Does a worker share its slots and buffers in order of arrival, and lose none? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/table/limit.h"
#include "tests/lib/assertion.h"
#include "tests/lib/sample_routes.h"

#define GET_HELLO     LINNET_SPAN("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
#define GET_HELLO_1_0 LINNET_SPAN("GET /hello HTTP/1.0\r\n\r\n")
#define GET_LEND      LINNET_SPAN("GET /lend HTTP/1.1\r\nHost: a\r\n\r\n")

enum { PEERS = 5 };

static struct sample_routes sample;
static struct linnet_limits limits;
static struct simulated_driver *driver;
static struct simulated_peer *peers[PEERS];

/* Limits that leave room for PEERS connections, whatever the build. */
static int begin(void **state)
{
    (void)state;
    simulated_limits(&limits);
    limits.connections = PEERS;
    limits.inputs = PEERS;
    limits.outputs = PEERS;
    limits.body_len_max = 2000;
    limits.discard_len_max = 1000;
    return 0;
}

static void open_driver(void)
{
    driver = sample_driver_open(&sample, &limits, (struct simulated_way){0}, 0);
}

static void connect_all(void)
{
    for (size_t i = 0; i < PEERS; i++) {
        peers[i] = simulated_connect(driver);
        assert_non_null(peers[i]);
    }
}

static void close_driver(void)
{
    sample_driver_close(&sample, driver);
}

static bool is_answered(const struct simulated_peer *peer)
{
    return peer->received_len > 12 && memcmp(peer->received, "HTTP/1.1 200", 12) == 0;
}

static void memory_is_a_sum_of_terms(void **state)
{
    (void)state;
    limits.read_len = LINNET_READ_ALIGN;
    const struct ln_worker_memory memory = ln_worker_memory(&limits);
    size_t sum = 0;
#define ADD_TERM(name, reason)             \
    assert_int_equal(memory.name % 64, 0); \
    assert_true(memory.name > 0);          \
    sum += memory.name;
    LN_WORKER_TERMS(ADD_TERM)
#undef ADD_TERM
    assert_int_equal(ln_worker_memory_len(&memory), sum);
    limits.connections++;
    const struct ln_worker_memory more = ln_worker_memory(&limits);
    assert_true(more.slots > memory.slots);
    assert_int_equal(more.inputs, memory.inputs);
}

static void slots_are_taken_and_given_back(void **state)
{
    (void)state;
    open_driver();
    struct linnet_worker *worker = driver->worker;
    assert_int_equal(linnet_worker_open_count(worker), 0);
    connect_all();
    assert_false(linnet_worker_has_slot(worker));
    assert_int_equal(linnet_worker_open_count(worker), PEERS);
    const struct linnet_connection_info info = {.accept = 0};
    expect_assertion(linnet_worker_open(worker, &info, driver->time));
    expect_assertion((linnet_worker_close(worker, peers[0]->connection), 0));
    simulated_abort(driver, peers[2], LINNET_ABORT_RESET);
    assert_true(linnet_worker_has_slot(worker));
    assert_non_null(simulated_connect(driver));
    assert_false(linnet_worker_has_slot(worker));
    close_driver();
}

/* S0-6: the one that was idle the longest goes, and none that was never answered. */
static void s0_6_eviction_in_the_order_of_idleness(void **state)
{
    (void)state;
    open_driver();
    struct linnet_worker *worker = driver->worker;
    connect_all();
    assert_false(linnet_worker_has_evictable(worker));
    assert_int_equal(linnet_worker_evict(worker, driver->time), LINNET_NO_CONNECTION);
    assert_null(simulated_connect(driver));
    const size_t order[] = {3, 1, 4};
    for (size_t i = 0; i < 3; i++) {
        simulated_send(peers[order[i]], GET_HELLO);
        simulated_run(driver);
    }
    simulated_send(peers[3], GET_HELLO);
    simulated_run(driver);
    simulated_send(peers[4], LINNET_SPAN("GET /"));
    simulated_run(driver);
    /* 1 is idle the longest, then 3; 4 is in a head; 0 and 2 had no answer. */
    assert_true(linnet_worker_has_evictable(worker));
    assert_non_null(simulated_connect(driver));
    assert_true(peers[1]->closed);
    assert_int_equal(peers[1]->reason, LN_CLOSE_EVICTED);
    assert_non_null(simulated_connect(driver));
    assert_true(peers[3]->closed);
    assert_null(simulated_connect(driver));
    assert_int_equal(ln_worker_counters(worker)->connections_evicted, 2);
    close_driver();
}

/* What is still to be sent keeps a connection from being evicted. */
static void who_still_sends_is_not_evicted(void **state)
{
    (void)state;
    open_driver();
    struct simulated_peer *peer = simulated_connect(driver);
    peer->window = 10;
    simulated_send(peer, GET_HELLO);
    simulated_run(driver);
    assert_false(linnet_worker_has_evictable(driver->worker));
    peer->window = UINT64_MAX;
    simulated_run(driver);
    assert_true(linnet_worker_has_evictable(driver->worker));
    close_driver();
}

static void the_line_for_inputs_is_in_order_of_arrival(void **state)
{
    (void)state;
    limits.inputs = 1;
    open_driver();
    connect_all();
    simulated_send(peers[0], LINNET_SPAN("GET /hello "));
    simulated_run(driver);
    const size_t order[] = {2, 4, 1, 3};
    for (size_t i = 0; i < 4; i++) {
        simulated_send(peers[order[i]], LINNET_SPAN("GET /hello "));
        simulated_run(driver);
        assert_true(peers[order[i]]->in_line);
    }
    assert_int_equal(ln_worker_counters(driver->worker)->input_waits, 4);
    simulated_abort(driver, peers[4], LINNET_ABORT_RESET);
    const size_t served[] = {0, 2, 1, 3};
    for (size_t i = 0; i < 4; i++) {
        simulated_send(peers[served[i]], LINNET_SPAN("HTTP/1.0\r\n\r\n"));
        simulated_run(driver);
        assert_true(is_answered(peers[served[i]]));
        for (size_t j = i + 1; j < 4; j++) {
            assert_int_equal(peers[served[j]]->received_len, 0);
            assert_int_equal(peers[served[j]]->in_line, j > i + 1);
        }
    }
    close_driver();
}

static void the_line_for_outputs_is_in_order_of_arrival(void **state)
{
    (void)state;
    limits.outputs = 1;
    open_driver();
    connect_all();
    for (size_t i = 0; i < PEERS; i++) {
        peers[i]->window = 0;
    }
    const size_t order[] = {0, 2, 4, 1, 3};
    for (size_t i = 0; i < PEERS; i++) {
        simulated_send(peers[order[i]], GET_LEND);
        simulated_run(driver);
    }
    assert_int_equal(ln_worker_counters(driver->worker)->output_waits, 4);
    simulated_abort(driver, peers[4], LINNET_ABORT_RESET);
    const size_t served[] = {0, 2, 1, 3};
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 4; j++) {
            const unsigned bits = simulated_state(driver, peers[served[j]]);
            assert_int_equal((bits & LINNET_HAS_OUTPUT) != 0, j == i);
        }
        peers[served[i]]->window = UINT64_MAX;
        simulated_run(driver);
        assert_true(is_answered(peers[served[i]]));
    }
    close_driver();
}

/* Among unfinished heads the one without progress the longest gives its buffer up first, and no
 * more of them than there are others in line. */
static void heads_without_progress_give_up_in_order(void **state)
{
    (void)state;
    limits.inputs = 3;
    limits.loan_grace_ms = 1000;
    limits.wait_ms = 60000;
    open_driver();
    connect_all();
    for (size_t i = 0; i < 3; i++) {
        simulated_send(peers[i], LINNET_SPAN("GET /hel"));
        simulated_advance(driver, 100);
    }
    simulated_send(peers[0], LINNET_SPAN("l"));
    simulated_run(driver);
    simulated_send(peers[3], GET_HELLO_1_0);
    simulated_advance(driver, 790);
    assert_false(is_answered(peers[3]));
    simulated_advance(driver, 20);
    assert_true(is_answered(peers[3]));
    assert_memory_equal(peers[1]->received, "HTTP/1.1 408", 12);
    assert_int_equal(peers[0]->received_len + peers[2]->received_len, 0);
    simulated_send(peers[4], LINNET_SPAN("GET /"));
    simulated_advance(driver, 2000);
    assert_int_equal(peers[0]->received_len + peers[2]->received_len, 0);
    assert_int_equal(ln_worker_counters(driver->worker)->inputs_reclaimed, 1);
    close_driver();
}

static void stop_and_drain_bring_each_connection_up_once(void **state)
{
    (void)state;
    open_driver();
    connect_all();
    struct linnet_worker *worker = driver->worker;
    linnet_worker_drain(worker, driver->time);
    assert_int_equal(linnet_worker_deadline(worker), 0);
    assert_int_equal(linnet_worker_ready(worker, driver->time), LINNET_NO_CONNECTION);
    linnet_worker_tick(worker, driver->time);
    unsigned seen = 0;
    uint32_t connection;
    while ((connection = linnet_worker_ready(worker, driver->time)) != LINNET_NO_CONNECTION) {
        assert_true(connection < PEERS);
        assert_int_equal(seen & 1U << connection, 0);
        assert_int_equal(linnet_worker_state(worker, connection), LINNET_CLOSED);
        seen |= 1U << connection;
    }
    assert_int_equal(seen, (1U << PEERS) - 1);
    simulated_run(driver);
    assert_int_equal(linnet_worker_open_count(worker), 0);
    /* A connection that comes while it drains is answered once. */
    struct simulated_peer *late = simulated_connect(driver);
    simulated_send(late, GET_HELLO);
    simulated_run(driver);
    assert_true(is_answered(late));
    assert_non_null(strstr(simulated_text(late), "Connection: close"));
    close_driver();
}

/* Requests behind each other so that the second head ends at every place at the end of the input
 * buffer, its content still to come: there is always room to read on. */
static void content_finds_room_behind_a_pipelined_head(void **state)
{
    (void)state;
    limits.input_len = 320;
    limits.head_len_max = 256;
    limits.request_line_len_max = 64;
    limits.path_len_max = 48;
    limits.copy_len_max = 400;
    limits.output_len = limits.reply_head_len_max + 500;
    for (size_t pad = 0; pad < 200; pad++) {
        uint8_t request[1024];
        struct ln_cursor cursor = ln_cursor_over((struct linnet_room){request, sizeof request});
        ln_cursor_put_span(&cursor, LINNET_SPAN("GET /hello HTTP/1.1\r\nHost: a\r\nX: "));
        const size_t first_len = cursor.len;
        open_driver();
        struct simulated_peer *peer = simulated_connect(driver);
        for (size_t i = 0; i < pad; i++) {
            ln_cursor_put_byte(&cursor, 'x');
        }
        ln_cursor_put_span(&cursor, LINNET_SPAN("\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\n"
                                                "Content-Length: 400\r\nY: "));
        while (cursor.len < 320 - 4) {
            ln_cursor_put_byte(&cursor, 'y');
        }
        ln_cursor_put_span(&cursor, LINNET_SPAN("\r\n\r\n"));
        const size_t head_len = cursor.len;
        for (size_t i = 0; i < 400; i++) {
            ln_cursor_put_byte(&cursor, sample_byte(i));
        }
        driver->way.split_at = head_len;
        simulated_send(peer, ln_cursor_span(&cursor));
        simulated_run(driver);
        const bool fits = head_len - first_len - pad - 4 <= limits.head_len_max;
        const char *text = simulated_text(peer);
        assert_non_null(strstr(text, fits ? "Content-Length: 400" : "HTTP/1.1 431"));
        if (fits) {
            assert_memory_equal(text + strlen(text) - 400, request + head_len, 400);
        }
        close_driver();
    }
}

static void what_is_counted(void **state)
{
    (void)state;
    open_driver();
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, GET_HELLO);
    simulated_send(peer, LINNET_SPAN("GET /none HTTP/1.1\r\nHost: a\r\n\r\n"));
    simulated_send(peer, LINNET_SPAN("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"));
    simulated_send(peer, LINNET_SPAN("GET /x\r\n"));
    simulated_run(driver);
    linnet_worker_count_pause(driver->worker, true);
    linnet_worker_count_pause(driver->worker, false);
    linnet_worker_count_pause(driver->worker, false);
    const struct ln_counters *counters = ln_worker_counters(driver->worker);
    assert_int_equal(counters->connections_opened, 1);
    assert_int_equal(counters->requests, 3);
    assert_int_equal(counters->answers_2xx, 1);
    assert_int_equal(counters->answers_4xx, 2);
    assert_int_equal(counters->answers_5xx, 1);
    assert_int_equal(counters->refusals, 1);
    assert_int_equal(counters->descriptor_pauses, 1);
    assert_int_equal(counters->accept_pauses, 2);
    assert_int_equal(counters->bytes_received, peer->sent_len);
    assert_int_equal(counters->bytes_sent, peer->received_len);
    simulated_end(peer);
    simulated_run(driver);
    assert_int_equal(counters->closed_for[LN_CLOSE_BAD_REQUEST_LINE], 1);
    assert_int_equal(counters->connections_closed, 1);
    close_driver();
}

/* A buffer that was lent and not filled goes straight back. */
static void a_read_of_nothing_keeps_no_buffer(void **state)
{
    (void)state;
    open_driver();
    struct linnet_worker *worker = driver->worker;
    struct simulated_peer *peer = simulated_connect(driver);
    struct linnet_room room;
    assert_true(linnet_worker_input(worker, peer->connection, &room, driver->time));
    assert_int_equal(room.len, limits.input_len);
    assert_int_equal(ln_pool_used(&worker->inputs), 1);
    linnet_worker_received(worker, peer->connection, 0, driver->time);
    assert_int_equal(ln_pool_used(&worker->inputs), 0);
    close_driver();
}

/* Between two requests nothing but the slot is held: that is what an idle connection costs. */
static void an_idle_connection_holds_no_buffer(void **state)
{
    (void)state;
    open_driver();
    connect_all();
    for (size_t i = 0; i < PEERS; i++) {
        simulated_send(peers[i], GET_HELLO);
        simulated_run(driver);
    }
    assert_int_equal(ln_pool_used(&driver->worker->inputs), 0);
    assert_int_equal(ln_pool_used(&driver->worker->outputs), 0);
    assert_int_equal(ln_pool_used(&driver->worker->exchanges), 0);
    assert_int_equal(ln_pool_used_max(&driver->worker->inputs), 1);
    close_driver();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(memory_is_a_sum_of_terms, begin),
        cmocka_unit_test_setup(slots_are_taken_and_given_back, begin),
        cmocka_unit_test_setup(s0_6_eviction_in_the_order_of_idleness, begin),
        cmocka_unit_test_setup(who_still_sends_is_not_evicted, begin),
        cmocka_unit_test_setup(the_line_for_inputs_is_in_order_of_arrival, begin),
        cmocka_unit_test_setup(the_line_for_outputs_is_in_order_of_arrival, begin),
        cmocka_unit_test_setup(heads_without_progress_give_up_in_order, begin),
        cmocka_unit_test_setup(stop_and_drain_bring_each_connection_up_once, begin),
        cmocka_unit_test_setup(content_finds_room_behind_a_pipelined_head, begin),
        cmocka_unit_test_setup(what_is_counted, begin),
        cmocka_unit_test_setup(a_read_of_nothing_keeps_no_buffer, begin),
        cmocka_unit_test_setup(an_idle_connection_holds_no_buffer, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
