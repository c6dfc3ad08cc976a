/* The epoll driver: one thread, every socket non-blocking, one wait for all of them (S3-1).
 *
 * Level-triggered. A connection is read from straight after accept, before it is registered: most
 * short ones never are. Interest in input is left registered while it is not wanted, and is taken
 * away only when it fires for nothing, so that a request on a kept connection costs one read and
 * one send and no epoll_ctl. A connection in line for a buffer leaves the set; TCP does the rest.
 * Whatever is in the set is told of a hangup without end, also without any interest: so what is not
 * waited for is taken out.
 *
 * When no slot or descriptor is left the listeners leave the set too (S0-6): the connection that
 * was idle the longest is closed for a new one; if there is none, accepting starts again when a
 * connection closes, becomes idle, or after a while. */
#include <linnet/driver.h>

#include "core/base/assert.h"
#include "drivers/driver_rows.h"
#include "drivers/system/system_clock.h"
#include "drivers/system/system_epoll.h"
#include "drivers/system/system_socket.h"

enum {
    EVENTS_PER_TURN = 256,
    DESCRIPTOR_RETRY_MS = 200, /* who holds the descriptors may not be us */
};

/* Keys of events: a connection's number and generation, or one of these bits. */
#define KEY_LISTENER ((uint64_t)1 << 63)
#define KEY_WAKE     ((uint64_t)1 << 62)

struct peer {
    int descriptor;
    uint32_t generation; /* events of a connection that is gone do not meet the next one */
    uint32_t interest;   /* what epoll was told */
    bool registered;
    bool in_line; /* waits for an input buffer */
    bool blocked; /* the last send did not take all */
};

struct listener {
    int descriptor;
    bool registered;
};

struct linnet_driver {
    struct linnet_worker *worker;
    const struct linnet_limits *limits;
    struct linnet_time time; /* of this turn */
    uint64_t retry_ms;       /* when accepting is tried again */
    int epoll;
    int event;
    struct listener listeners[LINNET_LISTENERS_MAX];
    unsigned listener_count;
    bool paused;         /* by ourselves, for want of room */
    bool paused_outside; /* by listeners_pause */
    struct epoll_event events[EVENTS_PER_TURN];
    struct peer peers[];
};

static size_t memory_len(const struct linnet_limits *limits)
{
    return sizeof(struct linnet_driver) + (size_t)limits->connections * sizeof(struct peer);
}

static unsigned descriptor_count(const struct linnet_limits *limits)
{
    (void)limits;
    return 2; /* epoll and the eventfd */
}

static uint64_t key_of(const struct linnet_driver *driver, uint32_t connection)
{
    return (uint64_t)(driver->peers[connection].generation & 0x3FFFFFFF) << 32 | connection;
}

static void pause_for_room(struct linnet_driver *driver, bool for_descriptors)
{
    linnet_worker_count_pause(driver->worker, for_descriptors);
    driver->paused = true;
    driver->retry_ms =
        for_descriptors ? driver->time.monotonic_ms + DESCRIPTOR_RETRY_MS : LINNET_NO_DEADLINE;
}

/* Has the listeners in the set, or not, as it should be. */
static void settle_listeners(struct linnet_driver *driver)
{
    for (unsigned i = 0; i < driver->listener_count; i++) {
        struct listener *listener = &driver->listeners[i];
        const bool wanted = !driver->paused && !driver->paused_outside;
        if (listener->registered == wanted) {
            continue;
        }
        const enum linnet_error error =
            ln_system_epoll_set(driver->epoll, wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL,
                                listener->descriptor, EPOLLIN, KEY_LISTENER | i);
        if (error == LINNET_ERROR_NONE) {
            listener->registered = wanted;
        } else {
            LN_ASSERT(wanted); /* the kernel has no memory for it now */
            pause_for_room(driver, true);
        }
    }
}

/* At the end of a turn: is there room again, or something that could make some? */
static void accept_again(struct linnet_driver *driver)
{
    if (!driver->paused || driver->paused_outside) {
        return;
    }
    const bool for_slots = driver->retry_ms == LINNET_NO_DEADLINE;
    if (for_slots
            ? linnet_worker_has_slot(driver->worker) || linnet_worker_has_evictable(driver->worker)
            : driver->time.monotonic_ms >= driver->retry_ms) {
        driver->paused = false;
    }
}

