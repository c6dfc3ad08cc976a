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
    if (connection->noted) {
        ln_connection_tell_note(connection, false, time);
    }
    ln_connection_drop_output(connection);
    ln_connection_settle_output(connection);
    connection->context->counters->connections_closed++;
    connection->context->counters->closed_for[connection->reason]++;
}

size_t ln_connection_discard(struct ln_connection *connection, size_t len, struct linnet_time time)
{
    LN_ASSERT(connection->state == LN_CONNECTION_DISCARD);
    connection->body_len += len;
    if (connection->body_len > connection->context->limits->discard_len_max) {
        ln_connection_close(connection, LN_CLOSE_DISCARD_LIMIT, time);
    }
    return len;
}

/* No request is under way: what is answered still leaves. */
static void end_between_requests(struct ln_connection *connection, enum ln_close_reason reason,
                                 struct linnet_time time)
{
    if (ln_connection_output_pending(connection)) {
        ln_connection_last(connection, reason, time);
    } else {
        ln_connection_close(connection, reason, time);
    }
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
    case LN_CONNECTION_IDLE:
        end_between_requests(connection, LN_CLOSE_PEER_CLOSED, time);
        return;
    case LN_CONNECTION_HEAD:
        if (ln_request_head_is_empty(&connection->exchange->head)) {
            ln_connection_end_exchange(connection, false, time);
            end_between_requests(connection, LN_CLOSE_PEER_CLOSED, time);
        } else {
            ln_connection_refuse(connection, incomplete, time);
        }
        return;
    case LN_CONNECTION_BODY:
    case LN_CONNECTION_SKIP:
        ln_connection_refuse(connection, incomplete, time);
        ln_connection_check_half_closed(connection, time);
        return;
    case LN_CONNECTION_DISCARD:
        ln_connection_close(connection, LN_CLOSE_DONE, time);
        return;
    case LN_CONNECTION_ANSWER:
    case LN_CONNECTION_FLUSH:
        ln_connection_check_half_closed(connection, time);
        return;
    case LN_CONNECTION_WAITING:
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
        [LINNET_ABORT_TLS_FAILED] = LN_CLOSE_TLS_FAILED,
        [LINNET_ABORT_TLS_TIMEOUT] = LN_CLOSE_TLS_TIMEOUT,
        [LINNET_ABORT_TLS_PLAIN] = LN_CLOSE_TLS_PLAIN,
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
    if (connection->state == LN_CONNECTION_FIRST || connection->state == LN_CONNECTION_IDLE) {
        connection->linger = true;
        end_between_requests(connection, LN_CLOSE_DRAINED, time);
    }
}

void ln_connection_reclaim(struct linnet_channel *channel, struct linnet_time time)
{
    static const struct ln_refusal evicted = {LINNET_STATUS_REQUEST_TIMEOUT,
                                              LN_CLOSE_BUFFER_RECLAIMED};
    struct ln_connection *connection = ln_connection_of(channel);
    if (connection->state == LN_CONNECTION_HEAD || connection->state == LN_CONNECTION_BODY) {
        connection->context->counters->inputs_reclaimed++;
        ln_connection_refuse(connection, evicted, time);
    } else if (connection->state == LN_CONNECTION_ANSWER && connection->exchange == NULL) {
        /* RFC 9112 9.3.2: requests behind an answer that closes are not answered; the client asks
         * again. This answer still leaves. */
        connection->context->counters->inputs_reclaimed++;
        connection->persistent = false;
        connection->linger = true;
        ln_connection_set_reason(connection, LN_CLOSE_BUFFER_RECLAIMED);
    }
}
