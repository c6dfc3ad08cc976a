/* The epoll driver: one thread, every socket non-blocking, one wait for all of them (S3-1).
 *
 * Level-triggered. A connection is read from straight after accept, before it is registered: most
 * short ones never are. Interest in input is left registered while it is not wanted, and is taken
 * away only when it fires for nothing, so that a request on a kept connection costs one read and
 * one send and no epoll_ctl. A connection in line for a buffer leaves the set; TCP does the rest.
 * Whatever is in the set is told of a hangup without end, also without any interest: so what is not
 * waited for is taken out, and so are listeners while nobody is accepted. Files that are read ahead
 * complete by an event of their own in the same set (drivers/asynchronous_file.h). */
#include "core/base/assert.h"
#include "drivers/driver_rows.h"
#include "drivers/epoll.h"
#include "drivers/system/system_clock.h"
#include "drivers/system/system_event.h"
#include "drivers/system/system_socket.h"

/* Of the driver itself; behind it is the memory of its reads. */
static size_t own_len(const struct linnet_limits *limits)
{
    const size_t len =
        sizeof(struct linnet_driver) + (size_t)limits->connections * sizeof(struct ln_epoll_peer);
    return (len + 15) & ~(size_t)15;
}

static size_t memory_len(const struct linnet_limits *limits)
{
    return own_len(limits) + ln_asynchronous_file_memory_len(limits);
}

static unsigned descriptor_count(const struct linnet_limits *limits)
{
    return 2 + ln_asynchronous_file_descriptor_count(limits); /* epoll and the event */
}

/* Has the listeners in the set, or not, as it should be. */
static void settle_listeners(struct linnet_driver *driver)
{
    const bool wanted = ln_acceptance_is_open(&driver->acceptance);
    driver->listening = wanted;
    for (unsigned i = 0; i < driver->acceptance.listener_count; i++) {
        if (driver->registered[i] == wanted) {
            continue;
        }
        const enum linnet_error error = ln_system_epoll_set(
            driver->epoll, wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, driver->acceptance.listeners[i],
            EPOLLIN, LN_EPOLL_KEY_LISTENER | i);
        if (error != LINNET_ERROR_NONE) {
            LN_ASSERT(wanted); /* the kernel has no memory for it now */
            ln_acceptance_pause(&driver->acceptance, &driver->turn);
            return;
        }
        driver->registered[i] = wanted;
    }
}

static void serve(struct linnet_driver *driver, uint32_t connection, unsigned told)
{
    struct ln_epoll_peer *own = &driver->peers[connection];
    ln_epoll_peer_settle(driver, connection, told,
                         ln_peer_serve(&driver->turn, connection, &own->peer, told));
}

static void accept_from(struct linnet_driver *driver, unsigned listener)
{
    struct ln_arrival arrival = {.listener = listener};
    enum ln_acceptance_step step;
    while ((step = ln_acceptance_next(&driver->acceptance, &driver->turn, &arrival)) !=
           LN_ACCEPTANCE_ENDED) {
        if (step == LN_ACCEPTANCE_EVICTED) {
            ln_epoll_peer_close(driver, arrival.connection);
            continue;
        }
        struct ln_epoll_peer *own = &driver->peers[arrival.connection];
        *own = (struct ln_epoll_peer){.peer = {.descriptor = arrival.descriptor},
                                      .generation = own->generation};
        serve(driver, arrival.connection, LN_PEER_INPUT);
    }
}

/* What is no connection's, and comes less often. */
static void dispatch_other(struct linnet_driver *driver, uint64_t key)
{
    if ((key & LN_EPOLL_KEY_LISTENER) != 0) {
        accept_from(driver, (unsigned)(key & 0xFF));
    } else if (key == LN_EPOLL_KEY_WAKE) {
        ln_system_event_clear(driver->event);
    } else {
        ln_asynchronous_file_reap(&driver->files);
    }
}

static void dispatch(struct linnet_driver *driver, const struct epoll_event *event)
{
    const uint64_t key = event->data.u64;
    const uint32_t connection = (uint32_t)(key & UINT32_MAX);
    if ((key & (LN_EPOLL_KEY_LISTENER | LN_EPOLL_KEY_WAKE | LN_EPOLL_KEY_READS)) != 0) {
        dispatch_other(driver, key);
    } else if (driver->peers[connection].registered && key == ln_epoll_key(driver, connection)) {
        serve(driver, connection, ln_epoll_peer_told_by(event->events));
    }
}

