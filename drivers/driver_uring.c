/* The io_uring driver: one thread, one call of the system for all that a turn asks for and waits
 * for.
 *
 * A connection is received from by one request that goes on until the connection ends, but for the
 * first time: most short ones need no second, and nothing is to be cancelled then. What comes
 * lies in buffers that the kernel picks, so a connection that waits holds none. All sends of a turn
 * leave in the call that begins the next one. See docs/internals/uring.md. */
#include <poll.h>

#include "drivers/driver_rows.h"
#include "drivers/system/system_clock.h"
#include "drivers/system/system_epoll.h"
#include "drivers/system/system_event.h"
#include "drivers/system/system_socket.h"
#include "drivers/uring.h"

enum {
    SENDS_PER_CALL = 16,
    COMPLETIONS_PER_TURN = 4096, /* the others come in the next one, at once */
    FLUSHES_MAX = 4, /* of a turn that must not leave anything written and not handed over */
};

static struct ln_system_uring_config ring_config(const struct linnet_limits *limits)
{
    return (struct ln_system_uring_config){
        .entries = (unsigned)limits->uring_entries,
        .buffers = (unsigned)limits->uring_buffers,
        .buffer_len = (size_t)limits->uring_buffer_len,
    };
}

/* Of the driver itself; behind it is the memory of its reads of files. */
static size_t own_len(const struct linnet_limits *limits)
{
    const size_t len =
        sizeof(struct linnet_driver) +
        (size_t)limits->connections * (sizeof(struct ln_uring_peer) + sizeof(uint32_t)) +
        (size_t)limits->uring_buffers * sizeof(struct ln_uring_parked);
    return (len + 15) & ~(size_t)15;
}

static size_t driver_len(const struct linnet_limits *limits)
{
    return own_len(limits) + ln_asynchronous_file_memory_len(limits);
}

static size_t memory_len(const struct linnet_limits *limits)
{
    const struct ln_system_uring_config config = ring_config(limits);
    return driver_len(limits) + ln_system_uring_memory_len(&config);
}

static unsigned descriptor_count(const struct linnet_limits *limits)
{
    /* the ring, the eventfd, the epoll */
    return 3 + ln_asynchronous_file_descriptor_count(limits);
}

static void watch_wake(struct linnet_driver *driver)
{
    ln_system_uring_poll(&driver->ring, driver->event, POLLIN, ln_uring_key(LN_URING_WAKE, 0, 0));
}

static void watch_files(struct linnet_driver *driver)
{
    if (driver->files.event >= 0) {
        ln_system_uring_poll(&driver->ring, driver->files.event, POLLIN,
                             ln_uring_key(LN_URING_FILES, 0, 0));
    }
}

static void dispatch(struct linnet_driver *driver,
                     const struct ln_system_uring_completion *completion)
{
    const enum ln_uring_kind kind = (enum ln_uring_kind)(completion->key >> 60);
    const uint32_t number = (uint32_t)(completion->key & UINT32_MAX);
    switch (kind) {
    case LN_URING_RECEIVE:
    case LN_URING_READABLE:
    case LN_URING_WRITABLE:
    case LN_URING_HANGUP:
    case LN_URING_SEND:
        ln_uring_peer_complete(driver, kind, completion);
        return;
    case LN_URING_LISTENER:
        driver->watched[number] = false;
        if (completion->error == LINNET_ERROR_NONE) {
            ln_uring_listener_accept(driver, number);
        }
        return;
    case LN_URING_EPOLL:
        ln_uring_peer_look_at_epoll(driver);
        return;
    case LN_URING_WAKE:
        ln_system_event_clear(driver->event);
        watch_wake(driver);
        return;
    case LN_URING_FILES:
        ln_asynchronous_file_reap(&driver->files);
        watch_files(driver);
        return;
    default:
        return; /* a cancel that found nothing: what it was for has completed */
    }
}

/* Sends what is to be sent, without waiting, and takes what became of it before all else that has
 * completed: so few answers hold a buffer at one time, and these stay hot. */
static void flush(struct linnet_driver *driver)
{
    unsigned place = ln_system_uring_end(&driver->ring);
    struct ln_system_uring_completion completion;
    if (!ln_uring_output_write(driver) ||
        ln_system_uring_submit(&driver->ring) != LINNET_ERROR_NONE) {
        return; /* an error comes again in the next call */
    }
    for (unsigned i = 0; i < COMPLETIONS_PER_TURN; i++) {
        if (!ln_system_uring_peek(&driver->ring, &place, &completion)) {
            return;
        }
        if (completion.key >> 60 == LN_URING_SEND) {
            ln_system_uring_forget(&driver->ring, place);
            ln_uring_peer_complete(driver, LN_URING_SEND, &completion);
        }
    }
}

static void complete_all(struct linnet_driver *driver)
{
    struct ln_system_uring_completion completion;
    for (unsigned i = 0; i < COMPLETIONS_PER_TURN; i++) {
        if (!ln_system_uring_next(&driver->ring, &completion)) {
            return;
        }
        dispatch(driver, &completion);
        if (driver->sending_count >= SENDS_PER_CALL) {
            flush(driver);
        }
    }
}

