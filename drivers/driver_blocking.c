/* The blocking driver: one client at a time, by the plain calls (S2-1).
 *
 *     socket bind listen  accept  read  open fstat read write  close
 *
 * A turn is accept when there is no client, and then a read or a write for it, each of which waits
 * (drivers/blocking_client.h); so who was accepted was also read from before a drain begins. One
 * listener; others wait in its queue while a client is served. */
#include <linnet/driver.h>

#include "core/base/assert.h"
#include "drivers/blocking_client.h"
#include "drivers/driver_rows.h"
#include "drivers/system/system_blocking.h"
#include "drivers/system/system_clock.h"
#include "drivers/system/system_socket.h"

enum {
    ACCEPT_WAIT_MS = 1000, /* a wake that comes just before accept is slept over this long */
    ACCEPT_RETRY_MS = 200, /* who holds the descriptors may not be us */
};

struct linnet_driver {
    struct ln_blocking_client client;
    int listener;
    bool paused;
};

static size_t memory_len(const struct linnet_limits *limits)
{
    (void)limits;
    return sizeof(struct linnet_driver);
}

static unsigned descriptor_count(const struct linnet_limits *limits)
{
    (void)limits;
    return 0;
}

static void accept_client(struct linnet_driver *driver, uint64_t most_ms)
{
    struct linnet_connection_info info = {.accept = 0};
    struct ln_blocking_client *client = &driver->client;
    int descriptor = -1;
    enum linnet_error error =
        ln_system_set_read_wait(driver->listener, ln_blocking_client_wait_ms(client, most_ms));
    if (error == LINNET_ERROR_NONE) {
        error = ln_system_accept_waiting(driver->listener, &descriptor, &info.peer);
    }
    client->time = ln_system_time();
    if (error == LINNET_ERROR_NONE) {
        ln_blocking_client_open(client, descriptor, &info);
    } else if (error != LINNET_ERROR_AGAIN && error != LINNET_ERROR_INVALID) {
        /* No descriptor, no memory, a filter: whoever waits goes on waiting. (INVALID: the listener
         * was shut for the last time.) */
        linnet_worker_count_pause(client->worker, true);
        ln_system_rest(most_ms < ACCEPT_RETRY_MS ? most_ms : ACCEPT_RETRY_MS);
        client->time = ln_system_time();
    }
}

static enum linnet_error turn(struct linnet_driver *driver, int64_t timeout_ms)
{
    const uint64_t most_ms =
        timeout_ms < 0 || timeout_ms > ACCEPT_WAIT_MS ? ACCEPT_WAIT_MS : (uint64_t)timeout_ms;
    driver->client.time = ln_system_time();
    if (!ln_blocking_client_is_there(&driver->client) && !driver->paused) {
        accept_client(driver, most_ms);
    }
    ln_blocking_client_serve(&driver->client, most_ms);
    ln_blocking_client_settle(&driver->client);
    return LINNET_ERROR_NONE;
}

static enum linnet_error open_driver(const struct linnet_driver_config *config,
                                     struct linnet_driver **made)
{
    struct linnet_driver *driver = config->memory;
    *driver = (struct linnet_driver){.listener = -1};
    ln_blocking_client_init(&driver->client, config->worker);
    *made = driver;
    return LINNET_ERROR_NONE;
}

static void close_driver(struct linnet_driver *driver)
{
    LN_ASSERT(!ln_blocking_client_is_there(&driver->client));
}

static enum linnet_error listener_add(struct linnet_driver *driver, int descriptor)
{
    if (driver->listener >= 0) {
        return LINNET_ERROR_TOO_LARGE;
    }
    driver->listener = descriptor;
    return ln_system_make_blocking(descriptor);
}

static void listeners_pause(struct linnet_driver *driver)
{
    driver->paused = true;
}

static void listeners_resume(struct linnet_driver *driver)
{
    driver->paused = false;
}

/* The signal that calls this has ended the call that waits. */
static void wake(struct linnet_driver *driver)
{
    (void)driver;
}

static int descriptor(const struct linnet_driver *driver)
{
    (void)driver;
    return -1;
}

const struct linnet_driver_operations ln_driver_blocking = {
    .name = "blocking",
    .meaning = "one client at a time, by read and write",
    .capabilities = 0,
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
