/* The table of operations of the TLS channel, its phases and its deadlines. */
#include "tls/tls_channel.h"

#include "core/base/span.h"

static size_t round_up_64(size_t len)
{
    return (len + 63) & ~(size_t)63;
}

size_t ln_tls_channels_len(const struct linnet_limits *limits)
{
    return round_up_64((size_t)limits->connections * sizeof(struct ln_tls_channel));
}

static size_t output_len(const struct linnet_limits *limits)
{
    return ((size_t)limits->tls_output_len + 7) & ~(size_t)7;
}

size_t ln_tls_outputs_len(const struct linnet_limits *limits)
{
    return round_up_64((size_t)limits->tls_outputs * (output_len(limits) + sizeof(uint32_t)));
}

void ln_tls_init(struct ln_tls *tls, void *memory, const struct ln_tls_config *config)
{
    const struct linnet_limits *limits = config->limits;
    uint8_t *blocks = (uint8_t *)memory + ln_tls_channels_len(limits);
    *tls = (struct ln_tls){
        .limits = limits,
        .context = config->context,
        .channels = memory,
        .ready = config->ready,
        .owner = config->owner,
    };
    ln_pool_init(&tls->outputs, blocks, output_len(limits),
                 (uint32_t *)(void *)(blocks + limits->tls_outputs * output_len(limits)),
                 (uint32_t)limits->tls_outputs);
    ln_list_init(&tls->waiting);
    ln_list_init(&tls->shaking);
    ln_list_init(&tls->idle);
}

void ln_tls_end(struct ln_tls *tls)
{
    LN_ASSERT(tls->sessions == 0);
    ln_pool_end(&tls->outputs);
}

static bool inner_is_closed(const struct ln_tls_channel *tls)
{
    return (tls->inner->operations->state(tls->inner) & LINNET_CLOSED) != 0;
}

void ln_tls_channel_enter(struct ln_tls_channel *tls, enum ln_tls_phase phase,
                          struct linnet_time time)
{
    LN_ASSERT(tls->phase != LN_TLS_PHASE_CLOSED);
    LN_ASSERT(phase > (enum ln_tls_phase)tls->phase);
    tls->phase = (uint8_t)phase;
    tls->since_ms = time.monotonic_ms;
    if (phase == LN_TLS_PHASE_OPEN) {
        return;
    }
    ln_list_remove(&tls->idle_node);
    if (phase == LN_TLS_PHASE_CLOSED) {
        LN_ASSERT(inner_is_closed(tls));
        ln_tls_admission_leave(tls);
        ln_tls_seal_drop(tls);
    }
}

void ln_tls_channel_fail(struct ln_tls_channel *tls, enum linnet_abort reason,
                         struct linnet_time time)
{
    tls->inner->operations->abort(tls->inner, reason, time);
    tls->sealed = 0;
    if (tls->phase < LN_TLS_PHASE_FAREWELL) {
        ln_tls_seal_farewell(tls, LN_TLS_PHASE_LINGER, time);
    }
}

/* After every operation: what the inner channel has come to. */
static void settle(struct ln_tls_channel *tls, struct linnet_time time)
{
    if (tls->phase == LN_TLS_PHASE_OPEN) {
        ln_tls_seal(tls, time);
    } else if ((tls->phase == LN_TLS_PHASE_SHUT || tls->phase == LN_TLS_PHASE_HANDSHAKE) &&
               inner_is_closed(tls)) {
        ln_tls_channel_enter(tls, LN_TLS_PHASE_CLOSED, time);
    }
    ln_tls_seal_settle(tls);
    const bool idle =
        tls->phase == LN_TLS_PHASE_OPEN && tls->plain == 0 &&
        (tls->inner->operations->state(tls->inner) & LINNET_EVICTABLE) != 0;
    if (!idle) {
        ln_list_remove(&tls->idle_node);
    } else if (!ln_list_is_linked(&tls->idle_node)) {
        ln_list_append(&tls->tls->idle, &tls->idle_node);
        ln_tls_admission_press(tls->tls, time); /* one may wait for just that */
    }
}

