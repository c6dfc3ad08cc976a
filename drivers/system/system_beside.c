/* SO_REUSEPORT of Linux. */
#include "drivers/system/system_beside.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drivers/system/system_address.h"
#include "drivers/system/system_error.h"
#include "drivers/system/system_fault.h"

static bool set(int descriptor, int level, int option, int value)
{
    return LN_SYSTEM_CALL(SETSOCKOPT_LISTENER,
                          setsockopt(descriptor, level, option, &value, sizeof value)) == 0;
}

/* The same families as the first takes. */
static bool copy_families(int first, int descriptor)
{
    int only_ip6 = 0;
    socklen_t len = sizeof only_ip6;
    return LN_SYSTEM_CALL(GETSOCKOPT,
                          getsockopt(first, IPPROTO_IPV6, IPV6_V6ONLY, &only_ip6, &len)) == 0 &&
           set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, only_ip6);
}

enum linnet_error ln_system_beside_listen(int first, const struct ln_system_listening *how,
                                          int *descriptor)
{
    union ln_system_address where;
    socklen_t len = sizeof where;
    memset(&where, 0, sizeof where);
    if (LN_SYSTEM_CALL(GETSOCKNAME, getsockname(first, &where.any, &len)) != 0) {
        return ln_system_error(errno);
    }
    const int made =
        LN_SYSTEM_CALL(SOCKET, socket(where.any.sa_family,
                                      SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
    if (made < 0) {
        return ln_system_error(errno);
    }
    ln_system_set_listener(made, how);
    /* The first was bound alone, so that an address that is taken was seen; only now it shares. */
    if (!set(first, SOL_SOCKET, SO_REUSEPORT, 1) || !set(made, SOL_SOCKET, SO_REUSEPORT, 1) ||
        !set(made, SOL_SOCKET, SO_REUSEADDR, 1) ||
        (where.any.sa_family == AF_INET6 && !copy_families(first, made)) ||
        LN_SYSTEM_CALL(BIND, bind(made, &where.any, len)) != 0 ||
        LN_SYSTEM_CALL(LISTEN, listen(made, (int)how->backlog)) != 0) {
        const enum linnet_error error = ln_system_error(errno);
        (void)LN_SYSTEM_MADE(CLOSE, close(made));
        return error;
    }
    *descriptor = made;
    return LINNET_ERROR_NONE;
}
