/* Requests: heads as they arrive, what they mean, and who answers them.
 *
 * A head is parsed where it lies in the input. When it is complete the exchange needs an output
 * buffer; without one the connection stands in line, and the head is offered again when its turn
 * has come: the parser's verdict is kept, nothing is read twice. */
#include "core/base/span.h"
#include "core/connection/connection_parts.h"
#include "core/http1/host.h"

void ln_connection_take_exchange(struct ln_connection *connection, struct linnet_time time)
{
    struct ln_connection_context *context = connection->context;
    LN_ASSERT(connection->exchange == NULL);
    /* There are as many exchanges as input buffers, and the caller's bytes lie in one of them. */
    connection->exchange_index = ln_pool_take(context->exchanges);
    LN_ASSERT(connection->exchange_index != LN_POOL_NONE);
    struct ln_http1_exchange *exchange =
        ln_pool_block(context->exchanges, connection->exchange_index);
    *exchange = (struct ln_http1_exchange){
        .exchange = {.sink = &ln_connection_sink,
                     .owner = connection,
                     .peer = &connection->peer,
                     .state = LN_EXCHANGE_NEW,
                     .begun_ms = time.monotonic_ms},
    };
    ln_request_head_init(&exchange->head, exchange->lines);
    connection->exchange = exchange;
}

void ln_connection_give_exchange(struct ln_connection *connection)
{
    LN_ASSERT(connection->exchange != NULL);
    connection->exchange = NULL;
    if (connection->waits != 0) {
        ln_connection_stop_waiting(connection);
    }
    ln_pool_give(connection->context->exchanges, connection->exchange_index);
}

/* What the log may say of a request, even of one that is refused. */
static void note_request_line(struct ln_http1_exchange *exchange, struct linnet_span bytes)
{
    const struct ln_request_head *head = &exchange->head;
    struct linnet_request *request = &exchange->exchange.request;
    exchange->begun = true;
    exchange->exchange.head = bytes.data;
    request->method = (enum linnet_method)head->method;
    request->minor_version = head->minor_version;
    if (head->target_len > 0) {
        request->method_name = ln_span_slice(bytes, head->method_begin, head->method_len);
        request->target = ln_span_slice(bytes, head->target_begin, head->target_len);
    }
}

/* Fills in the request from a complete head; false with *refusal when it makes no sense. */
static bool read_request(struct ln_connection *connection, struct ln_http1_exchange *exchange,
                         struct ln_target *target, struct ln_refusal *refusal)
{
    const struct linnet_limits *limits = connection->context->limits;
    const unsigned leniencies = connection->context->head_limits.leniencies;
    const struct linnet_span bytes = exchange->head_bytes;
    struct linnet_request *request = &exchange->exchange.request;
    const struct linnet_room room = {(uint8_t *)(exchange->lines + limits->field_count_max),
                                     (size_t)limits->path_len_max};
    exchange->exchange.lines = exchange->lines;
    exchange->exchange.line_count = exchange->head.field_count;
    exchange->exchange.fields_seen = exchange->head.fields_seen;
    const struct ln_scan *scan = connection->context->scan;
    if (!ln_target_parse(request->target, request->method, leniencies, scan, room, target,
                         refusal) ||
        !ln_host_check(&exchange->head, bytes, leniencies, scan, &connection->context->host_memory,
                       &request->host, refusal) ||
        !ln_framing_decide(&exchange->head, bytes, &exchange->framing, refusal)) {
        return false;
    }
    request->path = target->path;
    request->query = target->query;
    request->has_query = target->has_query;
    request->secure = connection->secure;
    if (target->scheme.len > 0) {
        /* RFC 9112 3.2.2: the authority of the target replaces Host. */
        request->host = target->authority;
    }
    switch (exchange->framing.kind) {
    case LN_FRAMING_NONE:
        request->body_len = 0;
        break;
    case LN_FRAMING_LENGTH:
        request->body_len = exchange->framing.len;
        break;
    case LN_FRAMING_CHUNKED:
        request->body_len = LINNET_LEN_UNKNOWN;
        break;
    }
    return true;
}

/* Which question the exchange asks of the routes. */
static struct ln_dispatch dispatch_of(const struct ln_connection *connection,
                                      const struct ln_http1_exchange *exchange,
                                      const struct ln_target *target)
{
    return (struct ln_dispatch){
        .routes = &connection->context->routes,
        .scheme = target->scheme,
        .whole_server = target->form == LN_TARGET_ASTERISK,
        .body_len = exchange->framing.kind == LN_FRAMING_LENGTH ? exchange->framing.len : 0,
        .body_len_max = connection->context->limits->body_len_max,
    };
}

