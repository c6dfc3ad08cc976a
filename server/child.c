/* A worker process: its parts, its turns, its end. It does not outlive its parent. */
#include "server/child.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "drivers/system/system_clock.h"
#include "drivers/system/system_socket.h"
#include "server/cause.h"
#include "server/children.h"
#include "server/listeners.h"
#include "server/parts.h"
#include "server/signals.h"

enum {
    LOG_RETRY_MS = 1000, /* lines that nobody took are tried again so often */
    EXIT_FAILED = 1,
};

/* What is the parent's, or another worker's. */
static void close_others(const struct ln_server *server, unsigned place)
{
    const struct ln_server_config *config = &server->config;
    for (unsigned other = 0; other < server->workers; other++) {
        for (unsigned i = 0; i < config->listener_count; i++) {
            const int descriptor = server->places[other].listeners[i];
            if (descriptor != server->places[place].listeners[i]) {
                ln_system_close_socket(descriptor, false);
            }
        }
    }
}

/* Takes those who wait, stops accepting and tells the worker; from now on only what was begun is
 * finished. false: the driver failed. */
static bool begin_drain(const struct ln_server *server, unsigned place)
{
    const struct ln_parts *parts = &server->parts;
    if (parts->operations->turn(parts->driver, 0) != LINNET_ERROR_NONE) {
        return false;
    }
    parts->operations->listeners_pause(parts->driver);
    ln_listeners_shut(server, place);
    linnet_worker_drain(parts->worker, ln_system_time());
    return true;
}

static void end_turn(struct ln_server *server, struct ln_shared_row *row)
{
    ln_log_flush(&server->parts.log);
    ln_children_publish(server, &row->figures);
}

/* Serves until it is drained; false: the driver failed. */
static bool serve(struct ln_server *server, unsigned place, unsigned reopens)
{
    struct ln_parts *parts = &server->parts;
    struct ln_shared_row *row = &server->shared->rows[place];
    uint64_t stop_ms = LINNET_NO_DEADLINE;
    bool stopped = false;
    for (;;) {
        LN_ASSERT(!ln_signals_provoked());
        ln_children_look(server);
        const uint64_t now_ms = ln_system_time().monotonic_ms;
        const unsigned order = atomic_load(&server->shared->order);
        if (order != LN_SHARED_SERVE && stop_ms == LINNET_NO_DEADLINE) {
            if (!begin_drain(server, place)) {
                return false;
            }
            stop_ms = now_ms + server->config.limits.drain_ms;
        }
        if (stop_ms != LINNET_NO_DEADLINE) {
            if (linnet_worker_open_count(parts->worker) + ln_children_count(server) == 0) {
                end_turn(server, row);
                return true;
            }
            if (!stopped && (order == LN_SHARED_STOP || now_ms >= stop_ms)) {
                linnet_worker_stop(parts->worker, ln_system_time());
                stopped = true;
            }
        }
        int64_t timeout_ms =
            stop_ms == LINNET_NO_DEADLINE || stopped ? -1 : (int64_t)(stop_ms - now_ms);
        if (parts->log.len > 0 && (timeout_ms < 0 || timeout_ms > LOG_RETRY_MS)) {
            timeout_ms = LOG_RETRY_MS;
        }
        if (parts->operations->turn(parts->driver, timeout_ms) != LINNET_ERROR_NONE) {
            return false;
        }
        end_turn(server, row);
        if (ln_children_is_over(server)) {
            return true;
        }
        if (atomic_load(&server->shared->reopens) != reopens) {
            reopens = atomic_load(&server->shared->reopens);
            ln_log_reopen(&parts->log);
        }
    }
}

/* The end of the pipe says that this one has said how it went. */
static void report(struct ln_server *server, struct ln_shared_row *row, enum ln_shared_stage stage)
{
    atomic_store(&row->stage, (unsigned)stage);
    if (server->report[1] >= 0) {
        (void)close(server->report[1]);
        server->report[1] = -1;
    }
}

_Noreturn void ln_child_live(struct ln_server *server, unsigned place, int parent)
{
    static const char *const failed[] = {"the driver failed"};
    struct ln_shared_row *row = &server->shared->rows[place];
    const struct ln_server_config *config = &server->config;
    const unsigned reopens = atomic_load(&server->shared->reopens);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(EXIT_FAILED); /* it was gone before */
    }
    ln_cause_tell(row->cause, sizeof row->cause);
    ln_signals_catch();
    close_others(server, place);
    if (server->report[0] >= 0) {
        (void)close(server->report[0]);
    }
    if (!ln_children_open(server)) {
        (void)snprintf(row->message, sizeof row->message,
                       "the system has no memory for the counters of %u processes.",
                       server->slices);
        report(server, row, LN_SHARED_REFUSED);
        exit(EXIT_FAILED);
    }
    if (!ln_parts_make(&server->parts, server, server->places[place].listeners,
                       config->listener_count, &config->log, row->message)) {
        report(server, row, LN_SHARED_REFUSED);
        exit(EXIT_FAILED);
    }
    ln_signals_wake(config->driver, server->parts.driver);
    report(server, row, LN_SHARED_SERVING);
    const bool served = serve(server, place, reopens);
    if (!served) {
        (void)ln_cause_write(failed, 1);
        exit(EXIT_FAILED);
    }
    ln_signals_wake(NULL, NULL);
    ln_parts_close(&server->parts);
    exit(EXIT_SUCCESS);
}
