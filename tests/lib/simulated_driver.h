/* A driver without a system: hosts a worker in memory, with peers that are buffers and a clock that
 * is moved by hand.
 *
 * The worker lies in memory that ends at a forbidden page. Every turn runs in the order that
 * <linnet/worker.h> asks for. After every call the contract of a channel is checked, and a breach
 * ends the test program:
 *
 *   - CLOSED wants no input, has no output and is not evictable; LENT is up exactly while bytes
 *     are lent; what is EVICTABLE has nothing to send and nothing lent.
 *   - HAS_OUTPUT lends something, says FIN or MORE, or moves on when it is told that nothing was
 *     taken; without it nothing is lent. `output` called twice says the same, and what was shown
 *     and not taken is shown again.
 *   - Lent bytes stay as they are until they are released. Held input stays where and as it is.
 *   - No deadline is missed, and the worker's deadline is not later than any connection's.
 *   - Nobody is listed to be evicted while nobody is evictable.
 *   - The room of a read that is under way stays as it is, and its source is held; what is closed
 *     meanwhile is READING.
 *   - A turn in which no byte moves is not followed by another one without end.
 *   - At the end no slot, loan or exchange is in use, and no source is held. */
#ifndef LN_TESTS_LIB_SIMULATED_DRIVER_H
#define LN_TESTS_LIB_SIMULATED_DRIVER_H

#include "core/worker/worker.h"
#include "tests/lib/guard.h"

enum {
    SIMULATED_PEERS_MAX = 64,
    SIMULATED_LOANS_MAX = 256,
    SIMULATED_RECEIVED_LEN_MAX = 1 << 18,
    SIMULATED_READS_MAX = 64,
};

/* When reads of files that are read ahead complete. */
enum simulated_reads {
    SIMULATED_READS_AT_ONCE,
    SIMULATED_READS_FORWARD,  /* in a turn in which nothing else moves: the oldest first */
    SIMULATED_READS_BACKWARD, /* the youngest first */
    SIMULATED_READS_BY_HAND,  /* by simulated_read_complete */
};

/* How bytes are moved. Zeroed: everything at once. */
struct simulated_way {
    size_t read_max;    /* bytes read in one call; 0: all there are */
    size_t split_at;    /* a read ends at this byte of all that a peer sends; 0: none does */
    size_t take_max;    /* bytes taken in one call; 0: all */
    size_t release_max; /* bytes released in a turn in which nothing else moves; 0: all at once */
    bool file;          /* the driver accepts file ranges */
    enum simulated_reads reads;
};

/* Content in memory that may be lent, become shorter or fail. */
struct simulated_source {
    struct linnet_source source; /* the first member: one is the other */
    struct linnet_span bytes;
    unsigned holds;    /* now */
    unsigned hold_sum; /* ever */
    size_t read_len;   /* bytes given by one read at most; 0: any */
    bool fails;        /* a read answers LINNET_READ_FAILED */
};

/* Bytes that were taken and not yet released, in one place. */
struct simulated_loan {
    const uint8_t *data; /* NULL: bytes of a file */
    size_t len;
};

/* A read that is under way: until it completes nobody else writes to its room, which is filled with
 * a pattern meanwhile. */
struct simulated_read {
    uint32_t number;
    struct linnet_source *source;
    uint64_t offset;
    struct linnet_room room;
};

struct simulated_peer {
    uint32_t connection; /* LINNET_NO_CONNECTION when it is closed */
    uint8_t *sent;       /* all that the peer sends, ever */
    size_t sent_len;
    size_t read_len; /* of these, what the worker has read */
    bool ended;      /* the peer finished sending */
    bool end_told;
    bool in_line;    /* waits for an input buffer */
    uint64_t window; /* bytes the peer takes before it is moved again */
    uint8_t *received;
    size_t received_len;
    bool fin;
    bool reset;
    bool closed;
    enum ln_close_reason reason;
    struct simulated_loan loans[SIMULATED_LOANS_MAX];
    size_t loan_count;
    uint64_t lent;  /* of all loans: the last bytes of `received` are their copy */
    uint8_t *shown; /* shown by the last output and not taken */
    size_t shown_len;
    struct linnet_span held;
    uint8_t *held_copy;
};

struct simulated_driver {
    struct linnet_worker *worker;
    struct guard memory;
    struct linnet_limits limits;
    struct simulated_way way;
    struct linnet_time time;
    bool secure; /* of the connections that are opened */
    bool moved;  /* a byte, in this turn */
    struct simulated_peer *peers[SIMULATED_PEERS_MAX];
    size_t peer_count;
    struct simulated_source *sources[16];
    size_t source_count;
    struct simulated_read reads[SIMULATED_READS_MAX]; /* under way, the oldest first */
    size_t read_count;
    size_t reads_most; /* ever under way at one time */
};

/* The limits of the build, with few slots and loans: enough for most tests. */
void simulated_limits(struct linnet_limits *limits);

struct simulated_driver_config {
    const struct linnet_limits *limits;
    const struct linnet_route *routes;
    size_t route_count;
    struct linnet_hooks hooks;
    unsigned leniencies;
    struct simulated_way way;
    bool no_wall_clock;
};

struct simulated_driver *simulated_driver_open(const struct simulated_driver_config *config);
/* Ends all connections that are left and checks that nothing was lost. */
void simulated_driver_close(struct simulated_driver *driver);

/* Makes a source in memory that is checked at the end; `file`: it has a descriptor. */
void simulated_source_init(struct simulated_driver *driver, struct simulated_source *source,
                           struct linnet_span bytes, bool file);

/* Opens a connection, in a free slot or in that of one that is evicted; NULL when there is none. */
struct simulated_peer *simulated_connect(struct simulated_driver *driver);
/* What the peer does; nothing happens before the next run. */
void simulated_send(struct simulated_peer *peer, struct linnet_span bytes);
void simulated_end(struct simulated_peer *peer);
/* The connection is lost, now. */
void simulated_abort(struct simulated_driver *driver, struct simulated_peer *peer,
                     enum linnet_abort reason);

/* Completes a read that is under way, by its place in `reads`, with at most that many bytes; 0 or
 * LINNET_READ_FAILED are told as they are. */
void simulated_read_complete(struct simulated_driver *driver, size_t index, ptrdiff_t most);

/* One turn; true when a byte moved or a connection ended. */
bool simulated_turn(struct simulated_driver *driver);
/* Turns until nothing moves any more, without the clock. */
void simulated_run(struct simulated_driver *driver);
/* Moves the clock, stopping at every deadline of the worker, and runs. */
void simulated_advance(struct simulated_driver *driver, uint64_t ms);
/* Moves the clock in one jump, as after a long sleep of the machine, and runs. */
void simulated_jump(struct simulated_driver *driver, uint64_t ms);
void simulated_drain(struct simulated_driver *driver);
void simulated_stop(struct simulated_driver *driver);

unsigned simulated_state(const struct simulated_driver *driver, const struct simulated_peer *peer);
/* The channel's own state, of a peer that is not closed. */
const struct ln_connection *simulated_connection(const struct simulated_driver *driver,
                                                 const struct simulated_peer *peer);

/* All that the peer received so far, as terminated text with every date written as "*"; valid until
 * the next call. */
const char *simulated_text(const struct simulated_peer *peer);

#endif
