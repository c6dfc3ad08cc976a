/* Answers: heads and content into the output buffer, and what follows an answer.
 *
 * Whether the connection goes on is decided when the head of the answer is written, for that head
 * must say so (RFC 9112 9.6); it is not changed afterwards but by a fault. */
#include "core/base/span.h"
#include "core/connection/connection_parts.h"
#include "core/http1/response_head.h"
#include "core/table/limit.h"
#include "core/table/method.h"
#include "core/table/status.h"

enum {
    ALLOW_LEN_MAX = 80, /* of all method names with ", " between them */
    /* Content of at most this length is copied behind its head rather than lent as a piece of its
     * own: copying it costs less than a second span of a send. */
    COPY_INSTEAD_LEN_MAX = 4096,
};

/* RFC 9112 9.3: does the connection persist behind this answer? Not when the rest of the request
 * would be more than is discarded, nor when it may or may not be sent (RFC 9110 10.1.1). */
static bool answer_persists(const struct ln_connection *connection,
                            const struct linnet_reply *reply)
{
    const struct ln_body *body = &connection->body;
    if (!connection->keep_alive || reply->close || connection->context->draining) {
        return false;
    }
    return !body->to_come || reply->read_on ||
           (!body->continue_due && body->left <= connection->context->limits->discard_len_max);
}

static enum ln_connection_option option_for(const struct linnet_request *request, bool persists)
{
    if (!persists) {
        return LN_CONNECTION_OPTION_CLOSE;
    }
    return request->minor_version == 0 ? LN_CONNECTION_OPTION_KEEP_ALIVE
                                       : LN_CONNECTION_OPTION_NONE;
}

/* RFC 9110 6.4.1: these answers have no content, whatever the handler gave. */
static bool has_no_content(enum linnet_status status)
{
    return status == LINNET_STATUS_NO_CONTENT || status == LINNET_STATUS_NOT_MODIFIED;
}

/* Bytes of an answer: copied behind its head, or lent. `cursor` holds the head. */
static void put_bytes(struct ln_connection *connection, const struct linnet_reply *reply,
                      struct ln_cursor *cursor)
{
    const bool copies =
        reply->body == LINNET_BODY_COPY || (reply->bytes.len <= COPY_INSTEAD_LEN_MAX &&
                                            reply->bytes.len <= cursor->capacity - cursor->len);
    if (copies) {
        ln_cursor_put_span(cursor, reply->bytes);
    }
    ln_output_commit(connection->output, cursor);
    if (!copies) {
        ln_output_lend(connection->output, reply->bytes, reply->source);
    }
}

/* Content that is sent or read piece by piece, behind what is in the buffer. */
static void put_source(struct ln_connection *connection, const struct linnet_reply *reply)
{
    LN_ASSERT(connection->answer.kind == LN_ANSWER_NONE);
    enum ln_answer_kind kind = LN_ANSWER_READ;
    if (reply->source->read_ahead) {
        kind =
            connection->context->read_loans.pool.count > 0 ? LN_ANSWER_READ_AHEAD : LN_ANSWER_READ;
    } else if ((connection->accept & LINNET_ACCEPT_FILE) != 0 && reply->source->descriptor >= 0) {
        kind = LN_ANSWER_FILE;
    }
    connection->answer = (struct ln_long_answer){
        .source = reply->source,
        .offset = reply->offset,
        .left = reply->len,
        .first_read = LN_POOL_NONE,
        .kind = (uint8_t)kind,
    };
    reply->source->operations->hold(reply->source);
}

static void put_head(struct ln_connection *connection, const struct linnet_exchange *exchange,
                     const struct linnet_reply *reply, bool persists, struct ln_cursor *cursor)
{
    struct ln_response_head head = {
        .status = reply->status,
        .date = ln_response_date(&connection->context->date, exchange->time),
        .connection = option_for(&exchange->request, persists),
    };
    if (connection->secure) {
        /* RFC 6797 7.2: never over a connection that is not. */
        head.security = connection->context->security_line;
    }
    if (reply->prepared != NULL) {
        ln_response_head_put_own(cursor, &head);
        ln_cursor_put_span(cursor, reply->prepared->lines);
        return;
    }
    const struct ln_field_put fields = {
        .media_type = reply->media_type,
        /* RFC 9110 8.6: 204 says no length, and that of 304 would be another answer's. */
        .has_content_length = !has_no_content(reply->status),
        .content_length = ln_reply_body_len(reply),
        .fields = reply->fields,
        .field_count = reply->field_count,
    };
    ln_response_head_put(cursor, &head, &fields);
}