static void close_peer(struct linnet_driver *driver, uint32_t connection)
{
    struct peer *peer = &driver->peers[connection];
    struct linnet_output out;
    linnet_worker_output(driver->worker, connection, LINNET_ACCEPT_FILE, &out);
    ln_system_close_socket(peer->descriptor, (out.flags & LINNET_OUTPUT_RESET) != 0);
    peer->generation++;
    peer->registered = false;
    linnet_worker_close(driver->worker, connection);
    if (driver->paused && driver->retry_ms != LINNET_NO_DEADLINE) {
        driver->retry_ms = driver->time.monotonic_ms;
    }
}

static void lost(struct linnet_driver *driver, uint32_t connection, enum linnet_error error)
{
    linnet_worker_abort(
        driver->worker, connection,
        error == LINNET_ERROR_RESET ? LINNET_ABORT_RESET : LINNET_ABORT_SYSTEM_ERROR, driver->time);
}

static void read_input(struct linnet_driver *driver, uint32_t connection)
{
    struct peer *peer = &driver->peers[connection];
    uint64_t left = driver->limits->bytes_per_turn;
    while (left > 0) {
        struct linnet_room room;
        size_t len = 0;
        if (!linnet_worker_input(driver->worker, connection, &room, driver->time)) {
            peer->in_line =
                (linnet_worker_state(driver->worker, connection) & LINNET_WANTS_INPUT) != 0;
            return;
        }
        room.len = room.len < left ? room.len : (size_t)left;
        const enum linnet_error error = ln_system_receive(peer->descriptor, room, &len);
        linnet_worker_received(driver->worker, connection, len, driver->time);
        if (error != LINNET_ERROR_NONE) {
            if (error != LINNET_ERROR_AGAIN) {
                lost(driver, connection, error);
            }
            return;
        }
        if (len == 0) {
            linnet_worker_receive_end(driver->worker, connection, driver->time);
            return;
        }
        left -= len;
        if (len < room.len) {
            return; /* a short read has emptied the socket: no read just to see EAGAIN */
        }
    }
}

/* Sends what *out lends, in one call; false: stop for this turn. */
static bool send_output(struct linnet_driver *driver, uint32_t connection,
                        const struct linnet_output *out, uint64_t *file_left)
{
    struct peer *peer = &driver->peers[connection];
    enum linnet_error error = LINNET_ERROR_NONE;
    size_t total = 0;
    size_t len = 0;
    if (out->span_count > 0) {
        for (unsigned i = 0; i < out->span_count; i++) {
            total += out->spans[i].len;
        }
        const bool more = out->file != NULL || (out->flags & LINNET_OUTPUT_MORE) != 0;
        error = ln_system_send(peer->descriptor, out->spans, out->span_count, more, &len);
    } else if (out->file != NULL) {
        total = out->file_len < *file_left ? (size_t)out->file_len : (size_t)*file_left;
        error = ln_system_send_file(peer->descriptor, out->file->descriptor, out->file_offset,
                                    total, &len);
        *file_left -= len;
        if (error == LINNET_ERROR_NONE && len == 0) {
            linnet_worker_abort(driver->worker, connection, LINNET_ABORT_FILE_SHRUNK, driver->time);
            return false;
        }
    }
    if (error != LINNET_ERROR_NONE && error != LINNET_ERROR_AGAIN) {
        lost(driver, connection, error);
        return false;
    }
    if ((out->flags & LINNET_OUTPUT_FIN) != 0) {
        ln_system_shut(peer->descriptor);
    }
    linnet_worker_sent(driver->worker, connection, len, driver->time);
    peer->blocked = len < total || *file_left == 0;
    return !peer->blocked;
}

static void send_pending(struct linnet_driver *driver, uint32_t connection)
{
    uint64_t file_left = driver->limits->file_bytes_per_turn;
    driver->peers[connection].blocked = false;
    while ((linnet_worker_state(driver->worker, connection) &
            (LINNET_HAS_OUTPUT | LINNET_CLOSED)) == LINNET_HAS_OUTPUT) {
        struct linnet_output out;
        linnet_worker_output(driver->worker, connection, LINNET_ACCEPT_FILE, &out);
        if (!send_output(driver, connection, &out, &file_left)) {
            return;
        }
    }
}

static void leave_set(const struct linnet_driver *driver, struct peer *peer)
{
    if (peer->registered) {
        const enum linnet_error error =
            ln_system_epoll_set(driver->epoll, EPOLL_CTL_DEL, peer->descriptor, 0, 0);
        LN_ASSERT(error == LINNET_ERROR_NONE);
        peer->registered = false;
        peer->interest = 0;
    }
}

