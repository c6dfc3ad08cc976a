/* The blocking driver: one client at a time, by the plain calls (S2-1).
 *
 *     socket bind listen  accept  read  open fstat read write  close
 *
 * A turn is one call that waits: accept when there is no client, read when its channel wants input,
 * write when it has output. The wait is bounded by the worker's deadline (SO_RCVTIMEO,
 * SO_SNDTIMEO), so a silent client ends on time here too. It sends no file ranges: content is read
 * into the output buffer and written from there. One listener; others wait in its queue while a
 * client is served. */
#include <linnet/driver.h>

#include "core/base/assert.h"
#include "drivers/driver_rows.h"
#include "drivers/system/system_blocking.h"
#include "drivers/system/system_clock.h"
#include "drivers/system/system_socket.h"

enum {
    ACCEPT_WAIT_MS = 1000, /* a wake that comes just before accept is slept over this long */
    ACCEPT_RETRY_MS = 200, /* who holds the descriptors may not be us */
};

struct linnet_driver {
    struct linnet_worker *worker;
    const struct linnet_limits *limits;
    struct linnet_time time;
    uint32_t connection; /* LINNET_NO_CONNECTION: there is no client */
    int listener;
    int descriptor; /* of the client */
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

static uint64_t wait_ms(const struct linnet_driver *driver, uint64_t most_ms)
{
    const uint64_t deadline_ms = linnet_worker_deadline(driver->worker);
    const uint64_t now_ms = driver->time.monotonic_ms;
    const uint64_t left_ms = deadline_ms > now_ms ? deadline_ms - now_ms : 0;
    return left_ms < most_ms ? left_ms : most_ms;
}

static void lost(struct linnet_driver *driver, enum linnet_error error)
{
    linnet_worker_abort(
        driver->worker, driver->connection,
        error == LINNET_ERROR_RESET ? LINNET_ABORT_RESET : LINNET_ABORT_SYSTEM_ERROR, driver->time);
}

static void accept_client(struct linnet_driver *driver, uint64_t most_ms)
{
    struct linnet_connection_info info = {.accept = 0};
    enum linnet_error error = ln_system_set_read_wait(driver->listener, wait_ms(driver, most_ms));
    if (error == LINNET_ERROR_NONE) {
        error = ln_system_accept_waiting(driver->listener, &driver->descriptor, &info.peer);
    }
    driver->time = ln_system_time();
    if (error == LINNET_ERROR_NONE) {
        driver->connection = linnet_worker_open(driver->worker, &info, driver->time);
    } else if (error != LINNET_ERROR_AGAIN && error != LINNET_ERROR_INVALID) {
        /* No descriptor, no memory, a filter: whoever waits goes on waiting. (INVALID: the listener
         * was shut for the last time.) */
        linnet_worker_count_pause(driver->worker, true);
        ln_system_rest(most_ms < ACCEPT_RETRY_MS ? most_ms : ACCEPT_RETRY_MS);
        driver->time = ln_system_time();
    }
}

static void read_input(struct linnet_driver *driver, uint64_t most_ms)
{
    struct linnet_room room;
    size_t len = 0;
    if (!linnet_worker_input(driver->worker, driver->connection, &room, driver->time)) {
        return;
    }
    enum linnet_error error = ln_system_set_read_wait(driver->descriptor, wait_ms(driver, most_ms));
    if (error == LINNET_ERROR_NONE) {
        error = ln_system_read_waiting(driver->descriptor, room, &len);
    }
    driver->time = ln_system_time();
    linnet_worker_received(driver->worker, driver->connection, len, driver->time);
    if (error == LINNET_ERROR_NONE && len == 0) {
        linnet_worker_receive_end(driver->worker, driver->connection, driver->time);
    } else if (error != LINNET_ERROR_NONE && error != LINNET_ERROR_AGAIN) {
        lost(driver, error);
    }
}

static void write_output(struct linnet_driver *driver, uint64_t most_ms)
{
    struct linnet_output out;
    size_t len = 0;
    enum linnet_error error = LINNET_ERROR_NONE;
    linnet_worker_output(driver->worker, driver->connection, 0, &out);
    LN_ASSERT(out.file == NULL);
    if (out.span_count > 0) {
        error = ln_system_set_write_wait(driver->descriptor, wait_ms(driver, most_ms));
        if (error == LINNET_ERROR_NONE) {
            error = ln_system_write_waiting(driver->descriptor, out.spans[0], &len);
        }
        driver->time = ln_system_time();
        if (error != LINNET_ERROR_NONE && error != LINNET_ERROR_AGAIN) {
            lost(driver, error);
            return;
        }
    }
    if ((out.flags & LINNET_OUTPUT_FIN) != 0) {
        ln_system_shut(driver->descriptor);
    }
    linnet_worker_sent(driver->worker, driver->connection, len, driver->time);
}

static void close_client(struct linnet_driver *driver)
{
    struct linnet_output out;
    linnet_worker_output(driver->worker, driver->connection, 0, &out);
    ln_system_close_socket(driver->descriptor, (out.flags & LINNET_OUTPUT_RESET) != 0);
    linnet_worker_close(driver->worker, driver->connection);
    driver->connection = LINNET_NO_CONNECTION;
}

/* Only the deadline can change anything: the handler thinks, or a wait has just ended. */
static void serve_client(struct linnet_driver *driver, uint64_t most_ms)
{
    const unsigned state = linnet_worker_state(driver->worker, driver->connection);
    if ((state & LINNET_CLOSED) != 0) {
        return;
    }
    if ((state & LINNET_HAS_OUTPUT) != 0) {
        write_output(driver, most_ms);
    } else if ((state & LINNET_WANTS_INPUT) != 0) {
        read_input(driver, most_ms);
    }
}

static enum linnet_error turn(struct linnet_driver *driver, int64_t timeout_ms)
{
    const uint64_t most_ms =
        timeout_ms < 0 || timeout_ms > ACCEPT_WAIT_MS ? ACCEPT_WAIT_MS : (uint64_t)timeout_ms;
    driver->time = ln_system_time();
    if (driver->connection != LINNET_NO_CONNECTION) {
        serve_client(driver, most_ms);
    } else if (!driver->paused) {
        accept_client(driver, most_ms);
    }
    linnet_worker_tick(driver->worker, driver->time);
    while (linnet_worker_ready(driver->worker, driver->time) != LINNET_NO_CONNECTION) {
    }
    if (driver->connection != LINNET_NO_CONNECTION &&
        (linnet_worker_state(driver->worker, driver->connection) & LINNET_CLOSED) != 0) {
        close_client(driver);
    }
    return LINNET_ERROR_NONE;
}

static enum linnet_error open_driver(const struct linnet_driver_config *config,
                                     struct linnet_driver **made)
{
    struct linnet_driver *driver = config->memory;
    *driver = (struct linnet_driver){
        .worker = config->worker,
        .limits = config->limits,
        .time = ln_system_time(),
        .connection = LINNET_NO_CONNECTION,
        .listener = -1,
    };
    *made = driver;
    return LINNET_ERROR_NONE;
}

static void close_driver(struct linnet_driver *driver)
{
    LN_ASSERT(driver->connection == LINNET_NO_CONNECTION);
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

static ptrdiff_t read_file(struct linnet_driver *driver, uint32_t connection,
                           struct linnet_source *source, uint64_t offset, struct linnet_room room)
{
    (void)driver;
    (void)connection;
    return source->operations->read(source, offset, room);
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
    .read_file = read_file,
    .wake = wake,
    .turn = turn,
    .descriptor = descriptor,
};