/* The head of content whose length nobody knows. RFC 9112 6.1: chunked to who knows it; 6.3: else
 * the end of the connection ends it. */
static struct ln_cursor unsized_head(struct ln_connection *connection,
                                     const struct linnet_exchange *exchange,
                                     const struct linnet_reply *reply, bool persists)
{
    struct ln_cursor cursor = ln_output_cursor(connection->output);
    const struct ln_response_head head = {
        .status = reply->status,
        .date = ln_response_date(&connection->context->date, exchange->time),
        .connection = option_for(&exchange->request, persists),
    };
    const struct ln_field_put fields = {
        .media_type = reply->media_type,
        .fields = reply->fields,
        .field_count = reply->field_count,
    };
    ln_response_head_put_own(&cursor, &head);
    /* RFC 9112 6.1: not with 204; with 304 it would say nothing. */
    if (exchange->request.minor_version > 0 && !has_no_content(reply->status)) {
        ln_cursor_put_span(&cursor, LINNET_SPAN("Transfer-Encoding: chunked\r\n"));
        if (reply->stream->trailers.len > 0 && ln_exchange_takes_trailers(exchange)) {
            /* RFC 9110 6.6.2: what will come behind the content is announced before it. */
            ln_cursor_put_span(&cursor, LINNET_SPAN("Trailer: "));
            ln_cursor_put_span(&cursor, reply->stream->trailers);
            ln_cursor_put(&cursor, "\r\n", 2);
        }
    }
    ln_field_put(&cursor, &fields);
    ln_cursor_put(&cursor, "\r\n", 2);
    return cursor;
}

/* Content goes behind the head that `cursor` holds; `len` bytes of it. */
static enum linnet_error put_answer(struct ln_connection *connection,
                                    const struct linnet_exchange *exchange,
                                    const struct linnet_reply *reply, uint64_t len, bool persists,
                                    struct ln_cursor *cursor)
{
    const struct linnet_limits *limits = connection->context->limits;
    if (cursor->overflow || cursor->len > limits->reply_head_len_max ||
        (reply->body == LINNET_BODY_COPY && len > limits->copy_len_max)) {
        return LINNET_ERROR_TOO_LARGE;
    }
    const bool head_only =
        len == 0 || has_no_content(reply->status) || exchange->request.method == LINNET_METHOD_HEAD;
    ln_connection_output_begins(connection, exchange->time);
    if (head_only || reply->body >= LINNET_BODY_SOURCE) {
        ln_output_commit(connection->output, cursor);
    } else {
        put_bytes(connection, reply, cursor);
    }
    if (!head_only && reply->body == LINNET_BODY_SOURCE) {
        put_source(connection, reply);
    }
    connection->persistent = persists;
    connection->answer_len = head_only ? 0 : len;
    return LINNET_ERROR_NONE;
}

/* A stream, or an answer that reads on: does the connection persist behind it too? */
static bool persists_behind_more(struct ln_connection *connection,
                                 const struct linnet_exchange *exchange,
                                 const struct linnet_reply *reply)
{
    if (reply->read_on && connection->body.continue_due) {
        /* RFC 9110 10.1.1: behind the answer it would come too late. */
        ln_connection_put_continue(connection, exchange->time);
        connection->body.continue_due = false;
    }
    return reply->body != LINNET_BODY_STREAM || reply->len != LINNET_LEN_UNKNOWN ||
           exchange->request.minor_version > 0 || has_no_content(reply->status) ||
           exchange->request.method == LINNET_METHOD_HEAD;
}

static enum linnet_error reply_from_handler(struct linnet_exchange *base,
                                            const struct linnet_reply *reply)
{
    struct ln_connection *connection = base->owner;
    LN_ASSERT(&connection->exchange->exchange == base);
    LN_ASSERT(connection->output != NULL);
    const bool more = reply->body == LINNET_BODY_STREAM || reply->read_on;
    bool persists = answer_persists(connection, reply);
    if (more) {
        persists = persists_behind_more(connection, base, reply) && persists;
    }
    struct ln_cursor cursor = ln_output_cursor(connection->output);
    const uint64_t len = ln_reply_body_len(reply);
    if (more && len == LINNET_LEN_UNKNOWN) {
        cursor = unsized_head(connection, base, reply, persists);
    } else {
        put_head(connection, base, reply, persists, &cursor);
    }
    const enum linnet_error error = put_answer(connection, base, reply, len, persists, &cursor);
    if (more && error == LINNET_ERROR_NONE && reply->body == LINNET_BODY_STREAM) {
        ln_connection_begin_stream(connection, reply);
    }
    return error;
}

