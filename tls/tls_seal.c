/* Output: what the inner channel lends is sealed into loans, which are lent to the driver. */
#include "core/base/span.h"
#include "tls/tls_channel.h"

/* A record is begun in what is left of a loan only if so much of it can be content, or all that
 * there is: short records cost their overhead. */
enum { WORTH_A_RECORD = 1024 };

static bool is_pending(const struct ln_tls_queue *queue)
{
    return queue->taken < queue->len;
}

static bool is_lent(const struct ln_tls_queue *queue)
{
    return queue->released < queue->taken;
}

bool ln_tls_seal_pending(const struct ln_tls_channel *tls)
{
    return is_pending(&tls->alert_queue) || is_pending(&tls->queue) || tls->constant.len > 0;
}

bool ln_tls_seal_lent(const struct ln_tls_channel *tls)
{
    return is_lent(&tls->alert_queue) || is_lent(&tls->queue);
}

/* ---- the loan ------------------------------------------------------------------------------- */

static void attach(struct ln_tls_channel *tls, uint32_t index)
{
    LN_ASSERT(tls->output == NULL);
    tls->output = ln_pool_block(&tls->tls->outputs, index);
    tls->output_index = index;
    tls->queue = (struct ln_tls_queue){0, 0, 0};
}

bool ln_tls_seal_acquire(struct ln_tls_channel *tls)
{
    struct ln_tls *shared = tls->tls;
    if (tls->output != NULL) {
        tls->granted = false;
        return true;
    }
    if (ln_list_is_linked(&tls->output_node)) {
        return false;
    }
    const uint32_t index = ln_pool_take(&shared->outputs);
    if (index == LN_POOL_NONE) {
        ln_pool_wait(&shared->outputs, &tls->output_node);
        shared->counters.output_waits++;
        return false;
    }
    attach(tls, index);
    return true;
}

static void give(struct ln_tls_channel *tls)
{
    struct ln_tls *shared = tls->tls;
    tls->output = NULL;
    tls->queue = (struct ln_tls_queue){0, 0, 0};
    ln_pool_give(&shared->outputs, tls->output_index);
    uint32_t index;
    struct ln_list_node *node = ln_pool_serve(&shared->outputs, &index);
    if (node != NULL) {
        struct ln_tls_channel *next = LN_LIST_OWNER(node, struct ln_tls_channel, output_node);
        attach(next, index);
        next->granted = true;
        shared->ready(shared->owner, next->inner);
    }
}

static void begin_anew(struct ln_tls_queue *queue)
{
    if (queue->released == queue->len) {
        *queue = (struct ln_tls_queue){0, 0, 0};
    }
}

void ln_tls_seal_settle(struct ln_tls_channel *tls)
{
    begin_anew(&tls->alert_queue);
    begin_anew(&tls->queue);
    /* Who has just come to the head of the line keeps what it was granted until it has gone on. */
    if (tls->output != NULL && tls->queue.len == 0 && !tls->granted) {
        give(tls);
    }
}

void ln_tls_seal_drop(struct ln_tls_channel *tls)
{
    tls->constant = (struct linnet_span){NULL, 0};
    tls->granted = false;
    tls->alert_queue.len = tls->alert_queue.taken;
    tls->queue.len = tls->queue.taken;
    ln_pool_leave(&tls->tls->outputs, &tls->output_node);
    ln_tls_seal_settle(tls);
}

/* ---- the session writes --------------------------------------------------------------------- */

void ln_tls_seal_open(struct ln_tls_channel *tls)
{
    struct ln_tls_wire *wire = &tls->wire;
    wire->out_len = 0;
    if (tls->output != NULL) {
        wire->out = tls->output + tls->queue.len;
        wire->out_room = tls->tls->outputs.block_len - tls->queue.len;
    } else {
        wire->out = tls->alert + tls->alert_queue.len;
        wire->out_room = sizeof tls->alert - tls->alert_queue.len;
    }
}

void ln_tls_seal_close(struct ln_tls_channel *tls)
{
    struct ln_tls_queue *queue = tls->output != NULL ? &tls->queue : &tls->alert_queue;
    LN_ASSERT(tls->wire.out_len <= tls->wire.out_room);
    queue->len += (uint32_t)tls->wire.out_len;
    tls->wire.out_len = 0;
    tls->wire.out_room = 0;
}

