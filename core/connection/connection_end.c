/* How a connection ends: by its last answer, by the peer, by a deadline, by the server.
 *
 * Every way leads through `last` (send what is complete, then end) or `close` (over, now); both
 * name a reason, and the first reason stays. */
#include "core/connection/connection_parts.h"

void ln_connection_set_reason(struct ln_connection *connection, enum ln_close_reason reason)
{
    if (connection->reason == LN_CLOSE_NONE) {
        connection->reason = (uint8_t)reason;
    }
}

void ln_connection_last(struct ln_connection *connection, enum ln_close_reason reason,
                        struct linnet_time time)
{
    ln_connection_set_reason(connection, reason);
    ln_connection_move(connection, LN_CONNECTION_ON_LAST, time);
}

void ln_connection_close(struct ln_connection *connection, enum ln_close_reason reason,
                         struct linnet_time time)
{
    ln_connection_set_reason(connection, reason);
    ln_connection_move(connection, LN_CONNECTION_ON_CLOSE, time);
    if (connection->exchange != NULL) {
        ln_connection_end_exchange(connection, false, time);
    }
    ln_connection_drop_output(connection);
    ln_connection_settle_output(connection);
    connection->context->counters->connections_closed++;
    connection->context->counters->closed_for[connection->reason]++;
}

static void count_answer(struct ln_counters *counters, unsigned status)
{
    switch (status / 100) {
    case 2:
        counters->answers_2xx++;
        break;
    case 3:
        counters->answers_3xx++;
        break;
    case 4:
        counters->answers_4xx++;
        break;
    case 5:
        counters->answers_5xx++;
        break;
    default:
        break;
    }
}

static struct linnet_span field_or_empty(const struct linnet_exchange *exchange,
                                         struct linnet_span name)
{
    struct linnet_span content = {NULL, 0};
    (void)linnet_exchange_field(exchange, name, &content);
    return content;
}

static void tell_answered(const struct ln_connection *connection,
                          const struct ln_http1_exchange *exchange, bool complete,
                          struct linnet_time time)
{
    const struct ln_connection_context *context = connection->context;
    const struct linnet_exchange *base = &exchange->exchange;
    count_answer(context->counters, base->status);
    if (context->hooks.answered == NULL) {
        return;
    }
    const uint64_t unsent = complete ? 0 : connection->fill_left;
    const struct linnet_answer_record record = {
        .peer = &connection->peer,
        .method = base->request.method_name,
        .target = base->request.target,
        .referer = field_or_empty(base, LINNET_SPAN("Referer")),
        .user_agent = field_or_empty(base, LINNET_SPAN("User-Agent")),
        .reason = connection->reason == LN_CLOSE_NONE
                      ? (struct linnet_span){NULL, 0}
                      : ln_close_reason_name((enum ln_close_reason)connection->reason),
        .status = (enum linnet_status)base->status,
        .minor_version = base->request.minor_version,
        .body_len = exchange->answer_len - unsent,
        .duration_ms = time.monotonic_ms - base->begun_ms,
        .time = time,
        .complete = complete,
    };
    context->hooks.answered(context->hooks.context, &record);
}

void ln_connection_end_exchange(struct ln_connection *connection, bool complete,
                                struct linnet_time time)
{
    struct ln_http1_exchange *exchange = connection->exchange;
    LN_ASSERT(exchange != NULL);
    if (exchange->exchange.state == LN_EXCHANGE_ANSWERED && complete) {
        ln_exchange_move(&exchange->exchange, LN_EXCHANGE_ON_END);
    } else {
        ln_exchange_abort(&exchange->exchange, time);
    }
    if (exchange->begun) {
        tell_answered(connection, exchange, complete, time);
    }
    ln_connection_give_exchange(connection);
}

size_t ln_connection_discard(struct ln_connection *connection, size_t len, struct linnet_time time)
{
    LN_ASSERT(connection->state == LN_CONNECTION_DISCARD);
    connection->discarded_len += len;
    if (connection->discarded_len > connection->context->limits->discard_len_max) {
        ln_connection_close(connection, LN_CLOSE_DISCARD_LIMIT, time);
    }
    return len;
}

void ln_connection_receive_end(struct linnet_channel *channel, struct linnet_time time)
{
    /* RFC 9112 8: a request that ends too early is incomplete; what was answered still leaves. */
    static const struct ln_refusal incomplete = {LINNET_STATUS_BAD_REQUEST,
                                                 LN_CLOSE_PEER_CLOSED_EARLY};
    struct ln_connection *connection = ln_connection_of(channel);
    connection->peer_ended = true;
    switch ((enum ln_connection_state)connection->state) {
    case LN_CONNECTION_FIRST:
        ln_connection_close(connection, LN_CLOSE_PEER_CLOSED, time);
        return;
    case LN_CONNECTION_IDLE:
        if (ln_connection_output_pending(connection)) {
            ln_connection_last(connection, LN_CLOSE_PEER_CLOSED, time);
        } else {
            ln_connection_close(connection, LN_CLOSE_PEER_CLOSED, time);
        }
        return;
    case LN_CONNECTION_HEAD:
    case LN_CONNECTION_BODY:
        ln_connection_refuse(connection, incomplete, time);
        return;
    case LN_CONNECTION_DISCARD:
        ln_connection_close(connection, LN_CLOSE_DONE, time);
        return;
    case LN_CONNECTION_WAITING:
    case LN_CONNECTION_ANSWER:
    case LN_CONNECTION_FLUSH:
    case LN_CONNECTION_CLOSED:
    case LN_CONNECTION_STATE_COUNT:
        return;
    }
}

void ln_connection_abort(struct linnet_channel *channel, enum linnet_abort reason,
                         struct linnet_time time)
{
    static const enum ln_close_reason reasons[] = {
        [LINNET_ABORT_RESET] = LN_CLOSE_PEER_RESET,
        [LINNET_ABORT_SYSTEM_ERROR] = LN_CLOSE_SYSTEM_ERROR,
        [LINNET_ABORT_TLS_TRUNCATED] = LN_CLOSE_TLS_TRUNCATED,
        [LINNET_ABORT_FILE_SHRUNK] = LN_CLOSE_FILE_SHRUNK,
        [LINNET_ABORT_EVICTED] = LN_CLOSE_EVICTED,
        [LINNET_ABORT_STOPPED] = LN_CLOSE_STOPPED,
    };
    struct ln_connection *connection = ln_connection_of(channel);
    if (connection->state != LN_CONNECTION_CLOSED) {
        ln_connection_close(connection, reasons[reason], time);
    }
}

void ln_connection_drain(struct linnet_channel *channel, struct linnet_time time)
{
    struct ln_connection *connection = ln_connection_of(channel);
    if (connection->state == LN_CONNECTION_FIRST) {
        ln_connection_close(connection, LN_CLOSE_DRAINED, time);
    } else if (connection->state == LN_CONNECTION_IDLE) {
        if (ln_connection_output_pending(connection)) {
            connection->linger = true;
            ln_connection_last(connection, LN_CLOSE_DRAINED, time);
        } else {
            ln_connection_close(connection, LN_CLOSE_DRAINED, time);
        }
    }
}

void ln_connection_reclaim(struct linnet_channel *channel, struct linnet_time time)
{
    static const struct ln_refusal evicted = {LINNET_STATUS_REQUEST_TIMEOUT, LN_CLOSE_HEAD_EVICTED};
    struct ln_connection *connection = ln_connection_of(channel);
    if (connection->state == LN_CONNECTION_HEAD) {
        connection->context->counters->heads_evicted++;
        ln_connection_refuse(connection, evicted, time);
    }
}