/* Room for the answer that follows stays as it is promised. */
static enum linnet_error put_interim(struct linnet_exchange *base, enum linnet_status status,
                                     const struct linnet_field *fields, size_t field_count)
{
    struct ln_connection *connection = base->owner;
    const struct linnet_limits *limits = connection->context->limits;
    const size_t kept =
        (size_t)(limits->reply_head_len_max + limits->copy_len_max + LN_INTERIM_LEN_MAX);
    const struct ln_field_put put = {.fields = fields, .field_count = field_count};
    struct ln_cursor cursor = ln_output_cursor(connection->output);
    ln_cursor_put_span(&cursor, ln_status_row(status)->line);
    ln_field_put(&cursor, &put);
    ln_cursor_put(&cursor, "\r\n", 2);
    if (cursor.overflow || cursor.len > limits->reply_head_len_max ||
        cursor.capacity - cursor.len < kept ||
        ln_output_pieces_free(connection->output) <= LN_ANSWER_PIECES) {
        return LINNET_ERROR_TOO_LARGE;
    }
    ln_connection_output_begins(connection, base->time);
    ln_output_commit(connection->output, &cursor);
    connection->context->counters->answers_1xx++;
    return LINNET_ERROR_NONE;
}

static const struct linnet_tls_info *tls_of(const struct linnet_exchange *exchange)
{
    const struct ln_connection *connection = exchange->owner;
    return connection->tls;
}

const struct ln_exchange_sink ln_connection_sink = {
    .reply = reply_from_handler,
    .interim = put_interim,
    .token = ln_connection_token,
    .pause = ln_connection_pause,
    .resume = ln_connection_resume_exchange,
    .tls = tls_of,
};

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

/* The answer is described: the exchange is over, and what is left of the request has no reader. */
static void answered(struct ln_connection *connection, struct linnet_time time)
{
    connection->answered_once = true;
    ln_connection_end_exchange(connection, true, time);
    if (!connection->body.to_come) {
        return;
    }
    if (connection->persistent && !connection->context->draining) {
        connection->body_len = 0;
        ln_connection_move(connection, LN_CONNECTION_ON_EARLY, time);
    } else {
        connection->linger = true;
        ln_connection_last(connection, LN_CLOSE_DONE, time);
    }
}

/* Its first content leaves with its head; then as much as a whole buffer each time. */
static bool fills_next(struct ln_connection *connection, bool new_answer, struct linnet_time time)
{
    if (connection->answer.kind == LN_ANSWER_STREAM) {
        return ln_connection_pulls_next(connection, new_answer, time);
    }
    return new_answer || (connection->output->pending == 0 && connection->output->lent == 0);
}

void ln_connection_advance(struct ln_connection *connection, struct linnet_time time)
{
    struct ln_long_answer *answer = &connection->answer;
    const bool new_answer =
        connection->exchange != NULL && ln_exchange_has_ended(&connection->exchange->exchange);
    if (new_answer) {
        answered(connection, time);
    }
    if (answer->kind > LN_ANSWER_FILE && fills_next(connection, new_answer, time)) {
        ln_connection_fill_output(connection, time);
    }
    if (answer->kind != LN_ANSWER_NONE || connection->state == LN_CONNECTION_WAITING) {
        return;
    }
    if (connection->noted) {
        ln_connection_tell_note(connection, true, time);
    }
    if (connection->state != LN_CONNECTION_ANSWER || connection->exchange != NULL) {
        return;
    }
    if (connection->persistent && !connection->context->draining && !connection->peer_ended) {
        ln_connection_move(connection, LN_CONNECTION_ON_NEXT, time);
        return;
    }
    /* RFC 9112 9.6: a client that did not ask to close may have sent more already. */
    connection->linger = connection->linger || connection->keep_alive;
    ln_connection_last(connection, LN_CLOSE_DONE, time);
}