static void empty_ready(struct linnet_driver *driver)
{
    uint32_t connection;
    linnet_worker_tick(driver->turn.worker, driver->turn.time);
    while ((connection = linnet_worker_ready(driver->turn.worker, driver->turn.time)) !=
           LINNET_NO_CONNECTION) {
        struct ln_uring_peer *peer = &driver->peers[connection];
        const bool read_now = peer->in_line && peer->parked_count == 0;
        peer->in_line = false;
        if (read_now) {
            ln_uring_input_read(driver, connection);
        }
        ln_uring_peer_serve(driver, connection);
        if (driver->sending_count >= SENDS_PER_CALL) {
            flush(driver);
        }
    }
}

static enum linnet_error turn(struct linnet_driver *driver, int64_t timeout_ms)
{
    const int wait =
        ln_turn_wait_ms(&driver->turn, ln_acceptance_retry_ms(&driver->acceptance), timeout_ms);
    const bool sends = ln_uring_output_write(driver);
    enum linnet_error error = ln_system_uring_enter(&driver->ring, sends ? 0 : wait);
    driver->turn.time = ln_system_time();
    complete_all(driver);
    empty_ready(driver);
    ln_acceptance_settle(&driver->acceptance, &driver->turn);
    ln_uring_listener_watch(driver);
    /* Who does not want to wait may be waiting on the descriptor, elsewhere. */
    for (unsigned i = 0; i < FLUSHES_MAX && timeout_ms == 0 && error == LINNET_ERROR_NONE; i++) {
        if (!ln_uring_output_write(driver)) {
            return ln_system_uring_enter(&driver->ring, 0);
        }
        error = ln_system_uring_enter(&driver->ring, 0);
        complete_all(driver);
    }
    return error;
}

static enum linnet_error open_descriptors(struct linnet_driver *driver, void *memory)
{
    const enum linnet_error error = ln_system_event_open(&driver->event);
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    enum linnet_error second = ln_system_epoll_open(&driver->epoll);
    if (second == LINNET_ERROR_NONE) {
        second = ln_asynchronous_file_open(&driver->files, memory, driver->turn.limits,
                                           driver->turn.worker);
        if (second == LINNET_ERROR_NONE) {
            return second;
        }
        ln_system_close_socket(driver->epoll, false);
    }
    ln_system_close_socket(driver->event, false);
    return second;
}

static void close_descriptors(struct linnet_driver *driver)
{
    ln_asynchronous_file_close(&driver->files);
    ln_system_close_socket(driver->epoll, false);
    ln_system_close_socket(driver->event, false);
}

static enum linnet_error open_driver(const struct linnet_driver_config *config,
                                     struct linnet_driver **made)
{
    struct linnet_driver *driver = config->memory;
    const struct linnet_limits *limits = config->limits;
    const struct ln_system_uring_config ring = ring_config(limits);
    driver->turn =
        (struct ln_turn){.worker = config->worker, .limits = limits, .time = ln_system_time()};
    driver->sending = (uint32_t *)(void *)&driver->peers[limits->connections];
    driver->parked = (struct ln_uring_parked *)(void *)&driver->sending[limits->connections];
    enum linnet_error error = open_descriptors(driver, (uint8_t *)config->memory + own_len(limits));
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    error =
        ln_system_uring_open(&driver->ring, &ring, (uint8_t *)config->memory + driver_len(limits));
    if (error == LINNET_ERROR_NONE) {
        for (uint32_t i = 0; i < limits->uring_buffers; i++) {
            ln_uring_input_give(driver, i);
        }
        error = ln_system_uring_check(&driver->ring);
        if (error != LINNET_ERROR_NONE) {
            ln_system_uring_close(&driver->ring);
        }
    }
    if (error != LINNET_ERROR_NONE) {
        close_descriptors(driver);
        return error;
    }
    watch_wake(driver);
    watch_files(driver);
    ln_uring_peer_watch_epoll(driver);
    *made = driver;
    return LINNET_ERROR_NONE;
}

static void close_driver(struct linnet_driver *driver)
{
    LN_ASSERT(linnet_worker_open_count(driver->turn.worker) == 0);
    ln_system_uring_close(&driver->ring);
    close_descriptors(driver);
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
    return driver->ring.descriptor;
}

const struct linnet_driver_operations ln_driver_uring = {
    .name = "uring",
    .meaning = "one thread, io_uring for all sockets",
    .needs = "Linux 6.10 that lets io_uring be used (kernel.io_uring_disabled, seccomp), and to "
             "lock some memory (ulimit -l)",
    .capabilities = LINNET_DRIVER_FILE_RANGE | LINNET_DRIVER_ASYNC_FILE | LINNET_DRIVER_DESCRIPTOR,
    .memory_len = memory_len,
    .descriptor_count = descriptor_count,
    .open = open_driver,
    .close = close_driver,
    .listener_add = ln_uring_listener_add,
    .listeners_pause = ln_uring_listener_pause,
    .listeners_resume = ln_uring_listener_resume,
    .read_file = read_file,
    .wake = wake,
    .turn = turn,
    .descriptor = descriptor,
};
