/* The HTTP/1 channel: bytes and time in; bytes, deadlines and handler calls out.
 *
 * Its states are the table in core/table/connection_transition.h. It is split by direction and
 * phase: connection.c (table, state, opening), connection_request.c (heads, dispatch),
 * connection_body.c (content in), connection_answer.c (answers), connection_refuse.c (refusals),
 * connection_output.c (sending), connection_read.c (reading ahead), connection_stream.c (pulling),
 * connection_wait.c (handlers that wait), connection_record.c (what the log is told),
 * connection_end.c (how it ends), connection_deadline.c (what it waits for).
 *
 * Invariants:
 *   - An idle connection holds no exchange and no buffer, only this record; nor does one whose
 *     answer is a stream that has said LATER and of which everything was sent.
 *   - `exchange` is held from the first byte of a head until its answer is described and its
 *     handler has heard the end of it; sending the answer needs neither it nor its input.
 *   - No exchange begins before `output` is held with room for the head of an answer.
 *   - Answers leave in the order of their requests: what is in `output` first, then the range of
 *     `answer`; the next request begins when neither a range nor content to be read or pulled is
 *     left.
 *   - `reason` is set when it is known how the connection ends, and only once. */
#ifndef LN_CONNECTION_CONNECTION_H
#define LN_CONNECTION_CONNECTION_H

#include <linnet/hooks.h>
#include <linnet/limits.h>

#include "core/base/pool.h"
#include "core/base/scan.h"
#include "core/connection/output.h"
#include "core/connection/read_loans.h"
#include "core/exchange/exchange.h"
#include "core/http1/chunk_decode.h"
#include "core/http1/framing.h"
#include "core/http1/host.h"
#include "core/http1/request_head.h"
#include "core/http1/response_head.h"
#include "core/http1/target.h"
#include "core/table/connection_transition.h"
#include "core/table/counter.h"

struct ln_connection;

/* What the connections of one worker share. Filled by the worker before the first `open`. */
struct ln_connection_context {
    const struct linnet_limits *limits;
    const struct ln_scan *scan;
    struct ln_route_table routes;
    struct ln_request_head_limits head_limits;
    struct ln_chunk_limits chunk_limits;
    struct ln_pool *exchanges; /* blocks of ln_connection_exchange_len */
    struct ln_pool *outputs;   /* blocks of ln_connection_output_len */
    struct ln_read_loans read_loans;
    struct ln_counters *counters;
    struct linnet_hooks hooks;
    /* As read_file of a driver. */
    ptrdiff_t (*read_file)(void *owner, uint32_t read, struct linnet_source *source,
                           uint64_t offset, struct linnet_room room);
    /* Puts a connection on the ready list: its `resume` will be called. */
    void (*ready)(void *owner, struct ln_connection *connection);
    /* A token for what the connection is doing: a new one, or with LN_WAITS_TOKEN the same. And the
     * end of it. */
    struct linnet_token (*token)(void *owner, const struct ln_connection *connection);
    void (*token_ends)(void *owner, const struct ln_connection *connection);
    void *owner;
    struct linnet_span security_line; /* of answers by https, or empty; outlives the worker */
    struct ln_response_date date;
    struct ln_host_memory host_memory;
    bool draining;
};

/* An exchange with what HTTP/1 needs beside it, one block of the pool: this struct, then
 * field_count_max lines, then path_len_max bytes. */
struct ln_http1_exchange {
    struct linnet_exchange exchange; /* the first member: one is the other */
    struct ln_request_head head;
    struct ln_framing framing;
    struct linnet_span head_bytes; /* in the input, held until the exchange has ended */
    uint64_t body_len_max;
    uint64_t handled_ms; /* when its handler was called first: at the end of its head */
    bool begun;          /* its head was complete, or refused: it is worth a log line */
    struct ln_field_line lines[];
};

/* The content of a request that is still to come. It outlives an exchange that is answered early.
 */
struct ln_body {
    struct ln_chunk_decode chunk;
    uint64_t left; /* of a body with a length */
    bool chunked;
    bool to_come;      /* the request is not complete */
    bool continue_due; /* the client waits for 100 (Continue) */
};

enum ln_answer_kind {
    LN_ANSWER_NONE,
    LN_ANSWER_FILE,       /* a range of a file: the driver sends it */
    LN_ANSWER_READ,       /* of a source: read into the output buffer */
    LN_ANSWER_READ_AHEAD, /* of a source: read into loans of its own */
    LN_ANSWER_STREAM,     /* pulled into the output buffer */
};

