/* epoll. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_EPOLL_H
#define LN_DRIVERS_SYSTEM_SYSTEM_EPOLL_H

#include <stdint.h>
#include <sys/epoll.h>

#include <linnet/error.h>

LINNET_MUST_USE enum linnet_error ln_system_epoll_open(int *epoll);

/* operation: EPOLL_CTL_ADD, _MOD or _DEL; key comes back in data.u64 of the events. */
LINNET_MUST_USE enum linnet_error ln_system_epoll_set(int epoll, int operation, int descriptor,
                                                      uint32_t events, uint64_t key);

/* Waits at most timeout_ms (negative: without end); the number of events, 0 also when a signal came
 * first, into *count. */
LINNET_MUST_USE enum linnet_error ln_system_epoll_wait(int epoll, struct epoll_event *events,
                                                       int capacity, int timeout_ms, int *count);

#endif
