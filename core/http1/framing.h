/* How long the body is, and whether the connection may go on: RFC 9112 6 and 9.3.
 *
 * Decided once, from the complete head. Strict: Content-Length beside Transfer-Encoding, differing
 * or list-valued Content-Lengths, Transfer-Encoding in HTTP/1.0, an unknown or doubled transfer
 * coding and chunked not last are refused. Two Content-Length lines are refused even when equal. */
#ifndef LN_HTTP1_FRAMING_H
#define LN_HTTP1_FRAMING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/http1/request_head.h"

enum ln_framing_kind {
    LN_FRAMING_NONE,    /* no body */
    LN_FRAMING_LENGTH,  /* exactly `len` bytes, at least 1 */
    LN_FRAMING_CHUNKED, /* until the last chunk and the trailers */
};

struct ln_framing {
    enum ln_framing_kind kind;
    uint64_t len;         /* LENGTH only (Content-Length: 0 is kind NONE) */
    bool keep_alive;      /* the client lets the connection persist: RFC 9112 9.3 */
    bool expect_continue; /* Expect: 100-continue in 1.1, with a body: RFC 9110 10.1.1 */
};

/* false with *refusal: 400 (BAD_CONTENT_LENGTH, LENGTH_AND_CODING, BAD_TRANSFER_CODING), 501
 * (UNKNOWN_TRANSFER_CODING, before a last chunked), 417 (BAD_EXPECTATION: any expectation but
 * 100-continue, in 1.1; in 1.0 Expect is ignored). */
bool ln_framing_decide(const struct ln_request_head *head, struct linnet_span bytes,
                       struct ln_framing *framing, struct ln_refusal *refusal);

#endif
