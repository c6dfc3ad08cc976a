/* The reader of a request head: what request_line.c and field_line.c share during one call.
 *
 * A step of the parser reads from `at` on and says whether the next step may begin. When it may
 * not, it has either stopped for want of bytes (`ln_head_reader_pause`), so that the same step goes
 * on later, or refused, or found the end; the head then says so and where. Nothing else of the
 * reader outlives the call.
 *
 * This is the hot path. A reader is a local of the function that its steps are inlined into, so
 * that it lives in registers; what is rare is a function of its own and gets a copy.
 *
 * Invariant: at <= len, and every byte before `at` was accepted. */
#ifndef LN_HTTP1_HEAD_READER_H
#define LN_HTTP1_HEAD_READER_H

#include "core/http1/request_head.h"
#include "core/table/leniency.h"

/* Where the parser goes on, in the order of the grammar. */
enum ln_head_phase {
    LN_HEAD_START,      /* the first byte of an empty line or of the request line */
    LN_HEAD_EMPTY_LF,   /* the LF of an empty line before the request line */
    LN_HEAD_METHOD,     /* in the method */
    LN_HEAD_TARGET,     /* in the request target */
    LN_HEAD_VERSION,    /* in the version's eight bytes */
    LN_HEAD_REQUEST_CR, /* behind the version */
    LN_HEAD_REQUEST_LF, /* the LF of the request line */
    LN_HEAD_LINE_START, /* the first byte of a field line or of the last, empty line */
    LN_HEAD_NAME,       /* in a field name */
    LN_HEAD_CONTENT,    /* behind the colon of a field line */
    LN_HEAD_LINE_LF,    /* the LF of a field line */
    LN_HEAD_END_LF,     /* the LF of the last, empty line */
    LN_HEAD_COMPLETE,
    LN_HEAD_REFUSED,
};

struct ln_head_reader {
    struct ln_request_head *head;
    const uint8_t *data; /* from the first byte of the head */
    size_t len;          /* bytes of `data`, at most head_len_max */
    size_t at;           /* the next byte to read */
    const struct ln_scan *scan;
    const struct ln_request_head_limits *limits;
};

/* The bytes are used up: the step `phase` goes on with the next ones. */
static inline bool ln_head_reader_pause(struct ln_head_reader reader, enum ln_head_phase phase)
{
    reader.head->phase = (uint8_t)phase;
    reader.head->resume = (uint32_t)reader.at;
    return false;
}

/* The peer's fault, for good. */
static inline bool ln_head_reader_refuse(struct ln_head_reader reader, enum linnet_status status,
                                         enum ln_close_reason reason)
{
    reader.head->phase = LN_HEAD_REFUSED;
    reader.head->resume = (uint32_t)reader.at;
    reader.head->refusal = (struct ln_refusal){status, reason};
    return false;
}

/* Takes the LF that must come now. */
static inline bool ln_head_reader_take_lf(struct ln_head_reader *reader, enum ln_head_phase phase)
{
    if (reader->at == reader->len) {
        return ln_head_reader_pause(*reader, phase);
    }
    /* RFC 9112 2.2: a CR without a LF behind it is no line end and makes the message invalid. */
    if (reader->data[reader->at] != '\n') {
        return ln_head_reader_refuse(*reader, LINNET_STATUS_BAD_REQUEST, LN_CLOSE_BAD_LINE_END);
    }
    reader->at++;
    return true;
}

/* May the LF that comes without a CR end the line? The caller then takes it as any other LF. */
static inline bool ln_head_reader_allows_bare_lf(struct ln_head_reader reader)
{
    return (reader.limits->leniencies & LN_LENIENCY_BARE_LF) != 0;
}

static inline struct ln_head_reader ln_head_reader_over(struct ln_request_head *head,
                                                        struct linnet_span bytes,
                                                        const struct ln_scan *scan,
                                                        const struct ln_request_head_limits *limits)
{
    return (struct ln_head_reader){head, bytes.data, bytes.len, head->resume, scan, limits};
}

/* Both read on from the head's phase, which must be one of theirs, until the bytes, at most
 * head_len_max, are used up, the head is refused or it is complete. The first ends in the second,
 * and that in the outcome: calls that return nothing to return to. */
enum ln_parse ln_request_line_read(struct ln_request_head *head, struct linnet_span bytes,
                                   const struct ln_scan *scan,
                                   const struct ln_request_head_limits *limits);
enum ln_parse ln_field_line_read_all(struct ln_request_head *head, struct linnet_span bytes,
                                     const struct ln_scan *scan,
                                     const struct ln_request_head_limits *limits);

/* What has become of the head, of which len bytes are there. */
enum ln_parse ln_request_head_outcome(struct ln_request_head *head, size_t len,
                                      const struct ln_request_head_limits *limits);

#endif
