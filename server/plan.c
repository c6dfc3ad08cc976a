/* Choosing limits whose sums fit. */
#include "server/plan.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "core/table/limit.h"
#include "server/certificates.h"
#include "server/slices.h"

/* The factor of the counts, in parts of FACTOR_ONE; at the most, every count is at its most. */
#define FACTOR_ONE  ((uint64_t)1 << 16)
#define FACTOR_MOST (FACTOR_ONE * 1000000)

/* Of a buffer to read ahead into, where the user has set none: with four of them under way a disk
 * gives half of what it can at best, and with 16 KiB a quarter (docs/internals/drivers.md). */
#define READ_LEN 65536

static const enum linnet_limit counts[] = {
    LINNET_LIMIT_connections,     LINNET_LIMIT_inputs,         LINNET_LIMIT_outputs,
    LINNET_LIMIT_files,           LINNET_LIMIT_open_files,     LINNET_LIMIT_cache_blocks,
    LINNET_LIMIT_uring_entries,   LINNET_LIMIT_uring_buffers,  LINNET_LIMIT_extra_reads,
    LINNET_LIMIT_tls_connections, LINNET_LIMIT_tls_handshakes, LINNET_LIMIT_tls_outputs,
};

_Static_assert(LINNET_LIMIT_COUNT <= 64, "a limit has its bit in `given`");

static bool is_given(const struct ln_server_config *config, enum linnet_limit limit)
{
    return (config->given >> limit & 1) != 0;
}

/* All descriptors the system lets us have. */
static uint64_t raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 0;
    }
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

/* Each worker's part of a count of the program's. false: there is less than one for each. */
static bool divide(struct ln_server *server, char *message)
{
    struct ln_server_config *config = &server->config;
    const uint64_t workers = config->limits.workers;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        const struct ln_limit_row *row = ln_limit_row(counts[i]);
        const uint64_t whole = ln_limit_get(&config->limits, counts[i]);
        uint64_t part = whole / workers;
        if (part < row->least && is_given(config, counts[i])) {
            (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                           "%.*s=%llu cannot be divided among %llu workers: each needs %llu at "
                           "least. Raise it, or lower --workers.",
                           (int)row->name.len, (const char *)row->name.data,
                           (unsigned long long)whole, (unsigned long long)workers,
                           (unsigned long long)row->least);
            return false;
        }
        part = part < row->least ? row->least : part;
        const bool set = ln_limit_set(&config->limits, counts[i], part);
        LN_ASSERT(set);
    }
    return true;
}

static uint64_t shared_len_of(const struct ln_server *server)
{
    return ln_shared_len(server->workers) +
           (ln_server_has_tls(&server->config) ? LN_CERTIFICATES_SHARED_LEN : 0);
}

/* What the library of TLS draws from, in each worker; 0 without it. */
static uint64_t arena_len(const struct ln_server_config *config)
{
    const struct ln_tls_memory memory =
        ln_tls_memory(&config->limits, config->tls.clients != LN_TLS_CLIENTS_OFF);
    return ln_server_has_tls(config) ? ln_tls_memory_len(&memory) : 0;
}

/* What is left of --memory for one worker. */
static uint64_t memory_for_each(const struct ln_server *server)
{
    const uint64_t shared_len = shared_len_of(server);
    const uint64_t memory_len = server->config.memory_len;
    return memory_len > shared_len ? (memory_len - shared_len) / server->workers : 0;
}

static void scale(const struct ln_server_config *config, uint64_t factor,
                  struct linnet_limits *limits)
{
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (is_given(config, counts[i])) {
            continue;
        }
        const struct ln_limit_row *row = ln_limit_row(counts[i]);
        uint64_t value = ln_limit_get(&config->limits, counts[i]) * factor / FACTOR_ONE;
        value = value < row->least ? row->least : value > row->most ? row->most : value;
        const bool set = ln_limit_set(limits, counts[i], value);
        LN_ASSERT(set);
    }
}

