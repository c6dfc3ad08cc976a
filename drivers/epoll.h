/* The parts of the epoll driver, for its own files: driver_epoll.c turns and accepts, epoll_peer.c
 * has epoll wait for what a connection waits for. */
#ifndef LN_DRIVERS_EPOLL_H
#define LN_DRIVERS_EPOLL_H

#include <linnet/driver.h>

#include "drivers/acceptance.h"
#include "drivers/asynchronous_file.h"
#include "drivers/peer.h"
#include "drivers/system/system_epoll.h"

enum {
    LN_EPOLL_EVENTS_PER_TURN = 256,
};

/* Keys of events: a connection's number and generation, or one of these bits. */
#define LN_EPOLL_KEY_LISTENER ((uint64_t)1 << 63)
#define LN_EPOLL_KEY_WAKE     ((uint64_t)1 << 62)
#define LN_EPOLL_KEY_READS    ((uint64_t)1 << 61)

struct ln_epoll_peer {
    struct ln_peer peer;
    uint32_t generation; /* events of a connection that is gone do not meet the next one */
    uint8_t interest;    /* what epoll was told to wait for: LN_PEER_INPUT, LN_PEER_OUTPUT */
    bool registered;
};

struct linnet_driver {
    struct ln_turn turn;
    struct ln_acceptance acceptance;
    bool registered[LINNET_LISTENERS_MAX]; /* which listeners are in the set */
    bool listening;                        /* and whether they should have been */
    struct ln_asynchronous_file files;
    int epoll;
    int event;
    struct epoll_event events[LN_EPOLL_EVENTS_PER_TURN];
    struct ln_epoll_peer peers[];
};

static inline uint64_t ln_epoll_key(const struct linnet_driver *driver, uint32_t connection)
{
    return (uint64_t)(driver->peers[connection].generation & 0x1FFFFFFF) << 32 | connection;
}

/* What the events of a connection say: LN_PEER_... */
unsigned ln_epoll_peer_told_by(uint32_t events);
/* Has epoll wait for what the connection waits for by now, when `told` was looked after; closes
 * it if it is over. */
void ln_epoll_peer_settle(struct linnet_driver *driver, uint32_t connection, unsigned told,
                          unsigned waits);
/* Ends it: its slot and its descriptor are free. */
void ln_epoll_peer_close(struct linnet_driver *driver, uint32_t connection);

#endif
