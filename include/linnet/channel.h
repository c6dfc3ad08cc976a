/* THE CONTRACT OF A CHANNEL: bytes and time in; bytes, deadlines and handler calls out.
 *
 * One polymorphic channel: HTTP/1 now, TLS around it, HTTP/2 and WebSocket later. A driver, or a
 * channel around it, calls the operations; none of them waits, and none is called from inside
 * another operation of the same channel. Who calls must hold to this:
 *
 * Input. `receive` is offered read-only bytes and says how many it took. What it did not take is
 * offered again, from its first byte on, with more behind it; offered bytes begin where a whole
 * head and a piece of body have room. Bytes it took may change, except those that `held` names:
 * fields of a living request point into them.
 *
 * Output. `output` lends spans and then at most one file range; it may be called as often as one
 * likes and changes nothing. `taken(n)` says that n bytes were handed on: more may be lent at
 * once. `released(n)` says that the oldest n bytes lent may change now (the send has completed,
 * the segment was acknowledged). Drivers whose sends copy call `sent`, which is both.
 *
 * Ends. When the bit CLOSED is up, the caller closes its side, releases what is still LENT, waits
 * while it is READING (it comes up on the ready list), and forgets the channel. FIN on an output,
 * which then lends nothing, means: shut the sending direction and say taken(0).
 *
 * Output is produced only in receive, receive_end, taken, released, sent, tick, resume, reclaim,
 * drain.
 */
#ifndef LINNET_CHANNEL_H
#define LINNET_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linnet/declarations.h>
#include <linnet/source.h>
#include <linnet/span.h>
#include <linnet/time.h>

LINNET_BEGIN

struct linnet_channel;

/* An address of the peer or the listener: IPv4 as IPv4-mapped IPv6, unix sockets all zero. */
struct linnet_address {
    uint8_t ip[16];
    uint16_t port;
};

/* What a channel may be lent to, and what its caller can send by itself. */
enum linnet_accept {
    LINNET_ACCEPT_FILE = 1U << 0, /* file ranges; else they come as bytes read from the source */
};

struct linnet_connection_info {
    struct linnet_address peer;
    unsigned listener; /* its number, in the order they were added */
    unsigned accept;   /* LINNET_ACCEPT_..., for the whole life of the connection */
    bool secure;       /* TLS lies between: the scheme is https */
};

/* What TLS learns after `open`. */
struct linnet_tls_info {
    struct linnet_span protocol;    /* chosen by ALPN, or empty */
    struct linnet_span server_name; /* from SNI, or empty */
    /* Of the client's certificate, where one was asked for and verified, else empty: its subject as
     * RFC 4514 writes it, such as "CN=alice,O=Example". */
    struct linnet_span client_subject;
};

/* How a connection ends from outside: X(NAME, "meaning"). */
#define LINNET_ABORTS(X)                                                      \
    X(RESET, "the peer reset the connection or vanished")                     \
    X(SYSTEM_ERROR, "the system refused to send or receive")                  \
    X(TLS_TRUNCATED, "TLS ended without its closing alert")                   \
    X(TLS_FAILED, "the peer did not keep to TLS, or to ours")                 \
    X(TLS_TIMEOUT, "a TLS handshake, or a record, did not arrive in time")    \
    X(TLS_PLAIN, "HTTP without TLS where TLS is spoken")                      \
    X(FILE_SHRUNK, "a file became shorter, or unreadable, while it was sent") \
    X(EVICTED, "idle the longest when room was needed")                       \
    X(STOPPED, "the server stops at once")

enum linnet_abort {
#define LINNET_ABORT_ENUM(name, meaning) LINNET_ABORT_##name,
    LINNET_ABORTS(LINNET_ABORT_ENUM)
#undef LINNET_ABORT_ENUM
};

enum { LINNET_OUTPUT_SPANS_MAX = 16 };

