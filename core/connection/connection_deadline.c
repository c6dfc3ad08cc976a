/* What a connection waits for, and how long.
 *
 * One deadline at a time is the earliest of: that of its state, that of its output, that of its
 * whole life. Rates are lines and not samples: content may lag behind `grace + len / rate`, so that
 * no clock has to tick while bytes flow. */
#include "core/connection/connection_parts.h"

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* When `len` bytes should have moved at the least rate; never for rate 0. */
static uint64_t rate_deadline(const struct linnet_limits *limits, uint64_t begun_ms, uint64_t len,
                              uint64_t rate_min)
{
    if (rate_min == 0) {
        return LINNET_NO_DEADLINE;
    }
    const uint64_t due_ms = begun_ms + limits->rate_grace_ms;
    return len == 0 ? due_ms : due_ms + len / rate_min * 1000 + len % rate_min * 1000 / rate_min;
}

static inline uint64_t write_deadline(const struct ln_connection *connection)
{
    const struct linnet_limits *limits = connection->context->limits;
    if (!ln_connection_output_pending(connection)) {
        return LINNET_NO_DEADLINE;
    }
    return earlier(connection->write_ms + limits->write_stall_ms,
                   rate_deadline(limits, connection->write_begun_ms, connection->written_len,
                                 limits->answer_rate_min));
}

/* A stream that has given nothing is not the peer's fault, but asked again when its time comes. */
static uint64_t stream_deadline(const struct ln_connection *connection)
{
    const struct ln_output *output = connection->output;
    const uint64_t again_ms =
        connection->answer.waits ? connection->answer.again_ms : LINNET_NO_DEADLINE;
    return output != NULL && output->pending > 0 ? earlier(write_deadline(connection), again_ms)
                                                 : again_ms;
}

/* Of what is being sent. */
static uint64_t answer_deadline(const struct ln_connection *connection)
{
    return connection->answer.kind == LN_ANSWER_STREAM ? stream_deadline(connection)
                                                       : write_deadline(connection);
}

static uint64_t lifetime_deadline(const struct ln_connection *connection)
{
    const uint64_t lifetime_ms = connection->context->limits->lifetime_ms;
    return lifetime_ms == 0 ? LINNET_NO_DEADLINE : connection->opened_ms + lifetime_ms;
}

static uint64_t body_deadline(const struct ln_connection *connection)
{
    const struct linnet_limits *limits = connection->context->limits;
    return earlier(
        connection->read_ms + limits->read_stall_ms,
        rate_deadline(limits, connection->since_ms, connection->body_len, limits->body_rate_min));
}

/* It is idle when its last answer has left; until then the writing has its own limits. */
static uint64_t idle_deadline(const struct ln_connection *connection)
{
    return ln_connection_output_pending(connection)
               ? LINNET_NO_DEADLINE
               : connection->since_ms + connection->context->limits->idle_ms;
}

/* Of the state alone, whoever waits in it. */
static uint64_t plain_deadline(const struct ln_connection *connection)
{
    const struct linnet_limits *limits = connection->context->limits;
    switch ((enum ln_connection_state)connection->state) {
    case LN_CONNECTION_FIRST:
        return connection->since_ms + limits->head_ms;
    case LN_CONNECTION_HEAD:
        /* From the head's first byte, whatever line it stood in. */
        return connection->exchange->exchange.begun_ms + limits->head_ms;
    case LN_CONNECTION_IDLE:
        return idle_deadline(connection);
    case LN_CONNECTION_WAITING:
        return connection->in_line ? connection->since_ms + limits->wait_ms : LINNET_NO_DEADLINE;
    case LN_CONNECTION_BODY:
    case LN_CONNECTION_SKIP:
        return body_deadline(connection);
    case LN_CONNECTION_DISCARD:
        return connection->since_ms + limits->linger_ms;
    case LN_CONNECTION_ANSWER:
    case LN_CONNECTION_FLUSH:
    case LN_CONNECTION_CLOSED:
    case LN_CONNECTION_STATE_COUNT:
        return LINNET_NO_DEADLINE;
    }
    LN_UNREACHABLE();
}

