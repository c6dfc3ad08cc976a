/* The rings of io_uring in memory of our own, by the plain calls of the kernel.
 *
 * What Debian 12's headers do not know yet is written down here. docs/internals/uring.md says why
 * this stands on the kernel's interface and on no library. */
#include "drivers/system/system_uring.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/base/assert.h"
#include "drivers/system/system_error.h"
#include "drivers/system/system_fault.h"
#include "drivers/system/system_uring_filter.h"
#include "drivers/system/system_uring_message.h"

/* Linux 6.5: the rings lie where sq_off and cq_off say, in what are their last members. */
#define SETUP_NO_MMAP (1U << 14)

enum {
    COMPLETIONS_PER_ENTRY = 4,
    RING_HEAD_LEN = 1024, /* more than the kernel's own members need before its two arrays */
    BUFFER_GROUP = 0,
    OPERATIONS_MAX = 256, /* an operation is a byte */
    TRIES_MAX = 20,
    RETRY_NS = 5000000,
};

/* The parts of the memory, each beginning at a page. */
struct parts {
    size_t rings;
    size_t requests;
    size_t buffer_ring;
    size_t messages;
    size_t buffers;
};

static size_t page_len(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t whole_pages(size_t len)
{
    return (len + page_len() - 1) / page_len() * page_len();
}

static unsigned power_of_two(unsigned number)
{
    unsigned power = 1;
    while (power < number) {
        power *= 2;
    }
    return power;
}

static struct parts parts_of(const struct ln_system_uring_config *config)
{
    const size_t entries = power_of_two(config->entries);
    const size_t completions = entries * COMPLETIONS_PER_ENTRY;
    return (struct parts){
        .rings = whole_pages(RING_HEAD_LEN + completions * sizeof(struct io_uring_cqe) +
                             entries * sizeof(unsigned)),
        .requests = whole_pages(entries * sizeof(struct io_uring_sqe)),
        .buffer_ring = whole_pages(power_of_two(config->buffers) * sizeof(struct io_uring_buf)),
        .messages = whole_pages(entries * sizeof(struct ln_system_uring_message)),
        .buffers = whole_pages(config->buffers * config->buffer_len),
    };
}

size_t ln_system_uring_memory_len(const struct ln_system_uring_config *config)
{
    const struct parts parts = parts_of(config);
    return page_len() + parts.rings + parts.requests + parts.buffer_ring + parts.messages +
           parts.buffers;
}

static int setup(struct ln_system_uring *ring, unsigned entries, uint8_t *rings,
                 struct io_uring_params *facts)
{
    *facts = (struct io_uring_params){
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL |
                 IORING_SETUP_CQSIZE | SETUP_NO_MMAP,
        .cq_entries = entries * COMPLETIONS_PER_ENTRY,
        .sq_off = {.resv2 = (uint64_t)(uintptr_t)ring->requests},
        .cq_off = {.resv2 = (uint64_t)(uintptr_t)rings},
    };
    return (int)LN_SYSTEM_CALL(URING_SETUP, syscall(SYS_io_uring_setup, entries, facts));
}

static int enrol(const struct ln_system_uring *ring, unsigned what, const void *facts,
                 unsigned count)
{
    return (int)LN_SYSTEM_CALL(
        URING_REGISTER, syscall(SYS_io_uring_register, ring->descriptor, what, facts, count));
}

/* Are all operations there that are asked for later? */
static enum linnet_error check_operations(const struct ln_system_uring *ring)
{
    static const uint8_t needed[] = {IORING_OP_RECV,     IORING_OP_SEND,         IORING_OP_SENDMSG,
                                     IORING_OP_POLL_ADD, IORING_OP_ASYNC_CANCEL, IORING_OP_CLOSE,
                                     IORING_OP_NOP};
    union {
        struct io_uring_probe probe;
        uint8_t bytes[sizeof(struct io_uring_probe) +
                      OPERATIONS_MAX * sizeof(struct io_uring_probe_op)];
    } all;
    memset(&all, 0, sizeof all);
    if (enrol(ring, IORING_REGISTER_PROBE, &all, OPERATIONS_MAX) < 0) {
        return ln_system_error(errno);
    }
    for (size_t i = 0; i < sizeof needed; i++) {
        if (needed[i] > all.probe.last_op ||
            (all.probe.ops[needed[i]].flags & IO_URING_OP_SUPPORTED) == 0) {
            return LINNET_ERROR_UNSUPPORTED;
        }
    }
    return LINNET_ERROR_NONE;
}

/* The number holds the ring as a descriptor does. */
static void close_ring(struct ln_system_uring *ring)
{
    const struct io_uring_rsrc_update own = {.offset = (uint32_t)ring->number};
    if (ring->number >= 0) {
        (void)enrol(ring, IORING_UNREGISTER_RING_FDS, &own, 1);
    }
    (void)LN_SYSTEM_MADE(CLOSE, close(ring->descriptor));
}

static void place_rings(struct ln_system_uring *ring, uint8_t *rings,
                        const struct io_uring_params *facts)
{
    unsigned *array = (unsigned *)(void *)(rings + facts->sq_off.array);
    ring->request_head = (_Atomic unsigned *)(void *)(rings + facts->sq_off.head);
    ring->request_tail = (_Atomic unsigned *)(void *)(rings + facts->sq_off.tail);
    ring->request_mask = facts->sq_entries - 1;
    ring->completion_head = (_Atomic unsigned *)(void *)(rings + facts->cq_off.head);
    ring->completion_tail = (_Atomic unsigned *)(void *)(rings + facts->cq_off.tail);
    ring->completions = (struct io_uring_cqe *)(void *)(rings + facts->cq_off.cqes);
    ring->completion_mask = facts->cq_entries - 1;
    for (unsigned i = 0; i < facts->sq_entries; i++) {
        array[i] = i;
    }
}

/* The ring gets a number of this thread's, and the kernel the place where it finds buffers. */
static enum linnet_error enrol_parts(struct ln_system_uring *ring)
{
    struct io_uring_rsrc_update own = {.offset = UINT32_MAX, .data = (uint32_t)ring->descriptor};
    const struct io_uring_buf_reg group = {.ring_addr = (uint64_t)(uintptr_t)ring->buffer_ring,
                                           .ring_entries = ring->buffer_mask + 1,
                                           .bgid = BUFFER_GROUP};
    const enum linnet_error error = check_operations(ring);
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    if (enrol(ring, IORING_REGISTER_PBUF_RING, &group, 1) < 0 ||
        enrol(ring, IORING_REGISTER_RING_FDS, &own, 1) != 1) {
        return ln_system_error(errno);
    }
    ring->number = (int)own.offset;
    return LINNET_ERROR_NONE;
}

static enum linnet_error open_once(struct ln_system_uring *ring,
                                   const struct ln_system_uring_config *config, void *memory)
{
    const struct parts parts = parts_of(config);
    const size_t skip = (page_len() - (uintptr_t)memory % page_len()) % page_len();
    uint8_t *rings = (uint8_t *)memory + skip;
    struct io_uring_params facts;
    *ring = (struct ln_system_uring){
        .number = -1,
        .requests = (struct io_uring_sqe *)(void *)(rings + parts.rings),
        .buffer_ring = (struct io_uring_buf *)(void *)(rings + parts.rings + parts.requests),
        .messages = (struct ln_system_uring_message *)(void *)(rings + parts.rings +
                                                               parts.requests + parts.buffer_ring),
        .buffers = rings + parts.rings + parts.requests + parts.buffer_ring + parts.messages,
        .buffer_len = config->buffer_len,
        .buffer_mask = power_of_two(config->buffers) - 1,
    };
    ring->descriptor = setup(ring, power_of_two(config->entries), rings, &facts);
    if (ring->descriptor < 0) {
        /* EINVAL: it does not know one of the flags. */
        return errno == EINVAL ? LINNET_ERROR_UNSUPPORTED : ln_system_error(errno);
    }
    place_rings(ring, rings, &facts);
    const enum linnet_error error = enrol_parts(ring);
    if (error != LINNET_ERROR_NONE) {
        close_ring(ring);
    }
    return error;
}

enum linnet_error ln_system_uring_open(struct ln_system_uring *ring,
                                       const struct ln_system_uring_config *config, void *memory)
{
    const struct timespec little = {.tv_nsec = RETRY_NS};
    enum linnet_error error = LINNET_ERROR_MEMORY;
    ln_system_uring_filter_open();
    /* A ring that was just closed keeps its share of RLIMIT_MEMLOCK for a moment. */
    for (unsigned i = 0; i < TRIES_MAX && error == LINNET_ERROR_MEMORY; i++) {
        if (i > 0) {
            (void)nanosleep(&little, NULL);
        }
        error = open_once(ring, config, memory);
    }
    return error;
}

/* Requests that the kernel has not taken stay for the next call, but for sends: the memory they
 * name may change meanwhile. They complete as sends of nothing. */
static void withdraw_sends(struct ln_system_uring *ring)
{
    for (unsigned i = atomic_load(ring->request_head); i != ring->tail; i++) {
        struct io_uring_sqe *request = &ring->requests[i & ring->request_mask];
        if (request->opcode == IORING_OP_SEND || request->opcode == IORING_OP_SENDMSG) {
            const uint64_t key = request->user_data;
            memset(request, 0, sizeof *request);
            request->opcode = IORING_OP_NOP;
            request->user_data = key;
        }
    }
}

static enum linnet_error hand_over(struct ln_system_uring *ring, unsigned flags, unsigned wanted,
                                   const struct io_uring_getevents_arg *more)
{
    const unsigned count = ring->tail - atomic_load(ring->request_head);
    if (ring->error != LINNET_ERROR_NONE) {
        return ring->error;
    }
    for (unsigned i = ring->tail - count; i != ring->tail; i++) {
        ln_system_uring_filter_request(&ring->requests[i & ring->request_mask]);
    }
    atomic_store_explicit(ring->request_tail, ring->tail, memory_order_release);
    const unsigned all_flags = flags | IORING_ENTER_REGISTERED_RING | IORING_ENTER_EXT_ARG;
    const long taken = LN_SYSTEM_CALL(URING_ENTER, syscall(SYS_io_uring_enter, ring->number, count,
                                                           wanted, all_flags, more, sizeof *more));
    if (taken == (long)count) {
        return LINNET_ERROR_NONE;
    }
    const int number = errno;
    withdraw_sends(ring);
    /* The time is over, a signal came, or the kernel is short of something for the moment. */
    return taken >= 0 || number == ETIME || number == EINTR || number == EAGAIN ||
                   number == EBUSY || number == ENOMEM
               ? LINNET_ERROR_NONE
               : ln_system_error(number);
}

enum linnet_error ln_system_uring_submit(struct ln_system_uring *ring)
{
    const struct io_uring_getevents_arg more = {.ts = 0};
    return hand_over(ring, 0, 0, &more);
}

enum linnet_error ln_system_uring_enter(struct ln_system_uring *ring, int64_t wait_ms)
{
    const struct __kernel_timespec limit = {.tv_sec = wait_ms / 1000,
                                            .tv_nsec = wait_ms % 1000 * 1000000};
    const struct io_uring_getevents_arg more = {.ts =
                                                    wait_ms > 0 ? (uint64_t)(uintptr_t)&limit : 0};
    return hand_over(ring, IORING_ENTER_GETEVENTS, wait_ms != 0 ? 1 : 0, &more);
}

void ln_system_uring_close(struct ln_system_uring *ring)
{
    const struct io_uring_sync_cancel_reg all = {
        .fd = -1,
        .flags = IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL,
        .timeout = {.tv_sec = -1, .tv_nsec = -1},
    };
    const enum linnet_error ignored = ln_system_uring_enter(ring, 0);
    (void)ignored;
    (void)enrol(ring, IORING_REGISTER_SYNC_CANCEL, &all, 1);
    close_ring(ring);
}

static bool is_full(const struct ln_system_uring *ring)
{
    return ring->tail - atomic_load(ring->request_head) > ring->request_mask;
}

/* Hands over what fills the ring. The kernel may be short of something for the moment, or a signal
 * came: a little later it takes them. */
static enum linnet_error make_room(struct ln_system_uring *ring)
{
    const struct timespec little = {.tv_nsec = RETRY_NS};
    enum linnet_error error = LINNET_ERROR_NONE;
    for (unsigned i = 0; i < TRIES_MAX && error == LINNET_ERROR_NONE && is_full(ring); i++) {
        if (i > 1) {
            (void)nanosleep(&little, NULL);
        }
        error = ln_system_uring_submit(ring);
    }
    return error;
}

struct io_uring_sqe *ln_system_uring_request(struct ln_system_uring *ring, unsigned *place)
{
    if (is_full(ring)) {
        const enum linnet_error error = make_room(ring);
        if (is_full(ring)) {
            /* Nothing more can be asked for, so nobody could be served: the last is lost, and with
             * it the driver. */
            ring->error = error == LINNET_ERROR_NONE ? LINNET_ERROR_MEMORY : error;
            ring->tail--;
        }
    }
    *place = ring->tail & ring->request_mask;
    struct io_uring_sqe *request = &ring->requests[*place];
    memset(request, 0, sizeof *request);
    ring->tail++;
    return request;
}

unsigned ln_system_uring_end(const struct ln_system_uring *ring)
{
    return atomic_load_explicit(ring->completion_tail, memory_order_acquire);
}

bool ln_system_uring_peek(const struct ln_system_uring *ring, unsigned *place,
                          struct ln_system_uring_completion *completion)
{
    if (*place == ln_system_uring_end(ring)) {
        return false;
    }
    const struct io_uring_cqe *seen = &ring->completions[*place & ring->completion_mask];
    const bool has_buffer = (seen->flags & IORING_CQE_F_BUFFER) != 0;
    *completion = (struct ln_system_uring_completion){
        .key = seen->user_data,
        .error = seen->res >= 0            ? LINNET_ERROR_NONE
                 : seen->res == -ECANCELED ? LINNET_ERROR_AGAIN
                                           : ln_system_error(-seen->res),
        .value = seen->res >= 0 ? (uint32_t)seen->res : 0,
        .buffer = has_buffer ? seen->flags >> IORING_CQE_BUFFER_SHIFT : LN_SYSTEM_URING_NO_BUFFER,
        .more = (seen->flags & IORING_CQE_F_MORE) != 0,
    };
    (*place)++;
    return true;
}

void ln_system_uring_forget(struct ln_system_uring *ring, unsigned place)
{
    ring->completions[(place - 1) & ring->completion_mask].user_data = LN_SYSTEM_URING_NO_KEY;
}

bool ln_system_uring_next(struct ln_system_uring *ring,
                          struct ln_system_uring_completion *completion)
{
    unsigned head = atomic_load_explicit(ring->completion_head, memory_order_relaxed);
    if (!ln_system_uring_peek(ring, &head, completion)) {
        return false;
    }
    atomic_store_explicit(ring->completion_head, head, memory_order_release);
    return true;
}

const uint8_t *ln_system_uring_buffer(const struct ln_system_uring *ring, uint32_t buffer)
{
    return ring->buffers + buffer * ring->buffer_len;
}

void ln_system_uring_give_buffer(struct ln_system_uring *ring, uint32_t buffer)
{
    struct io_uring_buf_ring *all = (struct io_uring_buf_ring *)(void *)ring->buffer_ring;
    struct io_uring_buf *entry = &ring->buffer_ring[ring->buffer_tail & ring->buffer_mask];
    /* Member by member: the last two bytes of the first entry are the ring's tail. */
    entry->addr = (uint64_t)(uintptr_t)(ring->buffers + buffer * ring->buffer_len);
    entry->len = (uint32_t)ln_system_uring_filter_buffer(ring->buffer_len);
    entry->bid = (uint16_t)buffer;
    ring->buffer_tail++;
    atomic_store_explicit((_Atomic uint16_t *)&all->tail, ring->buffer_tail, memory_order_release);
}
