/* Sockets of Linux: TCP over IPv4 and IPv6. */
#include "drivers/system/system_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/base/assert.h"
#include "drivers/system/system_address.h"
#include "drivers/system/system_error.h"
#include "drivers/system/system_fault.h"
#include "drivers/system/system_file.h"

enum {
    COPY_LEN = 16384, /* of a file, on the stack */
};

static int set_listener(int descriptor, int level, int option, int value)
{
    return LN_SYSTEM_CALL(SETSOCKOPT_LISTENER,
                          setsockopt(descriptor, level, option, &value, sizeof value));
}

/* What is only for speed, or has no remedy: the connection is served without it. */
static void set_option(int descriptor, int level, int option, const void *value, socklen_t len)
{
    (void)LN_SYSTEM_CALL(SETSOCKOPT, setsockopt(descriptor, level, option, value, len));
}

static void set_buffer_len(int descriptor, int which, uint64_t len)
{
    if (len > 0) {
        const int value = len > INT32_MAX ? INT32_MAX : (int)len;
        set_option(descriptor, SOL_SOCKET, which, &value, sizeof value);
    }
}

void ln_system_set_listener(int descriptor, const struct ln_system_listening *how)
{
    /* Answers are written whole: waiting for more would only delay their last segment. */
    const int on = 1;
    const int defer_s = (int)how->defer_s;
    set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (defer_s > 0) {
        set_option(descriptor, IPPROTO_TCP, TCP_DEFER_ACCEPT, &defer_s, sizeof defer_s);
    }
    set_buffer_len(descriptor, SO_SNDBUF, how->send_len);
    set_buffer_len(descriptor, SO_RCVBUF, how->receive_len);
}

static enum linnet_error prepare_listener(int descriptor, bool ip6, bool dual_stack,
                                          const union ln_system_address *where, socklen_t len,
                                          const struct ln_system_listening *how)
{
    ln_system_set_listener(descriptor, how);
    if (set_listener(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) != 0 ||
        (ip6 && set_listener(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, dual_stack ? 0 : 1) != 0) ||
        LN_SYSTEM_CALL(BIND, bind(descriptor, &where->any, len)) != 0 ||
        LN_SYSTEM_CALL(LISTEN, listen(descriptor, (int)how->backlog)) != 0) {
        return ln_system_error(errno);
    }
    return LINNET_ERROR_NONE;
}

