/* The eventfd of Linux. */
#include "drivers/system/system_event.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "drivers/system/system_error.h"
#include "drivers/system/system_fault.h"

enum linnet_error ln_system_event_open(int *event)
{
    const int opened = LN_SYSTEM_CALL(EVENTFD, eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
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
    const ssize_t ignored = LN_SYSTEM_CALL(EVENT_WRITE, write(event, &one, sizeof one));
    (void)ignored;
    errno = kept;
}

void ln_system_event_clear(int event)
{
    uint64_t count;
    const ssize_t ignored = LN_SYSTEM_CALL(EVENT_READ, read(event, &count, sizeof count));
    (void)ignored;
}
