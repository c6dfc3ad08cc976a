/* Adding up memory and descriptors, before anything is taken. */
#include "server/budget.h"

#include "core/table/limit.h"
#include "server/files.h"

enum {
    OWN_DESCRIPTORS = 5, /* standard input, output and error; the root folder; the log */
};

static size_t round_up_64(size_t len)
{
    return (len + 63) & ~(size_t)63;
}

struct ln_budget ln_budget_for(const struct linnet_limits *limits,
                               const struct linnet_driver_operations *driver, unsigned listeners)
{
    struct ln_budget budget = {
        .worker = ln_worker_memory(limits),
        .driver = round_up_64(driver->memory_len(limits)),
        .files = round_up_64(ln_files_memory_len(limits)),
        .log = round_up_64((size_t)limits->log_len),
    };
    budget.memory_len =
        ln_worker_memory_len(&budget.worker) + budget.driver + budget.files + budget.log;
    budget.descriptors = OWN_DESCRIPTORS + driver->descriptor_count(limits) + listeners +
                         limits->connections + limits->open_files;
    return budget;
}

bool ln_budget_fit_descriptors(struct linnet_limits *limits,
                               const struct linnet_driver_operations *driver, unsigned listeners,
                               uint64_t available, bool movable_connections, bool movable_files)
{
    const uint64_t wanted = ln_budget_for(limits, driver, listeners).descriptors;
    if (wanted <= available) {
        return true;
    }
    const uint64_t fixed = wanted - limits->connections - limits->open_files;
    if (available <= fixed + 1) {
        return false;
    }
    const uint64_t left = available - fixed;
    if (movable_connections && movable_files) {
        limits->open_files = left * limits->open_files / (limits->connections + limits->open_files);
        limits->open_files = limits->open_files == 0 ? 1 : limits->open_files;
        limits->connections = left - limits->open_files;
        return limits->connections > 0;
    }
    if (movable_connections && left > limits->open_files) {
        limits->connections = left - limits->open_files;
        return true;
    }
    if (movable_files && left > limits->connections) {
        limits->open_files = left - limits->connections;
        return true;
    }
    return false;
}