static void empty_ready(struct linnet_driver *driver)
{
    const struct ln_turn *turn = &driver->turn;
    uint32_t connection;
    linnet_worker_tick(turn->worker, turn->time);
    while ((connection = linnet_worker_ready(turn->worker, turn->time)) != LINNET_NO_CONNECTION) {
        struct ln_epoll_peer *own = &driver->peers[connection];
        ln_epoll_peer_settle(driver, connection, 0, ln_peer_resume(turn, connection, &own->peer));
    }
}

static enum linnet_error turn(struct linnet_driver *driver, int64_t timeout_ms)
{
    int count = 0;
    const int wait_ms =
        ln_turn_wait_ms(&driver->turn, ln_acceptance_retry_ms(&driver->acceptance), timeout_ms);
    const enum linnet_error error = ln_system_epoll_wait(driver->epoll, driver->events,
                                                         LN_EPOLL_EVENTS_PER_TURN, wait_ms, &count);
    driver->turn.time = ln_system_time();
    for (int i = 0; i < count; i++) {
        dispatch(driver, &driver->events[i]);
    }
    empty_ready(driver);
    ln_acceptance_settle(&driver->acceptance, &driver->turn);
    if (ln_acceptance_is_open(&driver->acceptance) != driver->listening) {
        settle_listeners(driver);
    }
    return error;
}

static enum linnet_error watch(const struct linnet_driver *driver)
{
    enum linnet_error error = ln_system_epoll_set(driver->epoll, EPOLL_CTL_ADD, driver->event,
                                                  EPOLLIN, LN_EPOLL_KEY_WAKE);
    if (error == LINNET_ERROR_NONE && driver->files.event >= 0) {
        error = ln_system_epoll_set(driver->epoll, EPOLL_CTL_ADD, driver->files.event, EPOLLIN,
                                    LN_EPOLL_KEY_READS);
    }
    return error;
}

static enum linnet_error open_driver(const struct linnet_driver_config *config,
                                     struct linnet_driver **made)
{
    struct linnet_driver *driver = config->memory;
    driver->turn = (struct ln_turn){
        .worker = config->worker, .limits = config->limits, .time = ln_system_time()};
    enum linnet_error error = ln_system_epoll_open(&driver->epoll);
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    error = ln_system_event_open(&driver->event);
    if (error == LINNET_ERROR_NONE) {
        error = ln_asynchronous_file_open(&driver->files,
                                          (uint8_t *)config->memory + own_len(config->limits),
                                          config->limits, config->worker);
        if (error == LINNET_ERROR_NONE) {
            error = watch(driver);
            if (error == LINNET_ERROR_NONE) {
                *made = driver;
                return error;
            }
            ln_asynchronous_file_close(&driver->files);
        }
        ln_system_close_socket(driver->event, false);
    }
    ln_system_close_socket(driver->epoll, false);
    return error;
}

static void close_driver(struct linnet_driver *driver)
{
    LN_ASSERT(linnet_worker_open_count(driver->turn.worker) == 0);
    ln_asynchronous_file_close(&driver->files);
    ln_system_close_socket(driver->event, false);
    ln_system_close_socket(driver->epoll, false);
}

static enum linnet_error listener_add(struct linnet_driver *driver, int descriptor)
{
    const unsigned number = driver->acceptance.listener_count;
    enum linnet_error error = ln_acceptance_add(&driver->acceptance, descriptor);
    if (error == LINNET_ERROR_NONE) {
        error = ln_system_epoll_set(driver->epoll, EPOLL_CTL_ADD, descriptor, EPOLLIN,
                                    LN_EPOLL_KEY_LISTENER | number);
        driver->registered[number] = error == LINNET_ERROR_NONE;
        driver->listening = true; /* else the first pause would find nothing to take out */
    }
    return error;
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

static ptrdiff_t read_file(struct linnet_driver *driver, uint32_t read,
                           struct linnet_source *source, uint64_t offset, struct linnet_room room)
{
    return ln_asynchronous_file_read(&driver->files, read, source, offset, room);
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
    .capabilities = LINNET_DRIVER_FILE_RANGE | LINNET_DRIVER_ASYNC_FILE | LINNET_DRIVER_DESCRIPTOR,
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
