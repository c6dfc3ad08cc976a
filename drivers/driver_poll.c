/* The poll driver: one thread, every socket non-blocking, one array of all of them (S0-6).
 *
 * For systems that have nothing better: it asks for POSIX's poll and one event, and the work of a
 * turn grows with the connections that are open. The array ("the set") is without a gap: the event,
 * the listeners, the peers. Who leaves makes room for the last; a new interest is a write and no
 * call. A peer in line for a buffer, and a listener while nobody is accepted, keep their place with
 * a descriptor of -1, which poll passes over: nothing wakes the driver for them, no hangup either.
 *
 * Invariants: an open peer's place is 0, or holds its descriptor or -1, and `owners` of that place
 * is its number. What the set says of a peer leaves with it, so nothing old is told of the next. */
#include <linnet/driver.h>

#include "core/base/assert.h"
#include "drivers/acceptance.h"
#include "drivers/driver_rows.h"
#include "drivers/peer.h"
#include "drivers/system/system_clock.h"
#include "drivers/system/system_event.h"
#include "drivers/system/system_poll.h"
#include "drivers/system/system_socket.h"

enum {
    NOT_WAITED_FOR = -1,
    EVENT_PLACE = 0,
    LISTENERS_PLACE = 1,
    RETRY_MS = 10, /* until poll may take the set again */
};

struct poll_peer {
    struct ln_peer peer;
    uint32_t place; /* in the set; 0: it is not there */
};

struct linnet_driver {
    struct ln_turn turn;
    struct ln_acceptance acceptance;
    int event;
    uint32_t len; /* of the set */
    struct pollfd *set;
    uint32_t *owners; /* of places of peers: the connection */
    struct poll_peer peers[];
};

static uint32_t set_len_max(const struct linnet_limits *limits)
{
    return (uint32_t)limits->connections + LISTENERS_PLACE + LINNET_LISTENERS_MAX;
}

static size_t memory_len(const struct linnet_limits *limits)
{
    return sizeof(struct linnet_driver) + (size_t)limits->connections * sizeof(struct poll_peer) +
           set_len_max(limits) * (sizeof(struct pollfd) + sizeof(uint32_t));
}

static unsigned descriptor_count(const struct linnet_limits *limits)
{
    (void)limits;
    return 1; /* the event */
}

static uint32_t peers_place(const struct linnet_driver *driver)
{
    return LISTENERS_PLACE + driver->acceptance.listener_count;
}

static void move(struct linnet_driver *driver, uint32_t from, uint32_t to)
{
    const uint32_t connection = driver->owners[from];
    LN_ASSERT(driver->peers[connection].place == from);
    driver->set[to] = driver->set[from];
    driver->owners[to] = connection;
    driver->peers[connection].place = to;
}

static void close_peer(struct linnet_driver *driver, uint32_t connection)
{
    struct poll_peer *own = &driver->peers[connection];
    if (own->place != 0) {
        const uint32_t last = driver->len - 1;
        LN_ASSERT(own->place >= peers_place(driver));
        LN_ASSERT(own->place <= last);
        move(driver, last, own->place);
        driver->len = last;
    }
    ln_peer_close(&driver->turn, connection, &own->peer);
    ln_acceptance_closed(&driver->acceptance, &driver->turn);
}

/* Closes what is over; else writes down what is waited for. */
static void settle(struct linnet_driver *driver, uint32_t connection, unsigned waits)
{
    struct poll_peer *own = &driver->peers[connection];
    if (waits == LN_PEER_OVER) {
        close_peer(driver, connection);
        return;
    }
    if (own->place == 0) {
        LN_ASSERT(driver->len < set_len_max(driver->turn.limits));
        own->place = driver->len;
        driver->owners[own->place] = connection;
        driver->set[own->place].revents = 0;
        driver->len++;
    }
    struct pollfd *entry = &driver->set[own->place];
    entry->fd = waits == LN_PEER_LINE ? NOT_WAITED_FOR : own->peer.descriptor;
    entry->events = (short)(((waits & LN_PEER_INPUT) != 0 ? POLLIN : 0) |
                            ((waits & LN_PEER_OUTPUT) != 0 ? POLLOUT : 0));
}

static void serve(struct linnet_driver *driver, uint32_t connection, unsigned told)
{
    struct poll_peer *own = &driver->peers[connection];
    settle(driver, connection, ln_peer_serve(&driver->turn, connection, &own->peer, told));
}

static unsigned told_by(short events)
{
    LN_ASSERT((events & POLLNVAL) == 0); /* no descriptor is closed that is still in the set */
    return ((events & POLLIN) != 0 ? LN_PEER_INPUT : 0U) |
           ((events & POLLOUT) != 0 ? LN_PEER_OUTPUT : 0U) |
           ((events & (POLLHUP | POLLERR)) != 0 ? LN_PEER_HUNG_UP : 0U);
}

static void accept_from(struct linnet_driver *driver, unsigned listener)
{
    struct ln_arrival arrival = {.listener = listener};
    enum ln_acceptance_step step;
    while ((step = ln_acceptance_next(&driver->acceptance, &driver->turn, &arrival)) !=
           LN_ACCEPTANCE_ENDED) {
        if (step == LN_ACCEPTANCE_EVICTED) {
            close_peer(driver, arrival.connection);
            continue;
        }
        driver->peers[arrival.connection] =
            (struct poll_peer){.peer = {.descriptor = arrival.descriptor}};
        serve(driver, arrival.connection, LN_PEER_INPUT);
    }
}

