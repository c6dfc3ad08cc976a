/* Boot, run, drain, end. */
#include "server/server.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "drivers/system/system_clock.h"
#include "drivers/system/system_error.h"
#include "drivers/system/system_file.h"
#include "server/cpu.h"
#include "server/files.h"
#include "server/listeners.h"
#include "server/plan.h"
#include "server/signals.h"

enum {
    LOG_RETRY_MS = 1000, /* lines that nobody took are tried again so often */
};

struct ln_budget_plan ln_server_plan(const struct ln_server_config *config)
{
    return (struct ln_budget_plan){
        .limits = &config->limits,
        .driver = config->driver,
        .listeners = config->listener_count,
        .log_descriptors = ln_log_descriptor_count(&config->log),
    };
}

static bool lock_block(const struct ln_server *server, char *message)
{
    struct rlimit limit = {.rlim_cur = 0};
    if (mlock(server->block, server->budget.memory_len) == 0) {
        return true;
    }
    (void)getrlimit(RLIMIT_MEMLOCK, &limit);
    (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                   "--lock-memory: %zu bytes are to be locked, but the system lets this process "
                   "lock %llu. Lower --memory, raise `ulimit -l` (LimitMEMLOCK= of systemd), or "
                   "give it CAP_IPC_LOCK.",
                   server->budget.memory_len, (unsigned long long)limit.rlim_cur);
    return false;
}

/* How the worker reads content that the driver does not send as a file: the driver knows best. */
static ptrdiff_t read_by_driver(void *owner, uint32_t connection, struct linnet_source *source,
                                uint64_t offset, struct linnet_room room)
{
    struct ln_server *server = owner;
    return server->config.driver->read_file(server->driver, connection, source, offset, room);
}

/* One block for everything, reserved now and touched when it is needed. */
static bool take_block(struct ln_server *server, char *message)
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
    server->block = block;
    return !server->config.lock_memory || lock_block(server, message);
}

static bool open_log(struct ln_server *server, void *memory, char *message)
{
    const struct ln_log_config *config = &server->config.log;
    const enum linnet_error error = ln_log_open(&server->log, memory, server->budget.log, config);
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

static bool watch_listeners(struct ln_server *server, char *message)
{
    const struct ln_server_config *config = &server->config;
    for (unsigned i = 0; i < config->listener_count; i++) {
        const enum linnet_error error =
            config->driver->listener_add(server->driver, config->listeners[i].descriptor);
        if (error != LINNET_ERROR_NONE) {
            (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                           "the driver %s cannot watch --listen number %u: %s. %s",
                           config->driver->name, i + 1, ln_system_error_text(error),
                           error == LINNET_ERROR_TOO_LARGE
                               ? "It watches fewer; give it fewer addresses."
                               : "Choose another --driver.");
            return false;
        }
    }
    return true;
}

static bool make_parts(struct ln_server *server, char *message)
{
    struct ln_server_config *config = &server->config;
    uint8_t *block = server->block;
    uint8_t *next = block + ln_worker_memory_len(&server->budget.worker);
    const struct linnet_driver_config driver_config = {
        .limits = &config->limits, .memory = next, .worker = server->block};
    uint8_t *files_memory = next + server->budget.driver;
    server->route = (struct linnet_route){
        .kind = LINNET_ROUTE_DEFAULT,
        .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
        .handler = ln_files_handle,
        .context = ln_files_init(files_memory, &config->limits, server->root),
    };
    const struct ln_worker_config worker_config = {
        .limits = &config->limits,
        .routes = &server->route,
        .route_count = 1,
        .hooks = {.answered = config->log.format == LN_LOG_NONE ? NULL : ln_log_answered,
                  .context = &server->log},
        .cpu_bits = ln_cpu_bits(),
        .leniencies = config->leniencies,
        .now_ms = ln_system_time().monotonic_ms,
    };
    server->worker = ln_worker_init(block, &worker_config);
    const enum linnet_error error = config->driver->open(&driver_config, &server->driver);
    if (error != LINNET_ERROR_NONE) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "the driver %s cannot start: %s. Choose another --driver.",
                       config->driver->name, ln_system_error_text(error));
        return false;
    }
    server->worker->read_file = read_by_driver;
    server->worker->read_file_owner = server;
    return open_log(server, files_memory + server->budget.files, message) &&
           watch_listeners(server, message);
}

static bool open_root(struct ln_server *server, char *message)
{
    const char *folder = server->config.folder;
    const enum linnet_error error = ln_system_open_root(folder, &server->root);
    if (error != LINNET_ERROR_NONE) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "cannot serve \"%.300s\": %s. Name a folder that exists and may be read.",
                       folder,
                       error == LINNET_ERROR_NOT_FOUND ? "there is no such folder"
                                                       : ln_system_error_text(error));
    }
    return error == LINNET_ERROR_NONE;
}

