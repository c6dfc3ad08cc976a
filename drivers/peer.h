/* A peer: one connection's socket, and the moving of bytes between it and the worker.
 *
 * For drivers that wait until sockets are ready: they own the waiting, and are told what to wait
 * for. Output is sent as soon as there is some, without waiting for readiness first; a peer is
 * waited for only when a send did not take all (blocked). Who stands in line for an input buffer is
 * not read from until the line has come to it (in_line): TCP holds its bytes back. */
#ifndef LN_DRIVERS_PEER_H
#define LN_DRIVERS_PEER_H

#include <linnet/error.h>

#include "drivers/turn.h"

struct ln_peer {
    int descriptor;
    bool in_line;
    bool blocked;
};

/* What a driver was told of a socket, and what it waits for. */
enum {
    LN_PEER_INPUT = 1U << 0,   /* it can be read from */
    LN_PEER_OUTPUT = 1U << 2,  /* it can be written to */
    LN_PEER_HUNG_UP = 1U << 4, /* only told; it is what is waited for where there is nothing else */
    LN_PEER_LINE = 1U << 5,    /* only waited for; alone: the socket is not waited for at all,
                                * because it stands in line, or is closed and READING */
    LN_PEER_OVER = 1U << 6,    /* the connection is closed: nothing is waited for */
};

/* Reads what may be read and sends what may be sent; returns what is waited for then. */
unsigned ln_peer_serve(const struct ln_turn *turn, uint32_t connection, struct ln_peer *peer,
                       unsigned told);

/* The same for a connection that comes up in linnet_worker_ready: it may have come to the head of
 * the line. */
unsigned ln_peer_resume(const struct ln_turn *turn, uint32_t connection, struct ln_peer *peer);

/* The system has lost it. */
void ln_peer_lose(const struct ln_turn *turn, uint32_t connection, enum linnet_error error);

/* Closes the socket of a connection that is over, and frees its slot. */
void ln_peer_close(const struct ln_turn *turn, uint32_t connection, const struct ln_peer *peer);

#endif
