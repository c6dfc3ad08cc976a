/* Requests to io_uring, one function for each kind. */
#include <linux/io_uring.h>

#include "core/base/assert.h"
#include "drivers/system/system_fault.h"
#include "drivers/system/system_uring.h"
#include "drivers/system/system_uring_message.h"

/* Linux 6.10 */
enum { NOP_INJECT_RESULT = 1 };

/* Tests have calls fail, once the ring was tried: the request then does nothing and completes with
 * that result. */
static bool is_to_fail(struct io_uring_sqe *request, int result)
{
    if (result != 0) {
        request->opcode = IORING_OP_NOP;
        request->rw_flags = NOP_INJECT_RESULT;
        request->len = (uint32_t)result;
    }
    return result != 0;
}

void ln_system_uring_receive(struct ln_system_uring *ring, int descriptor, bool many, uint64_t key)
{
    unsigned place;
    struct io_uring_sqe *request = ln_system_uring_request(ring, &place);
    request->user_data = key;
    if (ring->tried && is_to_fail(request, LN_SYSTEM_SUBMIT(RECV))) {
        return;
    }
    request->opcode = IORING_OP_RECV;
    request->fd = descriptor;
    request->flags = IOSQE_BUFFER_SELECT;
    /* 0 is the length of the buffer; one that is to be short is received once. */
    request->len = ring->tried && LN_SYSTEM_LEN(RECV, 2) == 1 ? 1 : 0;
    request->ioprio = many && request->len == 0 ? IORING_RECV_MULTISHOT : 0;
}

void ln_system_uring_send(struct ln_system_uring *ring, int descriptor,
                          const struct linnet_span *spans, unsigned span_count, bool more,
                          uint64_t key)
{
    unsigned place;
    struct io_uring_sqe *request = ln_system_uring_request(ring, &place);
    LN_ASSERT(span_count > 0 && span_count <= LINNET_OUTPUT_SPANS_MAX);
    request->user_data = key;
    // NOLINTBEGIN(misc-redundant-expression): they differ where calls can be made to fail
    if (ring->tried && (span_count == 1 ? is_to_fail(request, LN_SYSTEM_SUBMIT(SEND))
                                        : is_to_fail(request, LN_SYSTEM_SUBMIT(SENDMSG)))) {
        return;
    }
    // NOLINTEND(misc-redundant-expression)
    request->fd = descriptor;
    /* DONTWAIT: it completes here and now, with what the socket takes. */
    request->msg_flags = MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0U);
    if (span_count == 1) {
        request->opcode = IORING_OP_SEND;
        request->addr = (uint64_t)(uintptr_t)spans[0].data;
        /* A send says how much went; the rest goes in the next one. */
        const size_t len = LN_SYSTEM_LEN(SEND, spans[0].len);
        request->len = len > INT32_MAX ? INT32_MAX : (uint32_t)len;
        return;
    }
    struct ln_system_uring_message *message = &ring->messages[place];
    for (unsigned i = 0; i < span_count; i++) {
        message->pieces[i].iov_base = (void *)(uintptr_t)spans[i].data;
        message->pieces[i].iov_len = spans[i].len;
    }
    message->header = (struct msghdr){.msg_iov = message->pieces, .msg_iovlen = span_count};
    if (ring->tried && LN_SYSTEM_LEN(SENDMSG, 2) == 1) {
        message->pieces[0].iov_len = 1;
        message->header.msg_iovlen = 1;
    }
    request->opcode = IORING_OP_SENDMSG;
    request->addr = (uint64_t)(uintptr_t)&message->header;
    request->len = 1;
}

void ln_system_uring_poll(struct ln_system_uring *ring, int descriptor, uint32_t events,
                          uint64_t key)
{
    unsigned place;
    struct io_uring_sqe *request = ln_system_uring_request(ring, &place);
    request->opcode = IORING_OP_POLL_ADD;
    request->fd = descriptor;
    /* The kernel reads it as two halves, the lower first. */
    request->poll32_events =
        __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? events << 16 | events >> 16 : events;
    request->user_data = key;
}

void ln_system_uring_cancel(struct ln_system_uring *ring, uint64_t key)
{
    unsigned place;
    struct io_uring_sqe *request = ln_system_uring_request(ring, &place);
    request->opcode = IORING_OP_ASYNC_CANCEL;
    request->fd = -1;
    request->addr = key;
    request->flags = IOSQE_CQE_SKIP_SUCCESS;
    request->user_data = LN_SYSTEM_URING_NO_KEY;
}

void ln_system_uring_close_socket(struct ln_system_uring *ring, int descriptor)
{
    unsigned place;
    struct io_uring_sqe *request = ln_system_uring_request(ring, &place);
    request->opcode = IORING_OP_CLOSE;
    request->fd = descriptor;
    request->flags = IOSQE_CQE_SKIP_SUCCESS;
    request->user_data = LN_SYSTEM_URING_NO_KEY;
}
