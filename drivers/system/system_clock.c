/* CLOCK_MONOTONIC for deadlines, CLOCK_REALTIME for dates; both without a call into the kernel. */
#include "drivers/system/system_clock.h"

#include <time.h>

struct linnet_time ln_system_time(void)
{
    struct timespec monotonic;
    struct timespec wall;
    /* These clocks exist on every Linux, and the addresses are ours: they cannot fail. */
    (void)clock_gettime(CLOCK_MONOTONIC, &monotonic);
    (void)clock_gettime(CLOCK_REALTIME_COARSE, &wall);
    return (struct linnet_time){
        .monotonic_ms = (uint64_t)monotonic.tv_sec * 1000 + (uint64_t)(monotonic.tv_nsec / 1000000),
        .unix_s = wall.tv_sec,
    };
}
