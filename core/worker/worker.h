/* A worker: slots, loans, deadlines and the lists of one single-threaded server.
 *
 * What a driver may ask stands in <linnet/worker.h>; here is what its owner needs: how much memory
 * it takes, term by term, and how it is made in that memory.
 *
 * A slot is free, or open from linnet_worker_open to linnet_worker_close. An open slot holds an
 * input buffer only while it has bytes that were not taken, or an exchange whose fields point into
 * them. Lists a slot may be in:
 *   ready       changed outside its driver's call: the driver will look at it in this turn
 *   idle        EVICTABLE, the one idle the longest first
 *   unfinished  its input buffer holds a part of a head, the one without progress the longest first
 *   arriving    holds an input buffer and wants more bytes, the one that began first before others
 *   inputs.waiting   in line for an input buffer
 *
 * Invariants: exchanges.count >= inputs.count, so that whoever has bytes has an exchange for them;
 * input_len >= head_len_max + LN_BODY_WINDOW_MIN, and bytes are offered from a place where as much
 * lies behind them, so that a body always finds room behind its head. */
#ifndef LN_WORKER_WORKER_H
#define LN_WORKER_WORKER_H

#include <linnet/worker.h>

#include "core/connection/connection.h"
#include "core/worker/resumption.h"
#include "core/worker/wheel.h"

/* What `mark` of an open slot says; a slot that is free, or wiped, says something else. */
#define LN_SLOT_OPEN 0x4C696E6EU

struct ln_slot {
    struct ln_connection connection; /* the first member: one is the other */
    struct linnet_channel *channel;  /* the outermost */
    struct ln_timer timer;
    struct ln_list_node open_node;
    struct ln_list_node ready_node;
    struct ln_list_node idle_node;
    struct ln_list_node unfinished_node;
    struct ln_list_node arriving_node;
    struct ln_list_node wait_node; /* in the line for an input buffer */
    uint64_t progress_ms;          /* when its last bytes came, or it joined the line */
    uint64_t arriving_ms;          /* when its request began to hold a buffer */
    uint32_t input_index;          /* LN_POOL_NONE: no buffer */
    uint32_t begin;                /* bytes [begin, end) of the buffer are not taken */
    uint32_t end;
    uint32_t behind_len; /* untaken bytes stay where so many have room behind their first one */
    uint32_t mark;       /* LN_SLOT_OPEN */
    unsigned state;      /* of the channel, since the last operation on it */
    bool granted;        /* its buffer came from the line and was not yet read into */
    bool ended;          /* the peer finished sending */
    bool end_told;       /* and the channel knows */
};

struct linnet_worker {
    struct linnet_limits limits;
    struct ln_connection_context context;
    struct ln_counters counters;
    struct ln_pool slots;
    struct ln_pool inputs;
    struct ln_pool exchanges;
    struct ln_pool outputs;
    uint8_t *notes;           /* one for each slot */
    struct ln_list open;      /* every open slot */
    struct ln_list ready;     /* for the next turn's end */
    struct ln_list ready_now; /* being looked at */
    struct ln_list idle;
    struct ln_list unfinished;
    struct ln_list arriving;
    struct ln_wheel wheel;
    struct ln_resumption resumption;
    /* The driver's read_file, bound by the owner; NULL: the source itself is read. */
    ptrdiff_t (*read_file)(void *owner, uint32_t read, struct linnet_source *source,
                           uint64_t offset, struct linnet_room room);
    void *read_file_owner;
    /* Puts a channel around that of a new connection (TLS), or returns it as it is; NULL: nobody
     * does. Such a channel may write to the bytes that it is offered. */
    struct linnet_channel *(*wrap)(void *owner, uint32_t connection, struct linnet_channel *channel,
                                   const struct linnet_connection_info *info);
    void *wrap_owner;
};

/* The memory of a worker, term by term: X(name, "reason"). */
#define LN_WORKER_TERMS(X)                                               \
    X(worker, "the worker itself with its timing wheel")                 \
    X(slots, "a record for each connection")                             \
    X(inputs, "input buffers: requests being read")                      \
    X(exchanges, "exchanges: what is known of a request being answered") \
    X(outputs, "output buffers: answers being sent")                     \
    X(notes, "what the log will say of answers that take long")          \
    X(stacks, "which blocks of these pools are free")                    \
    X(resumptions, "who was resumed by other threads")                   \
    X(reads, "read buffers: pieces of files that are read ahead")

struct ln_worker_memory {
#define LN_WORKER_TERM_MEMBER(name, reason) size_t name;
    LN_WORKER_TERMS(LN_WORKER_TERM_MEMBER)
#undef LN_WORKER_TERM_MEMBER
};

/* Each term is a multiple of 64 bytes. */
struct ln_worker_memory ln_worker_memory(const struct linnet_limits *limits);
size_t ln_worker_memory_len(const struct ln_worker_memory *memory);

struct ln_worker_config {
    const struct linnet_limits *limits; /* must pass ln_limits_check */
    const struct linnet_route *routes;  /* outlive the worker */
    size_t route_count;
    struct linnet_hooks hooks;
    unsigned cpu_bits;   /* LINNET_CPU_... */
    unsigned leniencies; /* LN_LENIENCY_... */
    uint64_t now_ms;
};

/* Makes a worker in `block`: ln_worker_memory_len bytes, 64-byte aligned. Only the terms `worker`
 * and the first pages of the others are touched. */
struct linnet_worker *ln_worker_init(void *block, const struct ln_worker_config *config);

const struct ln_counters *ln_worker_counters(const struct linnet_worker *worker);

/* worker_input.c, for worker.c: offers bytes that were left untaken, tells the end of input, sees
 * what state that leads to, and gives a buffer back that is not needed. `fresh`: the bytes are new,
 * they were just read. */
void ln_worker_settle_input(struct linnet_worker *worker, struct ln_slot *slot, bool fresh,
                            struct linnet_time time);
void ln_worker_give_input(struct linnet_worker *worker, struct ln_slot *slot);
/* worker.c, for the other files of the worker */
uint32_t ln_worker_number(const struct linnet_worker *worker, const struct ln_slot *slot);
struct ln_slot *ln_worker_slot(const struct linnet_worker *worker, uint32_t connection);
void ln_worker_make_ready(struct linnet_worker *worker, struct ln_slot *slot);
/* For a channel that was put around that one: puts its connection on the ready list. */
void ln_worker_make_channel_ready(void *worker, struct linnet_channel *channel);
/* After every operation on a slot's channel. */
void ln_worker_settle(struct linnet_worker *worker, struct ln_slot *slot, bool fresh,
                      struct linnet_time time);

#endif