enum linnet_output_flags {
    LINNET_OUTPUT_MORE = 1U << 0,  /* more will be lent as soon as these are taken */
    LINNET_OUTPUT_FIN = 1U << 1,   /* shut the sending direction; comes without bytes */
    LINNET_OUTPUT_RESET = 1U << 2, /* the connection is to be reset, not closed */
};

struct linnet_output {
    struct linnet_span spans[LINNET_OUTPUT_SPANS_MAX];
    unsigned span_count;
    struct linnet_source *file; /* NULL, or behind all spans: */
    uint64_t file_offset;
    uint64_t file_len;
    unsigned flags; /* LINNET_OUTPUT_... */
};

enum linnet_channel_state {
    LINNET_WANTS_INPUT = 1U << 0,
    LINNET_WATCH_HANGUP = 1U << 1, /* not reading, but the peer's loss is wanted */
    LINNET_HAS_OUTPUT = 1U << 2,   /* `output` lends something, or a FIN */
    LINNET_LENT = 1U << 3,         /* bytes were taken and not released, and could change */
    LINNET_EVICTABLE = 1U << 4,    /* idle behind its first answer */
    LINNET_CLOSED = 1U << 5,
    LINNET_HOLDS_INPUT = 1U << 6, /* `held` names something, or what it was offered will be soon */
    LINNET_READING = 1U << 7, /* only beside CLOSED: a file is still being read into its loans */
};

struct linnet_channel_operations {
    void (*open)(struct linnet_channel *channel, const struct linnet_connection_info *info,
                 struct linnet_time time);
    /* Once, before the first `receive`. *info lives as long as the channel, its spans until that is
     * CLOSED or has lent FIN. */
    void (*secured)(struct linnet_channel *channel, const struct linnet_tls_info *info);

    /* The most it takes now; 0: do not read. */
    size_t (*input_room)(const struct linnet_channel *channel);
    /* Returns the bytes taken, at most bytes.len. */
    size_t (*receive)(struct linnet_channel *channel, struct linnet_span bytes,
                      struct linnet_time time);
    /* Input that was taken and must not change yet; empty when there is none. */
    struct linnet_span (*held)(const struct linnet_channel *channel);
    /* The peer has finished sending. */
    void (*receive_end)(struct linnet_channel *channel, struct linnet_time time);
    /* The connection is lost or ended from outside: CLOSED afterwards. */
    void (*abort)(struct linnet_channel *channel, enum linnet_abort reason,
                  struct linnet_time time);

    void (*output)(struct linnet_channel *channel, unsigned accept, struct linnet_output *out);
    void (*taken)(struct linnet_channel *channel, uint64_t len, struct linnet_time time);
    void (*released)(struct linnet_channel *channel, uint64_t len, struct linnet_time time);
    /* taken and released in one; nothing else may be lent. */
    void (*sent)(struct linnet_channel *channel, uint64_t len, struct linnet_time time);

    /* When `tick` is due at the latest, in monotonic ms, or LINNET_NO_DEADLINE. */
    uint64_t (*deadline)(const struct linnet_channel *channel);
    void (*tick)(struct linnet_channel *channel, struct linnet_time time);
    /* It was on the ready list: a loan was granted, a handler resumed, a turn was used up. */
    void (*resume)(struct linnet_channel *channel, struct linnet_time time);
    /* Its input buffer is wanted by one who waits: an unfinished head ends with 408. */
    void (*reclaim)(struct linnet_channel *channel, struct linnet_time time);
    /* Finish what is begun, say goodbye, close. */
    void (*drain)(struct linnet_channel *channel, struct linnet_time time);
    /* Which channel takes over after 101 or ALPN, or NULL; unread bytes are then offered to it. */
    struct linnet_channel *(*replacement)(struct linnet_channel *channel);

    unsigned (*state)(const struct linnet_channel *channel);
};

struct linnet_channel {
    const struct linnet_channel_operations *operations;
};

LINNET_END

#endif