static void open_channel(struct linnet_channel *channel, const struct linnet_connection_info *info,
                         struct linnet_time time)
{
    struct ln_tls_channel *tls = ln_tls_channel_of(channel);
    struct linnet_connection_info secure = *info;
    secure.accept = 0;
    secure.secure = true;
    tls->opened_ms = time.monotonic_ms;
    tls->since_ms = time.monotonic_ms;
    tls->inner->operations->open(tls->inner, &secure, time);
}

static void secured(struct linnet_channel *channel, const struct linnet_tls_info *info)
{
    (void)channel;
    (void)info;
    LN_UNREACHABLE(); /* TLS in TLS */
}

static size_t input_room(const struct linnet_channel *channel)
{
    const struct ln_tls_channel *tls = ln_tls_channel_of_const(channel);
    return ln_tls_receive_wants(tls) ? (size_t)tls->tls->limits->input_len : 0;
}

static size_t receive(struct linnet_channel *channel, struct linnet_span bytes,
                      struct linnet_time time)
{
    const size_t taken = ln_tls_receive(channel, bytes, time);
    settle(ln_tls_channel_of(channel), time);
    return taken;
}

static struct linnet_span held(const struct linnet_channel *channel)
{
    const struct ln_tls_channel *tls = ln_tls_channel_of_const(channel);
    return tls->inner->operations->held(tls->inner);
}

/* RFC 8446 6.1: without close_notify before it, the end of the stream may be somebody else's. */
static void receive_end(struct linnet_channel *channel, struct linnet_time time)
{
    struct ln_tls_channel *tls = ln_tls_channel_of(channel);
    switch ((enum ln_tls_phase)tls->phase) {
    case LN_TLS_PHASE_HANDSHAKE:
        if (tls->session != NULL) {
            tls->tls->counters.failures++;
        }
        tls->inner->operations->abort(tls->inner, LINNET_ABORT_TLS_FAILED, time);
        break;
    case LN_TLS_PHASE_OPEN:
        if (!tls->peer_ended) {
            tls->peer_ended = true;
            tls->inner->operations->abort(tls->inner, LINNET_ABORT_TLS_TRUNCATED, time);
            tls->sealed = 0;
            ln_tls_channel_enter(tls, LN_TLS_PHASE_CLOSED, time);
        }
        break;
    case LN_TLS_PHASE_SHUT:
        tls->inner->operations->receive_end(tls->inner, time);
        break;
    case LN_TLS_PHASE_LINGER:
        ln_tls_channel_enter(tls, LN_TLS_PHASE_CLOSED, time);
        break;
    case LN_TLS_PHASE_FAREWELL:
    case LN_TLS_PHASE_CLOSED:
        break;
    }
    settle(tls, time);
}

static void abort_channel(struct linnet_channel *channel, enum linnet_abort reason,
                          struct linnet_time time)
{
    struct ln_tls_channel *tls = ln_tls_channel_of(channel);
    tls->inner->operations->abort(tls->inner, reason, time);
    tls->sealed = 0;
    if (tls->phase != LN_TLS_PHASE_CLOSED) {
        ln_tls_channel_enter(tls, LN_TLS_PHASE_CLOSED, time);
    }
}

static void taken(struct linnet_channel *channel, uint64_t len, struct linnet_time time)
{
    ln_tls_taken(channel, len, time);
    settle(ln_tls_channel_of(channel), time);
}

static void released(struct linnet_channel *channel, uint64_t len, struct linnet_time time)
{
    ln_tls_released(channel, len, time);
    settle(ln_tls_channel_of(channel), time);
}

