/* The table of operations of the HTTP/1 channel, its states, and how it opens. */
#include "core/connection/connection.h"

#include "core/connection/connection_parts.h"

static size_t round_up_16(size_t len)
{
    return (len + 15) & ~(size_t)15;
}

size_t ln_connection_exchange_len(const struct linnet_limits *limits)
{
    return round_up_16(sizeof(struct ln_http1_exchange) +
                       (size_t)limits->field_count_max * sizeof(struct ln_field_line) +
                       (size_t)limits->path_len_max);
}

size_t ln_connection_output_len(const struct linnet_limits *limits)
{
    return round_up_16(sizeof(struct ln_output) + (size_t)limits->output_len);
}

void ln_connection_move(struct ln_connection *connection, enum ln_connection_event event,
                        struct linnet_time time)
{
    const enum ln_connection_state next =
        ln_connection_transition((enum ln_connection_state)connection->state, event);
    LN_ASSERT(next != LN_CONNECTION_ILLEGAL);
    connection->state = (uint8_t)next;
    connection->since_ms = time.monotonic_ms;
}

static void open_connection(struct linnet_channel *channel,
                            const struct linnet_connection_info *info, struct linnet_time time)
{
    struct ln_connection *connection = ln_connection_of(channel);
    LN_ASSERT(connection->state == LN_CONNECTION_FIRST);
    connection->peer = info->peer;
    connection->accept = (uint8_t)info->accept;
    connection->secure = info->secure;
    connection->opened_ms = time.monotonic_ms;
    connection->since_ms = time.monotonic_ms;
    connection->context->counters->connections_opened++;
}

static void secured(struct linnet_channel *channel, const struct linnet_tls_info *info)
{
    struct ln_connection *connection = ln_connection_of(channel);
    LN_ASSERT(connection->secure);
    connection->tls = info;
}

void ln_connection_next_turn(struct ln_connection *connection)
{
    connection->waits |= LN_WAITS_TURN;
    connection->context->ready(connection->context->owner, connection);
}

static size_t input_room(const struct linnet_channel *channel)
{
    const struct ln_connection *connection = ln_connection_of_const(channel);
    return ln_connection_wants_input(connection) ? (size_t)connection->context->limits->input_len
                                                 : 0;
}

/* Behind a refusal and behind the last answer nothing that comes has a meaning. */
static bool drops_input(const struct ln_connection *connection)
{
    return connection->state == LN_CONNECTION_FLUSH || connection->state == LN_CONNECTION_CLOSED ||
           (connection->state == LN_CONNECTION_ANSWER && connection->exchange == NULL &&
            !connection->persistent) ||
           (connection->state == LN_CONNECTION_WAITING &&
            connection->refusal.status != LINNET_STATUS_NONE);
}

/* Takes what it can of `bytes`, phase by phase: a head, its body, the next head. Every round takes
 * at least one byte, changes the state, or is the last. */
static size_t receive(struct linnet_channel *channel, struct linnet_span bytes,
                      struct linnet_time time)
{
    struct ln_connection *connection = ln_connection_of(channel);
    size_t taken = 0;
    if (drops_input(connection)) {
        connection->waits &= (uint8_t)~LN_LISTENS;
        return bytes.len;
    }
    while (taken < bytes.len && ln_connection_wants_input(connection)) {
        const struct linnet_span rest = {bytes.data + taken, bytes.len - taken};
        switch ((enum ln_connection_state)connection->state) {
        case LN_CONNECTION_FIRST:
        case LN_CONNECTION_IDLE:
            if (connection->turn_requests >= connection->context->limits->requests_per_turn) {
                ln_connection_next_turn(connection);
                return taken;
            }
            ln_connection_take_exchange(connection, time);
            ln_connection_move(connection, LN_CONNECTION_ON_BYTES, time);
            break;
        case LN_CONNECTION_HEAD: {
            const size_t len = ln_connection_receive_head(connection, rest, taken == 0, time);
            taken += len;
            if (len == 0 && connection->state == LN_CONNECTION_HEAD) {
                return taken;
            }
            break;
        }
        case LN_CONNECTION_BODY:
            taken += ln_connection_receive_body(connection, rest, time);
            break;
        case LN_CONNECTION_ANSWER:
            /* The next request: it waits for the end of the stream, and hides that of the peer. */
            LN_ASSERT((connection->waits & LN_LISTENS) != 0);
            connection->waits &= (uint8_t)~LN_LISTENS;
            return taken;
        case LN_CONNECTION_SKIP:
            taken += ln_connection_skip_body(connection, rest, time);
            break;
        case LN_CONNECTION_DISCARD:
            taken += ln_connection_discard(connection, rest.len, time);
            break;
        default:
            LN_UNREACHABLE();
        }
    }
    if (taken == bytes.len) {
        connection->turn_requests = 0;
    }
    return drops_input(connection) ? bytes.len : taken;
}

