/* Several workers in one process, each in a thread, for drivers that have one client at a time
 * (LINNET_DRIVER_THREADS).
 *
 * Each has its own parts, in a block that ends with the thread's stack, and its own row in the
 * shared mapping. The process's first thread serves nobody: it waits for signals and wakes the
 * others, in whatever call they wait. What they share they only read, but for atomics. */
#ifndef LN_SERVER_THREADS_H
#define LN_SERVER_THREADS_H

#include "server/server.h"

struct ln_threads;

/* Makes the parts of all of them. NULL: `message` (LN_SERVER_MESSAGE_MAX bytes) says why not. */
struct ln_threads *ln_threads_make(struct ln_server *server, unsigned place, char *message);

/* Starts them. false: as above; those that were started go on. */
bool ln_threads_start(struct ln_threads *threads, char *message);

/* Returns when all of them have drained. When the driver of one fails, or an assertion, the process
 * ends. */
void ln_threads_run(struct ln_threads *threads);

#endif
