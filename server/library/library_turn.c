/* The turns of a server, and the way from serving to done. */
#include "drivers/system/system_clock.h"
#include "drivers/system/system_socket.h"
#include "server/library/library_server.h"
#include "server/library/pipe_signal.h"

enum {
    /* A driver that has paused accepting for want of descriptors tries again by the clock, and no
     * descriptor tells of it. */
    WAIT_MS_MAX = 1000,
};

/* Takes those who wait, then nobody any more. */
static enum linnet_error begin_drain(struct linnet_server *server)
{
    const enum linnet_error error = server->operations->turn(server->driver, 0);
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    const struct linnet_time time = ln_system_time();
    server->operations->listeners_pause(server->driver);
    for (unsigned i = 0; i < server->listener_count; i++) {
        if (!server->listeners[i].adopted) {
            ln_system_shut_listener(server->listeners[i].descriptor);
        }
    }
    linnet_worker_drain(server->worker, time);
    server->stop_ms = time.monotonic_ms + server->limits.drain_ms;
    server->state = LN_LIBRARY_DRAINING;
    return LINNET_ERROR_NONE;
}

/* Goes to the state that is due. */
static enum linnet_error settle_state(struct linnet_server *server)
{
    if (server->state == LN_LIBRARY_SERVING && atomic_load(&server->stop_asked)) {
        const enum linnet_error error = begin_drain(server);
        if (error != LINNET_ERROR_NONE) {
            return error;
        }
    }
    if (server->state == LN_LIBRARY_DRAINING || server->state == LN_LIBRARY_STOPPING) {
        const struct linnet_time time = ln_system_time();
        if (linnet_worker_open_count(server->worker) == 0) {
            server->state = LN_LIBRARY_DONE;
        } else if (server->state == LN_LIBRARY_DRAINING && time.monotonic_ms >= server->stop_ms) {
            linnet_worker_stop(server->worker, time);
            server->state = LN_LIBRARY_STOPPING;
        }
    }
    return LINNET_ERROR_NONE;
}

static int64_t shorter(int64_t a_ms, int64_t b_ms)
{
    return a_ms < 0 || (b_ms >= 0 && b_ms < a_ms) ? b_ms : a_ms;
}

/* Until `then_ms` of the clock; -1: for ever. */
static int64_t left_ms(uint64_t then_ms)
{
    const uint64_t now_ms = ln_system_time().monotonic_ms;
    if (then_ms == LINNET_NO_DEADLINE) {
        return -1;
    }
    const uint64_t left = then_ms > now_ms ? then_ms - now_ms : 0;
    return left < INT32_MAX ? (int64_t)left : INT32_MAX;
}

/* A turn while SIGPIPE is held. */
static enum linnet_error take_turn(struct linnet_server *server, int64_t timeout_ms)
{
    enum linnet_error error = settle_state(server);
    if (error != LINNET_ERROR_NONE || server->state == LN_LIBRARY_DONE) {
        return error;
    }
    if (server->state == LN_LIBRARY_DRAINING) {
        timeout_ms = shorter(timeout_ms, left_ms(server->stop_ms));
    }
    error = server->operations->turn(server->driver, timeout_ms);
    return error == LINNET_ERROR_NONE ? settle_state(server) : error;
}

enum linnet_error linnet_server_turn(struct linnet_server *server, int64_t timeout_ms)
{
    const bool held = ln_pipe_signal_hold();
    const enum linnet_error error = take_turn(server, timeout_ms);
    if (held) {
        ln_pipe_signal_release();
    }
    return error;
}

enum linnet_error linnet_server_run(struct linnet_server *server)
{
    enum linnet_error error = LINNET_ERROR_NONE;
    const bool held = ln_pipe_signal_hold();
    while (error == LINNET_ERROR_NONE && linnet_server_is_running(server)) {
        error = take_turn(server, -1);
    }
    if (held) {
        ln_pipe_signal_release();
    }
    return error;
}

bool linnet_server_is_running(const struct linnet_server *server)
{
    return server->state != LN_LIBRARY_DONE;
}

void linnet_server_stop(struct linnet_server *server)
{
    atomic_store(&server->stop_asked, true);
    linnet_server_wake(server);
}

void linnet_server_wake(struct linnet_server *server)
{
    server->operations->wake(server->driver);
}

void linnet_resume(struct linnet_server *server, struct linnet_token token)
{
    linnet_worker_resume(server->worker, token);
    linnet_server_wake(server);
}

int linnet_server_descriptor(const struct linnet_server *server)
{
    return server->operations->descriptor(server->driver);
}

int64_t linnet_server_wait_ms(const struct linnet_server *server)
{
    int64_t wait_ms = WAIT_MS_MAX;
    if (atomic_load(&server->stop_asked) && server->state == LN_LIBRARY_SERVING) {
        return 0;
    }
    wait_ms = shorter(wait_ms, left_ms(linnet_worker_deadline(server->worker)));
    return shorter(wait_ms, left_ms(server->stop_ms));
}