static void sent(struct linnet_channel *channel, uint64_t len, struct linnet_time time)
{
    ln_tls_taken(channel, len, time);
    ln_tls_released(channel, len, time);
    settle(ln_tls_channel_of(channel), time);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static bool is_waiting(const struct ln_tls_channel *tls)
{
    return ln_list_is_linked(&tls->wait_node);
}

static uint64_t handshake_deadline(const struct ln_tls_channel *tls)
{
    const struct linnet_limits *limits = tls->tls->limits;
    if (is_waiting(tls)) {
        return earlier(tls->since_ms + limits->wait_ms, ln_tls_admission_press_ms(tls->tls));
    }
    return tls->since_ms + limits->tls_handshake_ms;
}

static uint64_t deadline(const struct linnet_channel *channel)
{
    const struct ln_tls_channel *tls = ln_tls_channel_of_const(channel);
    switch ((enum ln_tls_phase)tls->phase) {
    case LN_TLS_PHASE_HANDSHAKE:
        return earlier(handshake_deadline(tls), tls->inner->operations->deadline(tls->inner));
    case LN_TLS_PHASE_OPEN:
    case LN_TLS_PHASE_SHUT:
        return tls->inner->operations->deadline(tls->inner);
    case LN_TLS_PHASE_FAREWELL:
    case LN_TLS_PHASE_LINGER:
        return tls->since_ms + tls->tls->limits->linger_ms;
    case LN_TLS_PHASE_CLOSED:
        return LINNET_NO_DEADLINE;
    }
    LN_UNREACHABLE();
}

static void tick_handshake(struct ln_tls_channel *tls, struct linnet_time time)
{
    const struct linnet_limits *limits = tls->tls->limits;
    if (is_waiting(tls) && time.monotonic_ms < tls->since_ms + limits->wait_ms) {
        ln_tls_admission_press(tls->tls, time);
    } else if (time.monotonic_ms >= handshake_deadline(tls)) {
        tls->tls->counters.failures++;
        ln_tls_channel_fail(tls, LINNET_ABORT_TLS_TIMEOUT, time);
    }
}

static void tick(struct linnet_channel *channel, struct linnet_time time)
{
    struct ln_tls_channel *tls = ln_tls_channel_of(channel);
    struct linnet_channel *inner = tls->inner;
    switch ((enum ln_tls_phase)tls->phase) {
    case LN_TLS_PHASE_HANDSHAKE:
        tick_handshake(tls, time);
        break;
    case LN_TLS_PHASE_FAREWELL:
        if (!inner_is_closed(tls)) {
            inner->operations->abort(inner, LINNET_ABORT_RESET, time);
        }
        ln_tls_channel_enter(tls, LN_TLS_PHASE_CLOSED, time);
        return;
    case LN_TLS_PHASE_LINGER:
        ln_tls_channel_enter(tls, LN_TLS_PHASE_CLOSED, time);
        return;
    case LN_TLS_PHASE_OPEN:
    case LN_TLS_PHASE_SHUT:
    case LN_TLS_PHASE_CLOSED:
        break;
    }
    if (inner->operations->deadline(inner) <= time.monotonic_ms) {
        inner->operations->tick(inner, time);
    }
    settle(tls, time);
}

static void resume(struct linnet_channel *channel, struct linnet_time time)
{
    struct ln_tls_channel *tls = ln_tls_channel_of(channel);
    tls->again = false;
    tls->inner->operations->resume(tls->inner, time);
    settle(tls, time);
}

/* A part of a record that keeps a buffer from others is all there is of a request: without any
 * plaintext there is nobody to tell. */
static void reclaim(struct linnet_channel *channel, struct linnet_time time)
{
    struct ln_tls_channel *tls = ln_tls_channel_of(channel);
    struct linnet_channel *inner = tls->inner;
    if (tls->phase == LN_TLS_PHASE_HANDSHAKE) {
        ln_tls_channel_fail(tls, LINNET_ABORT_TLS_TIMEOUT, time);
    } else if (tls->phase == LN_TLS_PHASE_OPEN) {
        inner->operations->reclaim(inner, time);
        const unsigned state = inner->operations->state(inner);
        if ((state & LINNET_WANTS_INPUT) != 0 && (state & LINNET_HOLDS_INPUT) == 0) {
            ln_tls_channel_fail(tls, LINNET_ABORT_TLS_TIMEOUT, time);
        }
    }
    settle(tls, time);
}

static void drain(struct linnet_channel *channel, struct linnet_time time)
{
    struct ln_tls_channel *tls = ln_tls_channel_of(channel);
    tls->inner->operations->drain(tls->inner, time);
    settle(tls, time);
}

static struct linnet_channel *replacement(struct linnet_channel *channel)
{
    (void)channel;
    return NULL;
}

/* What of the inner channel's state holds for both while bytes go through. */
static unsigned open_state(const struct ln_tls_channel *tls)
{
    const unsigned inner = tls->inner->operations->state(tls->inner);
    unsigned bits = inner & LINNET_HOLDS_INPUT;
    bits |= ln_tls_receive_wants(tls) ? LINNET_WANTS_INPUT : LINNET_WATCH_HANGUP;
    if (ln_tls_seal_pending(tls)) {
        return bits | LINNET_HAS_OUTPUT;
    }
    return bits | (tls->plain == 0 ? inner & LINNET_EVICTABLE : 0);
}

static unsigned state(const struct linnet_channel *channel)
{
    const struct ln_tls_channel *tls = ln_tls_channel_of_const(channel);
    const unsigned lent = ln_tls_seal_lent(tls) ? LINNET_LENT : 0;
    const unsigned output = ln_tls_seal_pending(tls) ? LINNET_HAS_OUTPUT : 0;
    switch ((enum ln_tls_phase)tls->phase) {
    case LN_TLS_PHASE_HANDSHAKE:
        return lent | output |
               (ln_tls_receive_wants(tls) ? LINNET_WANTS_INPUT : LINNET_WATCH_HANGUP);
    case LN_TLS_PHASE_OPEN:
        return lent | open_state(tls);
    case LN_TLS_PHASE_FAREWELL:
        return lent | LINNET_HAS_OUTPUT | LINNET_WATCH_HANGUP;
    case LN_TLS_PHASE_SHUT:
        return lent | tls->inner->operations->state(tls->inner);
    case LN_TLS_PHASE_LINGER:
        return lent | LINNET_WANTS_INPUT;
    case LN_TLS_PHASE_CLOSED:
        return lent | LINNET_CLOSED |
               (tls->inner->operations->state(tls->inner) & LINNET_READING);
    }
    LN_UNREACHABLE();
}

static const struct linnet_channel_operations operations = {
    .open = open_channel,
    .secured = secured,
    .input_room = input_room,
    .receive = receive,
    .held = held,
    .receive_end = receive_end,
    .abort = abort_channel,
    .output = ln_tls_output,
    .taken = taken,
    .released = released,
    .sent = sent,
    .deadline = deadline,
    .tick = tick,
    .resume = resume,
    .reclaim = reclaim,
    .drain = drain,
    .replacement = replacement,
    .state = state,
};

struct linnet_channel *ln_tls_wrap(struct ln_tls *tls, uint32_t number,
                                   struct linnet_channel *inner)
{
    struct ln_tls_channel *channel = &tls->channels[number];
    LN_ASSERT(number < tls->limits->connections);
    *channel = (struct ln_tls_channel){
        .channel = {.operations = &operations},
        .tls = tls,
        .inner = inner,
        .phase = LN_TLS_PHASE_HANDSHAKE,
    };
    ln_list_node_init(&channel->output_node);
    ln_list_node_init(&channel->wait_node);
    ln_list_node_init(&channel->shaking_node);
    ln_list_node_init(&channel->idle_node);
    return &channel->channel;
}
