/* Trying drivers, one after the other. */
#include "server/driver_choice.h"

#include <sys/mman.h>

#include <linnet/worker_config.h>

#include "core/table/limit.h"
#include "core/worker/worker.h"
#include "drivers/system/system_error.h"

static enum linnet_error try_in(void *block, const struct linnet_limits *limits,
                                const struct linnet_driver_operations *driver)
{
    const struct ln_worker_config worker_config = {.limits = limits};
    const struct ln_worker_memory worker_memory = ln_worker_memory(limits);
    const struct linnet_driver_config config = {
        .worker = ln_worker_init(block, &worker_config),
        .limits = limits,
        .memory = (uint8_t *)block + ln_worker_memory_len(&worker_memory),
    };
    struct linnet_driver *opened;
    const enum linnet_error error = driver->open(&config, &opened);
    if (error == LINNET_ERROR_NONE) {
        driver->close(opened);
    }
    linnet_worker_end(config.worker);
    return error;
}

static enum linnet_error try_driver(const struct linnet_driver_operations *driver,
                                    const struct linnet_limits *wanted)
{
    struct linnet_limits limits = *wanted;
    if (ln_limits_check(wanted) != NULL) {
        ln_limits_default(&limits); /* boot will say what is wrong with them */
    }
    const struct ln_worker_memory worker_memory = ln_worker_memory(&limits);
    const size_t len = ln_worker_memory_len(&worker_memory) + driver->memory_len(&limits);
    void *block = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) {
        return LINNET_ERROR_MEMORY;
    }
    const enum linnet_error error = try_in(block, &limits, driver);
    (void)munmap(block, len);
    return error;
}

void ln_driver_choice_make(const struct linnet_driver_operations **driver,
                           const struct linnet_limits *limits, struct ln_driver_choice *choice)
{
    *choice = (struct ln_driver_choice){.made = *driver == NULL};
    for (size_t i = 0; *driver == NULL; i++) {
        const struct linnet_driver_operations *row = linnet_drivers()[i];
        /* The last is taken untried: it says itself, at boot, what is wrong. */
        const enum linnet_error error =
            linnet_drivers()[i + 1] == NULL ? LINNET_ERROR_NONE : try_driver(row, limits);
        if (error == LINNET_ERROR_NONE) {
            *driver = row;
        } else if (choice->refused == NULL) {
            choice->refused = row->name;
            choice->why = ln_system_error_text(error);
        }
    }
}
