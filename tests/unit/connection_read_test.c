/* Is content that is read ahead sent whole and in order, however its reads complete? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/connection/connection.h"
#include "core/table/limit.h"
#include "tests/lib/simulated_driver.h"

#define GET      LINNET_SPAN("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
#define GET_LAST LINNET_SPAN("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
#define GET_TWICE                                                                                 \
    LINNET_SPAN("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close" \
                "\r\n\r\n")

enum {
    CONTENT_LEN = 40000,
    PIECE_LEN = 4096,
};

static uint8_t content[CONTENT_LEN];
static struct linnet_limits limits;
static struct simulated_driver *driver;
static struct simulated_source source;
static struct linnet_hooks hooks;
static uint64_t from; /* what the handler answers with */
static uint64_t len;

static void answer(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                   struct linnet_span data)
{
    (void)context;
    (void)data;
    const struct linnet_reply reply = {.status = LINNET_STATUS_OK,
                                       .body = LINNET_BODY_SOURCE,
                                       .source = &source.source,
                                       .offset = from,
                                       .len = len};
    if (event == LINNET_EVENT_FINAL) {
        assert_int_equal(linnet_reply(exchange, &reply), LINNET_ERROR_NONE);
    }
}

static const struct linnet_route route = {
    .kind = LINNET_ROUTE_DEFAULT,
    .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
    .handler = answer,
};

static int begin(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONTENT_LEN; i++) {
        content[i] = (uint8_t)(i * 7 + i / 251);
    }
    simulated_limits(&limits);
    limits.connections = 6;
    limits.inputs = 3;
    limits.outputs = 3;
    limits.read_len = PIECE_LEN;
    limits.read_ahead = 4;
    limits.extra_reads = 16;
    from = 0;
    len = CONTENT_LEN;
    hooks = (struct linnet_hooks){.answered = NULL};
    return 0;
}

static void open_driver(struct simulated_way way)
{
    const struct simulated_driver_config config = {
        .limits = &limits, .routes = &route, .route_count = 1, .hooks = hooks, .way = way};
    driver = simulated_driver_open(&config);
    simulated_source_init(driver, &source, (struct linnet_span){content, CONTENT_LEN}, true);
    source.source.read_ahead = true;
}

static uint32_t reads_used(void)
{
    return ln_pool_used(&driver->worker->context.read_loans.pool);
}

/* Where the content of the answer that begins at `at` begins in what was received. */
static size_t body_of(const struct simulated_peer *peer, size_t at)
{
    assert_true(peer->received_len >= at + 15);
    assert_memory_equal(peer->received + at, "HTTP/1.1 200 OK", 15);
    while (memcmp(peer->received + at, "\r\n\r\n", 4) != 0) {
        at++;
        assert_true(at + 4 <= peer->received_len);
    }
    return at + 4;
}

/* The end of a whole answer that begins at `at`. */
static size_t check_answer(const struct simulated_peer *peer, size_t at)
{
    const size_t body = body_of(peer, at);
    assert_true(peer->received_len - body >= len);
    assert_memory_equal(peer->received + body, content + from, (size_t)len);
    return body + (size_t)len;
}

static void check_exchange(struct simulated_way way)
{
    open_driver(way);
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, GET_TWICE);
    simulated_run(driver);
    const size_t end = check_answer(peer, check_answer(peer, 0));
    assert_int_equal(peer->received_len, end);
    assert_true(peer->closed);
    assert_int_equal(peer->reason, LN_CLOSE_DONE);
    assert_int_equal(reads_used(), 0);
    simulated_driver_close(driver);
}

static void content_is_whole_in_any_order_and_way(void **state)
{
    (void)state;
    static const size_t takes[] = {0, 1000, 4096, 5000};
    static const size_t releases[] = {0, 900};
    for (unsigned reads = SIMULATED_READS_AT_ONCE; reads <= SIMULATED_READS_BACKWARD; reads++) {
        for (size_t i = 0; i < sizeof takes / sizeof takes[0]; i++) {
            for (size_t k = 0; k < sizeof releases / sizeof releases[0]; k++) {
                check_exchange((struct simulated_way){.take_max = takes[i],
                                                      .release_max = releases[k],
                                                      .file = true,
                                                      .reads = (enum simulated_reads)reads});
            }
        }
    }
}

