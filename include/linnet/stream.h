/* A stream: content that is pulled from its owner piece by piece, of known length or not.
 *
 *     struct clock {
 *         struct linnet_stream stream; // the first member: one is the other
 *         unsigned ticks;
 *     };
 *
 * A reply names it (LINNET_BODY_STREAM, linnet_reply_stream). From then on core calls `pull` for
 * the next piece, when the last one was sent, and at the end `done`, exactly once, whatever
 * happens: complete, or not. Between the two the stream is core's: it stays where it is. `pull` and
 * `done` are called in the thread of the worker, never from inside a call of the handler and never
 * from inside each other; the exchange need not exist any more.
 *
 * A stream that says LATER costs nothing but its connection's record: no input buffer, no output
 * buffer, no exchange. It is asked again when somebody resumes it (linnet_stream_resume, or from
 * anywhere by the token of its exchange: <linnet/resume.h>), or when its time comes (again_ms).
 *
 * How it is framed: with the length that was given, or chunked to HTTP/1.1, or up to the end of the
 * connection to HTTP/1.0. Answers to HEAD, and 204 and 304, pull nothing; they are done(complete).
 *
 * What cuts a stream: its own FAILED; fewer or more bytes than the length that was given (the
 * excess is not sent); the client's leaving; a drain that lasts too long. A cut answer ends its
 * connection so that the client sees that it is not complete: close reasons stream-failed and
 * stream-length. While it says LATER, a client that has finished sending is taken to have left;
 * who wants to go on for one that has only half closed says `serves_half_closed`. */
#ifndef LINNET_STREAM_H
#define LINNET_STREAM_H

#include <stdbool.h>

#include <linnet/declarations.h>
#include <linnet/span.h>
#include <linnet/time.h>

LINNET_BEGIN

struct linnet_field;
struct linnet_stream;

enum { LINNET_TRAILERS_MAX = 32 };

enum linnet_pulled {
    LINNET_PULLED_MORE,   /* `len` bytes (0: asked again in the next turn); there is more */
    LINNET_PULLED_LATER,  /* `len` bytes, or none, and nothing else for now */
    LINNET_PULLED_END,    /* `len` bytes, or none, and that was all */
    LINNET_PULLED_FAILED, /* it cannot go on: the answer is cut */
};

/* One call of `pull`. */
struct linnet_pull {
    struct linnet_room room; /* in: at least copy_len_max bytes; valid in the call only */
    struct linnet_time time; /* in */
    size_t len;              /* out: bytes written from the beginning of the room; 0 before */
    uint64_t again_ms;       /* out, of LATER: asked again at this monotonic time at the latest;
                                LINNET_NO_DEADLINE before */
};

struct linnet_stream_operations {
    enum linnet_pulled (*pull)(struct linnet_stream *stream, struct linnet_pull *pull);
    /* The last call. true: every byte was handed on to be sent. NULL: nobody wants to know. */
    void (*done)(struct linnet_stream *stream, bool complete);
    /* Behind END, only where trailers can be sent: the field line of that index, from 0; false:
     * there are no more. Its spans stay until the next call. A field that was not announced, that
     * would split the answer, that may not be a trailer (RFC 9110 6.5.1), or that does not fit into
     * reply_head_len_max together with those before it is left out, and so are those behind the
     * first LINNET_TRAILERS_MAX. NULL: none. */
    bool (*trailer)(struct linnet_stream *stream, size_t index, struct linnet_field *field);
};

struct linnet_stream {
    const struct linnet_stream_operations *operations;
    /* Names of the fields that come behind its end: "Content-Digest, X-Rows"; or empty. They are
     * announced, and sent, only in the chunked coding and to clients that said "TE: trailers". */
    struct linnet_span trailers;
    bool serves_half_closed; /* a client that has finished sending is still there */
    /* Core's, while it has the stream; NULL before. */
    void *channel;
    void (*resume)(void *channel);
};

/* It has something: it is asked again in this turn or the next. Only in the thread of its worker,
 * and only between its reply and its `done`; from inside its own `pull` it is remembered. */
void linnet_stream_resume(struct linnet_stream *stream);

LINNET_END

#endif
