/* Making a worker's parts in one block, and saying what could not be had. */
#include "server/parts.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <linnet/worker_config.h>

#include "drivers/system/system_clock.h"
#include "drivers/system/system_error.h"
#include "server/children.h"
#include "server/cpu.h"
#include "server/files.h"

static bool lock_block(const struct ln_parts *parts, char *message)
{
    struct rlimit limit = {.rlim_cur = 0};
    if (mlock(parts->block, parts->block_len) == 0 && ln_tls_lock_memory()) {
        return true;
    }
    (void)getrlimit(RLIMIT_MEMLOCK, &limit);
    (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                   "--lock-memory: %zu bytes are to be locked, but the system lets this process "
                   "lock %llu. Lower --memory, raise `ulimit -l` (LimitMEMLOCK= of systemd), or "
                   "give it CAP_IPC_LOCK.",
                   parts->block_len, (unsigned long long)limit.rlim_cur);
    return false;
}

/* One block for everything, reserved now and touched when it is needed. */
static bool take_block(struct ln_parts *parts, const struct ln_server *server, char *message)
{
    void *block = mmap(NULL, server->budget.memory_len, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "the system has no %zu bytes of memory for it. Give it less with --memory, "
                       "or lower --connections.",
                       server->budget.memory_len);
        return false;
    }
    parts->block = block;
    parts->block_len = server->budget.memory_len;
    return !server->config.lock_memory || lock_block(parts, message);
}

static bool open_log(struct ln_parts *parts, void *memory, size_t len,
                     const struct ln_log_config *config, char *message)
{
    const enum linnet_error error = ln_log_open(&parts->log, memory, len, config);
    if (error == LINNET_ERROR_NONE) {
        return true;
    }
    (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                   "cannot write the log to \"%.300s\": %s. Name a file in a folder that is there "
                   "and may be written to with --log-file.",
                   config->path,
                   error == LINNET_ERROR_NOT_FOUND ? "there is no such folder, or nobody reads it"
                   : error == LINNET_ERROR_INVALID ? "it is a folder"
                                                   : ln_system_error_text(error));
    return false;
}

static bool watch_listeners(struct ln_parts *parts, const int *listeners, unsigned count,
                            char *message)
{
    for (unsigned i = 0; i < count; i++) {
        const enum linnet_error error =
            parts->operations->listener_add(parts->driver, listeners[i]);
        if (error != LINNET_ERROR_NONE) {
            (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                           "the driver %s cannot watch --listen number %u: %s. %s",
                           parts->operations->name, i + 1, ln_system_error_text(error),
                           error == LINNET_ERROR_TOO_LARGE
                               ? "It watches fewer; give it fewer addresses."
                               : "Choose another --driver.");
            return false;
        }
    }
    return true;
}

/* How the worker reads what is not sent as a file, where the driver has reads of its own. */
static ptrdiff_t read_by_driver(void *owner, uint32_t read, struct linnet_source *source,
                                uint64_t offset, struct linnet_room room)
{
    const struct ln_parts *parts = owner;
    return parts->operations->read_file(parts->driver, read, source, offset, room);
}

static bool open_driver(struct ln_parts *parts, const struct ln_server *server, void *memory,
                        char *message)
{
    const struct linnet_driver_config config = {
        .limits = &server->config.limits,
        .memory = memory,
        .worker = parts->worker,
        .processes = ln_children_processes(server),
    };
    const enum linnet_error error = parts->operations->open(&config, &parts->driver);
    if (error != LINNET_ERROR_NONE) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "the driver %s cannot start: %s.%s%s%s Choose another --driver, or auto.",
                       parts->operations->name, ln_system_error_text(error),
                       parts->operations->needs == NULL ? "" : " It needs ",
                       parts->operations->needs == NULL ? "" : parts->operations->needs,
                       parts->operations->needs == NULL ? "" : ".");
        return false;
    }
    if (parts->operations->read_file != NULL) {
        parts->worker->read_file = read_by_driver;
        parts->worker->read_file_owner = parts;
    }
    return true;
}

static struct linnet_channel *wrap(void *owner, uint32_t connection, struct linnet_channel *channel,
                                   const struct linnet_connection_info *info)
{
    struct ln_parts *parts = owner;
    return parts->server->config.listeners[info->listener].tls
               ? ln_tls_wrap(&parts->tls, connection, channel)
               : channel;
}

static void open_tls(struct ln_parts *parts, const struct ln_server *server, void *memory)
{
    const struct ln_tls_config config = {
        .limits = &server->config.limits,
        .context = ln_tls_context_hold(server->tls),
        .ready = ln_worker_make_channel_ready,
        .owner = parts->worker,
    };
    if (server->tls != NULL) {
        ln_tls_init(&parts->tls, memory, &config);
        parts->certificates = server->certificates;
        parts->worker->wrap = wrap;
        parts->worker->wrap_owner = parts;
    }
}

/* Where it is asked for, what comes without TLS is sent to the first listener that has it. */
static void redirect_by(struct ln_parts *parts, const struct ln_server_config *config)
{
    for (unsigned i = 0; config->redirect_https && i < config->listener_count; i++) {
        if (config->listeners[i].tls) {
            parts->redirect = (struct ln_redirect){.handler = parts->route.handler,
                                                   .context = parts->route.context,
                                                   .port = config->listeners[i].address.port};
            parts->route.handler = ln_redirect_handle;
            parts->route.context = &parts->redirect;
            return;
        }
    }
}

