/* epoll of Linux. */
#include "drivers/system/system_epoll.h"

#include <errno.h>
#include <unistd.h>

#include "drivers/system/system_error.h"
#include "drivers/system/system_fault.h"

enum linnet_error ln_system_epoll_open(int *epoll)
{
    const int opened = LN_SYSTEM_CALL(EPOLL_CREATE, epoll_create1(EPOLL_CLOEXEC));
    if (opened < 0) {
        return ln_system_error(errno);
    }
    *epoll = opened;
    return LINNET_ERROR_NONE;
}

enum linnet_error ln_system_epoll_set(int epoll, int operation, int descriptor, uint32_t events,
                                      uint64_t key)
{
    struct epoll_event event = {.events = events, .data = {.u64 = key}};
    // NOLINTBEGIN(misc-redundant-expression): they differ where calls can be made to fail
    const int result =
        operation == EPOLL_CTL_ADD
            ? LN_SYSTEM_CALL(EPOLL_ADD, epoll_ctl(epoll, operation, descriptor, &event))
            : LN_SYSTEM_CALL(EPOLL_MOD, epoll_ctl(epoll, operation, descriptor, &event));
    // NOLINTEND(misc-redundant-expression)
    return result == 0 ? LINNET_ERROR_NONE : ln_system_error(errno);
}

enum linnet_error ln_system_epoll_wait(int epoll, struct epoll_event *events, int capacity,
                                       int timeout_ms, int *count)
{
    const int got = LN_SYSTEM_CALL(EPOLL_WAIT, epoll_wait(epoll, events, capacity, timeout_ms));
    if (got < 0) {
        *count = 0;
        return errno == EINTR ? LINNET_ERROR_NONE : ln_system_error(errno);
    }
    *count = got;
    return LINNET_ERROR_NONE;
}