/* Looks at the set until `count` that are ready were seen. Listeners come first: they may end a
 * peer, and add others at the end, of whom nothing is told yet. Peers are looked at from the last
 * to the first, so that whoever takes the place of one that leaves was looked at already. */
static void serve_ready(struct linnet_driver *driver, uint32_t count)
{
    if (count > 0 && driver->set[EVENT_PLACE].revents != 0) {
        ln_system_event_clear(driver->event);
        count--;
    }
    for (unsigned i = 0; i < driver->acceptance.listener_count && count > 0; i++) {
        if (driver->set[LISTENERS_PLACE + i].revents != 0) {
            accept_from(driver, i);
            count--;
        }
    }
    for (uint32_t place = driver->len; place > peers_place(driver) && count > 0; place--) {
        const short events = driver->set[place - 1].revents;
        if (events != 0) {
            serve(driver, driver->owners[place - 1], told_by(events));
            count--;
        }
    }
}

static void empty_ready(struct linnet_driver *driver)
{
    const struct ln_turn *turn = &driver->turn;
    uint32_t connection;
    linnet_worker_tick(turn->worker, turn->time);
    while ((connection = linnet_worker_ready(turn->worker, turn->time)) != LINNET_NO_CONNECTION) {
        struct poll_peer *own = &driver->peers[connection];
        settle(driver, connection, ln_peer_resume(turn, connection, &own->peer));
    }
}

static void settle_listeners(struct linnet_driver *driver)
{
    const bool wanted = ln_acceptance_is_open(&driver->acceptance);
    for (unsigned i = 0; i < driver->acceptance.listener_count; i++) {
        driver->set[LISTENERS_PLACE + i].fd =
            wanted ? driver->acceptance.listeners[i] : NOT_WAITED_FOR;
    }
}

/* poll refuses a set that is longer than the limit of descriptors, which somebody has lowered. Who
 * is not idle ends by its deadline, if not before. */
static void shorten(struct linnet_driver *driver)
{
    const uint32_t evicted = linnet_worker_evict(driver->turn.worker, driver->turn.time);
    if (evicted != LINNET_NO_CONNECTION) {
        close_peer(driver, evicted);
    }
}

static enum linnet_error turn(struct linnet_driver *driver, int64_t timeout_ms)
{
    uint32_t count = 0;
    const uint64_t retry_ms = ln_acceptance_retry_ms(&driver->acceptance);
    const int wait_ms = ln_turn_wait_ms(&driver->turn, retry_ms, timeout_ms);
    enum linnet_error error = ln_system_poll(driver->set, driver->len, wait_ms, &count);
    if (error == LINNET_ERROR_INVALID) {
        shorten(driver);
    }
    if (error == LINNET_ERROR_INVALID || error == LINNET_ERROR_MEMORY) {
        error = ln_system_poll(driver->set, 0, RETRY_MS, &count);
    }
    driver->turn.time = ln_system_time();
    serve_ready(driver, count);
    empty_ready(driver);
    ln_acceptance_settle(&driver->acceptance, &driver->turn);
    settle_listeners(driver);
    return error;
}

static enum linnet_error open_driver(const struct linnet_driver_config *config,
                                     struct linnet_driver **made)
{
    struct linnet_driver *driver = config->memory;
    driver->turn = (struct ln_turn){
        .worker = config->worker, .limits = config->limits, .time = ln_system_time()};
    const enum linnet_error error = ln_system_event_open(&driver->event);
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    driver->set = (struct pollfd *)(void *)&driver->peers[config->limits->connections];
    driver->owners = (uint32_t *)(void *)&driver->set[set_len_max(config->limits)];
    driver->set[EVENT_PLACE] = (struct pollfd){.fd = driver->event, .events = POLLIN};
    driver->len = LISTENERS_PLACE;
    *made = driver;
    return LINNET_ERROR_NONE;
}

static void close_driver(struct linnet_driver *driver)
{
    LN_ASSERT(linnet_worker_open_count(driver->turn.worker) == 0);
    LN_ASSERT(driver->len == peers_place(driver));
    ln_system_close_socket(driver->event, false);
}

static enum linnet_error listener_add(struct linnet_driver *driver, int descriptor)
{
    const uint32_t place = peers_place(driver);
    const enum linnet_error error = ln_acceptance_add(&driver->acceptance, descriptor);
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    if (place < driver->len) {
        move(driver, place, driver->len); /* a peer makes room for it */
    }
    driver->set[place] = (struct pollfd){.fd = descriptor, .events = POLLIN};
    driver->len++;
    return LINNET_ERROR_NONE;
}

static void listeners_pause(struct linnet_driver *driver)
{
    ln_acceptance_stop(&driver->acceptance);
    settle_listeners(driver);
}

static void listeners_resume(struct linnet_driver *driver)
{
    ln_acceptance_resume(&driver->acceptance);
    settle_listeners(driver);
}

static void wake(struct linnet_driver *driver)
{
    ln_system_event_notify(driver->event);
}

static int descriptor(const struct linnet_driver *driver)
{
    (void)driver;
    return -1;
}

const struct linnet_driver_operations ln_driver_poll = {
    .name = "poll",
    .meaning = "one thread, one poll over all sockets",
    .capabilities = LINNET_DRIVER_FILE_RANGE,
    .memory_len = memory_len,
    .descriptor_count = descriptor_count,
    .open = open_driver,
    .close = close_driver,
    .listener_add = listener_add,
    .listeners_pause = listeners_pause,
    .listeners_resume = listeners_resume,
    .wake = wake,
    .turn = turn,
    .descriptor = descriptor,
};
