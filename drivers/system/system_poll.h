/* poll, of POSIX: waiting for an array of descriptors. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_POLL_H
#define LN_DRIVERS_SYSTEM_SYSTEM_POLL_H

#include <poll.h>
#include <stdint.h>

#include <linnet/error.h>

/* Waits at most timeout_ms (negative: without end) until one of `len` is ready; how many are, 0
 * also when a signal came first, into *count. A negative descriptor is passed over. MEMORY: the
 * kernel has none for so many now; INVALID: `len` is above the limit of descriptors. */
LINNET_MUST_USE enum linnet_error ln_system_poll(struct pollfd *set, uint32_t len, int timeout_ms,
                                                 uint32_t *count);

#endif