static bool handler_waits(const struct ln_connection *connection)
{
    return (connection->waits & LN_WAITS_PAUSED) != 0 ||
           (connection->state == LN_CONNECTION_ANSWER && connection->exchange != NULL);
}

static uint64_t state_deadline(const struct ln_connection *connection)
{
    return handler_waits(connection) ? ln_connection_suspend_deadline(connection)
                                     : plain_deadline(connection);
}

uint64_t ln_connection_deadline(const struct linnet_channel *channel)
{
    const struct ln_connection *connection = ln_connection_of_const(channel);
    if (connection->state == LN_CONNECTION_CLOSED) {
        return LINNET_NO_DEADLINE;
    }
    if (connection->state == LN_CONNECTION_IDLE) {
        /* As nearly always; nobody waits here, and no stream is being sent. */
        return earlier(earlier(idle_deadline(connection), write_deadline(connection)),
                       lifetime_deadline(connection));
    }
    return earlier(earlier(state_deadline(connection), answer_deadline(connection)),
                   lifetime_deadline(connection));
}

static void state_expired(struct ln_connection *connection, struct linnet_time time)
{
    static const struct ln_refusal head_late = {LINNET_STATUS_REQUEST_TIMEOUT,
                                                LN_CLOSE_TIMEOUT_HEAD};
    static const struct ln_refusal body_late = {LINNET_STATUS_REQUEST_TIMEOUT,
                                                LN_CLOSE_TIMEOUT_BODY};
    switch ((enum ln_connection_state)connection->state) {
    case LN_CONNECTION_FIRST:
    case LN_CONNECTION_IDLE:
        ln_connection_close(connection, LN_CLOSE_TIMEOUT_IDLE, time);
        return;
    case LN_CONNECTION_HEAD:
        if (ln_request_head_is_empty(&connection->exchange->head)) {
            ln_connection_close(connection, LN_CLOSE_TIMEOUT_IDLE, time);
        } else {
            ln_connection_refuse(connection, head_late, time);
        }
        return;
    case LN_CONNECTION_WAITING:
        ln_connection_overloaded(connection, time);
        return;
    case LN_CONNECTION_BODY:
    case LN_CONNECTION_SKIP:
        ln_connection_refuse(connection, body_late, time);
        return;
    case LN_CONNECTION_DISCARD:
        ln_connection_close(connection, LN_CLOSE_DONE, time);
        return;
    case LN_CONNECTION_ANSWER:
    case LN_CONNECTION_FLUSH:
    case LN_CONNECTION_CLOSED:
    case LN_CONNECTION_STATE_COUNT:
        break;
    }
    LN_UNREACHABLE();
}

void ln_connection_tick(struct linnet_channel *channel, struct linnet_time time)
{
    struct ln_connection *connection = ln_connection_of(channel);
    if (connection->state == LN_CONNECTION_CLOSED) {
        return;
    }
    const uint64_t now_ms = time.monotonic_ms;
    if (ln_connection_stream_waits(connection) && now_ms >= connection->answer.again_ms) {
        connection->answer.waits = false;
        ln_connection_resume_stream(connection, time);
    } else if (now_ms >= answer_deadline(connection)) {
        connection->reset = true;
        ln_connection_close(connection, LN_CLOSE_TIMEOUT_WRITE, time);
    } else if (now_ms >= lifetime_deadline(connection)) {
        ln_connection_close(connection, LN_CLOSE_TIMEOUT_LIFETIME, time);
    } else if (now_ms >= state_deadline(connection)) {
        if (handler_waits(connection)) {
            ln_connection_unanswered(connection, time);
        } else {
            state_expired(connection, time);
        }
    }
}