static void begin_boot(struct ln_server *server, const struct ln_server_config *config)
{
    *server = (struct ln_server){.config = *config, .root = -1};
    for (unsigned i = 0; i < config->listener_count; i++) {
        server->config.listeners[i].descriptor = -1;
    }
}

bool ln_server_rehearse(struct ln_server *server, const struct ln_server_config *config,
                        char *message)
{
    begin_boot(server, config);
    if (!ln_plan_settle(server, message) || !take_block(server, message)) {
        ln_server_close(server);
        return false;
    }
    server->config.listener_count = 0;
    server->config.log.format = LN_LOG_NONE;
    if (!make_parts(server, message)) {
        ln_server_close(server);
        return false;
    }
    server->config.listener_count = config->listener_count;
    server->config.log = config->log;
    return true;
}

bool ln_server_boot(struct ln_server *server, const struct ln_server_config *config, char *message)
{
    begin_boot(server, config);
    ln_signals_catch(config->log.path != NULL && config->log.format != LN_LOG_NONE);
    if (!ln_plan_settle(server, message) || !open_root(server, message) ||
        !ln_listeners_open(&server->config, message) || !take_block(server, message) ||
        !make_parts(server, message)) {
        ln_server_close(server);
        return false;
    }
    ln_signals_wake(config->driver, server->driver);
    return true;
}

uint64_t ln_server_touched_len(const struct ln_server *server)
{
    unsigned char pages[4096]; /* one byte for each page of a part of the block */
    const size_t page_len = (size_t)sysconf(_SC_PAGESIZE);
    const size_t len = server->budget.memory_len;
    uint64_t count = 0;
    for (size_t at = 0; at < len; at += sizeof pages * page_len) {
        const size_t part = len - at < sizeof pages * page_len ? len - at : sizeof pages * page_len;
        if (mincore((uint8_t *)server->block + at, part, pages) != 0) {
            return 0;
        }
        for (size_t i = 0; i < (part + page_len - 1) / page_len; i++) {
            count += pages[i] & 1;
        }
    }
    return count * page_len;
}

/* Stops accepting and tells the worker; from now on only what was begun is finished. */
static void begin_drain(struct ln_server *server)
{
    server->config.driver->listeners_pause(server->driver);
    ln_listeners_shut(&server->config);
    linnet_worker_drain(server->worker, ln_system_time());
}

bool ln_server_run(struct ln_server *server)
{
    const struct linnet_driver_operations *driver = server->config.driver;
    uint64_t stop_ms = LINNET_NO_DEADLINE;
    bool stopped = false;
    for (;;) {
        const uint64_t now_ms = ln_system_time().monotonic_ms;
        const unsigned signals = ln_signals_count();
        if (signals > 0 && stop_ms == LINNET_NO_DEADLINE) {
            begin_drain(server);
            stop_ms = now_ms + server->config.limits.drain_ms;
        }
        if (stop_ms != LINNET_NO_DEADLINE) {
            if (linnet_worker_open_count(server->worker) == 0) {
                return true;
            }
            if (!stopped && (signals > 1 || now_ms >= stop_ms)) {
                linnet_worker_stop(server->worker, ln_system_time());
                stopped = true;
            }
        }
        int64_t timeout_ms =
            stop_ms == LINNET_NO_DEADLINE || stopped ? -1 : (int64_t)(stop_ms - now_ms);
        if (server->log.len > 0 && (timeout_ms < 0 || timeout_ms > LOG_RETRY_MS)) {
            timeout_ms = LOG_RETRY_MS;
        }
        const enum linnet_error error = driver->turn(server->driver, timeout_ms);
        ln_log_flush(&server->log);
        if (ln_signals_take_hangup()) {
            ln_log_reopen(&server->log);
        }
        if (error != LINNET_ERROR_NONE) {
            return false;
        }
    }
}

void ln_server_close(struct ln_server *server)
{
    ln_signals_wake(NULL, NULL);
    if (server->driver != NULL) {
        server->config.driver->close(server->driver);
    }
    ln_listeners_close(&server->config);
    if (server->route.context != NULL) {
        ln_files_close(server->route.context);
    }
    if (server->log.buffer != NULL) {
        ln_log_close(&server->log);
    }
    if (server->root >= 0) {
        ln_system_close_file(server->root);
    }
    if (server->block != NULL) {
        (void)munmap(server->block, server->budget.memory_len);
    }
}