/* No more of them than there are connections. */
static void settle_tls_counts(const struct ln_server_config *config, struct linnet_limits *limits)
{
    static const enum linnet_limit rows[] = {LINNET_LIMIT_tls_connections,
                                             LINNET_LIMIT_tls_handshakes, LINNET_LIMIT_tls_outputs};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!is_given(config, rows[i]) && ln_limit_get(limits, rows[i]) > limits->connections) {
            const bool set = ln_limit_set(limits, rows[i], limits->connections);
            LN_ASSERT(set);
        }
    }
}

/* The config with its counts times that factor, as far as descriptors allow. false: the descriptors
 * do not suffice for what the user has set. */
static bool settle_at(const struct ln_server *server, uint64_t factor,
                      struct ln_server_config *settled)
{
    const struct ln_server_config *config = &server->config;
    *settled = *config;
    scale(config, factor, &settled->limits);
    const struct ln_budget_plan plan = ln_server_plan(settled);
    struct linnet_limits *limits = &settled->limits;
    const bool fits = ln_budget_fit_descriptors(&plan, limits, server->descriptors_allowed,
                                                !is_given(config, LINNET_LIMIT_connections),
                                                !is_given(config, LINNET_LIMIT_open_files));
    if (!is_given(config, LINNET_LIMIT_inputs) && limits->inputs > limits->connections) {
        limits->inputs = limits->connections;
    }
    if (!is_given(config, LINNET_LIMIT_outputs) && limits->outputs > limits->connections) {
        limits->outputs = limits->connections;
    }
    settle_tls_counts(config, limits);
    return fits;
}

static uint64_t memory_at(const struct ln_server *server, uint64_t factor)
{
    struct ln_server_config settled;
    (void)settle_at(server, factor, &settled);
    const struct ln_budget_plan plan = ln_server_plan(&settled);
    return ln_budget_for(&plan).memory_len + arena_len(&settled);
}

/* The largest factor with which the sum fits into memory_len; with factor 0 it does. */
static uint64_t largest_factor(const struct ln_server *server)
{
    uint64_t fits = 0;
    uint64_t too_large = FACTOR_MOST + 1;
    while (too_large - fits > 1) {
        const uint64_t middle = fits + (too_large - fits) / 2;
        if (memory_at(server, middle) <= memory_for_each(server)) {
            fits = middle;
        } else {
            too_large = middle;
        }
    }
    return fits;
}

static bool say_too_small(const struct ln_server *server, char *message)
{
    struct ln_server_config least;
    struct ln_budget_term terms[LN_BUDGET_TERMS_MAX];
    char sum[272] = "";
    char times[32];
    (void)settle_at(server, 0, &least);
    const struct ln_budget_plan plan = ln_server_plan(&least);
    const uint64_t shared_len = shared_len_of(server);
    const uint64_t arena = arena_len(&least);
    const uint64_t memory_len =
        (ln_budget_for(&plan).memory_len + arena) * server->workers + shared_len;
    const unsigned count = ln_budget_memory_terms(&plan, terms);
    for (unsigned i = 0; i < count; i++) {
        const size_t len = strlen(sum);
        (void)snprintf(sum + len, sizeof sum - len, "%s%s %llu", i > 0 ? " + " : "", terms[i].name,
                       (unsigned long long)terms[i].len);
    }
    if (arena > 0) {
        const size_t len = strlen(sum);
        (void)snprintf(sum + len, sizeof sum - len, " + arena %llu", (unsigned long long)arena);
    }
    times[0] = 0;
    if (server->workers > 1) {
        (void)snprintf(times, sizeof times, "%u times ", server->workers);
    }
    (void)snprintf(
        message, LN_SERVER_MESSAGE_MAX,
        "--memory %llu is too small. With every count at its least the sum is %s%s + "
        "shared %llu = %llu bytes. The smallest that would do is --memory %lluK; smaller limits of "
        "lengths make it less.",
        (unsigned long long)server->config.memory_len, times, sum, (unsigned long long)shared_len,
        (unsigned long long)memory_len, (unsigned long long)(memory_len + 1023) / 1024);
    return false;
}

