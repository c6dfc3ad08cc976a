/* The parent of the workers: makes them, waits for signals and for their ends, replaces them.
 *
 * A worker that ends is replaced at once; one that ended within respawn_ms_max of its making, like
 * the one before it, after respawn_ms, doubling each time up to respawn_ms_max. Its listeners stay
 * open meanwhile: who comes waits in their queues. */
#ifndef LN_SERVER_PARENT_H
#define LN_SERVER_PARENT_H

#include "server/server.h"

/* Makes all workers and waits until each of them serves. false: none is left, and `message` says
 * why. */
bool ln_parent_start(struct ln_server *server, char *message);

/* Keeps them going; returns when all have ended behind SIGINT or SIGTERM. */
void ln_parent_run(struct ln_server *server);

#endif
