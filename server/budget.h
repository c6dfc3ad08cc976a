/* The budget: all memory of the program as a sum, a reason for each term; and the descriptors. */
#ifndef LN_SERVER_BUDGET_H
#define LN_SERVER_BUDGET_H

#include <linnet/driver.h>

#include "core/worker/worker.h"

/* What a budget is made for. */
struct ln_budget_plan {
    const struct linnet_limits *limits;
    const struct linnet_driver_operations *driver;
    unsigned listeners;
    unsigned log_descriptors;
    uint64_t threads; /* workers of one process, each in a thread; else 1 */
    bool tls;         /* somebody listens for it */
};

struct ln_budget {
    struct ln_worker_memory worker;
    size_t driver;
    size_t files;
    size_t log;
    size_t tls_channels; /* of TLS, what it is worth: 0 without it */
    size_t tls_outputs;
    size_t stack;         /* of a thread with what keeps others from it, or 0 */
    size_t memory_len;    /* the sum: one block, reserved at start */
    uint64_t descriptors; /* the sum of what may be open at one time */
};

/* A term of a sum: `count` things of `each`, rounded up to `len` all together. */
struct ln_budget_term {
    const char *name;
    const char *reason;
    uint64_t count;
    uint64_t each;
    uint64_t len;
};

enum { LN_BUDGET_TERMS_MAX = 16 };

struct ln_budget ln_budget_for(const struct ln_budget_plan *plan);

/* The terms whose `len` add up to memory_len; returns how many. */
unsigned ln_budget_memory_terms(const struct ln_budget_plan *plan,
                                struct ln_budget_term terms[LN_BUDGET_TERMS_MAX]);

/* The terms whose `len` add up to `descriptors`; returns how many. */
unsigned ln_budget_descriptor_terms(const struct ln_budget_plan *plan,
                                    struct ln_budget_term terms[LN_BUDGET_TERMS_MAX]);

/* Lowers connections and open_files, in their proportion, until the descriptors suffice; only what
 * `movable_connections` and `movable_files` allow. `limits` are those of the plan. false: it cannot
 * be done. */
bool ln_budget_fit_descriptors(const struct ln_budget_plan *plan, struct linnet_limits *limits,
                               uint64_t available, bool movable_connections, bool movable_files);

#endif
