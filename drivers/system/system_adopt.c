/* Looking at a socket before it is trusted. */
#include "drivers/system/system_adopt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "drivers/system/system_address.h"
#include "drivers/system/system_error.h"
#include "drivers/system/system_fault.h"

static bool option_is(int descriptor, int option, int wanted)
{
    int value = 0;
    socklen_t len = sizeof value;
    return LN_SYSTEM_CALL(GETSOCKOPT, getsockopt(descriptor, SOL_SOCKET, option, &value, &len)) ==
               0 &&
           value == wanted;
}

enum linnet_error ln_system_adopt(int descriptor, const struct ln_system_listening *how,
                                  struct linnet_address *address)
{
    union ln_system_address where;
    socklen_t len = sizeof where;
    memset(&where, 0, sizeof where);
    if (!option_is(descriptor, SO_ACCEPTCONN, 1) || !option_is(descriptor, SO_TYPE, SOCK_STREAM)) {
        return LINNET_ERROR_INVALID;
    }
    const int flags = LN_SYSTEM_CALL(FCNTL, fcntl(descriptor, F_GETFL));
    if (flags < 0 || LN_SYSTEM_CALL(FCNTL, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)) != 0 ||
        LN_SYSTEM_CALL(GETSOCKNAME, getsockname(descriptor, &where.any, &len)) != 0) {
        return ln_system_error(errno);
    }
    if (where.any.sa_family != AF_UNIX) {
        ln_system_set_listener(descriptor, how);
    }
    ln_system_address_read(&where, address);
    return LINNET_ERROR_NONE;
}