static struct linnet_span held(const struct linnet_channel *channel)
{
    const struct ln_connection *connection = ln_connection_of_const(channel);
    if (connection->exchange == NULL) {
        return (struct linnet_span){NULL, 0};
    }
    return connection->exchange->head_bytes;
}

static void resume(struct linnet_channel *channel, struct linnet_time time)
{
    struct ln_connection *connection = ln_connection_of(channel);
    connection->waits &= (uint8_t)~LN_WAITS_TURN;
    connection->turn_requests = 0;
    if ((connection->waits & (LN_RESUMED_HANDLER | LN_RESUMED_STREAM)) != 0) {
        ln_connection_go_on(connection, time);
    }
    ln_connection_leave_line(connection, time);
    ln_connection_resume_answer(connection, time);
}

static struct linnet_channel *replacement(struct linnet_channel *channel)
{
    (void)channel;
    return NULL;
}

static unsigned state(const struct linnet_channel *channel)
{
    const struct ln_connection *connection = ln_connection_of_const(channel);
    const bool lent =
        (connection->output != NULL && connection->output->lent > 0) || connection->answer.lent > 0;
    unsigned bits = lent ? LINNET_LENT : 0;
    if (connection->state == LN_CONNECTION_CLOSED) {
        bits |= connection->answer.kind == LN_ANSWER_READ_AHEAD ? LINNET_READING : 0;
        return bits | LINNET_CLOSED;
    }
    bits |= ln_connection_wants_input(connection) ? LINNET_WANTS_INPUT : LINNET_WATCH_HANGUP;
    if (connection->exchange != NULL) {
        bits |= LINNET_HOLDS_INPUT;
    }
    if (ln_connection_lends(connection)) {
        return bits | LINNET_HAS_OUTPUT;
    }
    if (connection->state == LN_CONNECTION_IDLE && connection->answered_once && !lent &&
        !ln_connection_output_pending(connection)) {
        bits |= LINNET_EVICTABLE;
    }
    return bits;
}

static const struct linnet_channel_operations operations = {
    .open = open_connection,
    .secured = secured,
    .input_room = input_room,
    .receive = receive,
    .held = held,
    .receive_end = ln_connection_receive_end,
    .abort = ln_connection_abort,
    .output = ln_connection_output,
    .taken = ln_connection_taken,
    .released = ln_connection_released,
    .sent = ln_connection_sent,
    .deadline = ln_connection_deadline,
    .tick = ln_connection_tick,
    .resume = resume,
    .reclaim = ln_connection_reclaim,
    .drain = ln_connection_drain,
    .replacement = replacement,
    .state = state,
};

void ln_connection_init(struct ln_connection *connection, struct ln_connection_context *context,
                        void *note)
{
    *connection = (struct ln_connection){
        .channel = {.operations = &operations},
        .context = context,
        .note = note,
        .state = LN_CONNECTION_FIRST,
        .reason = LN_CLOSE_NONE,
    };
    ln_list_node_init(&connection->wait_node);
}

struct ln_connection *ln_connection_of_wait_node(struct ln_list_node *node)
{
    return LN_LIST_OWNER(node, struct ln_connection, wait_node);
}
