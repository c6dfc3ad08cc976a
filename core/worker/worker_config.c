/* A worker in memory that lies anywhere. */
#include <linnet/worker_config.h>

#include "core/table/limit.h"
#include "core/worker/worker.h"

enum { ALIGNMENT = 64 };

size_t linnet_worker_memory_len(const struct linnet_limits *limits)
{
    if (ln_limits_check(limits) != NULL) {
        return 0;
    }
    const struct ln_worker_memory memory = ln_worker_memory(limits);
    return ln_worker_memory_len(&memory) + ALIGNMENT - 1;
}

enum linnet_error linnet_worker_init(const struct linnet_worker_config *config, void *block,
                                     size_t block_len, struct linnet_worker **worker)
{
    const size_t needed = linnet_worker_memory_len(config->limits);
    const struct ln_worker_config inner = {
        .limits = config->limits,
        .routes = config->routes,
        .route_count = config->route_count,
        .hooks = config->hooks,
        .cpu_bits = config->cpu_bits,
        .now_ms = config->now_ms,
    };
    if (needed == 0) {
        return LINNET_ERROR_INVALID;
    }
    if (block_len < needed) {
        return LINNET_ERROR_TOO_LARGE;
    }
    const size_t skip = (ALIGNMENT - (uintptr_t)block % ALIGNMENT) % ALIGNMENT;
    *worker = ln_worker_init((uint8_t *)block + skip, &inner);
    return LINNET_ERROR_NONE;
}

void linnet_worker_end(struct linnet_worker *worker)
{
    LN_ASSERT(linnet_worker_open_count(worker) == 0);
    ln_pool_end(&worker->slots);
    ln_pool_end(&worker->inputs);
    ln_pool_end(&worker->exchanges);
    ln_pool_end(&worker->outputs);
}
