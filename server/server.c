/* Boot and end, of the parent's part and of a rehearsal. */
#include "server/server.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "drivers/system/system_error.h"
#include "drivers/system/system_fault.h"
#include "drivers/system/system_file.h"
#include "server/certificates.h"
#include "server/children.h"
#include "server/listeners.h"
#include "server/parent.h"
#include "server/parts.h"
#include "server/plan.h"
#include "server/signals.h"

struct ln_budget_plan ln_server_plan(const struct ln_server_config *config)
{
    const bool with_children = (config->driver->capabilities & LINNET_DRIVER_PROCESSES) != 0;
    return (struct ln_budget_plan){
        .limits = &config->limits,
        .driver = config->driver,
        .listeners = config->listener_count,
        .log_descriptors = ln_log_descriptor_count(&config->log) + (with_children ? 1 : 0),
        .threads = 1,
        .tls = ln_server_has_tls(config),
    };
}

bool ln_server_has_tls(const struct ln_server_config *config)
{
    for (unsigned i = 0; i < config->listener_count; i++) {
        if (config->listeners[i].tls) {
            return true;
        }
    }
    return false;
}

static bool is_threads(const struct ln_server *server)
{
    return (server->config.driver->capabilities & LINNET_DRIVER_THREADS) != 0;
}

struct ln_tls_memory ln_server_tls_memory(const struct ln_server *server)
{
    struct linnet_limits limits = server->config.limits;
    if (!ln_server_has_tls(&server->config)) {
        return (struct ln_tls_memory){.base_slabs = 0};
    }
    if (is_threads(server)) { /* they share it, each with limits of its own */
        limits.tls_connections *= server->slices;
        limits.tls_handshakes *= server->slices;
    }
    struct ln_tls_memory memory =
        ln_tls_memory(&limits, server->config.tls.clients != LN_TLS_CLIENTS_OFF);
    if (is_threads(server)) { /* each may be reading and writing a record at the same time */
        memory.large += (size_t)server->slices * 2;
    }
    return memory;
}

unsigned ln_server_arena_count(const struct ln_server *server)
{
    return server->workers * (is_threads(server) ? 1 : server->blocks);
}

uint64_t ln_server_arenas_len(const struct ln_server *server)
{
    const struct ln_tls_memory memory = ln_server_tls_memory(server);
    return ln_server_has_tls(&server->config)
               ? ln_server_arena_count(server) * (uint64_t)ln_tls_memory_len(&memory)
               : 0;
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
                       : error == LINNET_ERROR_INVALID ? "it is not a folder"
                                                       : ln_system_error_text(error));
    }
    return error == LINNET_ERROR_NONE;
}

static bool map_shared(struct ln_server *server, char *message)
{
    server->shared = ln_shared_map(server->workers * server->rows);
    if (server->shared == NULL) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "the system has no memory for the counters of %u workers.", server->workers);
    }
    return server->shared != NULL;
}

/* No member of `server` is looked at before. */
static void begin_boot(struct ln_server *server, const struct ln_server_config *config)
{
    memset(server, 0, sizeof *server);
    server->config = *config;
    server->root = -1;
    server->report[0] = -1;
    server->report[1] = -1;
    server->workers = (unsigned)config->limits.workers;
    server->blocks = 1;
    server->rows = 1;
    ln_system_log_open(&server->errors, -1);
    ln_listeners_forget(server);
}

bool ln_server_rehearse(struct ln_server *server, const struct ln_server_config *config,
                        char *message)
{
    const struct ln_log_config no_log = {.format = LN_LOG_NONE};
    begin_boot(server, config);
    if (!ln_plan_settle(server, message) || !ln_certificates_open(server, message) ||
        !ln_children_open(server) ||
        !ln_parts_make(&server->parts, server, NULL, 0, &no_log, message)) {
        ln_server_close(server);
        return false;
    }
    return true;
}

bool ln_server_boot(struct ln_server *server, const struct ln_server_config *config, char *message)
{
    begin_boot(server, config);
    const char *wrong = ln_system_fault_boot();
    if (wrong != NULL) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX, "LINNET_FAULTS: %s.", wrong);
        return false;
    }
    ln_signals_hold((config->log.path != NULL && config->log.format != LN_LOG_NONE) ||
                    ln_server_has_tls(config));
    if (!ln_plan_settle(server, message) || !open_root(server, message) ||
        !ln_certificates_open(server, message) || !ln_listeners_open(server, message) ||
        !map_shared(server, message) || !ln_parent_start(server, message)) {
        ln_server_close(server);
        return false;
    }
    return true;
}

void ln_server_run(struct ln_server *server)
{
    ln_parent_run(server);
}

struct ln_shared_row *ln_server_row(const struct ln_server *server, unsigned place)
{
    return &server->shared->rows[(size_t)place * server->rows];
}

uint64_t ln_server_blocks_len(const struct ln_server *server)
{
    return (uint64_t)server->workers * server->blocks * server->budget.memory_len;
}

uint64_t ln_server_shared_len(const struct ln_server *server)
{
    const bool with_children = (server->config.driver->capabilities & LINNET_DRIVER_PROCESSES) != 0;
    return ln_shared_len(server->workers * server->rows) +
           (ln_server_has_tls(&server->config) ? LN_CERTIFICATES_SHARED_LEN : 0) +
           (with_children ? server->workers * ln_children_len(server->slices) : 0);
}

uint64_t ln_server_connections(const struct ln_server *server)
{
    const uint64_t each = server->slices > 0 ? server->slices : server->config.limits.connections;
    return server->workers * each;
}

uint64_t ln_server_touched_len(const struct ln_server *server)
{
    unsigned char pages[4096]; /* one byte for each page of a part of the block */
    const size_t page_len = (size_t)sysconf(_SC_PAGESIZE);
    const size_t len = server->parts.block_len;
    uint64_t count = 0;
    for (size_t at = 0; at < len; at += sizeof pages * page_len) {
        const size_t part = len - at < sizeof pages * page_len ? len - at : sizeof pages * page_len;
        if (mincore((uint8_t *)server->parts.block + at, part, pages) != 0) {
            return 0;
        }
        for (size_t i = 0; i < (part + page_len - 1) / page_len; i++) {
            count += pages[i] & 1;
        }
    }
    return count * page_len;
}

void ln_server_close(struct ln_server *server)
{
    ln_parts_close(&server->parts);
    ln_children_close(server);
    ln_listeners_close(server);
    ln_system_log_close(&server->errors);
    ln_certificates_close(server);
    if (server->root >= 0) {
        ln_system_close_file(server->root);
    }
    if (server->shared != NULL) {
        ln_shared_unmap(server->shared, server->workers * server->rows);
    }
}
