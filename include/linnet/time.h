/* Time, as it is handed into core: read once per turn by the driver, never by core itself. */
#ifndef LINNET_TIME_H
#define LINNET_TIME_H

#include <stdint.h>

#include <linnet/declarations.h>

LINNET_BEGIN

#define LINNET_NO_WALL_CLOCK INT64_MIN
#define LINNET_NO_DEADLINE   UINT64_MAX

struct linnet_time {
    uint64_t monotonic_ms;
    int64_t unix_s; /* seconds since 1970 in UTC, or LINNET_NO_WALL_CLOCK: then no Date is sent */
};

LINNET_END

#endif
