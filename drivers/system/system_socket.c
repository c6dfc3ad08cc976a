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

static void set_buffer_len(int descriptor, int which, uint64_t len)
{
    if (len > 0) {
        const int value = len > INT32_MAX ? INT32_MAX : (int)len;
        (void)setsockopt(descriptor, SOL_SOCKET, which, &value, sizeof value);
    }
}

void ln_system_set_listener_buffers(int descriptor, const struct ln_system_listening *how)
{
    set_buffer_len(descriptor, SO_SNDBUF, how->send_len);
    set_buffer_len(descriptor, SO_RCVBUF, how->receive_len);
}

static enum linnet_error prepare_listener(int descriptor, bool ip6, bool dual_stack,
                                          const union ln_system_address *where, socklen_t len,
                                          const struct ln_system_listening *how)
{
    const int on = 1;
    const int only_ip6 = dual_stack ? 0 : 1;
    ln_system_set_listener_buffers(descriptor, how);
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        (ip6 &&
         setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &only_ip6, sizeof only_ip6) != 0) ||
        bind(descriptor, &where->any, len) != 0 || listen(descriptor, (int)how->backlog) != 0) {
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
        socket(where.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (made < 0) {
        return ln_system_error(errno);
    }
    enum linnet_error error =
        prepare_listener(made, where.any.sa_family == AF_INET6, dual_stack, &where, len, how);
    len = sizeof where;
    if (error == LINNET_ERROR_NONE && getsockname(made, &where.any, &len) != 0) {
        error = ln_system_error(errno);
    }
    if (error != LINNET_ERROR_NONE) {
        (void)close(made);
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
    const int on = 1;
    memset(&from, 0, sizeof from);
    const int made = accept4(listener, &from.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (made < 0) {
        const enum linnet_error error = ln_system_error(errno);
        /* One who left while it waited, or whom the network lost, is nobody. */
        return error == LINNET_ERROR_RESET ? LINNET_ERROR_AGAIN : error;
    }
    /* Answers are written whole: waiting for more would only delay their last segment. */
    (void)setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ln_system_address_read(&from, peer);
    *descriptor = made;
    return LINNET_ERROR_NONE;
}

enum linnet_error ln_system_receive(int descriptor, struct linnet_room room, size_t *len)
{
    LN_ASSERT(room.len > 0);
    const ssize_t received = recv(descriptor, room.data, room.len, 0);
    if (received < 0) {
        return ln_system_error(errno);
    }
    *len = (size_t)received;
    return LINNET_ERROR_NONE;
}

enum linnet_error ln_system_send(int descriptor, const struct linnet_span *spans,
                                 unsigned span_count, bool more, size_t *len)
{
    LN_ASSERT(span_count > 0 && span_count <= LINNET_OUTPUT_SPANS_MAX);
    const int flags = MSG_NOSIGNAL | (more ? MSG_MORE : 0);
    ssize_t sent;
    if (span_count == 1) {
        sent = send(descriptor, spans[0].data, spans[0].len, flags);
    } else {
        struct iovec pieces[LINNET_OUTPUT_SPANS_MAX];
        for (unsigned i = 0; i < span_count; i++) {
            pieces[i].iov_base = (void *)(uintptr_t)spans[i].data;
            pieces[i].iov_len = spans[i].len;
        }
        const struct msghdr message = {.msg_iov = pieces, .msg_iovlen = span_count};
        sent = sendmsg(descriptor, &message, flags);
    }
    if (sent < 0) {
        return ln_system_error(errno);
    }
    *len = (size_t)sent;
    return LINNET_ERROR_NONE;
}

enum linnet_error ln_system_send_file(int descriptor, int file, uint64_t offset, size_t file_len,
                                      size_t *len)
{
    off_t position = (off_t)offset;
    const ssize_t sent = sendfile(descriptor, file, &position, file_len);
    if (sent < 0) {
        return ln_system_error(errno);
    }
    *len = (size_t)sent;
    return LINNET_ERROR_NONE;
}

void ln_system_shut_listener(int descriptor)
{
    (void)shutdown(descriptor, SHUT_RD);
}

void ln_system_shut(int descriptor)
{
    (void)shutdown(descriptor, SHUT_WR);
}

void ln_system_close_socket(int descriptor, bool reset)
{
    if (reset) {
        const struct linger now = {.l_onoff = 1, .l_linger = 0};
        (void)setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    (void)close(descriptor);
}
