/* Taking a driver's turns, obeying orders between them. */
#include "server/serving.h"

#include "drivers/system/system_clock.h"
#include "server/certificates.h"
#include "server/children.h"
#include "server/listeners.h"
#include "server/signals.h"

enum {
    LOG_RETRY_MS = 1000, /* lines that nobody took are tried again so often */
    SHUT_MS = 20,        /* between looks whether all drain */
};

/* Takes those who wait, stops accepting and tells the worker; from now on only what was begun is
 * finished. false: the driver failed. */
static bool begin_drain(const struct ln_serving *serving)
{
    const struct ln_parts *parts = serving->parts;
    if (parts->operations->turn(parts->driver, 0) != LINNET_ERROR_NONE) {
        return false;
    }
    parts->operations->listeners_pause(parts->driver);
    linnet_worker_drain(parts->worker, ln_system_time());
    ln_children_say_draining(serving->server);
    if (serving->draining != NULL) {
        atomic_fetch_add(serving->draining, 1);
    }
    return true;
}

/* Not before all know: who is refused is refused by a server that drains. Of threads, the first one
 * does it. */
static bool shut_listeners(const struct ln_serving *serving)
{
    if (serving->draining == NULL) {
        if (!ln_children_all_drain(serving->server)) {
            return false;
        }
        ln_listeners_shut(serving->server, serving->place);
    }
    return true;
}

static void end_turn(const struct ln_serving *serving)
{
    ln_log_flush(&serving->parts->log);
    ln_children_publish(serving->server, serving->parts, serving->figures);
}

static int64_t timeout_ms(const struct ln_serving *serving, int64_t until_stop_ms)
{
    const bool log_waits = serving->parts->log.len > 0;
    return log_waits && (until_stop_ms < 0 || until_stop_ms > LOG_RETRY_MS) ? LOG_RETRY_MS
                                                                            : until_stop_ms;
}

bool ln_serving_run(struct ln_serving *serving)
{
    struct ln_server *server = serving->server;
    struct ln_parts *parts = serving->parts;
    uint64_t stop_ms = LINNET_NO_DEADLINE;
    bool stopped = false;
    bool shut = false;
    for (;;) {
        LN_ASSERT(!ln_signals_provoked());
        ln_children_look(server);
        const uint64_t now_ms = ln_system_time().monotonic_ms;
        const unsigned order = atomic_load(&server->shared->order);
        if (order != LN_SHARED_SERVE && stop_ms == LINNET_NO_DEADLINE) {
            if (!begin_drain(serving)) {
                return false;
            }
            stop_ms = now_ms + server->config.limits.drain_ms;
        }
        if (stop_ms != LINNET_NO_DEADLINE && !shut) {
            shut = shut_listeners(serving);
        }
        if (stop_ms != LINNET_NO_DEADLINE) {
            if (linnet_worker_open_count(parts->worker) + ln_children_count(server) == 0) {
                end_turn(serving);
                return true;
            }
            if (!stopped && (order == LN_SHARED_STOP || now_ms >= stop_ms)) {
                linnet_worker_stop(parts->worker, ln_system_time());
                stopped = true;
            }
        }
        const bool drains = stop_ms != LINNET_NO_DEADLINE;
        const int64_t until_stop_ms = drains && !shut      ? SHUT_MS
                                      : drains && !stopped ? (int64_t)(stop_ms - now_ms)
                                                           : -1;
        if (parts->operations->turn(parts->driver, timeout_ms(serving, until_stop_ms)) !=
            LINNET_ERROR_NONE) {
            return false;
        }
        end_turn(serving);
        if (ln_children_is_over(server)) {
            return true;
        }
        if (server->tls != NULL) {
            ln_certificates_follow(server, parts);
        }
        const unsigned reopens = atomic_load(&server->shared->reopens);
        if (reopens != serving->reopens) {
            serving->reopens = reopens;
            ln_log_reopen(&parts->log);
        }
    }
}