/* The content that follows the head. RFC 9110 10.1.1: a client that has begun to send it is not
 * told to continue. */
static void expect_body(struct ln_connection *connection, const struct ln_framing *framing,
                        bool has_begun)
{
    struct ln_body *body = &connection->body;
    body->chunked = framing->kind == LN_FRAMING_CHUNKED;
    body->left = framing->kind == LN_FRAMING_LENGTH ? framing->len : 0;
    body->to_come = framing->kind != LN_FRAMING_NONE;
    body->continue_due = framing->expect_continue && body->to_come && !has_begun;
    if (body->chunked) {
        ln_chunk_decode_init(&body->chunk);
    }
    connection->body_len = 0;
}

/* Who answers: nobody any more, where the hook has; else a handler, or core by itself. */
static void begin_handling(struct ln_connection *connection, const struct ln_target *target,
                           struct linnet_time time)
{
    struct ln_http1_exchange *exchange = connection->exchange;
    struct ln_dispatch dispatch = dispatch_of(connection, exchange, target);
    exchange->body_len_max = dispatch.body_len_max;
    if (ln_exchange_is_answered(&exchange->exchange)) {
        return;
    }
    const enum linnet_status status = ln_exchange_dispatch(&exchange->exchange, &dispatch);
    exchange->body_len_max = dispatch.body_len_max;
    ln_exchange_begin(&exchange->exchange, time);
    if (status != LINNET_STATUS_NONE) {
        ln_connection_answer_status(connection, status, dispatch.allowed);
    }
}

/* The head is complete and there is room for an answer. */
static void begin_exchange(struct ln_connection *connection, struct linnet_span bytes,
                           struct linnet_time time)
{
    struct ln_http1_exchange *exchange = connection->exchange;
    struct ln_refusal refusal;
    struct ln_target target;
    connection->granted = false;
    connection->context->counters->requests++;
    connection->turn_requests++;
    exchange->head_bytes = ln_span_slice(bytes, 0, exchange->head.len);
    if (!read_request(connection, exchange, &target, &refusal)) {
        ln_connection_refuse(connection, refusal, time);
        return;
    }
    connection->keep_alive = exchange->framing.keep_alive;
    expect_body(connection, &exchange->framing, bytes.len > exchange->head.len);
    const bool has_body = connection->body.to_come;
    connection->read_ms = time.monotonic_ms;
    exchange->handled_ms = time.monotonic_ms;
    ln_connection_move(connection, has_body ? LN_CONNECTION_ON_CONTENT : LN_CONNECTION_ON_REQUEST,
                       time);
    ln_exchange_arrive(&exchange->exchange, &connection->context->hooks, time);
    begin_handling(connection, &target, time);
    if (!has_body && connection->waits == 0) {
        ln_exchange_final(&exchange->exchange, time);
    } else if (!has_body) {
        ln_connection_finish_request(connection, time);
    } else if (connection->body.continue_due && (connection->waits & LN_WAITS_PAUSED) == 0 &&
               !ln_exchange_is_answered(&exchange->exchange)) {
        ln_connection_put_continue(connection, time);
        connection->body.continue_due = false;
    }
    ln_connection_advance(connection, time);
}

/* Content follows this head, or may. */
static bool announces_content(const struct ln_request_head *head)
{
    return (head->fields_seen &
            (1U << LN_FIELD_CONTENT_LENGTH | 1U << LN_FIELD_TRANSFER_ENCODING)) != 0;
}

size_t ln_connection_receive_head(struct ln_connection *connection, struct linnet_span bytes,
                                  bool first, struct linnet_time time)
{
    struct ln_connection_context *context = connection->context;
    struct ln_http1_exchange *exchange = connection->exchange;
    LN_ASSERT(exchange != NULL);
    switch (ln_request_head_parse(&exchange->head, bytes, context->scan, &context->head_limits)) {
    case LN_PARSE_MORE:
        return 0;
    case LN_PARSE_REFUSED:
        note_request_line(exchange, bytes);
        ln_connection_refuse(connection, exchange->head.refusal, time);
        return bytes.len;
    case LN_PARSE_COMPLETE:
        break;
    }
    if (!first && announces_content(&exchange->head)) {
        /* A head whose content may still come stays where it lies until its exchange ends. It
         * begins only as the first bytes of a call, where the caller keeps room behind it. */
        ln_connection_next_turn(connection);
        return 0;
    }
    note_request_line(exchange, bytes);
    if (!ln_connection_acquire_output(connection)) {
        ln_connection_move(connection, LN_CONNECTION_ON_WAIT, time);
        return 0;
    }
    const size_t head_len = exchange->head.len;
    begin_exchange(connection, bytes, time);
    return head_len;
}
