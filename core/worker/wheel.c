/* The timing wheel: buckets by tick, a bit for each bucket that holds something. */
#include "core/worker/wheel.h"

#include <linnet/time.h>

#include "core/base/bits.h"

static unsigned bucket_of(uint64_t tick)
{
    return (unsigned)(tick % LN_WHEEL_BUCKETS);
}

void ln_wheel_init(struct ln_wheel *wheel, uint64_t now_ms)
{
    for (unsigned i = 0; i < LN_WHEEL_BUCKETS; i++) {
        ln_list_init(&wheel->buckets[i]);
    }
    for (unsigned i = 0; i < LN_WHEEL_BUCKETS / 64; i++) {
        wheel->occupied[i] = 0;
    }
    ln_list_init(&wheel->due);
    wheel->tick = now_ms / LN_WHEEL_TICK_MS;
}

void ln_wheel_timer_init(struct ln_timer *timer)
{
    ln_list_node_init(&timer->node);
    timer->due_ms = LINNET_NO_DEADLINE;
    timer->tick = 0;
}

bool ln_wheel_timer_is_armed(const struct ln_timer *timer)
{
    return ln_list_is_linked(&timer->node);
}

void ln_wheel_arm(struct ln_wheel *wheel, struct ln_timer *timer, uint64_t due_ms)
{
    LN_ASSERT(due_ms != LINNET_NO_DEADLINE);
    ln_wheel_disarm(wheel, timer);
    uint64_t tick = due_ms / LN_WHEEL_TICK_MS + (due_ms % LN_WHEEL_TICK_MS != 0);
    if (tick <= wheel->tick) {
        tick = wheel->tick + 1;
    } else if (tick >= wheel->tick + LN_WHEEL_BUCKETS) {
        tick = wheel->tick + LN_WHEEL_BUCKETS - 1;
    }
    const unsigned bucket = bucket_of(tick);
    timer->due_ms = due_ms;
    timer->tick = tick;
    ln_list_append(&wheel->buckets[bucket], &timer->node);
    wheel->occupied[bucket / 64] |= (uint64_t)1 << bucket % 64;
}

void ln_wheel_disarm(struct ln_wheel *wheel, struct ln_timer *timer)
{
    if (!ln_wheel_timer_is_armed(timer)) {
        return;
    }
    const unsigned bucket = bucket_of(timer->tick);
    const bool was_due = timer->tick <= wheel->tick;
    ln_list_remove(&timer->node);
    timer->due_ms = LINNET_NO_DEADLINE;
    if (!was_due && ln_list_is_empty(&wheel->buckets[bucket])) {
        wheel->occupied[bucket / 64] &= ~((uint64_t)1 << bucket % 64);
    }
}

/* The first tick behind `tick` whose bucket is occupied, at most `count` ticks on; else 0. */
static uint64_t next_occupied(const struct ln_wheel *wheel, uint64_t tick, unsigned count)
{
    unsigned step = 1;
    while (step <= count) {
        const unsigned bucket = bucket_of(tick + step);
        const uint64_t bits = wheel->occupied[bucket / 64] >> bucket % 64;
        if (bits != 0) {
            step += ln_bits_lowest(bits);
            return step <= count ? tick + step : 0;
        }
        step += 64 - bucket % 64;
    }
    return 0;
}

uint64_t ln_wheel_next(const struct ln_wheel *wheel)
{
    if (!ln_list_is_empty(&wheel->due)) {
        return wheel->tick * LN_WHEEL_TICK_MS;
    }
    const uint64_t tick = next_occupied(wheel, wheel->tick, LN_WHEEL_BUCKETS - 1);
    return tick == 0 ? LINNET_NO_DEADLINE : tick * LN_WHEEL_TICK_MS;
}

/* Moves what is due by `now` out of the buckets, and the wheel to it. */
static void advance(struct ln_wheel *wheel, uint64_t now)
{
    const uint64_t ahead = now - wheel->tick;
    const unsigned count =
        ahead < LN_WHEEL_BUCKETS ? (unsigned)ahead : (unsigned)LN_WHEEL_BUCKETS - 1;
    uint64_t tick = wheel->tick;
    while ((tick = next_occupied(wheel, tick, (unsigned)(wheel->tick + count - tick))) != 0) {
        const unsigned bucket = bucket_of(tick);
        struct ln_list_node *node;
        while ((node = ln_list_first(&wheel->buckets[bucket])) != NULL) {
            ln_list_remove(node);
            ln_list_append(&wheel->due, node);
        }
        wheel->occupied[bucket / 64] &= ~((uint64_t)1 << bucket % 64);
    }
    wheel->tick = now;
}

struct ln_timer *ln_wheel_expire(struct ln_wheel *wheel, uint64_t now_ms)
{
    const uint64_t now = now_ms / LN_WHEEL_TICK_MS;
    if (now > wheel->tick) {
        advance(wheel, now);
    }
    struct ln_list_node *node = ln_list_first(&wheel->due);
    if (node == NULL) {
        return NULL;
    }
    struct ln_timer *timer = LN_LIST_OWNER(node, struct ln_timer, node);
    LN_ASSERT(timer->tick <= wheel->tick);
    ln_wheel_disarm(wheel, timer);
    return timer;
}
