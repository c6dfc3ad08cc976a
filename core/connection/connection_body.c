/* The content of a request, as it arrives: RFC 9112 6.
 *
 * Each call takes what lies in `bytes` up to the end of the body, and hands the content on in the
 * place where it lies. Once there is an answer (SKIP) nobody wants it: it is dropped and counted,
 * and more than discard_len_max ends the connection. */
#include "core/base/span.h"
#include "core/connection/connection_parts.h"

static const struct ln_refusal body_too_large = {LINNET_STATUS_CONTENT_TOO_LARGE,
                                                 LN_CLOSE_BODY_TOO_LARGE};
static const struct ln_refusal too_much_dropped = {LINNET_STATUS_NONE, LN_CLOSE_DISCARD_LIMIT};

/* Takes the next piece off the body: *taken bytes of it with *content inside. false: refused. */
static bool next_piece(struct ln_connection *connection, struct linnet_span bytes, size_t *taken,
                       struct linnet_span *content, struct linnet_time time)
{
    struct ln_body *body = &connection->body;
    if (!body->chunked) {
        LN_ASSERT(body->left > 0);
        *taken = bytes.len < body->left ? bytes.len : (size_t)body->left;
        *content = ln_span_slice(bytes, 0, *taken);
        body->left -= *taken;
        body->to_come = body->left > 0;
        return true;
    }
    const enum ln_parse verdict = ln_chunk_decode_next(
        &body->chunk, bytes, &connection->context->chunk_limits, taken, content);
    if (verdict == LN_PARSE_REFUSED) {
        ln_connection_refuse(connection, body->chunk.refusal, time);
        return false;
    }
    LN_ASSERT(*taken > 0);
    body->to_come = verdict == LN_PARSE_MORE;
    return true;
}

/* The last bytes of the content that was taken come again. */
static void give_back(struct ln_connection *connection, size_t len)
{
    struct ln_body *body = &connection->body;
    if (body->chunked) {
        ln_chunk_decode_give_back(&body->chunk, len);
    } else {
        body->left += len;
    }
    body->to_come = true;
    connection->exchange->exchange.body_received -= len;
    connection->body_len -= len;
}

/* More than the route takes: with this piece, or by what a chunk has announced behind it. */
static bool is_too_large(const struct ln_connection *connection, size_t content_len)
{
    const struct ln_http1_exchange *exchange = connection->exchange;
    const uint64_t room = exchange->body_len_max - exchange->exchange.body_received;
    return content_len > room ||
           (connection->body.chunked &&
            ln_chunk_decode_announced(&connection->body.chunk) > room - content_len);
}

size_t ln_connection_receive_body(struct ln_connection *connection, struct linnet_span bytes,
                                  struct linnet_time time)
{
    LN_ASSERT(connection->exchange != NULL);
    LN_ASSERT(bytes.len > 0);
    struct linnet_exchange *exchange = &connection->exchange->exchange;
    struct linnet_span content;
    size_t taken;
    connection->read_ms = time.monotonic_ms;
    connection->body.continue_due = false;
    if (!next_piece(connection, bytes, &taken, &content, time)) {
        return bytes.len;
    }
    if (is_too_large(connection, content.len)) {
        ln_connection_refuse(connection, body_too_large, time);
        return taken;
    }
    exchange->body_received += content.len;
    connection->body_len += content.len;
    if (content.len > 0) {
        const size_t untaken = ln_exchange_data(exchange, content, time);
        if (untaken > 0) {
            give_back(connection, untaken);
            taken -= untaken;
        }
    }
    if (!connection->body.to_come) {
        ln_connection_finish_request(connection, time);
    }
    ln_connection_advance(connection, time);
    return taken;
}

size_t ln_connection_skip_body(struct ln_connection *connection, struct linnet_span bytes,
                               struct linnet_time time)
{
    LN_ASSERT(connection->exchange == NULL);
    LN_ASSERT(bytes.len > 0);
    struct linnet_span content;
    size_t taken;
    connection->read_ms = time.monotonic_ms;
    if (!next_piece(connection, bytes, &taken, &content, time)) {
        return bytes.len;
    }
    connection->body_len += content.len;
    if (connection->body_len > connection->context->limits->discard_len_max) {
        ln_connection_refuse(connection, too_much_dropped, time);
        return taken;
    }
    if (!connection->body.to_come) {
        ln_connection_move(connection, LN_CONNECTION_ON_REQUEST, time);
        ln_connection_advance(connection, time);
    }
    return taken;
}