/* The first of what is lent that is not sealed yet. */
static struct linnet_span unsealed(const struct ln_tls_channel *tls,
                                   const struct linnet_output *out)
{
    uint64_t skip = tls->sealed;
    for (unsigned i = 0; i < out->span_count; i++) {
        if (skip < out->spans[i].len) {
            return ln_span_slice(out->spans[i], (size_t)skip, out->spans[i].len - (size_t)skip);
        }
        skip -= out->spans[i].len;
    }
    LN_ASSERT(skip == 0);
    return (struct linnet_span){NULL, 0};
}

/* How much of these bytes the next record holds; 0: it is not worth one now. */
static size_t record_content(const struct ln_tls_channel *tls, size_t len)
{
    const size_t room = tls->tls->outputs.block_len - tls->queue.len;
    const size_t reserve = LN_TLS_OVERHEAD + LN_TLS_ALERT_LEN_MAX;
    const size_t most = len < LN_TLS_PLAIN_LEN_MAX ? len : LN_TLS_PLAIN_LEN_MAX;
    if (room < reserve) {
        return 0;
    }
    const size_t fits = room - reserve;
    return most <= fits ? most : fits >= WORTH_A_RECORD || tls->queue.len == 0 ? fits : 0;
}

/* Seals one record; false: there is nothing to seal, or no room for it. */
static bool seal_record(struct ln_tls_channel *tls, const struct linnet_output *out,
                        struct linnet_time time)
{
    struct linnet_span bytes = unsealed(tls, out);
    if (bytes.len == 0 || !ln_tls_seal_acquire(tls)) {
        return false;
    }
    bytes.len = record_content(tls, bytes.len);
    if (bytes.len == 0) {
        return false;
    }
    ln_tls_seal_open(tls);
    const enum ln_tls_outcome outcome = ln_tls_session_write(tls->session, bytes);
    ln_tls_seal_close(tls);
    if (outcome != LN_TLS_DONE) {
        tls->broken = true;
        ln_tls_channel_fail(tls, LINNET_ABORT_TLS_FAILED, time);
        return false;
    }
    tls->sealed += bytes.len;
    return true;
}

void ln_tls_seal(struct ln_tls_channel *tls, struct linnet_time time)
{
    struct linnet_channel *inner = tls->inner;
    struct linnet_output out;
    tls->granted = false;
    for (;;) {
        const unsigned state = inner->operations->state(inner);
        if ((state & (LINNET_HAS_OUTPUT | LINNET_CLOSED)) == 0) {
            return;
        }
        inner->operations->output(inner, 0, &out);
        if ((out.flags & LINNET_OUTPUT_RESET) != 0) {
            tls->sealed = 0;
            ln_tls_channel_enter(tls, LN_TLS_PHASE_CLOSED, time);
            return;
        }
        if ((state & LINNET_CLOSED) != 0) {
            tls->sealed = 0;
            ln_tls_seal_farewell(tls, LN_TLS_PHASE_CLOSED, time);
            return;
        }
        LN_ASSERT(out.file == NULL);
        if ((out.flags & LINNET_OUTPUT_FIN) != 0) {
            ln_tls_seal_farewell(tls, LN_TLS_PHASE_SHUT, time);
            return;
        }
        if (!seal_record(tls, &out, time)) {
            return;
        }
    }
}

/* ---- the end -------------------------------------------------------------------------------- */

/* All of the farewell was taken, but for a FIN that is due. */
static void leave(struct ln_tls_channel *tls, struct linnet_time time)
{
    if (tls->follows == LN_TLS_PHASE_CLOSED) {
        ln_tls_channel_enter(tls, LN_TLS_PHASE_CLOSED, time);
    } else {
        tls->fin_due = true;
    }
}

void ln_tls_seal_farewell(struct ln_tls_channel *tls, enum ln_tls_phase follows,
                          struct linnet_time time)
{
    ln_tls_channel_enter(tls, LN_TLS_PHASE_FAREWELL, time);
    tls->granted = false;
    tls->follows = (uint8_t)follows;
    if (tls->session != NULL && !tls->broken) {
        ln_tls_seal_open(tls);
        ln_tls_session_shut(tls->session);
        ln_tls_seal_close(tls);
    }
    /* Nothing more is sealed or opened: what the session costs is somebody else's now. */
    ln_tls_admission_leave(tls);
    if (!ln_tls_seal_pending(tls)) {
        leave(tls, time);
    }
}

