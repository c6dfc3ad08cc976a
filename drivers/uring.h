/* The parts of the io_uring driver, for its own files: driver_uring.c turns,
 * uring_listener.c accepts, uring_input.c reads, uring_output.c sends, uring_peer.c settles what
 * follows.
 *
 * A connection's requests in the ring, each a bit of `armed` and at most one of a kind:
 *   RECEIVE   into buffers lent to the kernel; what comes is copied into the worker's room
 *   READABLE  no such buffer was left: a poll, then a plain read into the worker's room
 *   WRITABLE  a poll: the socket took less than it was offered
 *   HANGUP    a poll: nothing else is awaited, but the peer's loss is wanted
 * A send is no such request: it is over when the call that hands it to the kernel returns.
 *
 * A poll in the ring also fires, and for ever, when the peer has merely finished sending. So what a
 * peer that has is awaited for, WRITABLE or HANGUP, is asked of an epoll beside the ring, which the
 * ring polls in turn.
 *
 * Invariants: a buffer is with the kernel, or parked at one connection, never lost; bytes that were
 * parked go to the worker before any that came later; a connection that is closed has nothing
 * parked, and what its requests still say meets no other, for it has another generation. */
#ifndef LN_DRIVERS_URING_H
#define LN_DRIVERS_URING_H

#include <linnet/driver.h>

#include "core/base/assert.h"
#include "drivers/acceptance.h"
#include "drivers/asynchronous_file.h"
#include "drivers/system/system_uring.h"

enum ln_uring_kind {
    LN_URING_RECEIVE,
    LN_URING_READABLE,
    LN_URING_WRITABLE,
    LN_URING_HANGUP,
    LN_URING_CONNECTION_KINDS, /* the others are no connection's */
    LN_URING_SEND = LN_URING_CONNECTION_KINDS,
    LN_URING_LISTENER,
    LN_URING_EPOLL,
    LN_URING_WAKE,
    LN_URING_FILES,
};

struct ln_uring_peer {
    int descriptor;
    uint32_t generation;  /* what a connection that is gone asked for does not meet the next one */
    uint32_t sending_len; /* bytes of the send whose completion was not yet seen; 0: none */
    uint32_t parked_first;
    uint32_t parked_last;
    uint32_t parked_count;
    uint8_t armed;   /* bit `enum ln_uring_kind` */
    bool open;       /* there is such a connection */
    bool kept;       /* it was answered once: it is received from until it ends */
    bool cancelling; /* its RECEIVE is being ended, for it has enough parked */
    bool starved;    /* no buffer was left for it */
    bool in_line;    /* waits for an input buffer of the worker */
    bool ended;      /* the peer has finished sending; told when nothing is parked */
    bool end_told;
    bool blocked;     /* the last send did not take all */
    bool half_closed; /* a poll has said that the peer has finished sending */
    bool in_epoll;    /* and the epoll knows it */
    bool epoll_armed; /* and will say when it is lost, or one of these is there */
    uint32_t epoll_events;
    bool to_be_sent_to; /* in `sending`; stays so when it is closed meanwhile */
};

/* A buffer that waits for its connection to want it. */
struct ln_uring_parked {
    uint32_t next;
    uint32_t begin;
    uint32_t end;
};

struct linnet_driver {
    struct ln_turn turn;
    struct ln_acceptance acceptance;
    bool watched[LINNET_LISTENERS_MAX]; /* listeners that are polled */
    struct ln_system_uring ring;
    struct ln_asynchronous_file files;
    int event;
    int epoll;
    uint32_t buffers_lent;  /* buffers that are with the kernel */
    uint32_t sending_count; /* connections that have something to send in the next call */
    uint32_t *sending;
    struct ln_uring_parked *parked; /* one for each buffer */
    struct ln_uring_peer peers[];
};

#define LN_URING_NO_BUFFER LN_SYSTEM_URING_NO_BUFFER

/* A key: what kind of request, which generation, which connection or listener. */
enum { LN_URING_GENERATION_BITS = 28 };

static inline uint64_t ln_uring_key(enum ln_uring_kind kind, uint32_t generation, uint32_t number)
{
    const uint32_t low = generation & ((1U << LN_URING_GENERATION_BITS) - 1);
    return (uint64_t)kind << 60 | (uint64_t)low << 32 | number;
}

/* ---- uring_listener.c */

/* Accepts who waits at that listener, as far as there is room. */
void ln_uring_listener_accept(struct linnet_driver *driver, unsigned listener);
/* Has those polled that are not, while clients are taken. */
void ln_uring_listener_watch(struct linnet_driver *driver);
/* As the operations of a driver. */
enum linnet_error ln_uring_listener_add(struct linnet_driver *driver, int descriptor);
void ln_uring_listener_pause(struct linnet_driver *driver);
void ln_uring_listener_resume(struct linnet_driver *driver);

/* ---- uring_peer.c: what a connection waits for, and its end */

/* A connection that was opened on that socket. */
void ln_uring_peer_open(struct linnet_driver *driver, uint32_t connection, int descriptor);
/* Does what its state allows by now, and asks for what it waits for; or closes it. */
void ln_uring_peer_serve(struct linnet_driver *driver, uint32_t connection);
/* Closes a connection that is CLOSED; while it is READING it stays, and comes up again. */
void ln_uring_peer_close(struct linnet_driver *driver, uint32_t connection);
/* The system refused to go on with it. */
void ln_uring_peer_lost(struct linnet_driver *driver, uint32_t connection, enum linnet_error error);
/* A completion of one of its requests. */
void ln_uring_peer_complete(struct linnet_driver *driver, enum ln_uring_kind kind,
                            const struct ln_system_uring_completion *completion);

/* Looks at the epoll, and has it polled again. */
void ln_uring_peer_look_at_epoll(struct linnet_driver *driver);
void ln_uring_peer_watch_epoll(struct linnet_driver *driver);

/* ---- uring_input.c */

/* Takes a completed RECEIVE: parks what came, notes an end or a failure. */
void ln_uring_input_take(struct linnet_driver *driver, uint32_t connection,
                         const struct ln_system_uring_completion *completion);
/* Hands to the worker what is parked, as far as it wants it, and tells it of the end. */
void ln_uring_input_feed(struct linnet_driver *driver, uint32_t connection);
/* Reads by plain calls into the worker's room. */
void ln_uring_input_read(struct linnet_driver *driver, uint32_t connection);
/* Gives back all that is parked. */
void ln_uring_input_drop(struct linnet_driver *driver, uint32_t connection);
/* A buffer whose bytes nobody wants any more. */
void ln_uring_input_give(struct linnet_driver *driver, uint32_t buffer);

/* ---- uring_output.c */

/* Sends files, and puts a connection that has bytes to send into `sending`. */
void ln_uring_output_pend(struct linnet_driver *driver, uint32_t connection);
/* Writes the requests of all that is in `sending`; the next call must be ln_system_uring_enter.
 * Returns whether there are any. */
bool ln_uring_output_write(struct linnet_driver *driver);
/* A send is over. */
void ln_uring_output_sent(struct linnet_driver *driver, uint32_t connection,
                          const struct ln_system_uring_completion *completion);

#endif
