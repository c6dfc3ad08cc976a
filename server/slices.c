/* Settling how many slices there are. */
#include "server/slices.h"

#include <stdio.h>

#include "core/base/assert.h"
#include "core/table/limit.h"

static bool is_threads(const struct linnet_driver_operations *driver)
{
    return (driver->capabilities & LINNET_DRIVER_THREADS) != 0;
}

bool ln_slices_are_for(const struct linnet_driver_operations *driver)
{
    return (driver->capabilities & (LINNET_DRIVER_PROCESSES | LINNET_DRIVER_THREADS)) != 0;
}

static enum linnet_limit bound_of(const struct linnet_driver_operations *driver)
{
    LN_ASSERT(ln_slices_are_for(driver));
    return is_threads(driver) ? LINNET_LIMIT_threads_max : LINNET_LIMIT_children_max;
}

static bool is_given(const struct ln_server_config *config, enum linnet_limit limit)
{
    return (config->given >> limit & 1) != 0;
}

/* The counts of a slice. */
static void shrink(struct linnet_limits *limits)
{
    limits->connections = 1;
    limits->inputs = 1;
    limits->outputs = 1;
    limits->files = 2; /* one that is sent, and the next one's */
    limits->open_files = 2;
    limits->cache_blocks = 0;
    limits->cache_ms = 0;
    limits->tls_connections = 1;
    limits->tls_handshakes = 1;
    limits->tls_outputs = 1;
}

/* All memory with that many slices of each worker. */
static uint64_t memory_with(struct ln_server *server, uint64_t slices)
{
    server->slices = (unsigned)slices;
    /* Of processes, that which accepts has one too; threads have a row each for their figures. */
    server->blocks = is_threads(server->config.driver) ? server->slices : server->slices + 1;
    server->rows = is_threads(server->config.driver) ? server->slices : 1;
    return ln_server_blocks_len(server) + ln_server_shared_len(server) +
           ln_server_arenas_len(server);
}

/* As many slices as fit; false: not even what is given, or one. */
static bool fit_memory(struct ln_server *server, uint64_t wanted, bool given, char *message)
{
    const uint64_t memory_len = server->config.memory_len;
    uint64_t fits = 0;
    uint64_t too_many = wanted + 1;
    const uint64_t least_len = memory_with(server, given ? wanted : 1);
    if (least_len > memory_len) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "--memory %llu is too small. The driver %s needs %zu bytes for each "
                       "connection and for itself, and %llu are the least. The smallest that would "
                       "do is --memory %lluK; fewer --connections, or a smaller --limit input_len, "
                       "output_len or log_len makes it less.",
                       (unsigned long long)memory_len, server->config.driver->name,
                       server->budget.memory_len, (unsigned long long)least_len,
                       (unsigned long long)(least_len + 1023) / 1024);
        return false;
    }
    while (too_many - fits > 1) {
        const uint64_t middle = fits + (too_many - fits) / 2;
        if (memory_with(server, middle) <= memory_len) {
            fits = middle;
        } else {
            too_many = middle;
        }
    }
    (void)memory_with(server, fits);
    return true;
}

bool ln_slices_settle(struct ln_server *server, char *message)
{
    struct linnet_limits *limits = &server->config.limits;
    const enum linnet_limit bound = bound_of(server->config.driver);
    const uint64_t bound_value = ln_limit_get(limits, bound);
    const uint64_t whole = limits->connections < bound_value ? limits->connections : bound_value;
    const uint64_t wanted = whole / server->workers;
    const bool given =
        is_given(&server->config, LINNET_LIMIT_connections) || is_given(&server->config, bound);
    if (wanted == 0) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "%llu connections, as connections and %.*s allow, cannot be divided among "
                       "%u workers: each needs 1 at least. Raise them, or lower --workers.",
                       (unsigned long long)whole, (int)ln_limit_row(bound)->name.len,
                       (const char *)ln_limit_row(bound)->name.data, server->workers);
        return false;
    }
    shrink(limits);
    struct ln_budget_plan plan = ln_server_plan(&server->config);
    plan.threads = is_threads(server->config.driver) ? wanted : 1;
    server->budget = ln_budget_for(&plan);
    if (server->budget.descriptors > server->descriptors_allowed) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "%llu descriptors are needed in each process, but the system allows %llu. "
                       "Raise `ulimit -n`, or lower --connections.",
                       (unsigned long long)server->budget.descriptors,
                       (unsigned long long)server->descriptors_allowed);
        return false;
    }
    if (server->config.memory_len > 0) {
        return fit_memory(server, wanted, given, message);
    }
    (void)memory_with(server, wanted);
    return true;
}