static void any_part_of_a_file_is_whole(void **state)
{
    (void)state;
    static const uint64_t offsets[] = {0, 1, 511, 4095, 4096, 4097, 12345};
    static const uint64_t lens[] = {1, 2, 4095, 4096, 4097, 20000, CONTENT_LEN - 12345};
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        for (size_t k = 0; k < sizeof lens / sizeof lens[0]; k++) {
            from = offsets[i];
            len = lens[k];
            check_exchange((struct simulated_way){.reads = SIMULATED_READS_BACKWARD});
        }
    }
}

static void short_reads_go_on_where_they_ended(void **state)
{
    (void)state;
    for (unsigned reads = SIMULATED_READS_AT_ONCE; reads <= SIMULATED_READS_BACKWARD; reads++) {
        open_driver((struct simulated_way){.reads = (enum simulated_reads)reads});
        source.read_len = 1000;
        struct simulated_peer *peer = simulated_connect(driver);
        simulated_send(peer, GET_LAST);
        simulated_run(driver);
        assert_int_equal(check_answer(peer, 0), peer->received_len);
        simulated_driver_close(driver);
    }
}

static void count_complete(void *context, const struct linnet_answer_record *record)
{
    unsigned *complete = context;
    *complete += record->complete ? 1 : 0;
}

/* What was read and not sent is not what the log calls complete. */
static void an_answer_is_complete_when_it_was_sent(void **state)
{
    (void)state;
    unsigned complete = 0;
    hooks = (struct linnet_hooks){.answered = count_complete, .context = &complete};
    len = PIECE_LEN;
    open_driver((struct simulated_way){.reads = SIMULATED_READS_FORWARD});
    struct simulated_peer *peer = simulated_connect(driver);
    peer->window = PIECE_LEN;
    simulated_send(peer, GET);
    simulated_run(driver);
    assert_int_equal(peer->received_len, PIECE_LEN);
    simulated_driver_close(driver);
    assert_int_equal(complete, 0);
    open_driver((struct simulated_way){.reads = SIMULATED_READS_FORWARD});
    simulated_send(simulated_connect(driver), GET);
    simulated_run(driver);
    simulated_driver_close(driver);
    assert_int_equal(complete, 1);
}

/* n-1, n and n+1: as many loans as are allowed, and as many as there are. */
static void the_window_is_bounded(void **state)
{
    (void)state;
    for (uint64_t window = 1; window <= 8; window++) {
        limits.read_ahead = window;
        limits.extra_reads = 6;
        open_driver((struct simulated_way){.reads = SIMULATED_READS_BY_HAND});
        struct simulated_peer *peer = simulated_connect(driver);
        simulated_send(peer, GET_LAST);
        simulated_run(driver);
        const uint64_t most = window < 7 ? window : 7;
        assert_int_equal(driver->read_count, most);
        assert_int_equal(driver->worker->context.read_loans.extra_used, most - 1);
        simulated_driver_close(driver);
    }
}

static void the_next_read_goes_on_while_the_last_is_sent(void **state)
{
    (void)state;
    open_driver((struct simulated_way){.reads = SIMULATED_READS_BY_HAND});
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, GET);
    simulated_run(driver);
    const size_t head_len = peer->received_len;
    assert_int_equal(driver->read_count, 4);
    peer->window = 100;
    simulated_read_complete(driver, 0, PTRDIFF_MAX);
    simulated_run(driver);
    assert_int_equal(peer->received_len, head_len + 100);
    assert_int_equal(driver->read_count, 3); /* it is still being sent from */
    peer->window = PIECE_LEN - 100;
    simulated_run(driver);
    assert_int_equal(driver->read_count, 4);
    assert_int_equal(driver->reads[3].offset, 4 * PIECE_LEN);
    simulated_driver_close(driver);
}

static void what_came_out_of_order_waits_for_what_is_before_it(void **state)
{
    (void)state;
    open_driver((struct simulated_way){.reads = SIMULATED_READS_BY_HAND});
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, GET_LAST);
    simulated_run(driver);
    const size_t head_len = peer->received_len;
    simulated_read_complete(driver, 2, PTRDIFF_MAX);
    simulated_read_complete(driver, 1, PTRDIFF_MAX);
    simulated_run(driver);
    assert_int_equal(peer->received_len, head_len);
    assert_int_equal(simulated_state(driver, peer) & LINNET_HAS_OUTPUT, 0);
    simulated_read_complete(driver, 0, PTRDIFF_MAX);
    simulated_run(driver);
    assert_int_equal(peer->received_len, head_len + 3 * PIECE_LEN);
    simulated_driver_close(driver);
}

