/* The io_uring driver: listeners, polled in the ring, and who is accepted from them.
 *
 * State: `watched`, of each listener whether a poll of it is under way. */
#include <poll.h>

#include "drivers/uring.h"

/* A poll in the ring has said that somebody waits. Accepting is a plain call, which gives the
 * peer's address as well, and accepts nobody for whom there is no slot. */
void ln_uring_listener_accept(struct linnet_driver *driver, unsigned listener)
{
    struct ln_arrival arrival = {.listener = listener};
    enum ln_acceptance_step step;
    while (ln_acceptance_is_open(&driver->acceptance) &&
           (step = ln_acceptance_next(&driver->acceptance, &driver->turn, &arrival)) !=
               LN_ACCEPTANCE_ENDED) {
        if (step == LN_ACCEPTANCE_OPENED) {
            ln_uring_peer_open(driver, arrival.connection, arrival.descriptor);
            continue;
        }
        ln_uring_peer_close(driver, arrival.connection);
        /* Its descriptor is free when its close is carried out. */
        const enum linnet_error error = ln_system_uring_submit(&driver->ring);
        if (error != LINNET_ERROR_NONE) {
            return; /* it comes again in the next call */
        }
    }
}

/* A poll fires once: listeners are polled again while clients are taken. */
void ln_uring_listener_watch(struct linnet_driver *driver)
{
    const struct ln_acceptance *acceptance = &driver->acceptance;
    for (unsigned i = 0; i < acceptance->listener_count; i++) {
        if (!driver->watched[i] && ln_acceptance_is_open(acceptance)) {
            driver->watched[i] = true;
            ln_system_uring_poll(&driver->ring, acceptance->listeners[i], POLLIN,
                                 ln_uring_key(LN_URING_LISTENER, 0, i));
        }
    }
}

/* Has them polled at once: who waits on the ring's descriptor, elsewhere, takes no turn before. */
static enum linnet_error watch_now(struct linnet_driver *driver)
{
    ln_uring_listener_watch(driver);
    return ln_system_uring_submit(&driver->ring);
}

enum linnet_error ln_uring_listener_add(struct linnet_driver *driver, int descriptor)
{
    const enum linnet_error error = ln_acceptance_add(&driver->acceptance, descriptor);
    return error == LINNET_ERROR_NONE ? watch_now(driver) : error;
}

void ln_uring_listener_pause(struct linnet_driver *driver)
{
    ln_acceptance_stop(&driver->acceptance);
}

void ln_uring_listener_resume(struct linnet_driver *driver)
{
    ln_acceptance_resume(&driver->acceptance);
    const enum linnet_error ignored = watch_now(driver); /* it comes again in the next turn */
    (void)ignored;
}
