/* The drivers of this build, one extern each; driver_rows.c makes the table of them. */
#ifndef LN_DRIVERS_DRIVER_ROWS_H
#define LN_DRIVERS_DRIVER_ROWS_H

#include <linnet/driver.h>

extern const struct linnet_driver_operations ln_driver_epoll;
extern const struct linnet_driver_operations ln_driver_poll;
extern const struct linnet_driver_operations ln_driver_uring;
extern const struct linnet_driver_operations ln_driver_blocking;
extern const struct linnet_driver_operations ln_driver_fork;
extern const struct linnet_driver_operations ln_driver_threads;

#endif