/* Closes what is over; else tells epoll what is waited for. `fired`: the events that came. */
static void settle(struct linnet_driver *driver, uint32_t connection, uint32_t fired)
{
    struct peer *peer = &driver->peers[connection];
    const unsigned state = linnet_worker_state(driver->worker, connection);
    if ((state & LINNET_CLOSED) != 0) {
        close_peer(driver, connection);
        return;
    }
    uint32_t wanted = 0;
    if ((state & LINNET_WANTS_INPUT) != 0 && !peer->in_line) {
        wanted |= EPOLLIN;
    }
    if ((state & LINNET_HAS_OUTPUT) != 0 && peer->blocked) {
        wanted |= EPOLLOUT;
    }
    if (wanted == 0 && peer->in_line) {
        leave_set(driver, peer);
        return;
    }
    const uint32_t useless = peer->interest & ~wanted;
    if (peer->registered && (wanted & ~peer->interest) == 0 && ((useless & EPOLLOUT) == 0) &&
        (useless & fired) == 0) {
        return;
    }
    const enum linnet_error error =
        ln_system_epoll_set(driver->epoll, peer->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
                            peer->descriptor, wanted, key_of(driver, connection));
    if (error != LINNET_ERROR_NONE) {
        lost(driver, connection, error);
        close_peer(driver, connection);
        return;
    }
    peer->registered = true;
    peer->interest = wanted;
}

