/* Handlers that wait: for somebody who resumes them, with their answer or with their content.
 *
 * A handler that was called last in FINAL and has not answered is suspended; one that has said "not
 * now" to content is paused. Either way it holds what an exchange holds, and nothing but its
 * resume, its deadline or the end of its connection changes anything. A resume is a bit of the
 * connection and a place on the ready list, so it may come at any time, also from inside the
 * handler's call. */
#include "core/base/span.h"
#include "core/connection/connection_parts.h"

struct linnet_token ln_connection_token(struct linnet_exchange *exchange)
{
    struct ln_connection *connection = exchange->owner;
    struct ln_connection_context *context = connection->context;
    const struct linnet_token token = context->token(context->owner, connection);
    connection->waits |= LN_WAITS_TOKEN;
    return token;
}

void ln_connection_forget_token(struct ln_connection *connection)
{
    struct ln_connection_context *context = connection->context;
    const uint8_t waits = connection->waits;
    connection->waits &= (uint8_t) ~(LN_WAITS_TOKEN | LN_RESUMED_HANDLER | LN_RESUMED_STREAM);
    if ((waits & LN_WAITS_TOKEN) != 0) {
        context->token_ends(context->owner, connection);
    }
}

void ln_connection_stop_waiting(struct ln_connection *connection)
{
    connection->waits &= (uint8_t)~LN_WAITS_PAUSED;
    if (connection->answer.kind != LN_ANSWER_STREAM) {
        ln_connection_forget_token(connection);
    }
}

void ln_connection_pause(struct linnet_exchange *exchange)
{
    struct ln_connection *connection = exchange->owner;
    connection->waits |= LN_WAITS_PAUSED;
}

void ln_connection_resume_exchange(struct linnet_exchange *exchange)
{
    struct ln_connection *connection = exchange->owner;
    connection->waits |= LN_RESUMED_HANDLER;
    connection->context->ready(connection->context->owner, connection);
}

void ln_connection_ask(struct ln_connection *connection)
{
    connection->waits |= LN_RESUMED_HANDLER | LN_RESUMED_STREAM;
}

void ln_connection_finish_request(struct ln_connection *connection, struct linnet_time time)
{
    struct linnet_exchange *exchange = &connection->exchange->exchange;
    LN_ASSERT(!connection->body.to_come);
    if ((connection->waits & LN_WAITS_PAUSED) != 0 && !ln_exchange_is_done_reading(exchange)) {
        return;
    }
    if (connection->state == LN_CONNECTION_BODY) {
        ln_connection_move(connection, LN_CONNECTION_ON_REQUEST, time);
    }
    ln_exchange_final(exchange, time);
}

/* The peer has not been late while nobody read. */
static void end_pause(struct ln_connection *connection, struct linnet_time time)
{
    if ((connection->waits & LN_WAITS_PAUSED) != 0) {
        connection->waits &= (uint8_t)~LN_WAITS_PAUSED;
        connection->since_ms +=
            time.monotonic_ms - connection->exchange->exchange.time.monotonic_ms;
        connection->read_ms = time.monotonic_ms;
    }
}

static void resume_handler(struct ln_connection *connection, struct linnet_time time)
{
    struct linnet_exchange *exchange = &connection->exchange->exchange;
    const bool waits_for_content = exchange->state != LN_EXCHANGE_THINKING;
    end_pause(connection, time);
    ln_exchange_resume(exchange, time);
    if (waits_for_content && !connection->body.to_come) {
        ln_connection_finish_request(connection, time);
    } else if (connection->body.continue_due && (connection->waits & LN_WAITS_PAUSED) == 0 &&
               !ln_exchange_is_answered(exchange)) {
        ln_connection_put_continue(connection, time);
        connection->body.continue_due = false;
    }
    ln_connection_advance(connection, time);
}

void ln_connection_go_on(struct ln_connection *connection, struct linnet_time time)
{
    const uint8_t resumed = connection->waits;
    connection->waits &= (uint8_t) ~(LN_RESUMED_HANDLER | LN_RESUMED_STREAM);
    if (connection->state == LN_CONNECTION_CLOSED) {
        return;
    }
    if ((resumed & LN_RESUMED_STREAM) != 0 && connection->answer.kind == LN_ANSWER_STREAM) {
        connection->answer.waits = false; /* ln_connection_resume_stream does the rest */
    }
    if ((resumed & LN_RESUMED_HANDLER) != 0 && connection->exchange != NULL &&
        ln_exchange_can_resume(&connection->exchange->exchange)) {
        resume_handler(connection, time);
    }
}

uint64_t ln_connection_suspend_deadline(const struct ln_connection *connection)
{
    const struct ln_http1_exchange *exchange = connection->exchange;
    const struct linnet_route *route = exchange->exchange.route;
    if (route != NULL && route->time_ms_max > 0 && !ln_exchange_is_answered(&exchange->exchange)) {
        return exchange->handled_ms + route->time_ms_max;
    }
    return exchange->exchange.time.monotonic_ms + connection->context->limits->suspend_ms;
}

void ln_connection_unanswered(struct ln_connection *connection, struct linnet_time time)
{
    /* RFC 9110 15.6.4: it cannot be answered now. 504 is for who waits for another server, which is
     * the handler's to know and to say. */
    static const struct ln_refusal late = {LINNET_STATUS_SERVICE_UNAVAILABLE,
                                           LN_CLOSE_TIMEOUT_ANSWER};
    ln_connection_end_request(connection, late, time);
}