/* An answer that is described and not yet sent. */
struct ln_long_answer {
    union {
        struct linnet_source *source; /* held */
        struct linnet_stream *stream; /* ours until it is done */
    };
    union {
        uint64_t offset;   /* of a source: of what is not yet in the output */
        uint64_t again_ms; /* of a stream that waits: when it is asked again at the latest */
    };
    uint64_t left; /* what is not yet in the output; of a stream it may be LINNET_LEN_UNKNOWN */
    uint64_t lent; /* of a file range: taken and not yet released */
    union {
        uint32_t first_read; /* of what is read ahead: the first loan not yet in the output */
        struct {             /* of a stream */
            bool waits;      /* it has said LATER */
            bool chunked;
            bool has_end;  /* the last chunk and the trailers are still to be written */
            bool trailers; /* they were announced */
        };
    };
    uint8_t kind; /* enum ln_answer_kind */
};

/* What a connection and its handler wait for. */
enum {
    LN_WAITS_TURN = 1U << 0,      /* takes no input until its next turn */
    LN_WAITS_PAUSED = 1U << 1,    /* takes no input until its handler goes on */
    LN_WAITS_TOKEN = 1U << 2,     /* there is a token for its exchange or stream */
    LN_RESUMED_HANDLER = 1U << 3, /* in its `resume` the handler goes on, */
    LN_RESUMED_STREAM = 1U << 4,  /* and the stream */
    LN_LISTENS = 1U << 5,         /* for the peer's end, beside a stream that waits */
};

struct ln_connection {
    struct linnet_channel channel; /* the first member: one is the other */
    struct ln_connection_context *context;
    struct ln_http1_exchange *exchange; /* or NULL */
    struct ln_output *output;           /* or NULL */
    struct ln_note *note;               /* memory of this connection's own */
    uint32_t exchange_index;
    uint32_t output_index;
    struct ln_list_node wait_node; /* in the line for an output buffer */
    struct ln_body body;
    struct ln_long_answer answer;
    uint64_t answer_len;         /* bytes of content in the answer */
    struct linnet_span constant; /* what is left of a constant answer: 503 */
    struct ln_refusal refusal;   /* decided, and waiting for an output buffer */
    uint64_t opened_ms;
    uint64_t since_ms;       /* when the state's clock was started */
    uint64_t read_ms;        /* the last byte of a body */
    uint64_t body_len;       /* bytes of content since the state began: of BODY, SKIP, DISCARD */
    uint64_t write_ms;       /* the last byte taken, or when output became pending */
    uint64_t write_begun_ms; /* when output became pending */
    uint64_t written_len;    /* bytes taken since */
    const struct linnet_tls_info *tls; /* or NULL */
    struct linnet_address peer;
    uint32_t turn_requests; /* begun since the last read or turn */
    uint8_t state;          /* enum ln_connection_state */
    uint8_t reason;         /* enum ln_close_reason */
    uint8_t accept;         /* LINNET_ACCEPT_... */
    uint8_t reads;          /* loans that it reads ahead into, or sends from */
    bool secure;
    bool answered_once;
    bool peer_ended;   /* nothing more will come */
    bool linger;       /* unread input may be on its way: FIN, discard, then close */
    bool reset;        /* end it by a reset */
    uint8_t waits;     /* LN_WAITS_..., LN_RESUMED_... */
    bool in_line;      /* waits for an output buffer, not for room in its own */
    bool granted;      /* left the line; the head that waited is offered again */
    bool refused_head; /* what is refused was a HEAD request: no page */
    bool keep_alive;   /* the client's wish, of the current request */
    bool persistent;   /* the answer said that the connection goes on */
    bool noted;        /* `note` holds what the log will say when the answer is sent */
};

/* Bytes of an exchange block and of an output buffer, as multiples of 16. */
size_t ln_connection_exchange_len(const struct linnet_limits *limits);
size_t ln_connection_output_len(const struct linnet_limits *limits);

/* Makes a record ready for `open`. `note`: memory of limits->note_len bytes, 8-byte aligned. */
void ln_connection_init(struct ln_connection *connection, struct ln_connection_context *context,
                        void *note);

/* A read into that loan has completed: bytes, 0 at the end of the file, or LINNET_READ_FAILED. */
void ln_connection_file_read(struct ln_read_loan *loan, ptrdiff_t result);

/* Its handler and its stream go on in its `resume`, which the caller brings about. */
void ln_connection_ask(struct ln_connection *connection);

/* A buffer was granted to the connection whose wait_node stood first in line. */
void ln_connection_grant_output(struct ln_connection *connection, uint32_t index);
struct ln_connection *ln_connection_of_wait_node(struct ln_list_node *node);

#endif
