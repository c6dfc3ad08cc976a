/* Input buffers: lent to read into, kept while they hold something, given back at once otherwise.
 *
 * The pool is last in, first out, so as a rule one hot buffer serves every connection: it is lent,
 * read into, taken whole and returned within one call of the driver. */
#include "core/base/span.h"
#include "core/table/limit.h"
#include "core/worker/worker.h"

static uint8_t *input_of(const struct linnet_worker *worker, const struct ln_slot *slot)
{
    LN_ASSERT(slot->input_index != LN_POOL_NONE);
    return ln_pool_block(&worker->inputs, slot->input_index);
}

void ln_worker_give_input(struct linnet_worker *worker, struct ln_slot *slot)
{
    if (slot->input_index == LN_POOL_NONE) {
        return;
    }
    ln_pool_give(&worker->inputs, slot->input_index);
    slot->input_index = LN_POOL_NONE;
    slot->begin = 0;
    slot->end = 0;
    slot->granted = false;
    uint32_t index;
    struct ln_list_node *node = ln_pool_serve(&worker->inputs, &index);
    if (node != NULL) {
        struct ln_slot *next = LN_LIST_OWNER(node, struct ln_slot, wait_node);
        LN_ASSERT(next->input_index == LN_POOL_NONE);
        next->input_index = index;
        next->begin = 0;
        next->end = 0;
        next->granted = true;
        ln_worker_make_ready(worker, next);
    }
}

/* Moves what was not taken to a place with room behind it: behind the bytes that are held, or to
 * the front when less than a head and a piece of body would fit. */
static void compact(const struct linnet_worker *worker, struct ln_slot *slot)
{
    uint8_t *input = input_of(worker, slot);
    const struct linnet_span held = slot->channel->operations->held(slot->channel);
    uint32_t front = 0;
    if (held.len > 0) {
        LN_ASSERT(held.data >= input && held.data < input + worker->limits.input_len);
        front = (uint32_t)((size_t)(held.data - input) + held.len);
    } else if (slot->begin < slot->end &&
               worker->limits.input_len - slot->begin >= slot->behind_len) {
        return;
    }
    LN_ASSERT(slot->begin >= front);
    const uint32_t len = slot->end - slot->begin;
    if (slot->begin > front && len > 0) {
        memmove(input + front, input + slot->begin, len);
    }
    slot->begin = front;
    slot->end = front + len;
}

static void offer(struct linnet_worker *worker, struct ln_slot *slot, struct linnet_time time)
{
    const struct linnet_span bytes = {input_of(worker, slot) + slot->begin,
                                      slot->end - slot->begin};
    const size_t taken = slot->channel->operations->receive(slot->channel, bytes, time);
    LN_ASSERT(taken <= bytes.len);
    slot->begin += (uint32_t)taken;
}

bool linnet_worker_input(struct linnet_worker *worker, uint32_t connection,
                         struct linnet_room *room, struct linnet_time time)
{
    struct ln_slot *slot = ln_worker_slot(worker, connection);
    if (slot->ended || (slot->state & LINNET_WANTS_INPUT) == 0) {
        return false;
    }
    if (slot->input_index == LN_POOL_NONE) {
        if (ln_list_is_linked(&slot->wait_node)) {
            return false;
        }
        slot->input_index = ln_pool_take(&worker->inputs);
        if (slot->input_index == LN_POOL_NONE) {
            ln_pool_wait(&worker->inputs, &slot->wait_node);
            slot->progress_ms = time.monotonic_ms;
            worker->counters.input_waits++;
            return false;
        }
        slot->begin = 0;
        slot->end = 0;
    } else {
        compact(worker, slot);
    }
    slot->granted = false;
    room->data = input_of(worker, slot) + slot->end;
    room->len = (size_t)worker->limits.input_len - slot->end;
    LN_ASSERT(room->len > 0);
    return true;
}

void linnet_worker_received(struct linnet_worker *worker, uint32_t connection, size_t len,
                            struct linnet_time time)
{
    struct ln_slot *slot = ln_worker_slot(worker, connection);
    LN_ASSERT(slot->input_index != LN_POOL_NONE);
    LN_ASSERT(len <= worker->limits.input_len - slot->end);
    slot->end += (uint32_t)len;
    worker->counters.bytes_received += len;
    if (len > 0) {
        ln_list_remove(&slot->idle_node);
        ln_list_remove(&slot->unfinished_node);
        slot->progress_ms = time.monotonic_ms;
        offer(worker, slot, time);
    }
    ln_worker_settle(worker, slot, true, time);
}

void linnet_worker_receive_end(struct linnet_worker *worker, uint32_t connection,
                               struct linnet_time time)
{
    struct ln_slot *slot = ln_worker_slot(worker, connection);
    slot->ended = true;
    ln_worker_settle(worker, slot, true, time);
}

/* The channel hears of the end when nothing is left before it, or when what is left is a part that
 * will never be complete. */
static void tell_end(struct linnet_worker *worker, struct ln_slot *slot, struct linnet_time time)
{
    if (!slot->ended || slot->end_told) {
        return;
    }
    const unsigned state = slot->channel->operations->state(slot->channel);
    if ((state & LINNET_CLOSED) != 0 ||
        (slot->begin < slot->end && (state & LINNET_WANTS_INPUT) == 0)) {
        return;
    }
    slot->end_told = true;
    slot->channel->operations->receive_end(slot->channel, time);
    if (slot->begin < slot->end) {
        offer(worker, slot, time);
    }
}

/* In the list or not; who is in it already keeps its place. */
static void keep_listed(struct ln_list *list, struct ln_list_node *node, bool listed)
{
    if (!listed) {
        ln_list_remove(node);
    } else if (!ln_list_is_linked(node)) {
        ln_list_append(list, node);
    }
}

/* Without a buffer it holds nothing that anybody could want back. */
static void leave_input_lists(struct ln_slot *slot)
{
    ln_list_remove(&slot->unfinished_node);
    ln_list_remove(&slot->arriving_node);
}

void ln_worker_settle_input(struct linnet_worker *worker, struct ln_slot *slot, bool fresh,
                            struct linnet_time time)
{
    if (!fresh && slot->begin < slot->end) {
        /* What waits unread may be pointed into, and stays where it is. */
        if (slot->channel->operations->input_room(slot->channel) > 0) {
            compact(worker, slot);
        }
        offer(worker, slot, time);
    }
    tell_end(worker, slot, time);
    slot->state = slot->channel->operations->state(slot->channel);
    if (slot->input_index == LN_POOL_NONE) {
        leave_input_lists(slot);
        return;
    }
    const bool wants = (slot->state & LINNET_WANTS_INPUT) != 0;
    /* Who has just come to the head of the line keeps what it was granted until it has read. */
    const bool about_to_read = slot->granted && wants;
    if (slot->begin == slot->end && !about_to_read && (slot->state & LINNET_HOLDS_INPUT) == 0) {
        ln_worker_give_input(worker, slot);
        leave_input_lists(slot);
        return;
    }
    const bool wanting = wants && !about_to_read;
    /* Requests that came with one whose answer is not taken hold a buffer without using it. */
    const bool blocked = !wants && (slot->state & LINNET_HOLDS_INPUT) == 0;
    keep_listed(&worker->unfinished, &slot->unfinished_node,
                (wanting || blocked) && slot->begin < slot->end);
    if (!ln_list_is_linked(&slot->arriving_node)) {
        slot->arriving_ms = time.monotonic_ms;
    }
    keep_listed(&worker->arriving, &slot->arriving_node, wanting);
}
