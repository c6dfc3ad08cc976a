/* Accepting, and its pauses. */
#include "drivers/acceptance.h"

#include "core/base/assert.h"
#include "drivers/system/system_socket.h"

enum {
    DESCRIPTOR_RETRY_MS = 200,
};

enum linnet_error ln_acceptance_add(struct ln_acceptance *acceptance, int descriptor)
{
    if (acceptance->listener_count == LINNET_LISTENERS_MAX) {
        return LINNET_ERROR_TOO_LARGE;
    }
    acceptance->listeners[acceptance->listener_count] = descriptor;
    acceptance->listener_count++;
    return LINNET_ERROR_NONE;
}

static void pause_for(struct ln_acceptance *acceptance, const struct ln_turn *turn,
                      bool for_descriptors)
{
    linnet_worker_count_pause(turn->worker, for_descriptors);
    acceptance->paused = true;
    acceptance->retry_ms =
        for_descriptors ? turn->time.monotonic_ms + DESCRIPTOR_RETRY_MS : LINNET_NO_DEADLINE;
}

/* One waits and there is no slot or descriptor: ends the longest idle, or stops accepting. */
static enum ln_acceptance_step make_room(struct ln_acceptance *acceptance,
                                         const struct ln_turn *turn, struct ln_arrival *arrival,
                                         bool for_descriptors)
{
    if (acceptance->paused) {
        return LN_ACCEPTANCE_ENDED;
    }
    arrival->connection = linnet_worker_evict(turn->worker, turn->time);
    if (arrival->connection == LINNET_NO_CONNECTION) {
        pause_for(acceptance, turn, for_descriptors);
        return LN_ACCEPTANCE_ENDED;
    }
    return LN_ACCEPTANCE_EVICTED;
}

enum ln_acceptance_step ln_acceptance_next(struct ln_acceptance *acceptance,
                                           const struct ln_turn *turn, struct ln_arrival *arrival)
{
    LN_ASSERT(arrival->listener < acceptance->listener_count);
    if (arrival->tries == turn->limits->accepts_per_turn) {
        return LN_ACCEPTANCE_ENDED;
    }
    if (!linnet_worker_has_slot(turn->worker)) {
        /* Who came in this very turn is not ended for the next one. */
        return arrival->tries > 0 ? LN_ACCEPTANCE_ENDED
                                  : make_room(acceptance, turn, arrival, false);
    }
    struct linnet_connection_info info = {.listener = arrival->listener,
                                          .accept = LINNET_ACCEPT_FILE};
    arrival->tries++;
    const enum linnet_error error = ln_system_accept(acceptance->listeners[arrival->listener],
                                                     &arrival->descriptor, &info.peer);
    if (error == LINNET_ERROR_DESCRIPTORS || error == LINNET_ERROR_MEMORY) {
        /* The system says so also when nobody waits: only of the first one readiness has told. */
        return arrival->tries > 1 ? LN_ACCEPTANCE_ENDED
                                  : make_room(acceptance, turn, arrival, true);
    }
    if (error == LINNET_ERROR_AGAIN) {
        return LN_ACCEPTANCE_ENDED; /* nobody waits */
    }
    if (error != LINNET_ERROR_NONE) {
        /* Whoever waits goes on waiting, and would be an event of every turn. */
        if (!acceptance->paused && !acceptance->paused_outside) {
            pause_for(acceptance, turn, true);
        }
        return LN_ACCEPTANCE_ENDED;
    }
    arrival->connection = linnet_worker_open(turn->worker, &info, turn->time);
    return LN_ACCEPTANCE_OPENED;
}

void ln_acceptance_pause(struct ln_acceptance *acceptance, const struct ln_turn *turn)
{
    pause_for(acceptance, turn, true);
}

void ln_acceptance_closed(struct ln_acceptance *acceptance, const struct ln_turn *turn)
{
    if (acceptance->paused && acceptance->retry_ms != LINNET_NO_DEADLINE) {
        acceptance->retry_ms = turn->time.monotonic_ms;
    }
}

void ln_acceptance_reconsider(struct ln_acceptance *acceptance, const struct ln_turn *turn)
{
    LN_ASSERT(acceptance->paused);
    const bool for_slots = acceptance->retry_ms == LINNET_NO_DEADLINE;
    if (linnet_worker_has_evictable(turn->worker) ||
        (for_slots ? linnet_worker_has_slot(turn->worker)
                   : turn->time.monotonic_ms >= acceptance->retry_ms)) {
        acceptance->paused = false;
    }
}

void ln_acceptance_stop(struct ln_acceptance *acceptance)
{
    acceptance->paused_outside = true;
}

void ln_acceptance_resume(struct ln_acceptance *acceptance)
{
    acceptance->paused_outside = false;
    acceptance->paused = false;
}
