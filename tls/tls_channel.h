/* The TLS channel: around another channel, with the same ports.
 *
 * Its phases, its buffers and who waits for what: docs/internals/tls.md. It is split by direction:
 * tls_channel.c (operations, phases, state), tls_receive.c (input), tls_seal.c (output),
 * tls_admission.c (who may have a session).
 *
 * Invariants:
 *   - `session` is there from the first whole record on until the channel is CLOSED.
 *   - Of what it is offered it decrypts whole records only, into the same bytes; `plain` of those
 *     that are untaken, the first ones, are plaintext.
 *   - `sealed` bytes of what the inner channel lends are in the output and not yet told to it.
 *   - `output` is held while something in it is not released. */
#ifndef LN_TLS_TLS_CHANNEL_H
#define LN_TLS_TLS_CHANNEL_H

#include <linnet/limits.h>

#include "core/base/pool.h"
#include "tls/tls_session.h"

/* X(ID, "meaning") */
#define LN_TLS_PHASES(X)                                             \
    X(HANDSHAKE, "until both sides have finished it")                \
    X(OPEN, "bytes go both ways")                                    \
    X(FAREWELL, "the last bytes are sent")                           \
    X(SHUT, "FIN was sent; the inner channel discards what comes")   \
    X(LINGER, "FIN was sent; what comes is discarded, up to a bound") \
    X(CLOSED, "over")

enum ln_tls_phase {
#define LN_TLS_PHASE_ENUM(id, meaning) LN_TLS_PHASE_##id,
    LN_TLS_PHASES(LN_TLS_PHASE_ENUM)
#undef LN_TLS_PHASE_ENUM
};

/* Bytes to be sent: written, taken, released; begins anew when all is released. */
struct ln_tls_queue {
    uint32_t len;
    uint32_t taken;
    uint32_t released;
};

struct ln_tls;

struct ln_tls_channel {
    struct linnet_channel channel; /* the first member: one is the other */
    struct ln_tls *tls;
    struct linnet_channel *inner;
    struct ln_tls_session *session; /* or NULL */
    struct ln_tls_wire wire;
    uint8_t *output;             /* a loan, or NULL */
    struct linnet_span constant; /* the answer to plain HTTP, or empty */
    uint32_t output_index;
    struct ln_tls_queue queue;       /* in the loan */
    struct ln_tls_queue alert_queue; /* in `alert`, which is sent first */
    uint32_t plain;                  /* untaken bytes that are decrypted */
    uint32_t handshake_len;          /* bytes received before it was finished */
    uint32_t discarded;
    uint64_t sealed;
    uint64_t opened_ms;
    uint64_t since_ms; /* when this phase, or the wait for a session, began */
    struct ln_list_node output_node; /* in the line for a loan */
    struct ln_list_node wait_node;   /* in the line for a session */
    struct ln_list_node shaking_node;
    struct ln_list_node idle_node;
    struct linnet_tls_info info;
    uint8_t phase;    /* enum ln_tls_phase */
    uint8_t follows;  /* behind FAREWELL: SHUT, LINGER or CLOSED */
    bool again;       /* offers what is left when it is resumed; until then takes no more */
    bool peer_ended;  /* its close_notify has come */
    bool broken;      /* the session has failed: nothing can be sealed any more */
    bool fin_due;     /* behind the last bytes of FAREWELL */
    bool granted;    /* its loan came from the line and was not yet written to */
    bool stalled;     /* the handshake wants output */
    uint8_t alert[LN_TLS_ALERT_LEN_MAX];
};

/* X(name, "meaning") */
#define LN_TLS_COUNTERS(X)                                            \
    X(handshakes, "handshakes that were finished")                    \
    X(resumptions, "of these, of a session that was known")           \
    X(failures, "handshakes that failed or were late")                \
    X(plain, "clients that sent HTTP without TLS")                    \
    X(waits, "clients that stood in line for a session")              \
    X(evictions, "idle sessions that ended to make room")             \
    X(output_waits, "times a connection stood in line for a record buffer")

struct ln_tls_counters {
#define LN_TLS_COUNTER_MEMBER(name, meaning) uint64_t name;
    LN_TLS_COUNTERS(LN_TLS_COUNTER_MEMBER)
#undef LN_TLS_COUNTER_MEMBER
};

