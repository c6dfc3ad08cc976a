/* A worker without a server: for whoever brings bytes and time himself, on a machine with other
 * sockets or none, and drives it by <linnet/worker.h>.
 *
 * It makes no call of the system and takes no memory but the block that it is given. */
#ifndef LINNET_WORKER_CONFIG_H
#define LINNET_WORKER_CONFIG_H

#include <linnet/cpu.h>
#include <linnet/declarations.h>
#include <linnet/hooks.h>
#include <linnet/limits.h>
#include <linnet/worker.h>

LINNET_BEGIN

struct linnet_worker_config {
    const struct linnet_limits *limits; /* copied */
    const struct linnet_route *routes;  /* outlive the worker; see linnet_routes_check */
    size_t route_count;
    struct linnet_hooks hooks;
    unsigned cpu_bits; /* LINNET_CPU_... of this processor; 0 is always right, and slower */
    uint64_t now_ms;   /* the time of the monotonic clock */
};

/* Bytes that a worker needs; 0: the limits do not hold (linnet_limits_check says why). */
size_t linnet_worker_memory_len(const struct linnet_limits *limits);

/* Makes a worker in the block, which may hold anything and may lie anywhere, and is the worker's
 * until linnet_worker_end. INVALID: the limits do not hold; TOO_LARGE: the block is too
 * small. */
LINNET_MUST_USE enum linnet_error linnet_worker_init(const struct linnet_worker_config *config,
                                                     void *block, size_t block_len,
                                                     struct linnet_worker **worker);

/* The block is the caller's again. No connection may be open. */
void linnet_worker_end(struct linnet_worker *worker);

LINNET_END

#endif
