/* Every call of the system that drivers/system makes, and every way in which it can fail.
 *
 * LN_SYSTEM_CALLS: X(ID, "name"). The name is the system's own; behind a hyphen stands what for,
 * where one call serves two purposes. Only clock_gettime is not here: it cannot fail.
 *
 * LN_SYSTEM_FAULTS: X(ID, FAULT, ERROR, ACTION, "shown"). FAULT is an errno, or LN_SHORT (a part of
 * the bytes is moved, the least there is) or LN_ZERO (no byte, as at the end of a file). ERROR is
 * what the layer makes of it. ACTION is what is done about it. "shown" is what a log shows of it: a
 * close reason where an answer was under way, or a status; "-" is nothing.
 *
 * The calls are made through the macros of system_fault.h, so that a test can have each fail. A row
 * is a case of tests/conform/test_faults.py and of tests/unit/system_call_test.c, and a part of a
 * line of docs/internals/system.md (tools/faults-page). */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_CALL_H
#define LN_DRIVERS_SYSTEM_SYSTEM_CALL_H

#define LN_SYSTEM_CALLS(X)                        \
    X(SOCKET, "socket")                           \
    X(SETSOCKOPT_LISTENER, "setsockopt-listener") \
    X(BIND, "bind")                               \
    X(LISTEN, "listen")                           \
    X(GETSOCKNAME, "getsockname")                 \
    X(GETSOCKOPT, "getsockopt")                   \
    X(FCNTL, "fcntl")                             \
    X(CONNECT, "connect")                         \
    X(LSTAT, "lstat")                             \
    X(CHMOD, "chmod")                             \
    X(UNLINK, "unlink")                           \
    X(ACCEPT4, "accept4")                         \
    X(ACCEPT, "accept")                           \
    X(REST, "poll-rest")                          \
    X(SETSOCKOPT, "setsockopt")                   \
    X(SETSOCKOPT_WAIT, "setsockopt-wait")         \
    X(RECV, "recv")                               \
    X(READ, "read")                               \
    X(SEND, "send")                               \
    X(SENDMSG, "sendmsg")                         \
    X(WRITE, "write")                             \
    X(SENDFILE, "sendfile")                       \
    X(SHUTDOWN, "shutdown")                       \
    X(CLOSE, "close")                             \
    X(OPEN_ROOT, "open-root")                     \
    X(OPENAT2, "openat2")                         \
    X(FSTAT, "fstat")                             \
    X(PREAD, "pread")                             \
    X(FCNTL_DIRECT, "fcntl-direct")               \
    X(AIO_SETUP, "io_setup")                      \
    X(AIO_SUBMIT, "io_submit")                    \
    X(AIO_READ, "io_submit-read")                 \
    X(AIO_REAP, "io_getevents")                   \
    X(EPOLL_CREATE, "epoll_create1")              \
    X(EPOLL_ADD, "epoll_ctl-add")                 \
    X(EPOLL_MOD, "epoll_ctl-mod")                 \
    X(EPOLL_WAIT, "epoll_wait")                   \
    X(POLL, "poll")                               \
    X(EVENTFD, "eventfd")                         \
    X(URING_SETUP, "io_uring_setup")              \
    X(URING_REGISTER, "io_uring_register")        \
    X(URING_ENTER, "io_uring_enter")              \
    X(SOCKETPAIR, "socketpair")                   \
    X(EVENT_WRITE, "write-event")                 \
    X(EVENT_READ, "read-event")                   \
    X(LOG_OPEN, "open-log")                       \
    X(LOG_REOPEN, "open-anew")                    \
    X(LOG_FSTAT, "fstat-log")                     \
    X(LOG_POLL, "poll-log")                       \
    X(LOG_WRITE, "write-log")                     \
    X(LOG_SEND, "send-log")

