/* Refusals: a request that is not taken, told so, and the end of its connection.
 *
 * The request's exchange ends at once and its input goes back. The answer needs an output buffer;
 * if there is none the connection stands in line with nothing in its hands, and after wait_ms it is
 * told 503 out of constant bytes, which need none. The log is told what was really answered. */
#include "core/base/span.h"
#include "core/connection/connection_parts.h"
#include "core/connection/note.h"
#include "core/http1/response_head.h"
#include "core/table/status.h"

/* RFC 9110 6.6.1 lets a 5xx answer go without Date, so these bytes need no buffer at all. */
#define CONSTANT_503_HEAD                                          \
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"    \
    "Retry-After: 5\r\nContent-Type: text/html; charset=utf-8\r\n" \
    "Content-Length: 152\r\n\r\n"
#define CONSTANT_503_PAGE                                                 \
    "<!doctype html><html lang=en><title>503 Service Unavailable</title>" \
    "<h1>503 Service Unavailable</h1><p>The server is full; try again shortly.</p></html>\n"
_Static_assert(sizeof CONSTANT_503_PAGE - 1 == 152, "the length that CONSTANT_503_HEAD says");

/* The exchange is over with that status; what the log will say of it waits in the note. */
static void drop_exchange(struct ln_connection *connection, enum linnet_status status,
                          struct linnet_time time)
{
    struct ln_http1_exchange *exchange = connection->exchange;
    exchange->exchange.status = (uint16_t)status;
    connection->refused_head = exchange->exchange.request.method_name.len > 0 &&
                               exchange->exchange.request.method == LINNET_METHOD_HEAD;
    ln_connection_take_note(connection);
    ln_exchange_abort(&exchange->exchange, time);
    ln_connection_give_exchange(connection);
}

void ln_connection_end_reading(struct ln_connection *connection, enum ln_close_reason reason,
                               struct linnet_time time)
{
    LN_ASSERT(ln_exchange_is_answered(&connection->exchange->exchange));
    connection->linger = true;
    connection->answered_once = true;
    ln_connection_end_exchange(connection, true, time);
    ln_connection_last(connection, reason, time);
}

void ln_connection_refuse(struct ln_connection *connection, struct ln_refusal refusal,
                          struct linnet_time time)
{
    connection->context->counters->refusals++;
    ln_connection_end_request(connection, refusal, time);
}

void ln_connection_end_request(struct ln_connection *connection, struct ln_refusal refusal,
                               struct linnet_time time)
{
    connection->linger = true;
    ln_connection_set_reason(connection, refusal.reason);
    if (connection->exchange == NULL) {
        /* It has its answer; what was still arriving has no meaning any more. */
        LN_ASSERT(connection->state == LN_CONNECTION_SKIP);
        ln_connection_last(connection, refusal.reason, time);
        return;
    }
    if (ln_exchange_is_answered(&connection->exchange->exchange)) {
        ln_connection_end_reading(connection, refusal.reason, time);
        return;
    }
    /* Who runs has had a buffer with room for an answer since it began. */
    const bool runs = connection->exchange->exchange.state != LN_EXCHANGE_NEW;
    connection->refusal = refusal;
    drop_exchange(connection, refusal.status, time);
    if (runs || ln_connection_acquire_output(connection)) {
        ln_connection_answer_refusal(connection, time);
    } else {
        ln_connection_move(connection, LN_CONNECTION_ON_WAIT, time);
    }
}

void ln_connection_answer_refusal(struct ln_connection *connection, struct linnet_time time)
{
    const struct ln_status_row *row = ln_status_row(connection->refusal.status);
    const struct ln_response_head head = {
        .status = connection->refusal.status,
        .date = ln_response_date(&connection->context->date, time),
        .connection = LN_CONNECTION_OPTION_CLOSE,
    };
    const struct ln_field_put fields = {.media_type = LINNET_SPAN("text/html; charset=utf-8"),
                                        .has_content_length = true,
                                        .content_length = row->page.len};
    ln_connection_output_begins(connection, time);
    struct ln_cursor cursor = ln_output_cursor(connection->output);
    ln_response_head_put(&cursor, &head, &fields);
    ln_output_commit(connection->output, &cursor);
    connection->answer_len = connection->refused_head ? 0 : row->page.len;
    if (!connection->refused_head) {
        ln_output_lend(connection->output, row->page, NULL);
    }
    ln_connection_tell_note(connection, true, time);
    ln_connection_last(connection, connection->refusal.reason, time);
}

void ln_connection_overloaded(struct ln_connection *connection, struct linnet_time time)
{
    LN_ASSERT(connection->state == LN_CONNECTION_WAITING);
    LN_ASSERT(connection->in_line && connection->output == NULL);
    connection->context->counters->overloads++;
    ln_pool_leave(connection->context->outputs, &connection->wait_node);
    connection->in_line = false;
    connection->linger = true;
    ln_connection_set_reason(connection, LN_CLOSE_OVERLOADED);
    if (connection->exchange != NULL) {
        drop_exchange(connection, LINNET_STATUS_SERVICE_UNAVAILABLE, time);
    }
    connection->note->status = LINNET_STATUS_SERVICE_UNAVAILABLE;
    ln_connection_output_begins(connection, time);
    connection->constant = connection->refused_head
                               ? LINNET_SPAN(CONSTANT_503_HEAD)
                               : LINNET_SPAN(CONSTANT_503_HEAD CONSTANT_503_PAGE);
    connection->answer_len = connection->refused_head ? 0 : sizeof CONSTANT_503_PAGE - 1;
    ln_connection_tell_note(connection, true, time);
    ln_connection_last(connection, LN_CLOSE_OVERLOADED, time);
}
