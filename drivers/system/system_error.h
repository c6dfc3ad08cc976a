/* Where errno ends: the system's numbers become values of <linnet/error.h>. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_ERROR_H
#define LN_DRIVERS_SYSTEM_SYSTEM_ERROR_H

#include <linnet/error.h>

/* The value for an errno; SYSTEM for what has no row. */
enum linnet_error ln_system_error(int number);

/* The value for an errno of accept: one who left while it waited, or whom the network lost, is
 * nobody, and that is AGAIN. */
enum linnet_error ln_system_error_of_accept(int number);

/* What a person reads. */
const char *ln_system_error_text(enum linnet_error error);

#endif