/* Whoever has an output buffer has a loan, whatever the others hold. */
static void the_first_loan_is_always_there(void **state)
{
    (void)state;
    limits.extra_reads = 2;
    open_driver((struct simulated_way){.reads = SIMULATED_READS_BY_HAND});
    struct simulated_peer *peers[3];
    for (size_t i = 0; i < 3; i++) {
        peers[i] = simulated_connect(driver);
        simulated_send(peers[i], GET_LAST);
        simulated_run(driver);
    }
    assert_int_equal(reads_used(), 5);
    assert_int_equal(driver->worker->context.read_loans.extra_used, 2);
    while (driver->read_count > 0) {
        simulated_read_complete(driver, driver->read_count / 2, PTRDIFF_MAX);
        simulated_run(driver);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(check_answer(peers[i], 0), peers[i]->received_len);
    }
    simulated_driver_close(driver);
}

/* The state beside CLOSED: slot, buffers and source stay until the reads have completed. */
static void who_is_closed_keeps_what_is_read_into(void **state)
{
    (void)state;
    for (unsigned order = 0; order < 2; order++) {
        open_driver((struct simulated_way){.reads = SIMULATED_READS_BY_HAND});
        struct simulated_peer *peer = simulated_connect(driver);
        simulated_send(peer, GET);
        simulated_run(driver);
        simulated_read_complete(driver, 1, PTRDIFF_MAX); /* this one is not sent any more */
        simulated_abort(driver, peer, LINNET_ABORT_RESET);
        simulated_run(driver);
        assert_false(peer->closed);
        assert_int_equal(simulated_state(driver, peer), LINNET_CLOSED | LINNET_READING);
        assert_int_equal(reads_used(), 3);
        assert_int_equal(ln_pool_used(&driver->worker->outputs), 1);
        assert_int_equal(source.holds, 1);
        while (driver->read_count > 0) {
            assert_false(peer->closed);
            simulated_read_complete(driver, order == 0 ? 0 : driver->read_count - 1,
                                    order == 0 ? PTRDIFF_MAX : LINNET_READ_FAILED);
            simulated_run(driver);
        }
        assert_true(peer->closed);
        assert_int_equal(peer->reason, LN_CLOSE_PEER_RESET);
        assert_int_equal(reads_used(), 0);
        assert_int_equal(source.holds, 0);
        simulated_driver_close(driver);
    }
}

/* Closed between a read's completion and the turn that would have told of it. */
static void a_completion_just_before_the_end_is_not_lost(void **state)
{
    (void)state;
    limits.read_ahead = 1;
    open_driver((struct simulated_way){.reads = SIMULATED_READS_BY_HAND});
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, GET);
    simulated_run(driver);
    simulated_read_complete(driver, 0, PTRDIFF_MAX);
    simulated_abort(driver, peer, LINNET_ABORT_RESET);
    simulated_run(driver);
    assert_true(peer->closed);
    assert_int_equal(reads_used(), 0);
    simulated_driver_close(driver);
}

static void what_is_lent_and_what_is_read_both_keep_a_closed_one(void **state)
{
    (void)state;
    open_driver((struct simulated_way){.reads = SIMULATED_READS_BY_HAND, .release_max = 1});
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, GET);
    (void)simulated_turn(driver);
    simulated_read_complete(driver, 0, PTRDIFF_MAX);
    (void)simulated_turn(driver);
    (void)simulated_turn(driver);
    assert_true(peer->lent > PIECE_LEN / 2);
    simulated_abort(driver, peer, LINNET_ABORT_STOPPED);
    assert_int_equal(simulated_state(driver, peer) & LINNET_READING, LINNET_READING);
    assert_int_equal(simulated_state(driver, peer) & LINNET_LENT, LINNET_LENT);
    simulated_driver_close(driver);
}

static void check_end(ptrdiff_t result)
{
    open_driver((struct simulated_way){.reads = SIMULATED_READS_BY_HAND});
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, GET);
    simulated_run(driver);
    simulated_read_complete(driver, 1, result);
    simulated_run(driver);
    assert_int_equal(simulated_state(driver, peer), LINNET_CLOSED | LINNET_READING);
    while (driver->read_count > 0) {
        simulated_read_complete(driver, 0, PTRDIFF_MAX);
    }
    simulated_run(driver);
    assert_true(peer->closed);
    assert_int_equal(peer->reason, LN_CLOSE_FILE_SHRUNK);
    simulated_driver_close(driver);
}

