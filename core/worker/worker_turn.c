/* The end of a turn: deadlines that have come, loans that are wanted, connections to look at. */
#include "core/base/span.h"
#include "core/worker/worker.h"

/* While somebody waits for an input buffer, one is taken back by two rules: from the unfinished
 * request that has been without progress the longest, beyond a grace; and, when the first in line
 * has waited for wait_ms, from the request that began to arrive the longest ago, whatever its
 * progress: who drips one byte at a time would else keep everybody out. */
struct victim {
    struct ln_slot *slot;
    uint64_t due_ms; /* LINNET_NO_DEADLINE: there is none */
};

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static struct victim next_victim(const struct linnet_worker *worker)
{
    struct victim victim = {.slot = NULL, .due_ms = LINNET_NO_DEADLINE};
    const struct ln_list_node *waiting = ln_list_first(&worker->inputs.waiting);
    if (waiting == NULL) {
        return victim;
    }
    struct ln_list_node *node = ln_list_first(&worker->unfinished);
    if (node != NULL) {
        victim.slot = LN_LIST_OWNER(node, struct ln_slot, unfinished_node);
        victim.due_ms = victim.slot->progress_ms + worker->limits.loan_grace_ms;
    }
    node = ln_list_first(&worker->arriving);
    if (node != NULL) {
        const struct ln_slot *first = LN_LIST_OWNER(waiting, struct ln_slot, wait_node);
        struct ln_slot *oldest = LN_LIST_OWNER(node, struct ln_slot, arriving_node);
        /* Nobody loses a buffer that it has only just been granted. */
        const uint64_t due_ms = later(first->progress_ms + worker->limits.wait_ms,
                                      oldest->arriving_ms + worker->limits.loan_grace_ms);
        if (due_ms < victim.due_ms) {
            victim.slot = oldest;
            victim.due_ms = due_ms;
        }
    }
    return victim;
}

static void reclaim_inputs(struct linnet_worker *worker, struct linnet_time time)
{
    struct victim victim;
    while ((victim = next_victim(worker)).due_ms <= time.monotonic_ms) {
        struct ln_slot *slot = victim.slot;
        LN_ASSERT(slot != NULL);
        slot->channel->operations->reclaim(slot->channel, time);
        ln_worker_settle(worker, slot, false, time);
        ln_list_remove(&slot->unfinished_node);
        ln_list_remove(&slot->arriving_node);
        ln_worker_make_ready(worker, slot);
    }
}

uint64_t linnet_worker_deadline(const struct linnet_worker *worker)
{
    if (ln_resumption_is_asked(&worker->resumption) || !ln_list_is_empty(&worker->ready) ||
        !ln_list_is_empty(&worker->ready_now)) {
        return 0;
    }
    const uint64_t timer_ms = ln_wheel_next(&worker->wheel);
    const uint64_t reclaim_ms = next_victim(worker).due_ms;
    return timer_ms < reclaim_ms ? timer_ms : reclaim_ms;
}

static void expire_timers(struct linnet_worker *worker, struct linnet_time time)
{
    struct ln_timer *timer;
    while ((timer = ln_wheel_expire(&worker->wheel, time.monotonic_ms)) != NULL) {
        struct ln_slot *slot = LN_LIST_OWNER(timer, struct ln_slot, timer);
        const uint64_t deadline_ms = slot->channel->operations->deadline(slot->channel);
        if (deadline_ms <= time.monotonic_ms) {
            slot->channel->operations->tick(slot->channel, time);
            ln_worker_settle(worker, slot, false, time);
            ln_worker_make_ready(worker, slot);
        } else if (deadline_ms != LINNET_NO_DEADLINE) {
            ln_wheel_arm(&worker->wheel, &slot->timer, deadline_ms);
        }
    }
}

void linnet_worker_resume(struct linnet_worker *worker, struct linnet_token token)
{
    ln_resumption_ask(&worker->resumption, token);
}

/* Whoever was resumed from elsewhere is looked at in this turn. */
static void find_resumed(struct linnet_worker *worker)
{
    uint32_t connection;
    ln_resumption_gather(&worker->resumption);
    while (ln_resumption_next(&worker->resumption, &connection)) {
        struct ln_slot *slot = ln_worker_slot(worker, connection);
        ln_connection_ask(&slot->connection);
        ln_worker_make_ready(worker, slot);
    }
}

void linnet_worker_tick(struct linnet_worker *worker, struct linnet_time time)
{
    expire_timers(worker, time);
    reclaim_inputs(worker, time);
    if (ln_resumption_is_asked(&worker->resumption)) {
        find_resumed(worker);
    }
    struct ln_list_node *node;
    while ((node = ln_list_first(&worker->ready)) != NULL) {
        ln_list_remove(node);
        ln_list_append(&worker->ready_now, node);
    }
}

uint32_t linnet_worker_ready(struct linnet_worker *worker, struct linnet_time time)
{
    struct ln_list_node *node = ln_list_first(&worker->ready_now);
    if (node == NULL) {
        return LINNET_NO_CONNECTION;
    }
    struct ln_slot *slot = LN_LIST_OWNER(node, struct ln_slot, ready_node);
    ln_list_remove(node);
    slot->channel->operations->resume(slot->channel, time);
    ln_worker_settle(worker, slot, false, time);
    return ln_worker_number(worker, slot);
}

/* Walks all connections: once in a worker's life, when it drains or stops. */
static void for_each_open(struct linnet_worker *worker, bool at_once, struct linnet_time time)
{
    struct ln_list_node *node = worker->open.head.next;
    while (node != &worker->open.head) {
        struct ln_slot *slot = LN_LIST_OWNER(node, struct ln_slot, open_node);
        node = node->next;
        if (at_once) {
            slot->channel->operations->abort(slot->channel, LINNET_ABORT_STOPPED, time);
        } else {
            slot->channel->operations->drain(slot->channel, time);
        }
        ln_worker_settle(worker, slot, false, time);
        ln_worker_make_ready(worker, slot);
    }
}

void linnet_worker_drain(struct linnet_worker *worker, struct linnet_time time)
{
    worker->context.draining = true;
    for_each_open(worker, false, time);
}

void linnet_worker_stop(struct linnet_worker *worker, struct linnet_time time)
{
    for_each_open(worker, true, time);
}

uint32_t linnet_worker_open_count(const struct linnet_worker *worker)
{
    return ln_pool_used(&worker->slots);
}
