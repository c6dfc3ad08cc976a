/* Answers: heads and content into the output buffer, refusals, and what follows an answer.
 *
 * Whether the connection goes on is decided when the head of the answer is written, for that head
 * must say so (RFC 9112 9.6); it is not changed afterwards but by a fault. */
#include "core/base/span.h"
#include "core/connection/connection_parts.h"
#include "core/http1/response_head.h"
#include "core/table/method.h"
#include "core/table/status.h"

enum {
    ALLOW_LEN_MAX = 80, /* of all method names with ", " between them */
    /* Content of at most this length is copied behind its head rather than lent as a piece of its
     * own: copying it costs less than a second span of a send. */
    COPY_INSTEAD_LEN_MAX = 512,
};

#define CONSTANT_503_PAGE                                                 \
    "<!doctype html><html lang=en><title>503 Service Unavailable</title>" \
    "<h1>503 Service Unavailable</h1><p>The server is full; try again shortly.</p></html>\n"
/* RFC 9110 6.6.1 lets a 5xx answer go without Date, so these bytes need no buffer at all. */
#define CONSTANT_503                                                              \
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\n" \
    "Content-Type: text/html; charset=utf-8\r\nContent-Length: 152\r\n\r\n" CONSTANT_503_PAGE
_Static_assert(sizeof CONSTANT_503_PAGE - 1 == 152, "the length that CONSTANT_503 says");

/* RFC 9112 9.3: does the connection persist behind this answer? Not when the rest of the request
 * would be more than is discarded, nor when it may or may not be sent (RFC 9110 10.1.1). */
static bool answer_persists(const struct ln_connection *connection,
                            const struct ln_http1_exchange *exchange, bool close)
{
    if (!connection->keep_alive || close || connection->context->draining) {
        return false;
    }
    if (exchange->request_complete) {
        return true;
    }
    return !exchange->continue_due &&
           exchange->body_left <= connection->context->limits->discard_len_max;
}

static enum ln_connection_option option_for(const struct linnet_request *request, bool persists)
{
    if (!persists) {
        return LN_CONNECTION_OPTION_CLOSE;
    }
    return request->minor_version == 0 ? LN_CONNECTION_OPTION_KEEP_ALIVE
                                       : LN_CONNECTION_OPTION_NONE;
}

static uint64_t content_len_of(const struct linnet_reply *reply)
{
    switch (reply->body) {
    case LINNET_BODY_NONE:
        return 0;
    case LINNET_BODY_COPY:
    case LINNET_BODY_LEND:
        return reply->bytes.len;
    case LINNET_BODY_SOURCE:
        return reply->len;
    }
    LN_UNREACHABLE();
}

/* Appends the content behind the head that cursor holds; false when copied bytes do not fit. */
static bool put_content(struct ln_connection *connection, const struct linnet_reply *reply,
                        uint64_t len, struct ln_cursor *cursor)
{
    const bool is_bytes = reply->body == LINNET_BODY_COPY || reply->body == LINNET_BODY_LEND;
    const bool copies =
        reply->body == LINNET_BODY_COPY ||
        (is_bytes && len <= COPY_INSTEAD_LEN_MAX && len <= cursor->capacity - cursor->len);
    if (len > 0 && copies) {
        ln_cursor_put_span(cursor, reply->bytes);
        if (cursor->overflow) {
            return false;
        }
    }
    ln_output_commit(connection->output, cursor);
    if (len == 0 || copies) {
        return true;
    }
    if (is_bytes) {
        ln_output_lend(connection->output, reply->bytes, reply->source);
    } else if ((connection->accept & LINNET_ACCEPT_FILE) != 0 && reply->source->descriptor >= 0) {
        ln_output_file(connection->output, reply->source, reply->offset, len);
    } else {
        connection->fill = reply->source;
        connection->fill_offset = reply->offset;
        connection->fill_left = len;
        reply->source->operations->hold(reply->source);
    }
    return true;
}

static enum linnet_error reply_from_handler(struct linnet_exchange *base,
                                            const struct linnet_reply *reply)
{
    struct ln_connection *connection = base->owner;
    struct ln_http1_exchange *exchange = (struct ln_http1_exchange *)base;
    LN_ASSERT(connection->exchange == exchange);
    LN_ASSERT(connection->output != NULL);
    /* RFC 9110 6.4.1: these answers have no content, whatever the handler gave. */
    const bool no_content =
        reply->status == LINNET_STATUS_NO_CONTENT || reply->status == LINNET_STATUS_NOT_MODIFIED;
    const uint64_t len = content_len_of(reply);
    const bool persists = answer_persists(connection, exchange, reply->close);
    const struct ln_response_head head = {
        .status = reply->status,
        .date = ln_response_date(&connection->context->date, base->time),
        .connection = option_for(&base->request, persists),
        .has_content_length = !no_content,
        .content_length = len,
        .media_type = reply->media_type,
        .fields = reply->fields,
        .field_count = reply->field_count,
    };
    struct ln_cursor cursor = ln_output_cursor(connection->output);
    ln_response_head_put(&cursor, &head);
    if (cursor.overflow || cursor.len > connection->context->limits->reply_head_len_max) {
        return LINNET_ERROR_TOO_LARGE;
    }
    const bool head_only = no_content || base->request.method == LINNET_METHOD_HEAD;
    ln_connection_output_begins(connection, base->time);
    if (!put_content(connection, reply, head_only ? 0 : len, &cursor)) {
        return LINNET_ERROR_TOO_LARGE;
    }
    exchange->persistent = persists;
    exchange->answer_len = head_only ? 0 : len;
    return LINNET_ERROR_NONE;
}

