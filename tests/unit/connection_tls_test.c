/* Does a handler, and the log, learn what TLS has found out about the client? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <linnet/worker_config.h>

#include "core/table/limit.h"
#include "core/worker/worker.h"

#define SUBJECT "CN=alice,O=Example"

static bool asked;
static bool has_tls;
static bool is_alice;
static size_t logged_len;

static bool is_subject(struct linnet_span span)
{
    return span.len == sizeof SUBJECT - 1 && memcmp(span.data, SUBJECT, span.len) == 0;
}

static void handle(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                   struct linnet_span data)
{
    (void)context;
    (void)data;
    if (event == LINNET_EVENT_BEGIN) {
        const struct linnet_tls_info *tls = linnet_exchange_tls(exchange);
        asked = true;
        has_tls = tls != NULL;
        is_alice = tls != NULL && is_subject(tls->client_subject);
        assert_int_equal(linnet_reply_status(exchange, LINNET_STATUS_OK), LINNET_ERROR_NONE);
    }
}

static void note(void *context, const struct linnet_answer_record *record)
{
    (void)context;
    logged_len = record->client.len;
}

static void ask(bool secure)
{
    static const struct linnet_tls_info tls = {.client_subject = LINNET_SPAN_INIT(SUBJECT)};
    static const struct linnet_route route = {.kind = LINNET_ROUTE_DEFAULT,
                                              .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
                                              .handler = handle};
    static const uint8_t head[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const struct linnet_time time = {.monotonic_ms = 1, .unix_s = LINNET_NO_WALL_CLOCK};
    struct linnet_limits limits;
    struct linnet_room room;
    ln_limits_default(&limits);
    limits.connections = 1;
    const struct ln_worker_memory memory = ln_worker_memory(&limits);
    void *block = aligned_alloc(64, ln_worker_memory_len(&memory));
    assert_non_null(block);
    struct linnet_worker *worker = ln_worker_init(
        block,
        &(struct ln_worker_config){
            .limits = &limits, .routes = &route, .route_count = 1, .hooks = {.answered = note}});
    const struct linnet_connection_info info = {.secure = secure};
    const uint32_t connection = linnet_worker_open(worker, &info, time);
    struct linnet_channel *channel = ln_worker_slot(worker, connection)->channel;
    if (secure) {
        channel->operations->secured(channel, &tls);
    }
    asked = false;
    assert_true(linnet_worker_input(worker, connection, &room, time));
    memcpy(room.data, head, sizeof head - 1);
    linnet_worker_received(worker, connection, sizeof head - 1, time);
    assert_true(asked);
    linnet_worker_abort(worker, connection, LINNET_ABORT_RESET, time);
    linnet_worker_close(worker, connection);
    linnet_worker_end(worker);
    free(block);
}

static void the_subject_is_that_of_the_channel(void **state)
{
    (void)state;
    ask(true);
    assert_true(is_alice);
    assert_int_equal(logged_len, sizeof SUBJECT - 1);
}

static void without_tls_there_is_none(void **state)
{
    (void)state;
    ask(false);
    assert_false(has_tls);
    assert_int_equal(logged_len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_subject_is_that_of_the_channel),
        cmocka_unit_test(without_tls_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
