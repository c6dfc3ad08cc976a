/* The threads driver: the blocking driver, as many times as there are threads (S3-2).
 *
 * It is the honest counter-example to one thread for many clients. Each thread has a worker, a
 * block of memory with its stack, a log, and this driver; nothing that can be written is shared but
 * the listener, which is the kernel's. The threads are the owner's (LINNET_DRIVER_THREADS). */
#include <linnet/driver.h>

#include "drivers/driver_rows.h"

static size_t memory_len(const struct linnet_limits *limits)
{
    return ln_driver_blocking.memory_len(limits);
}

static unsigned descriptor_count(const struct linnet_limits *limits)
{
    return ln_driver_blocking.descriptor_count(limits);
}

static enum linnet_error open_driver(const struct linnet_driver_config *config,
                                     struct linnet_driver **made)
{
    return ln_driver_blocking.open(config, made);
}

static void close_driver(struct linnet_driver *driver)
{
    ln_driver_blocking.close(driver);
}

static enum linnet_error listener_add(struct linnet_driver *driver, int descriptor)
{
    return ln_driver_blocking.listener_add(driver, descriptor);
}

static void listeners_pause(struct linnet_driver *driver)
{
    ln_driver_blocking.listeners_pause(driver);
}

static void listeners_resume(struct linnet_driver *driver)
{
    ln_driver_blocking.listeners_resume(driver);
}

static void wake(struct linnet_driver *driver)
{
    ln_driver_blocking.wake(driver);
}

static enum linnet_error turn(struct linnet_driver *driver, int64_t timeout_ms)
{
    return ln_driver_blocking.turn(driver, timeout_ms);
}

static int descriptor(const struct linnet_driver *driver)
{
    return ln_driver_blocking.descriptor(driver);
}

const struct linnet_driver_operations ln_driver_threads = {
    .name = "threads",
    .meaning = "a thread for each connection",
    .capabilities = LINNET_DRIVER_THREADS,
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
