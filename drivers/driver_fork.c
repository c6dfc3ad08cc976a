/* The fork driver: a process for each connection (S2-2).
 *
 *     the one that accepts   epoll for its listeners; for each client it asks for a process, closes
 *                            the client's descriptor and keeps the listeners
 *     a new one              a copy of it: keeps the client, closes the listeners, serves by the
 *                            plain calls (drivers/blocking_client.h), and ends with its client
 *
 * Who makes processes, bounds and reaps them is the owner (linnet_driver_processes). When there is
 * no room for another the listeners leave the set; when the system refuses one, the client that was
 * accepted for it is closed, and accepting pauses for a while, so that others wait in the queue
 * instead of being turned away. */
#include <linnet/driver.h>

#include "core/base/assert.h"
#include "drivers/blocking_client.h"
#include "drivers/driver_rows.h"
#include "drivers/system/system_blocking.h"
#include "drivers/system/system_clock.h"
#include "drivers/system/system_epoll.h"
#include "drivers/system/system_event.h"
#include "drivers/system/system_socket.h"

enum {
    TURN_MS_MAX = 1000, /* a wake that comes just before a call that waits is slept over so long */
    RETRY_MS = 200,     /* between a refused process or descriptor and the next attempt */
};

/* Keys of events: a listener's number, or this. */
#define KEY_WAKE ((uint64_t)LINNET_LISTENERS_MAX)

struct linnet_driver {
    const struct linnet_limits *limits;
    const struct linnet_driver_processes *processes;
    struct ln_blocking_client client; /* of a new process; its time is that of any */
    uint64_t retry_ms;                /* not before, or LINNET_NO_DEADLINE: when there is room */
    int epoll;
    int event;
    int listeners[LINNET_LISTENERS_MAX];
    unsigned listener_count;
    bool registered[LINNET_LISTENERS_MAX]; /* which of them are in the set */
    bool is_new;                           /* a new process, with its one client */
    bool paused;                           /* by ourselves, for want of room */
    bool paused_outside;                   /* by listeners_pause */
    struct epoll_event events[LINNET_LISTENERS_MAX + 1];
};

static size_t memory_len(const struct linnet_limits *limits)
{
    (void)limits;
    return sizeof(struct linnet_driver);
}

static unsigned descriptor_count(const struct linnet_limits *limits)
{
    (void)limits;
    return 2; /* epoll and the eventfd */
}

/* Has the listeners in the set, or not, as it should be: out of it they tell of nothing, not even
 * that they were shut. */
static void settle_listeners(struct linnet_driver *driver)
{
    const bool wanted = !driver->paused && !driver->paused_outside;
    for (unsigned i = 0; i < driver->listener_count; i++) {
        if (driver->registered[i] == wanted) {
            continue;
        }
        const enum linnet_error error =
            ln_system_epoll_set(driver->epoll, wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL,
                                driver->listeners[i], EPOLLIN, i);
        if (error != LINNET_ERROR_NONE) {
            LN_ASSERT(wanted); /* the kernel has no memory for it now; the next turn tries again */
            return;
        }
        driver->registered[i] = wanted;
    }
}

static void pause_until(struct linnet_driver *driver, uint64_t retry_ms)
{
    linnet_worker_count_pause(driver->client.worker, retry_ms != LINNET_NO_DEADLINE);
    driver->paused = true;
    driver->retry_ms = retry_ms;
}

static void accept_again(struct linnet_driver *driver)
{
    const struct linnet_driver_processes *processes = driver->processes;
    const bool is_time = driver->retry_ms == LINNET_NO_DEADLINE ||
                         driver->client.time.monotonic_ms >= driver->retry_ms;
    if (driver->paused && is_time) {
        if (processes->has_room(processes->owner)) {
            driver->paused = false;
        } else {
            processes->make_room(processes->owner);
        }
    }
    settle_listeners(driver);
}

/* In the new process: everything of the old one is closed but the client. */
static void begin(struct linnet_driver *driver, int descriptor,
                  const struct linnet_connection_info *info)
{
    driver->is_new = true;
    ln_system_close_socket(driver->epoll, false);
    ln_system_close_socket(driver->event, false);
    for (unsigned i = 0; i < driver->listener_count; i++) {
        ln_system_close_socket(driver->listeners[i], false);
    }
    driver->listener_count = 0;
    ln_blocking_client_open(&driver->client, descriptor, info);
}

/* false: no more from this listener now, or this is the new process. `is_first`: its readiness has
 * said that somebody waits. */
