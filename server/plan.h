/* Settling the limits at boot: what --memory, --connections and the descriptors make of them.
 *
 * Counts (those of 1.) and --memory are those of the whole program: each worker has an equal part,
 * and what is settled is the limits of one worker.
 *
 * Only limits that the user has not set are changed otherwise, in this order:
 *   0. read_len is 64 KiB when files are to be read ahead and the driver can, and else 0.
 *   1. With a budget of memory, the counts (connections, inputs, outputs, files, open_files,
 *      cache_blocks, extra_reads) are their defaults times one factor, the largest with which the
 *      sum fits; sizes, times and rates stay.
 *   2. connections and open_files are lowered, in their proportion, to the descriptors there are.
 *   3. inputs and outputs are at most as many as connections, for none ever holds two. */
#ifndef LN_SERVER_PLAN_H
#define LN_SERVER_PLAN_H

#include "server/server.h"

/* Settles server->config.limits and what is derived from them, or says in `message`
 * (LN_SERVER_MESSAGE_MAX bytes) why that cannot be. Takes nothing from the system but the right to
 * as many descriptors as it allows. */
bool ln_plan_settle(struct ln_server *server, char *message);

#endif