static void serve(struct linnet_driver *driver, uint32_t connection, uint32_t fired)
{
    const unsigned state = linnet_worker_state(driver->worker, connection);
    if ((state & LINNET_CLOSED) == 0) {
        if ((state & LINNET_WANTS_INPUT) != 0) {
            if ((fired & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
                read_input(driver, connection);
            }
        } else if ((fired & (EPOLLHUP | EPOLLERR)) != 0) {
            lost(driver, connection, LINNET_ERROR_RESET);
        }
        send_pending(driver, connection);
    }
    settle(driver, connection, fired);
}

/* One waits and there is no slot or descriptor: closes the longest idle, or stops accepting. */
static bool make_room(struct linnet_driver *driver, bool for_descriptors)
{
    const uint32_t evicted = linnet_worker_evict(driver->worker, driver->time);
    if (evicted == LINNET_NO_CONNECTION) {
        pause_for_room(driver, for_descriptors);
        return false;
    }
    close_peer(driver, evicted);
    return true;
}

static void accept_from(struct linnet_driver *driver, unsigned listener)
{
    for (uint64_t i = 0; i < driver->limits->accepts_per_turn; i++) {
        if (!linnet_worker_has_slot(driver->worker) &&
            (i > 0 || driver->paused || !make_room(driver, false))) {
            return;
        }
        struct linnet_connection_info info = {.listener = listener, .accept = LINNET_ACCEPT_FILE};
        int descriptor = -1;
        const enum linnet_error error =
            ln_system_accept(driver->listeners[listener].descriptor, &descriptor, &info.peer);
        if (error == LINNET_ERROR_DESCRIPTORS || error == LINNET_ERROR_MEMORY) {
            if (driver->paused || !make_room(driver, true)) {
                return;
            }
            continue;
        }
        if (error != LINNET_ERROR_NONE) {
            return; /* nobody waits; any other fault comes again with the next event */
        }
        ln_system_set_send_len(descriptor, driver->limits->socket_send_len);
        const uint32_t connection = linnet_worker_open(driver->worker, &info, driver->time);
        struct peer *peer = &driver->peers[connection];
        *peer = (struct peer){.descriptor = descriptor, .generation = peer->generation};
        serve(driver, connection, EPOLLIN);
    }
}

static void dispatch(struct linnet_driver *driver, const struct epoll_event *event)
{
    const uint64_t key = event->data.u64;
    if ((key & KEY_LISTENER) != 0) {
        accept_from(driver, (unsigned)(key & 0xFF));
    } else if (key == KEY_WAKE) {
        ln_system_event_clear(driver->event);
    } else {
        const uint32_t connection = (uint32_t)(key & UINT32_MAX);
        if (driver->peers[connection].registered && key == key_of(driver, connection)) {
            serve(driver, connection, event->events);
        }
    }
}

static void empty_ready(struct linnet_driver *driver)
{
    uint32_t connection;
    linnet_worker_tick(driver->worker, driver->time);
    while ((connection = linnet_worker_ready(driver->worker, driver->time)) !=
           LINNET_NO_CONNECTION) {
        const bool read_now = driver->peers[connection].in_line;
        driver->peers[connection].in_line = false;
        serve(driver, connection, read_now ? EPOLLIN : 0);
    }
}

static int wait_ms(const struct linnet_driver *driver, int64_t timeout_ms)
{
    uint64_t until_ms = linnet_worker_deadline(driver->worker);
    if (driver->paused && !driver->paused_outside && driver->retry_ms < until_ms) {
        until_ms = driver->retry_ms;
    }
    const uint64_t now_ms = driver->time.monotonic_ms;
    int64_t wait = timeout_ms;
    if (until_ms != LINNET_NO_DEADLINE) {
        const int64_t left = until_ms > now_ms ? (int64_t)(until_ms - now_ms) : 0;
        wait = wait < 0 || left < wait ? left : wait;
    }
    return wait > 60000 ? 60000 : (int)wait;
}

static enum linnet_error turn(struct linnet_driver *driver, int64_t timeout_ms)
{
    int count = 0;
    const enum linnet_error error = ln_system_epoll_wait(
        driver->epoll, driver->events, EVENTS_PER_TURN, wait_ms(driver, timeout_ms), &count);
    driver->time = ln_system_time();
    for (int i = 0; i < count; i++) {
        dispatch(driver, &driver->events[i]);
    }
    empty_ready(driver);
    accept_again(driver);
    settle_listeners(driver);
    return error;
}

static enum linnet_error open_driver(const struct linnet_driver_config *config,
                                     struct linnet_driver **made)
{
    struct linnet_driver *driver = config->memory;
    driver->worker = config->worker;
    driver->limits = config->limits;
    driver->time = ln_system_time();
    enum linnet_error error = ln_system_epoll_open(&driver->epoll);
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    error = ln_system_event_open(&driver->event);
    if (error == LINNET_ERROR_NONE) {
        error = ln_system_epoll_set(driver->epoll, EPOLL_CTL_ADD, driver->event, EPOLLIN, KEY_WAKE);
        if (error == LINNET_ERROR_NONE) {
            *made = driver;
            return error;
        }
        ln_system_close_socket(driver->event, false);
    }
    ln_system_close_socket(driver->epoll, false);
    return error;
}

static void close_driver(struct linnet_driver *driver)
{
    LN_ASSERT(linnet_worker_open_count(driver->worker) == 0);
    ln_system_close_socket(driver->event, false);
    ln_system_close_socket(driver->epoll, false);
}

static enum linnet_error listener_add(struct linnet_driver *driver, int descriptor)
{
    if (driver->listener_count == LINNET_LISTENERS_MAX) {
        return LINNET_ERROR_TOO_LARGE;
    }
    const unsigned number = driver->listener_count;
    const enum linnet_error error = ln_system_epoll_set(driver->epoll, EPOLL_CTL_ADD, descriptor,
                                                        EPOLLIN, KEY_LISTENER | number);
    if (error == LINNET_ERROR_NONE) {
        driver->listeners[number] = (struct listener){.descriptor = descriptor, .registered = true};
        driver->listener_count++;
    }
    return error;
}

static void listeners_pause(struct linnet_driver *driver)
{
    driver->paused_outside = true;
    settle_listeners(driver);
}

static void listeners_resume(struct linnet_driver *driver)
{
    driver->paused_outside = false;
    driver->paused = false;
    settle_listeners(driver);
}

static ptrdiff_t read_file(struct linnet_driver *driver, uint32_t connection,
                           struct linnet_source *source, uint64_t offset, struct linnet_room room)
{
    (void)driver;
    (void)connection;
    return source->operations->read(source, offset, room);
}

static void wake(struct linnet_driver *driver)
{
    ln_system_event_notify(driver->event);
}

static int descriptor(const struct linnet_driver *driver)
{
    return driver->epoll;
}

const struct linnet_driver_operations ln_driver_epoll = {
    .name = "epoll",
    .meaning = "one thread, one epoll for all sockets",
    .capabilities = LINNET_DRIVER_FILE_RANGE | LINNET_DRIVER_DESCRIPTOR,
    .memory_len = memory_len,
    .descriptor_count = descriptor_count,
    .open = open_driver,
    .close = close_driver,
    .listener_add = listener_add,
    .listeners_pause = listeners_pause,
    .listeners_resume = listeners_resume,
    .read_file = read_file,
    .wake = wake,
    .turn = turn,
    .descriptor = descriptor,
};