/* `config` has what could not be lowered; what could be is at its least when the sum is said. */
static bool say_few_descriptors(const struct ln_server *server,
                                const struct ln_server_config *config, char *message)
{
    struct ln_server_config least = *config;
    if (!is_given(config, LINNET_LIMIT_connections)) {
        least.limits.connections = 1;
    }
    if (!is_given(config, LINNET_LIMIT_open_files)) {
        least.limits.open_files = 1;
    }
    const struct ln_budget_plan plan = ln_server_plan(&least);
    (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                   "at least %llu descriptors are needed (connections %llu, open_files %llu, the "
                   "rest for itself), but the system allows %llu. Lower --limit connections or "
                   "open_files if you have set them, or raise `ulimit -n`.",
                   (unsigned long long)ln_budget_for(&plan).descriptors,
                   (unsigned long long)least.limits.connections,
                   (unsigned long long)least.limits.open_files,
                   (unsigned long long)server->descriptors_allowed);
    return false;
}

/* Buffers to read ahead into are there when that was asked for and the driver can use them. */
static void settle_reads(struct ln_server_config *config)
{
    const bool reads_ahead = config->files == LN_SERVER_FILES_ASYNC &&
                             (config->driver->capabilities & LINNET_DRIVER_ASYNC_FILE) != 0;
    if (!is_given(config, LINNET_LIMIT_read_len)) {
        config->limits.read_len = reads_ahead ? READ_LEN : 0;
    }
}

/* An input buffer holds a head that is answered and a whole record behind it. */
static bool settle_input(struct ln_server_config *config, char *message)
{
    const uint64_t least =
        (config->limits.head_len_max + LN_TLS_RECORD_LEN_MAX + 15) & ~(uint64_t)15;
    if (!ln_server_has_tls(config) || config->limits.input_len >= least) {
        return true;
    }
    if (is_given(config, LINNET_LIMIT_input_len)) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "input_len=%llu is too small for TLS: an input buffer holds a head "
                       "(head_len_max) and a whole record, %llu bytes together. Raise it, or let "
                       "it be.",
                       (unsigned long long)config->limits.input_len, (unsigned long long)least);
        return false;
    }
    config->limits.input_len = least;
    return true;
}

bool ln_plan_settle(struct ln_server *server, char *message)
{
    struct ln_server_config settled;
    struct linnet_limits scaled;
    settle_reads(&server->config);
    const char *wrong = ln_limits_check(&server->config.limits);
    if (wrong != NULL) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX, "%s.", wrong);
        return false;
    }
    if (!settle_input(&server->config, message)) {
        return false;
    }
    server->descriptors_allowed = raise_descriptors();
    if (ln_slices_are_for(server->config.driver)) {
        return ln_slices_settle(server, message);
    }
    if (!divide(server, message)) {
        return false;
    }
    scaled = server->config.limits;
    uint64_t factor = FACTOR_ONE;
    if (server->config.memory_len > 0) {
        if (memory_at(server, 0) > memory_for_each(server)) {
            return say_too_small(server, message);
        }
        factor = largest_factor(server);
    }
    if (!settle_at(server, factor, &settled)) {
        return say_few_descriptors(server, &settled, message);
    }
    scale(&server->config, factor, &scaled);
    server->connections_lowered = settled.limits.connections < scaled.connections;
    server->config = settled;
    const struct ln_budget_plan plan = ln_server_plan(&server->config);
    server->budget = ln_budget_for(&plan);
    LN_ASSERT(ln_limits_check(&server->config.limits) == NULL);
    return true;
}
