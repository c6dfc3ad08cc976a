/* epoll of Linux. */
#include "drivers/system/system_epoll.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "drivers/system/system_error.h"

enum linnet_error ln_system_epoll_open(int *epoll)
{
    const int opened = epoll_create1(EPOLL_CLOEXEC);
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
    if (epoll_ctl(epoll, operation, descriptor, &event) != 0) {
        return ln_system_error(errno);
    }
    return LINNET_ERROR_NONE;
}

enum linnet_error ln_system_epoll_wait(int epoll, struct epoll_event *events, int capacity,
                                       int timeout_ms, int *count)
{
    const int got = epoll_wait(epoll, events, capacity, timeout_ms);
    if (got < 0) {
        *count = 0;
        return errno == EINTR ? LINNET_ERROR_NONE : ln_system_error(errno);
    }
    *count = got;
    return LINNET_ERROR_NONE;
}

enum linnet_error ln_system_event_open(int *event)
{
    const int opened = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (opened < 0) {
        return ln_system_error(errno);
    }
    *event = opened;
    return LINNET_ERROR_NONE;
}

void ln_system_event_notify(int event)
{
    /* A signal handler must leave errno as it was. A full counter means that it is already up. */
    const int kept = errno;
    const uint64_t one = 1;
    const ssize_t ignored = write(event, &one, sizeof one);
    (void)ignored;
    errno = kept;
}

void ln_system_event_clear(int event)
{
    uint64_t count;
    const ssize_t ignored = read(event, &count, sizeof count);
    (void)ignored;
}