const struct ln_exchange_sink ln_connection_sink = {.reply = reply_from_handler};

void ln_connection_put_continue(struct ln_connection *connection, struct linnet_time time)
{
    ln_connection_output_begins(connection, time);
    struct ln_cursor cursor = ln_output_cursor(connection->output);
    ln_cursor_put_span(&cursor, ln_status_row(LINNET_STATUS_CONTINUE)->line);
    ln_cursor_put(&cursor, "\r\n", 2);
    LN_ASSERT(!cursor.overflow);
    ln_output_commit(connection->output, &cursor);
    connection->context->counters->answers_1xx++;
}

static void put_allow(struct ln_cursor *cursor, unsigned allowed)
{
    for (unsigned method = 0; method < LINNET_METHOD_COUNT; method++) {
        if ((allowed & LINNET_METHOD_BIT(method)) == 0) {
            continue;
        }
        if (cursor->len > 0) {
            ln_cursor_put(cursor, ", ", 2);
        }
        ln_cursor_put_span(cursor, ln_method_name((enum linnet_method)method));
    }
    LN_ASSERT(!cursor->overflow);
}

void ln_connection_answer_status(struct ln_connection *connection, enum linnet_status status,
                                 unsigned allowed)
{
    struct linnet_exchange *exchange = &connection->exchange->exchange;
    const struct ln_status_row *row = ln_status_row(status);
    uint8_t text[ALLOW_LEN_MAX];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){text, sizeof text});
    put_allow(&cursor, allowed);
    const struct linnet_field allow = {LINNET_SPAN("Allow"), ln_cursor_span(&cursor)};
    const struct linnet_reply reply = {
        .status = status,
        .media_type = row->text.len > 0 ? LINNET_SPAN("text/html; charset=utf-8")
                                        : (struct linnet_span){NULL, 0},
        .fields = &allow,
        .field_count = allowed != 0 ? 1 : 0,
        .body = row->text.len > 0 ? LINNET_BODY_LEND : LINNET_BODY_NONE,
        .bytes = row->page,
        /* Behind CONNECT the client may speak another protocol already; and what is too large is
         * not worth reading to its end (RFC 9110 15.5.14). */
        .close = exchange->request.method == LINNET_METHOD_CONNECT ||
                 status == LINNET_STATUS_CONTENT_TOO_LARGE,
    };
    const enum linnet_error error = linnet_reply(exchange, &reply);
    LN_ASSERT(error == LINNET_ERROR_NONE);
}

void ln_connection_refuse(struct ln_connection *connection, struct ln_refusal refusal,
                          struct linnet_time time)
{
    struct ln_http1_exchange *exchange = connection->exchange;
    LN_ASSERT(exchange != NULL);
    connection->context->counters->refusals++;
    connection->linger = true;
    ln_connection_set_reason(connection, refusal.reason);
    if (ln_exchange_is_answered(&exchange->exchange)) {
        /* It has its answer; what was still arriving has no meaning any more. */
        ln_connection_end_exchange(connection, false, time);
        ln_connection_last(connection, refusal.reason, time);
        return;
    }
    exchange->begun = true;
    exchange->exchange.status = (uint16_t)refusal.status;
    connection->refusal = refusal;
    connection->refused_head = exchange->exchange.request.method_name.len > 0 &&
                               exchange->exchange.request.method == LINNET_METHOD_HEAD;
    ln_connection_end_exchange(connection, true, time);
    if (ln_connection_acquire_output(connection)) {
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
        .has_content_length = true,
        .content_length = row->page.len,
        .media_type = LINNET_SPAN("text/html; charset=utf-8"),
    };
    ln_connection_output_begins(connection, time);
    struct ln_cursor cursor = ln_output_cursor(connection->output);
    ln_response_head_put(&cursor, &head);
    ln_output_commit(connection->output, &cursor);
    if (!connection->refused_head) {
        ln_output_lend(connection->output, row->page, NULL);
    }
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
        connection->exchange->exchange.status = LINNET_STATUS_SERVICE_UNAVAILABLE;
        ln_connection_end_exchange(connection, true, time);
    }
    ln_connection_output_begins(connection, time);
    connection->constant = LINNET_SPAN(CONSTANT_503);
    ln_connection_last(connection, LN_CLOSE_OVERLOADED, time);
}

/* Content that is still to be read, or a range of a file that is not yet sent. */
static bool answer_is_under_way(const struct ln_connection *connection)
{
    return connection->fill != NULL || ln_output_ends_with_file(connection->output);
}

void ln_connection_advance(struct ln_connection *connection, struct linnet_time time)
{
    if (connection->fill != NULL && connection->output->lent == 0) {
        ln_connection_fill_output(connection, time);
    }
    struct ln_http1_exchange *exchange = connection->exchange;
    if (connection->state == LN_CONNECTION_CLOSED || exchange == NULL ||
        !ln_exchange_is_answered(&exchange->exchange) || answer_is_under_way(connection)) {
        return;
    }
    const bool persistent = exchange->persistent && !connection->context->draining;
    if (!exchange->request_complete) {
        if (!persistent) {
            connection->linger = true;
            ln_connection_end_exchange(connection, true, time);
            ln_connection_last(connection, LN_CLOSE_DONE, time);
        }
        return;
    }
    connection->answered_once = true;
    ln_connection_end_exchange(connection, true, time);
    if (persistent) {
        ln_connection_move(connection, LN_CONNECTION_ON_NEXT, time);
        return;
    }
    /* RFC 9112 9.6: a client that did not ask to close may have sent more already. */
    connection->linger = connection->linger || connection->keep_alive;
    ln_connection_last(connection, LN_CLOSE_DONE, time);
}