/* What the TLS channels of one worker share. */
struct ln_tls {
    const struct linnet_limits *limits;
    struct ln_tls_context *context;
    struct ln_pool outputs; /* blocks of tls_output_len */
    struct ln_tls_channel *channels;
    struct ln_list waiting; /* for a session, in order of arrival */
    struct ln_list shaking; /* in a handshake, the oldest first */
    struct ln_list idle;    /* the one idle the longest first */
    uint32_t sessions;
    uint32_t sessions_most;
    uint32_t handshakes;
    struct ln_tls_counters counters;
    /* Puts the connection of that inner channel on the ready list. */
    void (*ready)(void *owner, struct linnet_channel *inner);
    void *owner;
};

struct ln_tls_config {
    const struct linnet_limits *limits;
    struct ln_tls_context *context;
    void (*ready)(void *owner, struct linnet_channel *inner);
    void *owner;
};

/* Bytes of memory for that: the channels, and the loans of output. */
size_t ln_tls_channels_len(const struct linnet_limits *limits);
size_t ln_tls_outputs_len(const struct linnet_limits *limits);

/* Makes it in `memory`, 64-byte aligned: both of these together. */
void ln_tls_init(struct ln_tls *tls, void *memory, const struct ln_tls_config *config);
void ln_tls_end(struct ln_tls *tls);

/* Puts a channel around that of connection `number`, before either is opened. */
struct linnet_channel *ln_tls_wrap(struct ln_tls *tls, uint32_t number,
                                   struct linnet_channel *inner);

static inline struct ln_tls_channel *ln_tls_channel_of(struct linnet_channel *channel)
{
    return (struct ln_tls_channel *)channel;
}

static inline const struct ln_tls_channel *ln_tls_channel_of_const(
    const struct linnet_channel *channel)
{
    return (const struct ln_tls_channel *)channel;
}

/* tls_channel.c */
void ln_tls_channel_enter(struct ln_tls_channel *tls, enum ln_tls_phase phase,
                          struct linnet_time time);
/* The inner channel ends for that reason, and this one behind its last bytes. */
void ln_tls_channel_fail(struct ln_tls_channel *tls, enum linnet_abort reason,
                         struct linnet_time time);

/* tls_receive.c */
size_t ln_tls_receive(struct linnet_channel *channel, struct linnet_span bytes,
                      struct linnet_time time);
bool ln_tls_receive_wants(const struct ln_tls_channel *tls);
/* Output has left: a flight that had no room goes on. */
void ln_tls_receive_continue(struct ln_tls_channel *tls, struct linnet_time time);

/* tls_seal.c */
/* Lends the session a room for what it sends: the rest of the loan, or that of an alert. */
void ln_tls_seal_open(struct ln_tls_channel *tls);
/* What the session has written becomes output. */
void ln_tls_seal_close(struct ln_tls_channel *tls);
/* Has a loan, or stands in line for one. */
bool ln_tls_seal_acquire(struct ln_tls_channel *tls);
/* Seals what the inner channel lends, as far as there is room, and sees how it ends. */
void ln_tls_seal(struct ln_tls_channel *tls, struct linnet_time time);
bool ln_tls_seal_pending(const struct ln_tls_channel *tls);
bool ln_tls_seal_lent(const struct ln_tls_channel *tls);
/* Gives the loan back when it is empty, or at once what of it is not lent. */
void ln_tls_seal_settle(struct ln_tls_channel *tls);
void ln_tls_seal_drop(struct ln_tls_channel *tls);
void ln_tls_seal_farewell(struct ln_tls_channel *tls, enum ln_tls_phase follows,
                          struct linnet_time time);
void ln_tls_output(struct linnet_channel *channel, unsigned accept, struct linnet_output *out);
void ln_tls_taken(struct linnet_channel *channel, uint64_t len, struct linnet_time time);
void ln_tls_released(struct linnet_channel *channel, uint64_t len, struct linnet_time time);
void ln_tls_sent(struct linnet_channel *channel, uint64_t len, struct linnet_time time);

/* tls_admission.c */
/* A place for a session: has one, gets one, or stands in line (false). */
bool ln_tls_admission_enter(struct ln_tls_channel *tls, struct linnet_time time);
void ln_tls_admission_shaken(struct ln_tls_channel *tls);
/* Gives the place back, and the next in line gets it. */
void ln_tls_admission_leave(struct ln_tls_channel *tls);
/* While it is in line: makes room by the rules. */
void ln_tls_admission_press(struct ln_tls *tls, struct linnet_time time);
/* When that would do something by itself. */
uint64_t ln_tls_admission_press_ms(const struct ln_tls *tls);

#endif