static bool accept_client(struct linnet_driver *driver, unsigned listener, bool is_first)
{
    const struct linnet_driver_processes *processes = driver->processes;
    struct linnet_connection_info info = {.listener = listener};
    int descriptor = -1;
    if (!processes->has_room(processes->owner)) {
        if (is_first) {
            pause_until(driver, LINNET_NO_DEADLINE);
        }
        return false;
    }
    enum linnet_error error =
        ln_system_accept(driver->listeners[listener], &descriptor, &info.peer);
    if (error == LINNET_ERROR_DESCRIPTORS || error == LINNET_ERROR_MEMORY) {
        pause_until(driver, driver->client.time.monotonic_ms + RETRY_MS);
    }
    if (error != LINNET_ERROR_NONE) {
        return false;
    }
    error = ln_system_make_blocking(descriptor);
    const enum linnet_process made =
        error == LINNET_ERROR_NONE ? processes->make(processes->owner) : LINNET_PROCESS_REFUSED;
    if (made == LINNET_PROCESS_NEW) {
        begin(driver, descriptor, &info);
        return false;
    }
    ln_system_close_socket(descriptor, false);
    if (made == LINNET_PROCESS_REFUSED) {
        pause_until(driver, driver->client.time.monotonic_ms + RETRY_MS);
    }
    return made == LINNET_PROCESS_MADE;
}

static int wait_ms(const struct linnet_driver *driver, int64_t timeout_ms)
{
    int64_t wait = timeout_ms < 0 || timeout_ms > TURN_MS_MAX ? TURN_MS_MAX : timeout_ms;
    if (driver->paused && wait > RETRY_MS) {
        wait = RETRY_MS;
    }
    return (int)wait;
}

/* A turn of the one that accepts; behind it, this may be a new process. */
static enum linnet_error accept_turn(struct linnet_driver *driver, int64_t timeout_ms)
{
    int count = 0;
    const enum linnet_error error =
        ln_system_epoll_wait(driver->epoll, driver->events, LINNET_LISTENERS_MAX + 1,
                             wait_ms(driver, timeout_ms), &count);
    driver->client.time = ln_system_time();
    for (int i = 0; i < count && !driver->is_new; i++) {
        const uint64_t key = driver->events[i].data.u64;
        if (key == KEY_WAKE) {
            ln_system_event_clear(driver->event);
            continue;
        }
        for (uint64_t tries = 0; tries < driver->limits->accepts_per_turn && !driver->paused &&
                                 accept_client(driver, (unsigned)key, tries == 0);
             tries++) {
        }
    }
    if (!driver->is_new) {
        accept_again(driver);
    }
    return error;
}

static enum linnet_error turn(struct linnet_driver *driver, int64_t timeout_ms)
{
    const struct linnet_driver_processes *processes = driver->processes;
    if (!driver->is_new) {
        const enum linnet_error error = accept_turn(driver, timeout_ms);
        if (!driver->is_new) {
            ln_blocking_client_settle(&driver->client);
            return error;
        }
    }
    ln_blocking_client_serve(&driver->client, timeout_ms < 0 || timeout_ms > TURN_MS_MAX
                                                  ? TURN_MS_MAX
                                                  : (uint64_t)timeout_ms);
    ln_blocking_client_settle(&driver->client);
    if (!ln_blocking_client_is_there(&driver->client)) {
        processes->over(processes->owner);
    }
    return LINNET_ERROR_NONE;
}

static enum linnet_error open_driver(const struct linnet_driver_config *config,
                                     struct linnet_driver **made)
{
    struct linnet_driver *driver = config->memory;
    driver->limits = config->limits;
    driver->processes = config->processes;
    ln_blocking_client_init(&driver->client, config->worker);
    if (config->processes == NULL) {
        return LINNET_ERROR_UNSUPPORTED;
    }
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
    LN_ASSERT(!ln_blocking_client_is_there(&driver->client));
    if (!driver->is_new) {
        ln_system_close_socket(driver->event, false);
        ln_system_close_socket(driver->epoll, false);
    }
}

static enum linnet_error listener_add(struct linnet_driver *driver, int descriptor)
{
    if (driver->listener_count == LINNET_LISTENERS_MAX) {
        return LINNET_ERROR_TOO_LARGE;
    }
    driver->listeners[driver->listener_count] = descriptor;
    driver->listener_count++;
    settle_listeners(driver);
    return driver->registered[driver->listener_count - 1] ? LINNET_ERROR_NONE : LINNET_ERROR_SYSTEM;
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

/* A signal that calls this has ended the call in which a new process waits. */
static void wake(struct linnet_driver *driver)
{
    if (!driver->is_new) {
        ln_system_event_notify(driver->event);
    }
}

static int descriptor(const struct linnet_driver *driver)
{
    return driver->is_new ? -1 : driver->epoll;
}

const struct linnet_driver_operations ln_driver_fork = {
    .name = "fork",
    .meaning = "a process for each connection",
    .capabilities = LINNET_DRIVER_PROCESSES,
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
