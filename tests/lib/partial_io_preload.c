/* A preload that cuts every transfer on a socket short: S4-1, S4-3.
 *
 * Every receive gives at most 20 bytes, every send takes half of what it is given, rounded up, and
 * so does sendfile. A program that takes short transfers for whole ones shows it at once. */
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

// NOLINTBEGIN(*): the parameters of libc's own declarations have reserved names

enum { RECEIVE_MAX = 20 };

typedef ssize_t recv_function(int descriptor, void *buffer, size_t len, int flags);
typedef ssize_t send_function(int descriptor, const void *buffer, size_t len, int flags);
typedef ssize_t sendmsg_function(int descriptor, const struct msghdr *message, int flags);
typedef ssize_t sendfile_function(int to, int from, off_t *offset, size_t len);

static recv_function *real_recv;
static send_function *real_send;
static sendmsg_function *real_sendmsg;
static sendfile_function *real_sendfile;

__attribute__((constructor)) static void find_real(void)
{
    void *found[] = {dlsym(RTLD_NEXT, "recv"), dlsym(RTLD_NEXT, "send"),
                     dlsym(RTLD_NEXT, "sendmsg"), dlsym(RTLD_NEXT, "sendfile")};
    memcpy(&real_recv, &found[0], sizeof found[0]);
    memcpy(&real_send, &found[1], sizeof found[1]);
    memcpy(&real_sendmsg, &found[2], sizeof found[2]);
    memcpy(&real_sendfile, &found[3], sizeof found[3]);
}

static size_t half(size_t len)
{
    return len / 2 + len % 2;
}

__attribute__((visibility("default"))) ssize_t recv(int descriptor, void *buffer, size_t len,
                                                    int flags)
{
    return real_recv(descriptor, buffer, len < RECEIVE_MAX ? len : RECEIVE_MAX, flags);
}

__attribute__((visibility("default"))) ssize_t send(int descriptor, const void *buffer, size_t len,
                                                    int flags)
{
    return real_send(descriptor, buffer, half(len), flags);
}

__attribute__((visibility("default"))) ssize_t sendmsg(int descriptor, const struct msghdr *message,
                                                       int flags)
{
    size_t len = 0;
    for (size_t i = 0; i < message->msg_iovlen; i++) {
        len += message->msg_iov[i].iov_len;
    }
    struct iovec pieces[16];
    struct msghdr cut = *message;
    size_t left = half(len);
    cut.msg_iov = pieces;
    cut.msg_iovlen = 0;
    while (left > 0 && cut.msg_iovlen < 16) {
        pieces[cut.msg_iovlen] = message->msg_iov[cut.msg_iovlen];
        if (pieces[cut.msg_iovlen].iov_len > left) {
            pieces[cut.msg_iovlen].iov_len = left;
        }
        left -= pieces[cut.msg_iovlen].iov_len;
        cut.msg_iovlen++;
    }
    return real_sendmsg(descriptor, &cut, flags);
}

__attribute__((visibility("default"))) ssize_t sendfile(int to, int from, off_t *offset, size_t len)
{
    return real_sendfile(to, from, offset, half(len));
}

// NOLINTEND(*)
