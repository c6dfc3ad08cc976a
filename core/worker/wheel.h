/* A hashed timing wheel: deadlines of many connections, O(1) to set and to fire.
 *
 * A timer sits in the bucket of the tick it is due in, rounded up, so that none fires early by the
 * clock. A deadline beyond the wheel's horizon sits in the farthest bucket: its owner finds that it
 * is not yet due and arms it again. Moving a deadline later costs nothing for the same reason: the
 * timer stays where it is.
 *
 * What has come due moves to a list of its own, so that the wheel's tick is that of the present
 * whatever jump the clock made. Invariant: a timer in a bucket has a tick in
 * (tick, tick + LN_WHEEL_BUCKETS). */
#ifndef LN_WORKER_WHEEL_H
#define LN_WORKER_WHEEL_H

#include <stdint.h>

#include "core/base/list.h"

/* A maximum of the build. */
#if !defined(LINNET_WHEEL_BUCKETS)
#    define LINNET_WHEEL_BUCKETS 256
#endif

enum {
    LN_WHEEL_TICK_MS = 16,
    LN_WHEEL_BUCKETS = LINNET_WHEEL_BUCKETS, /* 256: a horizon of 4 seconds; a multiple of 64 */
};

_Static_assert(LN_WHEEL_BUCKETS > 0 && LN_WHEEL_BUCKETS % 64 == 0, "64 buckets share a word");

struct ln_timer {
    struct ln_list_node node;
    uint64_t due_ms; /* as it was armed */
    uint64_t tick;
};

struct ln_wheel {
    struct ln_list buckets[LN_WHEEL_BUCKETS];
    struct ln_list due;
    uint64_t occupied[LN_WHEEL_BUCKETS / 64]; /* a bit for each bucket that is not empty */
    uint64_t tick;                            /* every bucket up to this one is empty */
};

void ln_wheel_init(struct ln_wheel *wheel, uint64_t now_ms);
void ln_wheel_timer_init(struct ln_timer *timer);
bool ln_wheel_timer_is_armed(const struct ln_timer *timer);

/* Arms it, or arms it anew. */
void ln_wheel_arm(struct ln_wheel *wheel, struct ln_timer *timer, uint64_t due_ms);
void ln_wheel_disarm(struct ln_wheel *wheel, struct ln_timer *timer);

/* When ln_wheel_expire has something to return at the earliest, or LINNET_NO_DEADLINE. */
uint64_t ln_wheel_next(const struct ln_wheel *wheel);

/* The next timer whose tick has come, disarmed, or NULL. Armed again in between, it does not come
 * back for the same now_ms. */
struct ln_timer *ln_wheel_expire(struct ln_wheel *wheel, uint64_t now_ms);

#endif
