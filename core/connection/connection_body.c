/* The content of a request, as it arrives: RFC 9112 6.
 *
 * Each call takes what lies in `bytes` up to the end of the body, and hands the content on in the
 * place where it lies. Content after an early answer is counted: more than discard_len_max ends the
 * connection. */
#include "core/base/span.h"
#include "core/connection/connection_parts.h"

static const struct ln_refusal body_too_large = {LINNET_STATUS_CONTENT_TOO_LARGE,
                                                 LN_CLOSE_BODY_TOO_LARGE};

/* Hands content on. false: the connection does not go on reading this body. */
static bool deliver(struct ln_connection *connection, struct linnet_span content,
                    struct linnet_time time)
{
    struct ln_http1_exchange *exchange = connection->exchange;
    if (content.len > exchange->body_len_max - exchange->exchange.body_received) {
        ln_connection_refuse(connection, body_too_large, time);
        return false;
    }
    exchange->exchange.body_received += content.len;
    if (ln_exchange_is_answered(&exchange->exchange)) {
        connection->discarded_len += content.len;
        if (connection->discarded_len > connection->context->limits->discard_len_max) {
            ln_connection_refuse(
                connection, (struct ln_refusal){LINNET_STATUS_NONE, LN_CLOSE_DISCARD_LIMIT}, time);
            return false;
        }
    }
    ln_exchange_data(&exchange->exchange, content, time);
    return true;
}

static void finish(struct ln_connection *connection, struct linnet_time time)
{
    struct ln_http1_exchange *exchange = connection->exchange;
    exchange->request_complete = true;
    exchange->continue_due = false;
    ln_connection_move(connection, LN_CONNECTION_ON_REQUEST, time);
    ln_exchange_final(&exchange->exchange, time);
}

static size_t receive_sized(struct ln_connection *connection, struct linnet_span bytes,
                            struct linnet_time time)
{
    struct ln_http1_exchange *exchange = connection->exchange;
    LN_ASSERT(exchange->body_left > 0);
    const size_t len = bytes.len < exchange->body_left ? bytes.len : (size_t)exchange->body_left;
    exchange->body_left -= len;
    if (!deliver(connection, ln_span_slice(bytes, 0, len), time)) {
        return len;
    }
    if (exchange->body_left == 0) {
        finish(connection, time);
    }
    ln_connection_advance(connection, time);
    return len;
}

static size_t receive_chunked(struct ln_connection *connection, struct linnet_span bytes,
                              struct linnet_time time)
{
    struct ln_http1_exchange *exchange = connection->exchange;
    size_t taken;
    struct linnet_span content = {NULL, 0};
    const enum ln_parse verdict = ln_chunk_decode_next(
        &exchange->chunk, bytes, &connection->context->chunk_limits, &taken, &content);
    if (verdict == LN_PARSE_REFUSED) {
        ln_connection_refuse(connection, exchange->chunk.refusal, time);
        return bytes.len;
    }
    LN_ASSERT(taken > 0);
    if (content.len > 0 && !deliver(connection, content, time)) {
        return taken;
    }
    if (verdict == LN_PARSE_COMPLETE) {
        finish(connection, time);
    } else if (exchange->chunk.remaining >
               exchange->body_len_max - exchange->exchange.body_received) {
        /* The chunk says already that it is too large. */
        ln_connection_refuse(connection, body_too_large, time);
        return taken;
    }
    ln_connection_advance(connection, time);
    return taken;
}

size_t ln_connection_receive_body(struct ln_connection *connection, struct linnet_span bytes,
                                  struct linnet_time time)
{
    LN_ASSERT(connection->exchange != NULL);
    LN_ASSERT(bytes.len > 0);
    connection->read_ms = time.monotonic_ms;
    connection->exchange->continue_due = false;
    return connection->exchange->framing.kind == LN_FRAMING_CHUNKED
               ? receive_chunked(connection, bytes, time)
               : receive_sized(connection, bytes, time);
}
