/* A worker process: its parts and its end. It does not outlive its parent. */
#include "server/child.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "drivers/system/system_socket.h"
#include "server/cause.h"
#include "server/children.h"
#include "server/parts.h"
#include "server/serving.h"
#include "server/signals.h"
#include "server/threads.h"

enum { EXIT_FAILED = 1 };

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

/* The end of the pipe says that this one has said how it went. */
static void report(struct ln_server *server, struct ln_shared_row *row, enum ln_shared_stage stage)
{
    atomic_store(&row->stage, (unsigned)stage);
    if (server->report[1] >= 0) {
        (void)close(server->report[1]);
        server->report[1] = -1;
    }
}

_Noreturn static void refuse(struct ln_server *server, struct ln_shared_row *row)
{
    report(server, row, LN_SHARED_REFUSED);
    exit(EXIT_FAILED);
}

/* One worker, which may make a process for each connection. */
static void live_alone(struct ln_server *server, unsigned place, struct ln_shared_row *row)
{
    static const char *const failed[] = {"the driver failed"};
    const struct ln_server_config *config = &server->config;
    struct ln_serving serving = {
        .server = server,
        .parts = &server->parts,
        .figures = &row->figures,
        .place = place,
        .reopens = atomic_load(&server->shared->reopens),
    };
    ln_signals_catch();
    if (!ln_children_open(server)) {
        (void)snprintf(row->message, sizeof row->message,
                       "the system has no memory for the counters of %u processes.",
                       server->slices);
        refuse(server, row);
    }
    if (!ln_parts_make(&server->parts, server, server->places[place].listeners,
                       config->listener_count, &config->log, row->message)) {
        refuse(server, row);
    }
    ln_signals_wake(config->driver, server->parts.driver);
    report(server, row, LN_SHARED_SERVING);
    if (!ln_serving_run(&serving)) {
        (void)ln_cause_write(failed, 1);
        exit(EXIT_FAILED);
    }
    ln_signals_wake(NULL, NULL);
    ln_parts_close(&server->parts);
}

/* Many workers, each in a thread. */
static void live_in_threads(struct ln_server *server, unsigned place, struct ln_shared_row *row)
{
    struct ln_threads *threads = ln_threads_make(server, place, row->message);
    if (threads == NULL || !ln_threads_start(threads, row->message)) {
        refuse(server, row);
    }
    report(server, row, LN_SHARED_SERVING);
    ln_threads_run(threads);
}

_Noreturn void ln_child_live(struct ln_server *server, unsigned place, int parent)
{
    struct ln_shared_row *row = ln_server_row(server, place);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(EXIT_FAILED); /* it was gone before */
    }
    ln_cause_tell(row->cause, sizeof row->cause);
    ln_system_log_close(&server->errors);
    close_others(server, place);
    if (server->report[0] >= 0) {
        (void)close(server->report[0]);
    }
    if ((server->config.driver->capabilities & LINNET_DRIVER_THREADS) != 0) {
        live_in_threads(server, place, row);
    } else {
        live_alone(server, place, row);
    }
    exit(EXIT_SUCCESS);
}
