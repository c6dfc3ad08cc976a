/* A turn of a driver that waits until sockets are ready: for whom, within which limits, and when.
 *
 * The time is read once, behind the wait, and is the time of everything that the turn does. */
#ifndef LN_DRIVERS_TURN_H
#define LN_DRIVERS_TURN_H

#include <linnet/limits.h>
#include <linnet/worker.h>

struct ln_turn {
    struct linnet_worker *worker;
    const struct linnet_limits *limits;
    struct linnet_time time;
};

enum {
    LN_TURN_WAIT_MS_MAX = 60000,
};

/* How long the turn may wait, in ms: until the worker's deadline or retry_ms, a time of the clock,
 * and no longer than timeout_ms (negative: that is no bound). */
static inline int ln_turn_wait_ms(const struct ln_turn *turn, uint64_t retry_ms, int64_t timeout_ms)
{
    const uint64_t deadline_ms = linnet_worker_deadline(turn->worker);
    const uint64_t until_ms = retry_ms < deadline_ms ? retry_ms : deadline_ms;
    const uint64_t now_ms = turn->time.monotonic_ms;
    const uint64_t left_ms = until_ms > now_ms ? until_ms - now_ms : 0;
    /* A bound below 0 is a large number here, as LINNET_NO_DEADLINE is. */
    const uint64_t wait_ms = left_ms < (uint64_t)timeout_ms ? left_ms : (uint64_t)timeout_ms;
    return wait_ms < LN_TURN_WAIT_MS_MAX ? (int)wait_ms : LN_TURN_WAIT_MS_MAX;
}

#endif
