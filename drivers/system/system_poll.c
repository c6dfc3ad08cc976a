/* poll, of POSIX. */
#include "drivers/system/system_poll.h"

#include <errno.h>

#include "drivers/system/system_error.h"
#include "drivers/system/system_fault.h"

enum linnet_error ln_system_poll(struct pollfd *set, uint32_t len, int timeout_ms, uint32_t *count)
{
    /* Over no set it only rests, and cannot fail for want of anything. */
    const int got = len == 0 ? LN_SYSTEM_CALL(REST, poll(set, 0, timeout_ms))
                             : LN_SYSTEM_CALL(POLL, poll(set, (nfds_t)len, timeout_ms));
    if (got < 0) {
        *count = 0;
        if (errno == EINTR) {
            return LINNET_ERROR_NONE;
        }
        /* Other systems than Linux say EAGAIN for want of memory. */
        return errno == EAGAIN ? LINNET_ERROR_MEMORY : ln_system_error(errno);
    }
    *count = (uint32_t)got;
    return LINNET_ERROR_NONE;
}
