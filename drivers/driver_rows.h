/* The drivers of this build, one extern each; driver_rows.c makes the table of them.
 *
 * LINNET_ONLY_DRIVER, where it is defined, is the name of the one driver that a build holds. */
#ifndef LN_DRIVERS_DRIVER_ROWS_H
#define LN_DRIVERS_DRIVER_ROWS_H

#include <linnet/driver.h>

extern const struct linnet_driver_operations ln_driver_epoll;
extern const struct linnet_driver_operations ln_driver_poll;
extern const struct linnet_driver_operations ln_driver_uring;
extern const struct linnet_driver_operations ln_driver_blocking;
extern const struct linnet_driver_operations ln_driver_fork;
extern const struct linnet_driver_operations ln_driver_threads;

/* The driver of a server that names none. Where there is a choice it is not the fastest, but one
 * that every Linux has, in any thread: what a server needs is known before it is opened. */
#if defined(LINNET_ONLY_DRIVER)
#    define LN_DRIVER_TEXT(name)       #    name
#    define LN_DRIVER_NAME(name)       LN_DRIVER_TEXT(name)
#    define LN_DRIVER_OPERATION(name)  ln_driver_##name
#    define LN_DRIVER_OPERATIONS(name) LN_DRIVER_OPERATION(name)
#    define LN_DRIVER_DEFAULT          LN_DRIVER_NAME(LINNET_ONLY_DRIVER)
#else
#    define LN_DRIVER_DEFAULT "epoll"
#endif

#endif
