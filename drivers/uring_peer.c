/* A connection: what came is served, what it waits for is asked for, its end. */
#include <poll.h>

#include "drivers/system/system_epoll.h"
#include "drivers/system/system_socket.h"
#include "drivers/uring.h"

enum { EPOLL_EVENTS_MAX = 64 };

void ln_uring_peer_lost(struct linnet_driver *driver, uint32_t connection, enum linnet_error error)
{
    linnet_worker_abort(driver->turn.worker, connection,
                        error == LINNET_ERROR_RESET ? LINNET_ABORT_RESET
                                                    : LINNET_ABORT_SYSTEM_ERROR,
                        driver->turn.time);
}

static bool is_armed(const struct ln_uring_peer *peer, enum ln_uring_kind kind)
{
    return (peer->armed >> kind & 1) != 0;
}

static void arm_poll(struct linnet_driver *driver, uint32_t connection, enum ln_uring_kind kind,
                     uint32_t events)
{
    struct ln_uring_peer *peer = &driver->peers[connection];
    if (!is_armed(peer, kind)) {
        peer->armed = (uint8_t)(peer->armed | 1U << kind);
        ln_system_uring_poll(&driver->ring, peer->descriptor, events,
                             ln_uring_key(kind, peer->generation, connection));
    }
}

/* What is awaited of a peer that has finished sending, but for its lost: a poll would not wait. */
static void arm_epoll(struct linnet_driver *driver, uint32_t connection, uint32_t events)
{
    struct ln_uring_peer *peer = &driver->peers[connection];
    if (peer->epoll_armed && peer->epoll_events == events) {
        return;
    }
    const enum linnet_error error = ln_system_epoll_set(
        driver->epoll, peer->in_epoll ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, peer->descriptor,
        events | EPOLLONESHOT, ln_uring_key(LN_URING_EPOLL, peer->generation, connection));
    if (error != LINNET_ERROR_NONE) {
        ln_uring_peer_lost(driver, connection, error);
        ln_uring_peer_close(driver, connection);
        return;
    }
    peer->in_epoll = true;
    peer->epoll_armed = true;
    peer->epoll_events = events;
}

static void arm_output(struct linnet_driver *driver, uint32_t connection, enum ln_uring_kind kind)
{
    const uint32_t events = kind == LN_URING_WRITABLE ? POLLOUT : 0;
    if (driver->peers[connection].half_closed) {
        arm_epoll(driver, connection, events);
    } else {
        arm_poll(driver, connection, kind, events);
    }
}

static void arm_input(struct linnet_driver *driver, uint32_t connection)
{
    struct ln_uring_peer *peer = &driver->peers[connection];
    if (is_armed(peer, LN_URING_RECEIVE) || is_armed(peer, LN_URING_READABLE)) {
        return;
    }
    if (peer->starved && driver->buffers_lent == 0) {
        arm_poll(driver, connection, LN_URING_READABLE, POLLIN);
        return;
    }
    peer->starved = false;
    peer->armed |= 1U << LN_URING_RECEIVE;
    ln_system_uring_receive(&driver->ring, peer->descriptor, peer->kept,
                            ln_uring_key(LN_URING_RECEIVE, peer->generation, connection));
}

void ln_uring_peer_close(struct linnet_driver *driver, uint32_t connection)
{
    struct ln_uring_peer *peer = &driver->peers[connection];
    struct linnet_output out;
    if ((linnet_worker_state(driver->turn.worker, connection) & LINNET_READING) != 0) {
        return;
    }
    linnet_worker_output(driver->turn.worker, connection, LINNET_ACCEPT_FILE, &out);
    for (enum ln_uring_kind kind = 0; kind < LN_URING_CONNECTION_KINDS; kind++) {
        if (is_armed(peer, kind)) {
            ln_system_uring_cancel(&driver->ring, ln_uring_key(kind, peer->generation, connection));
        }
    }
    if ((out.flags & LINNET_OUTPUT_RESET) != 0) {
        ln_system_reset_at_close(peer->descriptor);
    }
    ln_system_uring_close_socket(&driver->ring, peer->descriptor);
    ln_uring_input_drop(driver, connection);
    peer->open = false;
    peer->generation++;
    linnet_worker_close(driver->turn.worker, connection);
    ln_acceptance_closed(&driver->acceptance, &driver->turn);
}

static void ask(struct linnet_driver *driver, uint32_t connection, unsigned state)
{
    struct ln_uring_peer *peer = &driver->peers[connection];
    const bool sends = peer->to_be_sent_to || peer->sending_len > 0;
    if ((state & LINNET_WANTS_INPUT) != 0 && !peer->in_line && peer->parked_count == 0) {
        arm_input(driver, connection);
    }
    if ((state & LINNET_HAS_OUTPUT) != 0 && peer->blocked && !sends) {
        arm_output(driver, connection, LN_URING_WRITABLE);
    } else if (peer->armed == 0 && !sends && !peer->in_line) {
        arm_output(driver, connection, LN_URING_HANGUP);
    }
}

