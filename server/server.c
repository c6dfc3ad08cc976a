/* Boot, run, drain, end. */
#include "server/server.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "core/table/limit.h"
#include "drivers/system/system_clock.h"
#include "drivers/system/system_error.h"
#include "drivers/system/system_file.h"
#include "drivers/system/system_socket.h"
#include "server/address.h"
#include "server/cpu.h"
#include "server/files.h"
#include "server/signals.h"

enum {
    LOG_RETRY_MS = 1000, /* lines that nobody took are tried again so often */
};

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

static bool fit_descriptors(struct ln_server *server, char *message)
{
    struct ln_server_config *config = &server->config;
    const uint64_t available = raise_descriptors();
    const uint64_t connections = config->limits.connections;
    if (!ln_budget_fit_descriptors(&config->limits, config->driver, config->listener_count,
                                   available, !config->connections_given,
                                   !config->open_files_given)) {
        const uint64_t wanted =
            ln_budget_for(&config->limits, config->driver, config->listener_count).descriptors;
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "%llu descriptors are needed (connections %llu, open_files %llu, "
                       "the rest for itself), but the system allows %llu. Lower --limit "
                       "connections or open_files, or raise `ulimit -n`.",
                       (unsigned long long)wanted, (unsigned long long)config->limits.connections,
                       (unsigned long long)config->limits.open_files,
                       (unsigned long long)available);
        return false;
    }
    server->connections_lowered = config->limits.connections < connections;
    return true;
}

static enum linnet_error listen_on(const struct ln_server_config *config,
                                   struct ln_server_listener *listener)
{
    const unsigned backlog = (unsigned)config->limits.listen_backlog;
    const enum linnet_error error =
        ln_system_listen(&listener->address, listener->any, backlog, &listener->descriptor);
    if (error == LINNET_ERROR_UNSUPPORTED && listener->any) {
        /* A kernel without IPv6: every address is then every IPv4 address. */
        memset(listener->address.ip + 10, 0xFF, 2);
        return ln_system_listen(&listener->address, false, backlog, &listener->descriptor);
    }
    return error;
}

static bool open_listeners(struct ln_server *server, char *message)
{
    struct ln_server_config *config = &server->config;
    for (unsigned i = 0; i < config->listener_count; i++) {
        struct ln_server_listener *listener = &config->listeners[i];
        const unsigned port = listener->address.port;
        char where[LN_ADDRESS_TEXT_MAX];
        ln_address_print(where, &listener->address);
        const enum linnet_error error = listen_on(config, listener);
        if (error != LINNET_ERROR_NONE) {
            const char *advice =
                error == LINNET_ERROR_ADDRESS_IN_USE
                    ? "Another program listens there; choose another port with --listen, or 0 "
                      "for a free one."
                : error == LINNET_ERROR_FORBIDDEN
                    ? "Ports below 1024 need privileges; choose another one with --listen."
                    : "Choose another address with --listen HOST:PORT.";
            (void)snprintf(message, LN_SERVER_MESSAGE_MAX, "cannot listen on %s port %u: %s. %s",
                           where, port, ln_system_error_text(error), advice);
            return false;
        }
    }
    return true;
}

/* One block for everything, reserved now and touched when it is needed. */
static bool make_parts(struct ln_server *server, char *message)
{
    struct ln_server_config *config = &server->config;
    server->budget = ln_budget_for(&config->limits, config->driver, config->listener_count);
    void *block = mmap(NULL, server->budget.memory_len, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "the system has no %zu bytes of memory for it. Lower --limit connections, "
                       "inputs or outputs.",
                       server->budget.memory_len);
        return false;
    }
    server->block = block;
    uint8_t *next = (uint8_t *)block + ln_worker_memory_len(&server->budget.worker);
    const struct linnet_driver_config driver_config = {
        .limits = &config->limits, .memory = next, .worker = block};
    uint8_t *files_memory = next + server->budget.driver;
    ln_log_open(&server->log, files_memory + server->budget.files, server->budget.log,
                config->log_descriptor);
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
        .hooks = {.answered = config->log_descriptor < 0 ? NULL : ln_log_answered,
                  .context = &server->log},
        .cpu_bits = ln_cpu_bits(),
        .leniencies = config->leniencies,
        .now_ms = ln_system_time().monotonic_ms,
    };
    server->worker = ln_worker_init(block, &worker_config);
    const enum linnet_error error = config->driver->open(&driver_config, &server->driver);
    if (error != LINNET_ERROR_NONE) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX, "the driver %s cannot start: %s.",
                       config->driver->name, ln_system_error_text(error));
        return false;
    }
    for (unsigned i = 0; i < config->listener_count; i++) {
        if (config->driver->listener_add(server->driver, config->listeners[i].descriptor) !=
            LINNET_ERROR_NONE) {
            (void)snprintf(message, LN_SERVER_MESSAGE_MAX, "the driver %s cannot watch a listener.",
                           config->driver->name);
            return false;
        }
    }
    return true;
}

bool ln_server_boot(struct ln_server *server, const struct ln_server_config *config, char *message)
{
    *server = (struct ln_server){.config = *config, .root = -1};
    for (unsigned i = 0; i < config->listener_count; i++) {
        server->config.listeners[i].descriptor = -1;
    }
    const char *wrong = ln_limits_check(&config->limits);
    if (wrong != NULL) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX, "%s.", wrong);
        return false;
    }
    const enum linnet_error error = ln_system_open_root(config->folder, &server->root);
    if (error != LINNET_ERROR_NONE) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "cannot serve \"%.300s\": %s. Name a folder that exists and may be read.",
                       config->folder,
                       error == LINNET_ERROR_NOT_FOUND ? "there is no such folder"
                                                       : ln_system_error_text(error));
        return false;
    }
    ln_signals_catch();
    if (!fit_descriptors(server, message) || !open_listeners(server, message) ||
        !make_parts(server, message)) {
        ln_server_close(server);
        return false;
    }
    ln_signals_wake(config->driver, server->driver);
    return true;
}

/* Stops accepting and tells the worker; from now on only what was begun is finished. */
static void begin_drain(struct ln_server *server)
{
    server->config.driver->listeners_pause(server->driver);
    for (unsigned i = 0; i < server->config.listener_count; i++) {
        ln_system_shut_listener(server->config.listeners[i].descriptor);
    }
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
    for (unsigned i = 0; i < server->config.listener_count; i++) {
        if (server->config.listeners[i].descriptor >= 0) {
            ln_system_close_socket(server->config.listeners[i].descriptor, false);
        }
    }
    if (server->block != NULL) {
        ln_files_close(server->route.context);
        ln_log_close(&server->log);
    }
    if (server->root >= 0) {
        ln_system_close_file(server->root);
    }
    if (server->block != NULL) {
        (void)munmap(server->block, server->budget.memory_len);
    }
}
