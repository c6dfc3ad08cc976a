/* Adding up memory and descriptors, before anything is taken. */
#include "server/budget.h"

#include <string.h>

#include "core/table/limit.h"
#include "server/cache.h"
#include "server/files.h"
#include "tls/tls.h"

/* How many of what a term of the worker's memory holds: X(term, limit). The others are one. */
#define COUNTED_TERMS(X)  \
    X(slots, connections) \
    X(inputs, inputs)     \
    X(exchanges, inputs)  \
    X(outputs, outputs)   \
    X(notes, connections)

enum { PAGE_LEN = 4096 };

static size_t round_up_page(size_t len)
{
    return (len + PAGE_LEN - 1) & ~(size_t)(PAGE_LEN - 1);
}

static size_t round_up_64(size_t len)
{
    return (len + 63) & ~(size_t)63;
}

struct ln_budget ln_budget_for(const struct ln_budget_plan *plan)
{
    const struct linnet_limits *limits = plan->limits;
    struct ln_budget_term terms[LN_BUDGET_TERMS_MAX];
    struct ln_budget budget = {
        .worker = ln_worker_memory(limits),
        .driver = round_up_64(plan->driver->memory_len(limits)),
        .files = round_up_64(ln_files_memory_len(limits)),
        .log = round_up_64((size_t)limits->log_len),
        .tls_channels = plan->tls ? ln_tls_channels_len(limits) : 0,
        .tls_outputs = plan->tls ? ln_tls_outputs_len(limits) : 0,
    };
    if ((plan->driver->capabilities & LINNET_DRIVER_THREADS) != 0) {
        budget.stack = round_up_page((size_t)limits->thread_stack_len) + 2 * (size_t)PAGE_LEN;
    }
    budget.memory_len = ln_worker_memory_len(&budget.worker) + budget.driver + budget.files +
                        budget.log + budget.tls_channels + budget.tls_outputs + budget.stack;
    const unsigned count = ln_budget_descriptor_terms(plan, terms);
    for (unsigned i = 0; i < count; i++) {
        budget.descriptors += terms[i].len;
    }
    return budget;
}

static uint64_t count_of(const char *term, const struct linnet_limits *limits)
{
    if (strcmp(term, "reads") == 0) {
        return ln_read_loans_count(limits);
    }
#define COUNT_TERM(name, limit)         \
    if (strcmp(term, #name) == 0) {     \
        return (uint64_t)limits->limit; \
    }
    COUNTED_TERMS(COUNT_TERM)
#undef COUNT_TERM
    return 1;
}

static void add(struct ln_budget_term *terms, unsigned *used, struct ln_budget_term term)
{
    LN_ASSERT(*used < LN_BUDGET_TERMS_MAX);
    term.each = term.count == 0 ? 0 : term.len / term.count;
    terms[*used] = term;
    (*used)++;
}

unsigned ln_budget_memory_terms(const struct ln_budget_plan *plan,
                                struct ln_budget_term terms[LN_BUDGET_TERMS_MAX])
{
    const struct linnet_limits *limits = plan->limits;
    const struct ln_budget budget = ln_budget_for(plan);
    const size_t cached = (size_t)limits->cache_blocks * round_up_64(limits->cache_block_len);
    unsigned used = 0;
    LN_ASSERT(cached <= budget.files);
#define ADD_TERM(term, text)                                          \
    if (budget.worker.term > 0) {                                     \
        add(terms, &used,                                             \
            (struct ln_budget_term){.name = #term,                    \
                                    .reason = (text),                 \
                                    .count = count_of(#term, limits), \
                                    .len = budget.worker.term});      \
    }
    LN_WORKER_TERMS(ADD_TERM)
#undef ADD_TERM
    add(terms, &used,
        (struct ln_budget_term){
            .name = "driver", .reason = plan->driver->meaning, .count = 1, .len = budget.driver});
    add(terms, &used,
        (struct ln_budget_term){.name = "cache",
                                .reason = "the smaller files, whole",
                                .count = limits->cache_blocks,
                                .len = cached});
    add(terms, &used,
        (struct ln_budget_term){.name = "files",
                                .reason = "what is known of files",
                                .count = limits->files,
                                .len = budget.files - cached});
    add(terms, &used,
        (struct ln_budget_term){.name = "log",
                                .reason = "lines that are not yet written",
                                .count = 1,
                                .len = budget.log});
    if (plan->tls) {
        add(terms, &used,
            (struct ln_budget_term){.name = "tls",
                                    .reason = "a record of TLS for each connection",
                                    .count = limits->connections,
                                    .len = budget.tls_channels});
        add(terms, &used,
            (struct ln_budget_term){.name = "sealed",
                                    .reason = "records of TLS being sent",
                                    .count = limits->tls_outputs,
                                    .len = budget.tls_outputs});
    }
    if (budget.stack > 0) {
        add(terms, &used,
            (struct ln_budget_term){.name = "stack",
                                    .reason = "of its thread, with a page nobody may touch",
                                    .count = 1,
                                    .len = budget.stack});
    }
    return used;
}

unsigned ln_budget_descriptor_terms(const struct ln_budget_plan *plan,
                                    struct ln_budget_term terms[LN_BUDGET_TERMS_MAX])
{
    const struct {
        const char *name;
        const char *reason;
        uint64_t count;
    } rows[] = {
        {"standard", "standard input, output and error", 3},
        {"root", "the folder, and a file that is looked at", 1 + plan->threads},
        {"log", "the log; three while a file is opened anew",
         plan->log_descriptors * plan->threads},
        {"driver", plan->driver->meaning,
         plan->driver->descriptor_count(plan->limits) * plan->threads},
        {"listeners", "one for each address", plan->listeners},
        {"connections", "one for each client", plan->limits->connections * plan->threads},
        {"open_files", "files that are sent or kept open",
         plan->limits->open_files * plan->threads},
    };
    unsigned used = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        add(terms, &used,
            (struct ln_budget_term){.name = rows[i].name,
                                    .reason = rows[i].reason,
                                    .count = rows[i].count,
                                    .len = rows[i].count});
    }
    return used;
}

bool ln_budget_fit_descriptors(const struct ln_budget_plan *plan, struct linnet_limits *limits,
                               uint64_t available, bool movable_connections, bool movable_files)
{
    LN_ASSERT(plan->limits == limits);
    const uint64_t wanted = ln_budget_for(plan).descriptors;
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
