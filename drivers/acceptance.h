/* Accepting: when a driver takes new clients, and when it stops for want of room (S0-6).
 *
 * States: accepting; paused for want of a slot, until one is free or could be made; paused for want
 * of a descriptor or of memory, until a connection closes or could be closed, or until a while has
 * passed, for who holds them may not be us; paused from outside, until resumed. A driver waits for
 * its listeners while ln_acceptance_is_open, and for none otherwise: nothing spins.
 *
 * Room is made by closing the connection that was idle the longest; pausing is what is left when
 * there is none. */
#ifndef LN_DRIVERS_ACCEPTANCE_H
#define LN_DRIVERS_ACCEPTANCE_H

#include <linnet/driver.h>

#include "drivers/turn.h"

struct ln_acceptance {
    uint64_t retry_ms; /* paused for descriptors: when to try again; else LINNET_NO_DEADLINE */
    int listeners[LINNET_LISTENERS_MAX];
    unsigned listener_count;
    bool paused;         /* by itself, for want of room */
    bool paused_outside; /* by its driver's owner */
};

/* Those that one listener's readiness brings; begins with its number and zeroes. */
struct ln_arrival {
    unsigned listener;
    uint64_t tries;
    uint32_t connection; /* whom the step is about */
    int descriptor;      /* of the one that was opened */
};

enum ln_acceptance_step {
    LN_ACCEPTANCE_ENDED,   /* nobody waits, there is no room, or it was enough for one turn */
    LN_ACCEPTANCE_OPENED,  /* a connection has come; it may have sent something already */
    LN_ACCEPTANCE_EVICTED, /* a connection has ended to make room: close it before the next step */
};

/* TOO_LARGE: there are LINNET_LISTENERS_MAX already. */
LINNET_MUST_USE enum linnet_error ln_acceptance_add(struct ln_acceptance *acceptance,
                                                    int descriptor);

static inline bool ln_acceptance_is_open(const struct ln_acceptance *acceptance)
{
    return !acceptance->paused && !acceptance->paused_outside;
}

enum ln_acceptance_step ln_acceptance_next(struct ln_acceptance *acceptance,
                                           const struct ln_turn *turn, struct ln_arrival *arrival);

/* There is no room for the driver to wait for its listeners: as if accept had said so. */
void ln_acceptance_pause(struct ln_acceptance *acceptance, const struct ln_turn *turn);

/* A connection has closed: its descriptor is free. */
void ln_acceptance_closed(struct ln_acceptance *acceptance, const struct ln_turn *turn);

void ln_acceptance_reconsider(struct ln_acceptance *acceptance, const struct ln_turn *turn);

/* At the end of a turn: is there room again, or something that could make some? */
static inline void ln_acceptance_settle(struct ln_acceptance *acceptance,
                                        const struct ln_turn *turn)
{
    if (acceptance->paused) {
        ln_acceptance_reconsider(acceptance, turn);
    }
}

/* When the settling may end a pause, in ms of the clock; or LINNET_NO_DEADLINE. */
static inline uint64_t ln_acceptance_retry_ms(const struct ln_acceptance *acceptance)
{
    return acceptance->paused && !acceptance->paused_outside ? acceptance->retry_ms
                                                             : LINNET_NO_DEADLINE;
}

/* From outside: no more, until resumed. */
void ln_acceptance_stop(struct ln_acceptance *acceptance);
void ln_acceptance_resume(struct ln_acceptance *acceptance);

#endif