/* FIN was taken. */
static void shut(struct ln_tls_channel *tls, struct linnet_time time)
{
    tls->fin_due = false;
    ln_tls_channel_enter(tls, (enum ln_tls_phase)tls->follows, time);
    if (tls->phase == LN_TLS_PHASE_SHUT) {
        tls->inner->operations->sent(tls->inner, 0, time);
    }
}

/* ---- the ports ------------------------------------------------------------------------------ */

static void lend(struct linnet_output *out, const uint8_t *bytes, const struct ln_tls_queue *queue)
{
    if (is_pending(queue)) {
        out->spans[out->span_count].data = bytes + queue->taken;
        out->spans[out->span_count].len = queue->len - queue->taken;
        out->span_count++;
    }
}

void ln_tls_output(struct linnet_channel *channel, unsigned accept, struct linnet_output *out)
{
    const struct ln_tls_channel *tls = ln_tls_channel_of_const(channel);
    (void)accept;
    out->flags = 0;
    if (tls->phase == LN_TLS_PHASE_CLOSED || tls->phase == LN_TLS_PHASE_OPEN) {
        struct linnet_output inner;
        tls->inner->operations->output(tls->inner, 0, &inner);
        out->flags = inner.flags & (LINNET_OUTPUT_RESET | LINNET_OUTPUT_MORE);
    }
    out->span_count = 0;
    out->file = NULL;
    if (tls->phase == LN_TLS_PHASE_CLOSED) {
        return;
    }
    lend(out, tls->alert, &tls->alert_queue);
    lend(out, tls->output, &tls->queue);
    if (tls->constant.len > 0) {
        out->spans[out->span_count] = tls->constant;
        out->span_count++;
    }
    if (out->span_count == 0 && tls->fin_due) {
        out->flags |= LINNET_OUTPUT_FIN;
    }
}

static uint64_t take(struct ln_tls_queue *queue, uint64_t len)
{
    const uint64_t left = queue->len - queue->taken;
    const uint64_t taken = len < left ? len : left;
    queue->taken += (uint32_t)taken;
    return len - taken;
}

static uint64_t release(struct ln_tls_queue *queue, uint64_t len)
{
    const uint64_t left = queue->taken - queue->released;
    const uint64_t released = len < left ? len : left;
    queue->released += (uint32_t)released;
    return len - released;
}

/* The inner channel hears of what it gave as its ciphertext goes: of the last byte with the last.
 */
static void tell(struct ln_tls_channel *tls, uint64_t len, struct linnet_time time)
{
    const bool all = !is_pending(&tls->queue);
    const uint64_t most = all ? tls->sealed : tls->sealed > 0 ? tls->sealed - 1 : 0;
    const uint64_t told = all || len > most ? most : len;
    if (told > 0) {
        tls->sealed -= told;
        tls->inner->operations->sent(tls->inner, told, time);
    }
}

void ln_tls_taken(struct linnet_channel *channel, uint64_t len, struct linnet_time time)
{
    struct ln_tls_channel *tls = ln_tls_channel_of(channel);
    LN_ASSERT(tls->phase != LN_TLS_PHASE_CLOSED);
    if (tls->fin_due) {
        LN_ASSERT(len == 0);
        shut(tls, time);
        return;
    }
    uint64_t left = take(&tls->alert_queue, len);
    const uint64_t of_loan = left;
    left = take(&tls->queue, left);
    LN_ASSERT(left <= tls->constant.len);
    tls->constant.data += left;
    tls->constant.len -= (size_t)left;
    if (tls->phase == LN_TLS_PHASE_OPEN && of_loan > 0) {
        tell(tls, of_loan, time);
    } else if (tls->phase == LN_TLS_PHASE_FAREWELL && !ln_tls_seal_pending(tls)) {
        leave(tls, time);
    }
}

void ln_tls_released(struct linnet_channel *channel, uint64_t len, struct linnet_time time)
{
    struct ln_tls_channel *tls = ln_tls_channel_of(channel);
    /* What is constant needs no account. */
    (void)release(&tls->queue, release(&tls->alert_queue, len));
    ln_tls_seal_settle(tls);
    ln_tls_receive_continue(tls, time);
}
