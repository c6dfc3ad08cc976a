/* The budget: all memory of the program as a sum, a reason for each term; and the descriptors. */
#ifndef LN_SERVER_BUDGET_H
#define LN_SERVER_BUDGET_H

#include <linnet/driver.h>

#include "core/worker/worker.h"

struct ln_budget {
    struct ln_worker_memory worker;
    size_t driver;
    size_t files;
    size_t log;
    size_t memory_len;    /* the sum: one block, reserved at start */
    uint64_t descriptors; /* the sum of what may be open at one time */
};

/* `listeners`: how many there will be. */
struct ln_budget ln_budget_for(const struct linnet_limits *limits,
                               const struct linnet_driver_operations *driver, unsigned listeners);

/* Lowers connections and open_files, in their proportion, until the descriptors suffice; only what
 * `movable_connections` and `movable_files` allow. false: it cannot be done. */
bool ln_budget_fit_descriptors(struct linnet_limits *limits,
                               const struct linnet_driver_operations *driver, unsigned listeners,
                               uint64_t available, bool movable_connections, bool movable_files);

#endif