bool ln_parts_make(struct ln_parts *parts, const struct ln_server *server, const int *listeners,
                   unsigned count, const struct ln_log_config *log, char *message)
{
    const struct ln_server_config *config = &server->config;
    const struct ln_budget *budget = &server->budget;
    *parts = (struct ln_parts){
        .operations = config->driver, .stack_len = budget->stack, .server = server};
    if (!take_block(parts, server, message)) {
        return false;
    }
    uint8_t *driver_memory = (uint8_t *)parts->block + ln_worker_memory_len(&budget->worker);
    uint8_t *files_memory = driver_memory + budget->driver;
    parts->route = (struct linnet_route){
        .kind = LINNET_ROUTE_DEFAULT,
        .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
        .handler = ln_files_handle,
        .context = ln_files_init(files_memory, &config->limits, server->root),
    };
    if (config->files == LN_SERVER_FILES_ASYNC) {
        ln_files_read_ahead(parts->route.context,
                            (config->driver->capabilities & LINNET_DRIVER_ASYNC_FILE) != 0 &&
                                config->limits.read_len > 0);
    }
    parts->files = parts->route.context;
    redirect_by(parts, config);
    const struct ln_worker_config worker_config = {
        .limits = &config->limits,
        .routes = &parts->route,
        .route_count = 1,
        .hooks = {.answered = log->format == LN_LOG_NONE ? NULL : ln_log_answered,
                  .context = &parts->log},
        .cpu_bits = ln_cpu_bits(),
        .leniencies = config->leniencies,
        .now_ms = ln_system_time().monotonic_ms,
    };
    parts->worker = ln_worker_init(parts->block, &worker_config);
    parts->worker->context.security_line =
        (struct linnet_span){(const uint8_t *)config->security_line, strlen(config->security_line)};
    open_tls(parts, server, files_memory + budget->files + budget->log);
    return open_driver(parts, server, driver_memory, message) &&
           open_log(parts, files_memory + budget->files, budget->log, log, message) &&
           watch_listeners(parts, listeners, count, message);
}

void ln_parts_close(struct ln_parts *parts)
{
    if (parts->driver != NULL) {
        parts->operations->close(parts->driver);
    }
    if (parts->files != NULL) {
        ln_files_close(parts->files);
    }
    if (parts->log.buffer != NULL) {
        ln_log_close(&parts->log);
    }
    if (parts->tls.limits != NULL) {
        ln_tls_end(&parts->tls);
        ln_tls_context_release(parts->tls.context);
    }
    if (parts->worker != NULL) {
        linnet_worker_end(parts->worker);
    }
    if (parts->block != NULL) {
        (void)munmap(parts->block, parts->block_len);
    }
    *parts = (struct ln_parts){.operations = NULL};
}

static struct ln_gauge gauge_of(const struct ln_pool *pool)
{
    return (struct ln_gauge){.now = ln_pool_used(pool), .most = ln_pool_used_max(pool)};
}

/* The arena is its process's: of threads, which share it, nobody tells. */
static void publish_tls(const struct ln_parts *parts, struct ln_figures *figures)
{
    const struct ln_tls *tls = &parts->tls;
    if (tls->limits == NULL) {
        return;
    }
#define PUBLISH_COUNTER(name, meaning) figures->tallies.tls_##name = tls->counters.name;
    LN_TLS_COUNTERS(PUBLISH_COUNTER)
#undef PUBLISH_COUNTER
    figures->tls_sessions = (struct ln_gauge){tls->sessions, tls->sessions_most};
    figures->tls_outputs = gauge_of(&tls->outputs);
    if ((parts->operations->capabilities & LINNET_DRIVER_THREADS) == 0) {
        const struct ln_tls_arena_use use = ln_tls_arena_use();
        figures->tls_blocks = (struct ln_gauge){use.blocks, use.blocks_most};
        figures->tls_memory =
            (struct ln_gauge){use.small + use.large * LN_TLS_ARENA_LARGE_LEN,
                              use.small_most + use.large_most * LN_TLS_ARENA_LARGE_LEN};
    }
}

void ln_parts_publish(const struct ln_parts *parts, struct ln_figures *figures)
{
    const struct linnet_worker *worker = parts->worker;
    const struct ln_cache_use use = ln_files_use(parts->files);
    figures->counters = *ln_worker_counters(worker);
    figures->slots = gauge_of(&worker->slots);
    figures->inputs = gauge_of(&worker->inputs);
    figures->exchanges = gauge_of(&worker->exchanges);
    figures->outputs = gauge_of(&worker->outputs);
    if (worker->context.read_loans.pool.count > 0) {
        figures->reads = gauge_of(&worker->context.read_loans.pool);
    }
    publish_tls(parts, figures);
    figures->files = (struct ln_gauge){use.files, use.files_most};
    figures->cache_blocks = (struct ln_gauge){use.blocks, use.blocks_most};
    figures->open_files = (struct ln_gauge){use.descriptors, use.descriptors_most};
}
