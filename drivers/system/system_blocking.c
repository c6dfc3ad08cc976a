/* The blocking calls. A wait that is over ends with EAGAIN, like a call that would have to wait. */
#include "drivers/system/system_blocking.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/base/assert.h"
#include "drivers/system/system_address.h"
#include "drivers/system/system_error.h"
#include "drivers/system/system_fault.h"

enum linnet_error ln_system_make_blocking(int descriptor)
{
    const int flags = LN_SYSTEM_CALL(FCNTL, fcntl(descriptor, F_GETFL));
    if (flags < 0 || LN_SYSTEM_CALL(FCNTL, fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK)) != 0) {
        return ln_system_error(errno);
    }
    return LINNET_ERROR_NONE;
}

static enum linnet_error set_wait(int descriptor, int option, uint64_t wait_ms)
{
    const uint64_t wait = wait_ms == 0 ? 1 : wait_ms; /* 0 would be for ever */
    const struct timeval value = {.tv_sec = (time_t)(wait / 1000),
                                  .tv_usec = (suseconds_t)(wait % 1000 * 1000)};
    const int result = LN_SYSTEM_CALL(
        SETSOCKOPT_WAIT, setsockopt(descriptor, SOL_SOCKET, option, &value, sizeof value));
    return result == 0 ? LINNET_ERROR_NONE : ln_system_error(errno);
}

enum linnet_error ln_system_set_read_wait(int descriptor, uint64_t wait_ms)
{
    return set_wait(descriptor, SO_RCVTIMEO, wait_ms);
}

enum linnet_error ln_system_set_write_wait(int descriptor, uint64_t wait_ms)
{
    return set_wait(descriptor, SO_SNDTIMEO, wait_ms);
}

void ln_system_rest(uint64_t wait_ms)
{
    (void)LN_SYSTEM_CALL(REST, poll(NULL, 0, wait_ms < INT32_MAX ? (int)wait_ms : INT32_MAX));
}

enum linnet_error ln_system_accept_waiting(int listener, int *descriptor,
                                           struct linnet_address *peer)
{
    union ln_system_address from;
    socklen_t len = sizeof from;
    const int made = LN_SYSTEM_CALL(ACCEPT, accept(listener, &from.any, &len));
    if (made < 0) {
        return ln_system_error_of_accept(errno);
    }
    ln_system_address_read(&from, peer);
    *descriptor = made;
    return LINNET_ERROR_NONE;
}

enum linnet_error ln_system_read_waiting(int descriptor, struct linnet_room room, size_t *len)
{
    LN_ASSERT(room.len > 0);
    const ssize_t got =
        LN_SYSTEM_CALL(READ, read(descriptor, room.data, LN_SYSTEM_LEN(READ, room.len)));
    if (got < 0) {
        return ln_system_error(errno);
    }
    *len = (size_t)got;
    return LINNET_ERROR_NONE;
}

enum linnet_error ln_system_write_waiting(int descriptor, struct linnet_span bytes, size_t *len)
{
    LN_ASSERT(bytes.len > 0);
    const ssize_t put =
        LN_SYSTEM_CALL(WRITE, write(descriptor, bytes.data, LN_SYSTEM_LEN(WRITE, bytes.len)));
    if (put < 0) {
        return ln_system_error(errno);
    }
    *len = (size_t)put;
    return LINNET_ERROR_NONE;
}
