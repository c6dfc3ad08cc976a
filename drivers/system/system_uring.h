/* io_uring: requests go into one ring, what became of them comes back in another, and one call of
 * the system hands over both.
 *
 * A request is written by one of the functions below and carried out in ln_system_uring_enter, or
 * earlier when the ring of requests is full. Every one has a key that comes back with its
 * completions. All sends are carried out inside that call and never wait in the kernel: the memory
 * they name is read before it returns, and not again.
 *
 * The rings lie in memory of the caller's, so the kernel must know IORING_SETUP_NO_MMAP. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_URING_H
#define LN_DRIVERS_SYSTEM_SYSTEM_URING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linnet/channel.h>
#include <linnet/error.h>

struct io_uring_sqe;
struct io_uring_cqe;
struct io_uring_buf;
struct ln_system_uring_message;

#define LN_SYSTEM_URING_NO_BUFFER UINT32_MAX
/* What fails and was not to have a completion comes back with this key. */
#define LN_SYSTEM_URING_NO_KEY UINT64_MAX

struct ln_system_uring_config {
    unsigned entries; /* requests of one call; rounded up to a power of two */
    unsigned buffers; /* lent to the kernel to receive into */
    size_t buffer_len;
};

struct ln_system_uring {
    int descriptor;
    int number; /* of the ring among those that this thread has registered */
    _Atomic unsigned *request_head;
    _Atomic unsigned *request_tail;
    struct io_uring_sqe *requests;
    struct ln_system_uring_message *messages; /* one beside each request */
    unsigned request_mask;
    unsigned tail; /* of requests, as far as they are written */
    _Atomic unsigned *completion_head;
    _Atomic unsigned *completion_tail;
    struct io_uring_cqe *completions;
    unsigned completion_mask;
    struct io_uring_buf *buffer_ring;
    uint8_t *buffers;
    size_t buffer_len;
    unsigned buffer_mask;
    uint16_t buffer_tail;
    bool tried;              /* ln_system_uring_check has found that it works */
    enum linnet_error error; /* stays: the kernel takes no more requests */
};

size_t ln_system_uring_memory_len(const struct ln_system_uring_config *config);

/* Makes the rings in that memory; buffers are the caller's until it gives them. UNSUPPORTED: this
 * kernel knows too little of io_uring; FORBIDDEN: it must not be used here; MEMORY, DESCRIPTORS,
 * SYSTEM. */
LINNET_MUST_USE enum linnet_error ln_system_uring_open(struct ln_system_uring *ring,
                                                       const struct ln_system_uring_config *config,
                                                       void *memory);
/* Tries it: UNSUPPORTED when something asked for does not come about. For a ring that has nothing
 * under way, and a buffer. */
LINNET_MUST_USE enum linnet_error ln_system_uring_check(struct ln_system_uring *ring);
/* Carries out what is written, ends what is under way, and waits for its end. */
void ln_system_uring_close(struct ln_system_uring *ring);

/* Carries out what is written; with a wait_ms other than 0 it then waits for a completion, that
 * long or until a signal comes (negative: without end). */
LINNET_MUST_USE enum linnet_error ln_system_uring_enter(struct ln_system_uring *ring,
                                                        int64_t wait_ms);

/* Carries out what is written and no more: what completes by itself is left for the call above. */
LINNET_MUST_USE enum linnet_error ln_system_uring_submit(struct ln_system_uring *ring);

struct ln_system_uring_completion {
    uint64_t key;
    enum linnet_error error; /* AGAIN: cancelled, or there was nothing to do yet */
    uint32_t value;          /* bytes that moved, or what a poll saw */
    uint32_t buffer;         /* that they lie in, or LN_SYSTEM_URING_NO_BUFFER */
    bool more;               /* the request goes on */
};

/* The oldest completion; false: there is none. */
bool ln_system_uring_next(struct ln_system_uring *ring,
                          struct ln_system_uring_completion *completion);

/* Where the next completion will be; and one behind others: *place moves on. false: there is none.
 * `forget` makes of the one before `place` one that has LN_SYSTEM_URING_NO_KEY. */
unsigned ln_system_uring_end(const struct ln_system_uring *ring);
bool ln_system_uring_peek(const struct ln_system_uring *ring, unsigned *place,
                          struct ln_system_uring_completion *completion);
void ln_system_uring_forget(struct ln_system_uring *ring, unsigned place);

/* What was received in a buffer; and the buffer for another use. */
const uint8_t *ln_system_uring_buffer(const struct ln_system_uring *ring, uint32_t buffer);
void ln_system_uring_give_buffer(struct ln_system_uring *ring, uint32_t buffer);

/* Receives into a buffer once, or (`many`) into one after the other until it fails. MEMORY: no
 * buffer was left. */
void ln_system_uring_receive(struct ln_system_uring *ring, int descriptor, bool many, uint64_t key);
/* Sends at once what the socket takes, as ln_system_send. */
void ln_system_uring_send(struct ln_system_uring *ring, int descriptor,
                          const struct linnet_span *spans, unsigned span_count, bool more,
                          uint64_t key);
/* Completes once when one of `events` (POLLIN, ...) is there, or an error, or a hangup. */
void ln_system_uring_poll(struct ln_system_uring *ring, int descriptor, uint32_t events,
                          uint64_t key);
/* Ends the request of that key, which completes with AGAIN; has no completion of its own. */
void ln_system_uring_cancel(struct ln_system_uring *ring, uint64_t key);
/* Closes behind all requests before it; has no completion. */
void ln_system_uring_close_socket(struct ln_system_uring *ring, int descriptor);

/* system_uring.c, for system_uring_request.c: room for a request, cleared; its place in *place. */
struct io_uring_sqe *ln_system_uring_request(struct ln_system_uring *ring, unsigned *place);

#endif
