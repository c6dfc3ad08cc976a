/* The clocks, read together. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_CLOCK_H
#define LN_DRIVERS_SYSTEM_SYSTEM_CLOCK_H

#include <linnet/time.h>

struct linnet_time ln_system_time(void);

#endif