static void a_file_that_ends_early_or_fails_ends_the_connection(void **state)
{
    (void)state;
    check_end(0);
    check_end(LINNET_READ_FAILED);
    open_driver((struct simulated_way){.reads = SIMULATED_READS_FORWARD});
    source.bytes.len = 10000;
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, GET);
    simulated_run(driver);
    assert_true(peer->closed);
    assert_int_equal(peer->reason, LN_CLOSE_FILE_SHRUNK);
    assert_true(peer->received_len < len);
    simulated_driver_close(driver);
}

/* A disk that says nothing ends the connection in time; the slot stays until it does. */
static void a_read_that_never_completes_is_not_waited_for(void **state)
{
    (void)state;
    open_driver((struct simulated_way){.reads = SIMULATED_READS_BY_HAND});
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, GET);
    simulated_run(driver);
    simulated_advance(driver, limits.write_stall_ms + LN_WHEEL_TICK_MS);
    assert_int_equal(simulated_state(driver, peer), LINNET_CLOSED | LINNET_READING);
    simulated_driver_close(driver);
}

/* A peer is given its whole time when the disk was slow before. */
static void the_time_of_the_disk_is_not_the_peers(void **state)
{
    (void)state;
    limits.answer_rate_min = 0;
    open_driver((struct simulated_way){.reads = SIMULATED_READS_BY_HAND});
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, GET);
    simulated_run(driver);
    peer->window = 0;
    simulated_advance(driver, limits.write_stall_ms / 2);
    simulated_read_complete(driver, 0, PTRDIFF_MAX);
    simulated_run(driver);
    simulated_advance(driver, limits.write_stall_ms / 2 + LN_WHEEL_TICK_MS);
    assert_int_equal(simulated_state(driver, peer) & LINNET_CLOSED, 0);
    simulated_driver_close(driver);
}

/* What completes at once is not read on without end in one turn. */
static void a_turn_reads_no_more_than_the_window(void **state)
{
    (void)state;
    open_driver((struct simulated_way){.reads = SIMULATED_READS_AT_ONCE});
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, GET);
    while (peer->received_len < len) {
        const size_t before = peer->received_len;
        (void)simulated_turn(driver);
        assert_true(peer->received_len - before <= 8 * PIECE_LEN);
    }
    simulated_driver_close(driver);
}

static void without_loans_content_is_read_into_the_output_buffer(void **state)
{
    (void)state;
    limits.read_len = 0;
    open_driver((struct simulated_way){.reads = SIMULATED_READS_BY_HAND, .file = true});
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, GET_LAST);
    simulated_run(driver);
    assert_int_equal(check_answer(peer, 0), peer->received_len);
    assert_int_equal(driver->reads_most, 0);
    simulated_driver_close(driver);
}

static void loans_are_pages(void **state)
{
    (void)state;
    limits.read_len = LINNET_READ_ALIGN;
    assert_null(ln_limits_check(&limits));
    limits.read_len = LINNET_READ_ALIGN - 1;
    assert_non_null(ln_limits_check(&limits));
    limits.read_len = LINNET_READ_ALIGN + 1;
    assert_non_null(ln_limits_check(&limits));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(content_is_whole_in_any_order_and_way, begin),
        cmocka_unit_test_setup(any_part_of_a_file_is_whole, begin),
        cmocka_unit_test_setup(short_reads_go_on_where_they_ended, begin),
        cmocka_unit_test_setup(an_answer_is_complete_when_it_was_sent, begin),
        cmocka_unit_test_setup(the_window_is_bounded, begin),
        cmocka_unit_test_setup(the_next_read_goes_on_while_the_last_is_sent, begin),
        cmocka_unit_test_setup(what_came_out_of_order_waits_for_what_is_before_it, begin),
        cmocka_unit_test_setup(the_first_loan_is_always_there, begin),
        cmocka_unit_test_setup(who_is_closed_keeps_what_is_read_into, begin),
        cmocka_unit_test_setup(a_completion_just_before_the_end_is_not_lost, begin),
        cmocka_unit_test_setup(what_is_lent_and_what_is_read_both_keep_a_closed_one, begin),
        cmocka_unit_test_setup(a_file_that_ends_early_or_fails_ends_the_connection, begin),
        cmocka_unit_test_setup(a_read_that_never_completes_is_not_waited_for, begin),
        cmocka_unit_test_setup(the_time_of_the_disk_is_not_the_peers, begin),
        cmocka_unit_test_setup(a_turn_reads_no_more_than_the_window, begin),
        cmocka_unit_test_setup(without_loans_content_is_read_into_the_output_buffer, begin),
        cmocka_unit_test_setup(loans_are_pages, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
