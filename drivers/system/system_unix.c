/* Unix sockets of Linux. */
#include "drivers/system/system_unix.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "drivers/system/system_error.h"
#include "drivers/system/system_fault.h"

static int open_socket(void)
{
    return LN_SYSTEM_CALL(SOCKET, socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

static int bind_once(int descriptor, const struct sockaddr_un *where)
{
    return LN_SYSTEM_CALL(BIND, bind(descriptor, (const struct sockaddr *)where, sizeof *where));
}

static int look_at(const char *path, struct stat *status)
{
    return LN_SYSTEM_CALL(LSTAT, lstat(path, status));
}

/* Does nobody listen at this socket's name any more? Only a refusal says so for sure. */
static bool is_stale(const struct sockaddr_un *where)
{
    const int probe = open_socket();
    if (probe < 0) {
        return false;
    }
    const bool refused = LN_SYSTEM_CALL(CONNECT, connect(probe, (const struct sockaddr *)where,
                                                         sizeof *where)) != 0 &&
                         errno == ECONNREFUSED;
    (void)LN_SYSTEM_MADE(CLOSE, close(probe));
    return refused;
}

static enum linnet_error bind_to(int descriptor, const struct sockaddr_un *where)
{
    struct stat status;
    if (bind_once(descriptor, where) == 0) {
        return LINNET_ERROR_NONE;
    }
    if (errno != EADDRINUSE) {
        return ln_system_error(errno);
    }
    /* What could not be looked at is not taken for a socket, for that would be removed. */
    if (look_at(where->sun_path, &status) != 0) {
        return ln_system_error(errno);
    }
    if (!S_ISSOCK(status.st_mode)) {
        return LINNET_ERROR_INVALID;
    }
    if (!is_stale(where)) {
        return LINNET_ERROR_ADDRESS_IN_USE;
    }
    if (LN_SYSTEM_CALL(UNLINK, unlink(where->sun_path)) != 0 || bind_once(descriptor, where) != 0) {
        return ln_system_error(errno);
    }
    return LINNET_ERROR_NONE;
}

/* bind has made the name with 0777 less the umask; nobody can connect before listen. */
static enum linnet_error prepare(struct ln_system_unix *listener, const char *path,
                                 unsigned backlog)
{
    struct stat status;
    if (look_at(path, &status) != 0 ||
        LN_SYSTEM_CALL(CHMOD, chmod(path, status.st_mode & 0666)) != 0 ||
        LN_SYSTEM_CALL(LISTEN, listen(listener->descriptor, (int)backlog)) != 0) {
        return ln_system_error(errno);
    }
    listener->device = (uint64_t)status.st_dev;
    listener->inode = (uint64_t)status.st_ino;
    return LINNET_ERROR_NONE;
}

enum linnet_error ln_system_unix_listen(const char *path, unsigned backlog,
                                        struct ln_system_unix *listener)
{
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    const size_t len = strlen(path);
    if (len >= sizeof where.sun_path) {
        return LINNET_ERROR_TOO_LARGE;
    }
    memcpy(where.sun_path, path, len + 1);
    const int made = open_socket();
    if (made < 0) {
        return ln_system_error(errno);
    }
    *listener = (struct ln_system_unix){.descriptor = made};
    enum linnet_error error = bind_to(made, &where);
    if (error == LINNET_ERROR_NONE) {
        error = prepare(listener, path, backlog);
        if (error != LINNET_ERROR_NONE) {
            (void)LN_SYSTEM_CALL(UNLINK, unlink(path));
        }
    }
    if (error != LINNET_ERROR_NONE) {
        (void)LN_SYSTEM_MADE(CLOSE, close(made));
        listener->descriptor = -1;
    }
    return error;
}

void ln_system_unix_remove(const char *path, const struct ln_system_unix *listener)
{
    struct stat status;
    if (look_at(path, &status) == 0 && (uint64_t)status.st_dev == listener->device &&
        (uint64_t)status.st_ino == listener->inode) {
        (void)LN_SYSTEM_CALL(UNLINK, unlink(path));
    }
}