/* Input makes output, and output that has left makes room for what is parked: every round but the
 * last hands some of it on. */
static unsigned move(struct linnet_driver *driver, uint32_t connection)
{
    const struct ln_uring_peer *peer = &driver->peers[connection];
    for (;;) {
        ln_uring_input_feed(driver, connection);
        ln_uring_output_pend(driver, connection);
        const unsigned state = linnet_worker_state(driver->turn.worker, connection);
        if (peer->parked_count == 0 || peer->in_line || (state & LINNET_WANTS_INPUT) == 0) {
            return state;
        }
    }
}

void ln_uring_peer_serve(struct linnet_driver *driver, uint32_t connection)
{
    const unsigned state = move(driver, connection);
    if ((state & LINNET_CLOSED) != 0) {
        ln_uring_peer_close(driver, connection);
    } else {
        ask(driver, connection, state);
    }
}

void ln_uring_peer_open(struct linnet_driver *driver, uint32_t connection, int descriptor)
{
    struct ln_uring_peer *peer = &driver->peers[connection];
    LN_ASSERT(!peer->open);
    *peer = (struct ln_uring_peer){.descriptor = descriptor,
                                   .generation = peer->generation,
                                   .to_be_sent_to = peer->to_be_sent_to,
                                   .open = true};
    ln_uring_peer_serve(driver, connection);
}

/* A poll for WRITABLE or HANGUP says what it saw. Whoever is being read from hears of a loss
 * there. */
static void look(struct linnet_driver *driver, uint32_t connection, uint32_t seen)
{
    struct ln_uring_peer *peer = &driver->peers[connection];
    if ((seen & (POLLOUT | POLLERR | POLLHUP)) == 0) {
        peer->half_closed = true;
    } else if (peer->blocked) {
        peer->blocked = false; /* a loss comes up in the send */
    } else if ((linnet_worker_state(driver->turn.worker, connection) & LINNET_WANTS_INPUT) == 0) {
        ln_uring_peer_lost(driver, connection, LINNET_ERROR_RESET);
    }
}

void ln_uring_peer_complete(struct linnet_driver *driver, enum ln_uring_kind kind,
                            const struct ln_system_uring_completion *completion)
{
    const uint32_t connection = (uint32_t)(completion->key & UINT32_MAX);
    struct ln_uring_peer *peer = &driver->peers[connection];
    if (!peer->open || completion->key != ln_uring_key(kind, peer->generation, connection)) {
        if (completion->buffer != LN_URING_NO_BUFFER) {
            driver->buffers_lent--;
            ln_uring_input_give(driver, completion->buffer);
        }
        return;
    }
    if (kind < LN_URING_CONNECTION_KINDS && !completion->more) {
        peer->armed = (uint8_t)(peer->armed & ~(1U << kind));
    }
    if (kind == LN_URING_RECEIVE) {
        ln_uring_input_take(driver, connection, completion);
    } else if (kind == LN_URING_SEND) {
        ln_uring_output_sent(driver, connection, completion);
    } else if (completion->error != LINNET_ERROR_NONE) {
        /* A poll that was not to be: it is asked for again. */
    } else if (kind == LN_URING_READABLE) {
        ln_uring_input_read(driver, connection);
    } else {
        look(driver, connection, completion->value);
    }
    ln_uring_peer_serve(driver, connection);
}

void ln_uring_peer_watch_epoll(struct linnet_driver *driver)
{
    ln_system_uring_poll(&driver->ring, driver->epoll, POLLIN, ln_uring_key(LN_URING_EPOLL, 0, 0));
}

void ln_uring_peer_look_at_epoll(struct linnet_driver *driver)
{
    struct epoll_event events[EPOLL_EVENTS_MAX];
    int count = 0;
    const enum linnet_error ignored =
        ln_system_epoll_wait(driver->epoll, events, EPOLL_EVENTS_MAX, 0, &count);
    (void)ignored; /* then there are no events */
    for (int i = 0; i < count; i++) {
        const uint32_t connection = (uint32_t)(events[i].data.u64 & UINT32_MAX);
        struct ln_uring_peer *peer = &driver->peers[connection];
        if (peer->open &&
            events[i].data.u64 == ln_uring_key(LN_URING_EPOLL, peer->generation, connection)) {
            peer->epoll_armed = false;
            look(driver, connection, events[i].events);
            ln_uring_peer_serve(driver, connection);
        }
    }
    ln_uring_peer_watch_epoll(driver);
}
