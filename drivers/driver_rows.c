/* Drivers by name, the fastest first: `--driver auto` takes the first that the system lets work. To
 * add one: a file, an extern in driver_rows.h, a row here. */
#include "drivers/driver_rows.h"

#include <stddef.h>
#include <string.h>

static const struct linnet_driver_operations *const driver_rows[] = {
#if defined(LINNET_ONLY_DRIVER)
    &LN_DRIVER_OPERATIONS(LINNET_ONLY_DRIVER),
#else
    &ln_driver_uring,
    &ln_driver_epoll,
    &ln_driver_poll,
    &ln_driver_blocking,
    &ln_driver_fork,
    &ln_driver_threads,
#endif
    NULL,
};

const struct linnet_driver_operations *const *linnet_drivers(void)
{
    return driver_rows;
}

const struct linnet_driver_operations *linnet_driver_find(const char *name)
{
    for (size_t i = 0; driver_rows[i] != NULL; i++) {
        if (strcmp(driver_rows[i]->name, name) == 0) {
            return driver_rows[i];
        }
    }
    return NULL;
}
