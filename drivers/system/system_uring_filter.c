/* The filter of builds with tests: transfers cut short, as by tests/lib/partial_io_preload.c. */
#include "drivers/system/system_uring_filter.h"

#ifdef LINNET_URING_FILTER

#    include <stdbool.h>
#    include <stdint.h>
#    include <stdlib.h>
#    include <sys/socket.h>
#    include <sys/uio.h>

enum { RECEIVE_LEN_MAX = 20 };

static bool cuts;

void ln_system_uring_filter_open(void)
{
    cuts = getenv("LINNET_PARTIAL_IO") != NULL;
}

/* Half of all bytes of a message, at least one. */
static void halve(struct msghdr *message)
{
    size_t left = 0;
    for (size_t i = 0; i < message->msg_iovlen; i++) {
        left += message->msg_iov[i].iov_len;
    }
    left = (left + 1) / 2;
    for (size_t i = 0; i < message->msg_iovlen; i++) {
        struct iovec *piece = &message->msg_iov[i];
        if (piece->iov_len >= left) {
            piece->iov_len = left;
            message->msg_iovlen = i + 1;
            return;
        }
        left -= piece->iov_len;
    }
}

void ln_system_uring_filter_request(struct io_uring_sqe *request)
{
    if (!cuts) {
        return;
    }
    if (request->opcode == IORING_OP_SEND) {
        request->len = (request->len + 1) / 2;
    } else if (request->opcode == IORING_OP_SENDMSG) {
        halve((struct msghdr *)(uintptr_t)request->addr);
    }
}

size_t ln_system_uring_filter_buffer(size_t len)
{
    return cuts && len > RECEIVE_LEN_MAX ? RECEIVE_LEN_MAX : len;
}

#endif
