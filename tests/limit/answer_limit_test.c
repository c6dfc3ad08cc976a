/* Is every limit of an answer exact: n - 1 and n taken, n + 1 not? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/connection/note.h"
#include "core/table/limit.h"
#include "tests/lib/simulated_driver.h"

enum { TEXT_LEN_MAX = 8192 };

static uint8_t text[TEXT_LEN_MAX];
static struct simulated_source file;
static struct linnet_limits limits;

/* What the handler answers with, and what became of it. */
static struct linnet_reply reply;
static enum linnet_error outcome;
static size_t target_len; /* as the log was told */

static void answer(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                   struct linnet_span data)
{
    (void)context;
    (void)data;
    if (event != LINNET_EVENT_FINAL) {
        return;
    }
    outcome = linnet_reply(exchange, &reply);
    if (outcome != LINNET_ERROR_NONE) {
        const enum linnet_error error =
            linnet_reply_status(exchange, LINNET_STATUS_INTERNAL_SERVER_ERROR);
        assert_int_equal(error, LINNET_ERROR_NONE);
    }
}

static void answered(void *context, const struct linnet_answer_record *record)
{
    (void)context;
    target_len = record->target.len;
}

static const struct linnet_route route = {
    .kind = LINNET_ROUTE_DEFAULT,
    .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
    .handler = answer,
};

/* Asks once; returns the length of the head that came. */
static size_t ask(struct linnet_span request)
{
    const struct simulated_driver_config config = {
        .limits = &limits,
        .routes = &route,
        .route_count = 1,
        .hooks = {.answered = answered},
        .way = {.file = true},
    };
    struct simulated_driver *driver = simulated_driver_open(&config);
    simulated_source_init(driver, &file, (struct linnet_span){text, 100}, true);
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, request);
    simulated_run(driver);
    size_t len = 0;
    while (len + 4 <= peer->received_len && memcmp(peer->received + len, "\r\n\r\n", 4) != 0) {
        len++;
    }
    assert_true(len + 4 <= peer->received_len);
    simulated_driver_close(driver);
    return len + 4;
}

static int begin(void **state)
{
    (void)state;
    simulated_limits(&limits);
    memset(text, 'x', sizeof text);
    reply = (struct linnet_reply){.status = LINNET_STATUS_OK};
    return 0;
}

static void reply_head_len_max(void **state)
{
    (void)state;
    struct linnet_field field = {LINNET_SPAN("X"), {text, 0}};
    reply.fields = &field;
    reply.field_count = 1;
    const struct linnet_span request = LINNET_SPAN("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const size_t empty = ask(request);
    assert_int_equal(outcome, LINNET_ERROR_NONE);
    const size_t most = (size_t)limits.reply_head_len_max;
    for (size_t len = most - 1; len <= most + 1; len++) {
        field.content.len = len - empty;
        const size_t got = ask(request);
        assert_int_equal(outcome, len <= most ? LINNET_ERROR_NONE : LINNET_ERROR_TOO_LARGE);
        assert_true(len > most || got == len);
    }
}

static void copy_len_max(void **state)
{
    (void)state;
    const size_t most = (size_t)limits.copy_len_max;
    assert_true(most < sizeof text);
    for (size_t len = most - 1; len <= most + 1; len++) {
        reply.body = LINNET_BODY_COPY;
        reply.bytes = (struct linnet_span){text, len};
        (void)ask(LINNET_SPAN("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert_int_equal(outcome, len <= most ? LINNET_ERROR_NONE : LINNET_ERROR_TOO_LARGE);
    }
}

/* An answer that is sent from a file is told out of a note, which cuts what does not fit. */
static void note_len(void **state)
{
    (void)state;
    limits.note_len = 64;
    const size_t room = 64 - sizeof(struct ln_note) - strlen("GET");
    for (size_t len = room - 1; len <= room + 1; len++) {
        char request[128];
        const int request_len = snprintf(request, sizeof request,
                                         "GET /?%0*d HTTP/1.1\r\nHost: a\r\n\r\n", (int)len - 2, 0);
        reply.body = LINNET_BODY_SOURCE;
        reply.source = &file.source;
        reply.len = 100;
        (void)ask((struct linnet_span){(const uint8_t *)request, (size_t)request_len});
        assert_int_equal(outcome, LINNET_ERROR_NONE);
        assert_int_equal(target_len, len <= room ? len : room);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reply_head_len_max, begin),
        cmocka_unit_test_setup(copy_len_max, begin),
        cmocka_unit_test_setup(note_len, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
