/* The head of a request: request line and field lines, parsed as it arrives.
 *
 *     request-line = method SP request-target SP HTTP-version CRLF    RFC 9112 3
 *     field-line   = field-name ":" OWS field-value OWS               RFC 9112 5
 *     head         = request-line *( field-line CRLF ) CRLF
 *
 * The caller offers the head's bytes from its first on, every time with as many more as have
 * come: `ln_request_head_parse` remembers how far it has been and scans no byte before that
 * offset again; only a method or field name that came in pieces is looked at once more, when it is
 * whole. What it saves are offsets from the first byte of the head, never pointers, so the bytes
 * may move between two calls. At most `empty_lines_max` empty lines may stand before the
 * request line (RFC 9112 2.2); they count as part of the head (offsets stay from the first byte
 * offered).
 *
 * States: the parser goes through its phases once, in order, until COMPLETE or REFUSED; both are
 * sticky until `ln_request_head_init`. A refusal is decided at the earliest byte that allows it.
 *
 * What is checked here: the grammar, the line ends, the control bytes, the limits. What fields
 * mean together (Host, framing) is decided by framing.h and host.h when the head is complete. */
#ifndef LN_HTTP1_REQUEST_HEAD_H
#define LN_HTTP1_REQUEST_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include <linnet/method.h>
#include <linnet/span.h>

#include "core/base/field_line.h"
#include "core/base/scan.h"
#include "core/http1/refusal.h"
#include "core/table/field.h"

enum ln_parse {
    LN_PARSE_MORE,     /* not complete: offer again with more bytes */
    LN_PARSE_COMPLETE, /* done */
    LN_PARSE_REFUSED,  /* the peer's fault: see `refusal` */
};

struct ln_request_head_limits {
    uint32_t request_line_len_max; /* without its CRLF; over it: 414 */
    uint32_t head_len_max;         /* of the whole head with its last CRLF; over it: 431 */
    uint32_t field_count_max;      /* more: 431; entries of `lines` */
    uint32_t empty_lines_max;      /* more: 400 */
    unsigned leniencies;           /* LN_LENIENCY_... */
};

struct ln_request_head {
    struct ln_field_line *lines; /* field_count_max entries, the caller's */
    uint32_t resume;             /* no byte before this offset is scanned again */
    uint32_t line_begin;         /* of the request line */
    uint32_t len;                /* of the whole head, once complete */
    uint16_t method_begin;
    uint16_t method_len;
    uint16_t target_begin;
    uint16_t target_len;
    uint16_t field_count;
    uint8_t phase;
    uint8_t empty_lines;
    uint8_t method;        /* enum linnet_method */
    uint8_t minor_version; /* of HTTP/1.x: 0, or 1 for 1 and above */
    uint32_t fields_seen;  /* bit per enum ln_field */
    struct ln_refusal refusal;
};

void ln_request_head_init(struct ln_request_head *head, struct ln_field_line *lines);

/* Parses what is new in `bytes`, which begin at the first byte of the head. */
enum ln_parse ln_request_head_parse(struct ln_request_head *head, struct linnet_span bytes,
                                    const struct ln_scan *scan,
                                    const struct ln_request_head_limits *limits);

/* Nothing but empty lines has come: no request has begun (RFC 9112 2.2). */
bool ln_request_head_is_empty(const struct ln_request_head *head);

/* The content of the first field line of that kind; false if there is none. `bytes` as above. */
bool ln_request_head_field(const struct ln_request_head *head, struct linnet_span bytes,
                           enum ln_field field, struct linnet_span *content);

#endif