/* X(ACTION, "what it means") */
#define LN_SYSTEM_ACTIONS(X)                                                              \
    X(REFUSE, "at start: the program says so and does not serve; nothing is left behind") \
    X(RETRY, "is done again: when it is ready, or with the next second's turn")           \
    X(IGNORE, "goes on as if it had been done: it was for speed, or there is no remedy")  \
    X(OTHERWISE, "is done in another way")                                                \
    X(SHED, "closes the longest idle for a new one, or accepts nobody for 200 ms")        \
    X(ANSWER, "is answered with a status; the connection goes on")                        \
    X(CLOSE, "ends that connection, and no other")

#define LN_SYSTEM_FAULTS(X)                                     \
    X(SOCKET, EMFILE, DESCRIPTORS, REFUSE, "-")                 \
    X(SOCKET, ENFILE, DESCRIPTORS, REFUSE, "-")                 \
    X(SOCKET, ENOBUFS, MEMORY, REFUSE, "-")                     \
    X(SOCKET, ENOMEM, MEMORY, REFUSE, "-")                      \
    X(SOCKET, EACCES, FORBIDDEN, REFUSE, "-")                   \
    X(SOCKET, EAFNOSUPPORT, UNSUPPORTED, REFUSE, "-")           \
    X(SETSOCKOPT_LISTENER, EPERM, FORBIDDEN, REFUSE, "-")       \
    X(SETSOCKOPT_LISTENER, ENOMEM, MEMORY, REFUSE, "-")         \
    X(BIND, EADDRINUSE, ADDRESS_IN_USE, REFUSE, "-")            \
    X(BIND, EADDRNOTAVAIL, ADDRESS_NOT_HERE, REFUSE, "-")       \
    X(BIND, EACCES, FORBIDDEN, REFUSE, "-")                     \
    X(BIND, ENOMEM, MEMORY, REFUSE, "-")                        \
    X(LISTEN, EADDRINUSE, ADDRESS_IN_USE, REFUSE, "-")          \
    X(GETSOCKNAME, ENOBUFS, MEMORY, REFUSE, "-")                \
    X(FCNTL, EACCES, FORBIDDEN, REFUSE, "-")                    \
    X(CONNECT, EACCES, ADDRESS_IN_USE, REFUSE, "-")             \
    X(CONNECT, EAGAIN, ADDRESS_IN_USE, REFUSE, "-")             \
    X(LSTAT, EACCES, FORBIDDEN, REFUSE, "-")                    \
    X(CHMOD, EROFS, SYSTEM, REFUSE, "-")                        \
    X(UNLINK, EACCES, FORBIDDEN, REFUSE, "-")                   \
    X(ACCEPT4, EAGAIN, AGAIN, RETRY, "-")                       \
    X(ACCEPT4, EINTR, AGAIN, RETRY, "-")                        \
    X(ACCEPT4, ECONNABORTED, AGAIN, RETRY, "-")                 \
    X(ACCEPT4, EPROTO, AGAIN, RETRY, "-")                       \
    X(ACCEPT4, ETIMEDOUT, AGAIN, RETRY, "-")                    \
    X(ACCEPT4, EHOSTUNREACH, AGAIN, RETRY, "-")                 \
    X(ACCEPT4, ENETDOWN, AGAIN, RETRY, "-")                     \
    X(ACCEPT4, EMFILE, DESCRIPTORS, SHED, "-")                  \
    X(ACCEPT4, ENFILE, DESCRIPTORS, SHED, "-")                  \
    X(ACCEPT4, ENOBUFS, MEMORY, SHED, "-")                      \
    X(ACCEPT4, ENOMEM, MEMORY, SHED, "-")                       \
    X(ACCEPT4, EPERM, FORBIDDEN, SHED, "-")                     \
    X(ACCEPT, EAGAIN, AGAIN, RETRY, "-")                        \
    X(ACCEPT, EINTR, AGAIN, RETRY, "-")                         \
    X(ACCEPT, ECONNABORTED, AGAIN, RETRY, "-")                  \
    X(ACCEPT, EPROTO, AGAIN, RETRY, "-")                        \
    X(ACCEPT, ETIMEDOUT, AGAIN, RETRY, "-")                     \
    X(ACCEPT, EHOSTUNREACH, AGAIN, RETRY, "-")                  \
    X(ACCEPT, ENETDOWN, AGAIN, RETRY, "-")                      \
    X(ACCEPT, EMFILE, DESCRIPTORS, SHED, "-")                   \
    X(ACCEPT, ENFILE, DESCRIPTORS, SHED, "-")                   \
    X(ACCEPT, ENOBUFS, MEMORY, SHED, "-")                       \
    X(ACCEPT, ENOMEM, MEMORY, SHED, "-")                        \
    X(ACCEPT, EPERM, FORBIDDEN, SHED, "-")                      \
    X(REST, EINTR, NONE, IGNORE, "-")                           \
    X(SETSOCKOPT, EPERM, NONE, IGNORE, "-")                     \
    X(SETSOCKOPT, ENOMEM, NONE, IGNORE, "-")                    \
    X(SETSOCKOPT_WAIT, EPERM, FORBIDDEN, CLOSE, "system-error") \
    X(SETSOCKOPT_WAIT, ENOMEM, MEMORY, CLOSE, "system-error")   \
    X(RECV, EAGAIN, AGAIN, RETRY, "-")                          \
    X(RECV, EINTR, AGAIN, RETRY, "-")                           \
    X(RECV, LN_SHORT, NONE, RETRY, "-")                         \
    X(RECV, ECONNRESET, RESET, CLOSE, "peer-reset")             \
    X(RECV, ETIMEDOUT, RESET, CLOSE, "peer-reset")              \
    X(RECV, EHOSTUNREACH, RESET, CLOSE, "peer-reset")           \
    X(RECV, ENOMEM, MEMORY, CLOSE, "system-error")              \
    X(READ, EAGAIN, AGAIN, RETRY, "-")                          \
    X(READ, EINTR, AGAIN, RETRY, "-")                           \
    X(READ, LN_SHORT, NONE, RETRY, "-")                         \
    X(READ, ECONNRESET, RESET, CLOSE, "peer-reset")             \
    X(READ, ETIMEDOUT, RESET, CLOSE, "peer-reset")              \
    X(READ, EHOSTUNREACH, RESET, CLOSE, "peer-reset")           \
    X(READ, ENOMEM, MEMORY, CLOSE, "system-error")              \
    X(SEND, EAGAIN, AGAIN, RETRY, "-")                          \
    X(SEND, EINTR, AGAIN, RETRY, "-")                           \
    X(SEND, LN_SHORT, NONE, RETRY, "-")                         \
    X(SEND, EPIPE, RESET, CLOSE, "peer-reset")                  \
    X(SEND, ECONNRESET, RESET, CLOSE, "peer-reset")             \
    X(SEND, ETIMEDOUT, RESET, CLOSE, "peer-reset")              \
    X(SEND, EHOSTUNREACH, RESET, CLOSE, "peer-reset")           \
    X(SEND, ENETDOWN, RESET, CLOSE, "peer-reset")               \
    X(SEND, ENOBUFS, MEMORY, CLOSE, "system-error")             \
    X(SEND, ENOMEM, MEMORY, CLOSE, "system-error")              \
    X(SEND, EPERM, FORBIDDEN, CLOSE, "system-error")            \
    X(SENDMSG, EAGAIN, AGAIN, RETRY, "-")                       \
    X(SENDMSG, EINTR, AGAIN, RETRY, "-")                        \
    X(SENDMSG, LN_SHORT, NONE, RETRY, "-")                      \
    X(SENDMSG, EPIPE, RESET, CLOSE, "peer-reset")               \
    X(SENDMSG, ECONNRESET, RESET, CLOSE, "peer-reset")          \
    X(SENDMSG, ETIMEDOUT, RESET, CLOSE, "peer-reset")           \
    X(SENDMSG, EHOSTUNREACH, RESET, CLOSE, "peer-reset")        \
    X(SENDMSG, ENETDOWN, RESET, CLOSE, "peer-reset")            \
    X(SENDMSG, ENOBUFS, MEMORY, CLOSE, "system-error")          \
    X(SENDMSG, ENOMEM, MEMORY, CLOSE, "system-error")           \
    X(SENDMSG, EPERM, FORBIDDEN, CLOSE, "system-error")         \
    X(WRITE, EAGAIN, AGAIN, RETRY, "-")                         \
    X(WRITE, EINTR, AGAIN, RETRY, "-")                          \
    X(WRITE, LN_SHORT, NONE, RETRY, "-")                        \
    X(WRITE, EPIPE, RESET, CLOSE, "peer-reset")                 \
    X(WRITE, ECONNRESET, RESET, CLOSE, "peer-reset")            \
    X(WRITE, ETIMEDOUT, RESET, CLOSE, "peer-reset")             \
    X(WRITE, EHOSTUNREACH, RESET, CLOSE, "peer-reset")          \
    X(WRITE, ENOBUFS, MEMORY, CLOSE, "system-error")            \
    X(WRITE, ENOMEM, MEMORY, CLOSE, "system-error")             \
    X(WRITE, EPERM, FORBIDDEN, CLOSE, "system-error")           \
    X(SENDFILE, EAGAIN, AGAIN, RETRY, "-")                      \
    X(SENDFILE, EINTR, AGAIN, RETRY, "-")                       \
    X(SENDFILE, LN_SHORT, NONE, RETRY, "-")                     \
    X(SENDFILE, EINVAL, NONE, OTHERWISE, "-")                   \
    X(SENDFILE, ENOSYS, NONE, OTHERWISE, "-")                   \
    X(SENDFILE, LN_ZERO, NONE, CLOSE, "file-shrunk")            \
    X(SENDFILE, EPIPE, RESET, CLOSE, "peer-reset")              \
    X(SENDFILE, ECONNRESET, RESET, CLOSE, "peer-reset")         \
    X(SENDFILE, ETIMEDOUT, RESET, CLOSE, "peer-reset")          \
    X(SENDFILE, ENOMEM, MEMORY, CLOSE, "system-error")          \
    X(SENDFILE, EIO, SYSTEM, CLOSE, "system-error")             \
    X(SHUTDOWN, ENOTCONN, NONE, IGNORE, "-")                    \
    X(CLOSE, EINTR, NONE, IGNORE, "-")                          \
    X(CLOSE, EIO, NONE, IGNORE, "-")                            \
    X(OPEN_ROOT, ENOENT, NOT_FOUND, REFUSE, "-")                \
    X(OPEN_ROOT, ENOTDIR, INVALID, REFUSE, "-")                 \
    X(OPEN_ROOT, EACCES, FORBIDDEN, REFUSE, "-")                \
    X(OPEN_ROOT, EMFILE, DESCRIPTORS, REFUSE, "-")              \
    X(OPEN_ROOT, EIO, SYSTEM, REFUSE, "-")                      \
    X(OPENAT2, EAGAIN, AGAIN, ANSWER, "503")                    \
    X(OPENAT2, EINTR, AGAIN, ANSWER, "503")                     \
    X(OPENAT2, EMFILE, DESCRIPTORS, ANSWER, "503")              \
    X(OPENAT2, ENFILE, DESCRIPTORS, ANSWER, "503")              \
    X(OPENAT2, ENOMEM, MEMORY, ANSWER, "503")                   \
    X(OPENAT2, ENOENT, NOT_FOUND, ANSWER, "404")                \
    X(OPENAT2, ENOTDIR, NOT_FOUND, ANSWER, "404")               \
    X(OPENAT2, ELOOP, NOT_FOUND, ANSWER, "404")                 \
    X(OPENAT2, EXDEV, NOT_FOUND, ANSWER, "404")                 \
    X(OPENAT2, ENAMETOOLONG, NOT_FOUND, ANSWER, "404")          \
    X(OPENAT2, ENXIO, NOT_FOUND, ANSWER, "404")                 \
    X(OPENAT2, ENODEV, NOT_FOUND, ANSWER, "404")                \
    X(OPENAT2, EACCES, FORBIDDEN, ANSWER, "403")                \
    X(OPENAT2, EPERM, FORBIDDEN, ANSWER, "403")                 \
    X(OPENAT2, EIO, SYSTEM, ANSWER, "500")                      \
    X(OPENAT2, ESTALE, SYSTEM, ANSWER, "500")                   \
    X(OPENAT2, EOVERFLOW, SYSTEM, ANSWER, "500")                \
    X(OPENAT2, ENOSYS, UNSUPPORTED, ANSWER, "500")              \
    X(FSTAT, ENOMEM, MEMORY, ANSWER, "503")                     \
    X(FSTAT, EIO, SYSTEM, ANSWER, "500")                        \
    X(FSTAT, EOVERFLOW, SYSTEM, ANSWER, "500")                  \
    X(PREAD, EINTR, AGAIN, RETRY, "-")                          \
    X(PREAD, LN_SHORT, NONE, RETRY, "-")                        \
    X(PREAD, EIO, SYSTEM, CLOSE, "file-shrunk")                 \
    X(PREAD, LN_ZERO, NONE, CLOSE, "file-shrunk")               \
    X(FCNTL_DIRECT, EINVAL, NONE, OTHERWISE, "-")               \
    X(AIO_SETUP, EAGAIN, AGAIN, OTHERWISE, "-")                 \
    X(AIO_SETUP, ENOMEM, MEMORY, OTHERWISE, "-")                \
    X(AIO_SETUP, ENOSYS, UNSUPPORTED, OTHERWISE, "-")           \
    X(AIO_SUBMIT, EAGAIN, AGAIN, RETRY, "-")                    \
    X(AIO_SUBMIT, EINVAL, INVALID, OTHERWISE, "-")              \
    X(AIO_SUBMIT, ENOMEM, MEMORY, OTHERWISE, "-")               \
    X(AIO_READ, EINVAL, INVALID, OTHERWISE, "-")                \
    X(AIO_READ, EIO, SYSTEM, CLOSE, "file-shrunk")              \
    X(AIO_REAP, EINTR, AGAIN, RETRY, "-")                       \
    X(EPOLL_CREATE, EMFILE, DESCRIPTORS, REFUSE, "-")           \
    X(EPOLL_CREATE, ENFILE, DESCRIPTORS, REFUSE, "-")           \
    X(EPOLL_CREATE, ENOMEM, MEMORY, REFUSE, "-")                \
    X(EPOLL_ADD, ENOMEM, MEMORY, CLOSE, "system-error")         \
    X(EPOLL_ADD, ENOSPC, SYSTEM, CLOSE, "system-error")         \
    X(EPOLL_WAIT, EINTR, NONE, RETRY, "-")                      \
    X(POLL, EINTR, NONE, RETRY, "-")                            \
    X(POLL, EAGAIN, MEMORY, RETRY, "-")                         \
    X(POLL, ENOMEM, MEMORY, RETRY, "-")                         \
    X(POLL, EINVAL, INVALID, RETRY, "-")                        \
    X(EVENTFD, EMFILE, DESCRIPTORS, REFUSE, "-")                \
    X(EVENTFD, ENFILE, DESCRIPTORS, REFUSE, "-")                \
    X(EVENTFD, ENOMEM, MEMORY, REFUSE, "-")                     \
    X(URING_SETUP, EPERM, FORBIDDEN, REFUSE, "-")               \
    X(URING_SETUP, ENOSYS, UNSUPPORTED, REFUSE, "-")            \
    X(URING_SETUP, EINVAL, UNSUPPORTED, REFUSE, "-")            \
    X(URING_SETUP, EMFILE, DESCRIPTORS, REFUSE, "-")            \
    X(URING_SETUP, ENFILE, DESCRIPTORS, REFUSE, "-")            \
    X(URING_REGISTER, EINVAL, INVALID, REFUSE, "-")             \
    X(URING_ENTER, EINTR, NONE, RETRY, "-")                     \
    X(URING_ENTER, EAGAIN, NONE, RETRY, "-")                    \
    X(URING_ENTER, EBUSY, NONE, RETRY, "-")                     \
    X(URING_ENTER, ENOMEM, NONE, RETRY, "-")                    \
    X(SOCKETPAIR, EMFILE, DESCRIPTORS, REFUSE, "-")             \
    X(SOCKETPAIR, ENFILE, DESCRIPTORS, REFUSE, "-")             \
    X(EVENT_WRITE, EAGAIN, NONE, IGNORE, "-")                   \
    X(EVENT_READ, EAGAIN, NONE, IGNORE, "-")                    \
    X(LOG_OPEN, ENOENT, NOT_FOUND, REFUSE, "-")                 \
    X(LOG_OPEN, EISDIR, INVALID, REFUSE, "-")                   \
    X(LOG_OPEN, EACCES, FORBIDDEN, REFUSE, "-")                 \
    X(LOG_OPEN, EMFILE, DESCRIPTORS, REFUSE, "-")               \
    X(LOG_OPEN, ENOSPC, SYSTEM, REFUSE, "-")                    \
    X(LOG_OPEN, EROFS, SYSTEM, REFUSE, "-")                     \
    X(LOG_REOPEN, EACCES, NONE, OTHERWISE, "-")                 \
    X(LOG_REOPEN, ENOENT, NONE, OTHERWISE, "-")                 \
    X(LOG_REOPEN, EMFILE, NONE, OTHERWISE, "-")                 \
    X(LOG_FSTAT, EIO, NONE, IGNORE, "-")                        \
    X(LOG_POLL, EINTR, NONE, RETRY, "-")                        \
    X(LOG_POLL, ENOMEM, NONE, RETRY, "-")                       \
    X(LOG_WRITE, EAGAIN, NONE, RETRY, "-")                      \
    X(LOG_WRITE, EINTR, NONE, RETRY, "-")                       \
    X(LOG_WRITE, LN_SHORT, NONE, RETRY, "-")                    \
    X(LOG_WRITE, ENOSPC, NONE, RETRY, "-")                      \
    X(LOG_WRITE, EDQUOT, NONE, RETRY, "-")                      \
    X(LOG_WRITE, EFBIG, NONE, RETRY, "-")                       \
    X(LOG_WRITE, EIO, NONE, RETRY, "-")                         \
    X(LOG_WRITE, EPIPE, NONE, RETRY, "-")                       \
    X(LOG_SEND, EAGAIN, NONE, RETRY, "-")                       \
    X(LOG_SEND, LN_SHORT, NONE, RETRY, "-")                     \
    X(LOG_SEND, ENOBUFS, NONE, RETRY, "-")                      \
    X(LOG_SEND, EPIPE, NONE, RETRY, "-")                        \
    X(LOG_SEND, ECONNRESET, NONE, RETRY, "-")

enum ln_system_call {
#define LN_SYSTEM_CALL_ENUM(id, name) LN_SYSTEM_CALL_##id,
    LN_SYSTEM_CALLS(LN_SYSTEM_CALL_ENUM)
#undef LN_SYSTEM_CALL_ENUM
        LN_SYSTEM_CALL_COUNT,
};

/* Faults that are no errno. */
enum {
    LN_SHORT = -1,
    LN_ZERO = -2,
};

#endif