enum linnet_error ln_system_listen(struct linnet_address *address, bool dual_stack,
                                   const struct ln_system_listening *how, int *descriptor)
{
    union ln_system_address where;
    socklen_t len = ln_system_address_write(address, &where);
    const int made =
        LN_SYSTEM_CALL(SOCKET, socket(where.any.sa_family,
                                      SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
    if (made < 0) {
        return ln_system_error(errno);
    }
    enum linnet_error error =
        prepare_listener(made, where.any.sa_family == AF_INET6, dual_stack, &where, len, how);
    len = sizeof where;
    if (error == LINNET_ERROR_NONE &&
        LN_SYSTEM_CALL(GETSOCKNAME, getsockname(made, &where.any, &len)) != 0) {
        error = ln_system_error(errno);
    }
    if (error != LINNET_ERROR_NONE) {
        (void)LN_SYSTEM_MADE(CLOSE, close(made));
        return error;
    }
    ln_system_address_read(&where, address);
    *descriptor = made;
    return LINNET_ERROR_NONE;
}

enum linnet_error ln_system_accept(int listener, int *descriptor, struct linnet_address *peer)
{
    union ln_system_address from;
    socklen_t len = sizeof from;
    memset(&from, 0, sizeof from);
    const int made =
        LN_SYSTEM_CALL(ACCEPT4, accept4(listener, &from.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (made < 0) {
        return ln_system_error_of_accept(errno);
    }
    ln_system_address_read(&from, peer);
    *descriptor = made;
    return LINNET_ERROR_NONE;
}

enum linnet_error ln_system_receive(int descriptor, struct linnet_room room, size_t *len)
{
    LN_ASSERT(room.len > 0);
    const ssize_t received =
        LN_SYSTEM_CALL(RECV, recv(descriptor, room.data, LN_SYSTEM_LEN(RECV, room.len), 0));
    if (received < 0) {
        return ln_system_error(errno);
    }
    *len = (size_t)received;
    return LINNET_ERROR_NONE;
}

/* The same message, of so many pieces. */
static const struct msghdr *with_pieces(struct msghdr *message, size_t count)
{
    message->msg_iovlen = count;
    return message;
}

enum linnet_error ln_system_send(int descriptor, const struct linnet_span *spans,
                                 unsigned span_count, bool more, size_t *len)
{
    LN_ASSERT(span_count > 0 && span_count <= LINNET_OUTPUT_SPANS_MAX);
    const int flags = MSG_NOSIGNAL | (more ? MSG_MORE : 0);
    ssize_t sent;
    if (span_count == 1) {
        sent = LN_SYSTEM_CALL(
            SEND, send(descriptor, spans[0].data, LN_SYSTEM_LEN(SEND, spans[0].len), flags));
    } else {
        struct iovec pieces[LINNET_OUTPUT_SPANS_MAX];
        for (unsigned i = 0; i < span_count; i++) {
            pieces[i].iov_base = (void *)(uintptr_t)spans[i].data;
            pieces[i].iov_len = spans[i].len;
        }
        struct msghdr message = {.msg_iov = pieces};
        const size_t count = span_count;
        sent = LN_SYSTEM_CALL(
            SENDMSG,
            sendmsg(descriptor, with_pieces(&message, LN_SYSTEM_LEN(SENDMSG, count)), flags));
    }
    if (sent < 0) {
        return ln_system_error(errno);
    }
    *len = (size_t)sent;
    return LINNET_ERROR_NONE;
}

/* Some file systems have no sendfile: the bytes go through here, a piece for each call. */
static enum linnet_error send_copy(int descriptor, int file, uint64_t offset, size_t file_len,
                                   size_t *len)
{
    uint8_t copy[COPY_LEN];
    const size_t wanted = file_len < sizeof copy ? file_len : sizeof copy;
    const ptrdiff_t got = ln_system_read_at(file, offset, (struct linnet_room){copy, wanted});
    if (got < 0) {
        return ln_system_error(errno);
    }
    if (got == 0) {
        *len = 0;
        return LINNET_ERROR_NONE;
    }
    const struct linnet_span bytes = {copy, (size_t)got};
    return ln_system_send(descriptor, &bytes, 1, (size_t)got < file_len, len);
}

enum linnet_error ln_system_send_file(int descriptor, int file, uint64_t offset, size_t file_len,
                                      size_t *len)
{
    off_t position = (off_t)offset;
    const ssize_t sent = LN_SYSTEM_CALL(
        SENDFILE, sendfile(descriptor, file, &position, LN_SYSTEM_LEN(SENDFILE, file_len)));
    if (sent < 0) {
        return errno == EINVAL || errno == ENOSYS
                   ? send_copy(descriptor, file, offset, file_len, len)
                   : ln_system_error(errno);
    }
    *len = (size_t)sent;
    return LINNET_ERROR_NONE;
}

void ln_system_shut_listener(int descriptor)
{
    (void)LN_SYSTEM_CALL(SHUTDOWN, shutdown(descriptor, SHUT_RD));
}

void ln_system_shut(int descriptor)
{
    (void)LN_SYSTEM_CALL(SHUTDOWN, shutdown(descriptor, SHUT_WR));
}

void ln_system_reset_at_close(int descriptor)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};
    set_option(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

void ln_system_close_socket(int descriptor, bool reset)
{
    if (reset) {
        ln_system_reset_at_close(descriptor);
    }
    (void)LN_SYSTEM_MADE(CLOSE, close(descriptor));
}
