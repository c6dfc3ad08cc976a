/* Writing a log on Linux without ever waiting for its reader. */
#include "drivers/system/system_log.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/system/system_fault.h"

static int open_anew(int inherited)
{
    char path[32];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", inherited);
    return LN_SYSTEM_CALL(LOG_REOPEN,
                          open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

void ln_system_log_open(struct ln_system_log *log, int inherited)
{
    struct stat status;
    *log = (struct ln_system_log){.descriptor = -1, .kind = LN_SYSTEM_LOG_NONE};
    if (inherited < 0 || LN_SYSTEM_CALL(LOG_FSTAT, fstat(inherited, &status)) != 0) {
        return;
    }
    log->descriptor = inherited;
    if (S_ISREG(status.st_mode)) {
        log->kind = LN_SYSTEM_LOG_PLAIN;
        return;
    }
    if (S_ISSOCK(status.st_mode)) {
        log->kind = LN_SYSTEM_LOG_SOCKET;
        return;
    }
    const int anew = open_anew(inherited);
    if (anew < 0) {
        log->kind = LN_SYSTEM_LOG_ASKED;
        return;
    }
    log->descriptor = anew;
    log->kind = LN_SYSTEM_LOG_PLAIN;
    log->own = true;
}

static ssize_t write_some(int descriptor, struct linnet_span bytes)
{
    return LN_SYSTEM_CALL(LOG_WRITE,
                          write(descriptor, bytes.data, LN_SYSTEM_LEN(LOG_WRITE, bytes.len)));
}

static ssize_t ask_and_write(int descriptor, struct linnet_span bytes)
{
    struct pollfd poll_descriptor = {.fd = descriptor, .events = POLLOUT};
    if (LN_SYSTEM_CALL(LOG_POLL, poll(&poll_descriptor, 1, 0)) != 1 ||
        (poll_descriptor.revents & POLLOUT) == 0) {
        return 0;
    }
    /* A pipe that is writable takes so many bytes at once (POSIX, PIPE_BUF). */
    bytes.len = bytes.len < PIPE_BUF ? bytes.len : PIPE_BUF;
    return write_some(descriptor, bytes);
}

size_t ln_system_log_write(const struct ln_system_log *log, struct linnet_span bytes)
{
    ssize_t len = 0;
    switch (log->kind) {
    case LN_SYSTEM_LOG_NONE:
        return bytes.len;
    case LN_SYSTEM_LOG_PLAIN:
        len = write_some(log->descriptor, bytes);
        break;
    case LN_SYSTEM_LOG_SOCKET:
        len = LN_SYSTEM_CALL(LOG_SEND,
                             send(log->descriptor, bytes.data, LN_SYSTEM_LEN(LOG_SEND, bytes.len),
                                  MSG_DONTWAIT | MSG_NOSIGNAL));
        break;
    case LN_SYSTEM_LOG_ASKED:
        len = ask_and_write(log->descriptor, bytes);
        break;
    }
    return len < 0 ? 0 : (size_t)len;
}

void ln_system_log_close(struct ln_system_log *log)
{
    if (log->own) {
        (void)LN_SYSTEM_MADE(CLOSE, close(log->descriptor));
    }
    log->kind = LN_SYSTEM_LOG_NONE;
}
