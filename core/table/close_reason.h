/* Every end of a connection: X(ID, "name in logs and counters", "what it means").
 *
 * A refusal of the peer's bytes has its own reason, so that a log says what was wrong. */
#ifndef LN_TABLE_CLOSE_REASON_H
#define LN_TABLE_CLOSE_REASON_H

#include <linnet/span.h>

#define LN_CLOSE_REASONS(X)                                                                      \
    X(NONE, "none", "not closed")                                                                \
    X(DONE, "done", "the last answer was sent and one side had asked to close")                  \
    X(PEER_CLOSED, "peer-closed", "the peer closed between requests")                            \
    X(PEER_CLOSED_EARLY, "peer-closed-early", "the peer closed inside a request")                \
    X(PEER_RESET, "peer-reset", "the peer reset the connection or vanished")                     \
    X(SYSTEM_ERROR, "system-error", "the system refused to send or receive")                     \
    X(TLS_TRUNCATED, "tls-truncated", "TLS ended without its closing alert")                     \
    X(TLS_FAILED, "tls-failed", "the peer did not keep to TLS, or to ours")                      \
    X(TLS_TIMEOUT, "tls-timeout", "a TLS handshake, or a record, did not arrive in time")        \
    X(TLS_PLAIN, "tls-plain", "HTTP without TLS where TLS is spoken")                            \
    X(FILE_SHRUNK, "file-shrunk", "a file became shorter, or unreadable, while it was sent")     \
    X(EVICTED, "evicted", "idle the longest when room was needed for a new connection")          \
    X(DRAINED, "drained", "idle when the server stopped")                                        \
    X(STOPPED, "stopped", "the server stopped at once")                                          \
    X(TIMEOUT_IDLE, "timeout-idle", "no request arrived in time")                                \
    X(TIMEOUT_HEAD, "timeout-head", "a request head did not arrive in time")                     \
    X(TIMEOUT_BODY, "timeout-body", "a request body stalled or came too slowly")                 \
    X(TIMEOUT_WRITE, "timeout-write", "the peer took no bytes, or too slowly")                   \
    X(TIMEOUT_LIFETIME, "timeout-lifetime", "the connection reached its longest lifetime")       \
    X(TIMEOUT_ANSWER, "timeout-answer", "a handler that waited gave no answer in time: 503")     \
    X(STREAM_FAILED, "stream-failed", "a pulled answer could not go on")                         \
    X(STREAM_LENGTH, "stream-length", "a pulled answer gave less or more than it had said")      \
    X(BUFFER_RECLAIMED, "buffer-reclaimed", "an unfinished request gave its buffer up")          \
    X(OVERLOADED, "overloaded", "no buffer or descriptor came free in time: 503")                \
    X(DISCARD_LIMIT, "discard-limit", "more unwanted input than is discarded")                   \
    X(BAD_REQUEST_LINE, "bad-request-line", "the request line is malformed")                     \
    X(BAD_LINE_END, "bad-line-end", "a bare CR or a bare LF")                                    \
    X(BAD_VERSION, "bad-version", "the protocol version is malformed or not 1.x")                \
    X(BAD_TARGET, "bad-target", "the request target is malformed")                               \
    X(TARGET_TOO_LONG, "target-too-long", "the request line or its path is over its limit")      \
    X(BAD_FIELD_NAME, "bad-field-name", "a field name is malformed, or white space follows it")  \
    X(BAD_FIELD_CONTENT, "bad-field-content", "a control byte in a field")                       \
    X(OBSOLETE_FOLD, "obsolete-fold", "a field line is folded")                                  \
    X(FIELDS_TOO_LARGE, "fields-too-large", "the fields are over their limit")                   \
    X(TOO_MANY_FIELDS, "too-many-fields", "more field lines than their limit")                   \
    X(BAD_HOST, "bad-host", "Host is missing, doubled or invalid")                               \
    X(BAD_CONTENT_LENGTH, "bad-content-length", "Content-Length is malformed or differs")        \
    X(LENGTH_AND_CODING, "length-and-coding", "Content-Length beside Transfer-Encoding")         \
    X(BAD_TRANSFER_CODING, "bad-transfer-coding", "Transfer-Encoding is malformed or in 1.0")    \
    X(UNKNOWN_TRANSFER_CODING, "unknown-transfer-coding", "a transfer coding that is not known") \
    X(BAD_CHUNK, "bad-chunk", "the chunked coding is malformed")                                 \
    X(CHUNK_TOO_LARGE, "chunk-too-large", "chunk extensions or trailers are over their limit")   \
    X(BODY_TOO_LARGE, "body-too-large", "the content is over the limit of its route")            \
    X(UNKNOWN_METHOD, "unknown-method", "a method that is not implemented")                      \
    X(BAD_EXPECTATION, "bad-expectation", "an expectation other than 100-continue")

enum ln_close_reason {
#define LN_CLOSE_REASON_ENUM(id, name, meaning) LN_CLOSE_##id,
    LN_CLOSE_REASONS(LN_CLOSE_REASON_ENUM)
#undef LN_CLOSE_REASON_ENUM
        LN_CLOSE_REASON_COUNT,
};

struct linnet_span ln_close_reason_name(enum ln_close_reason reason);

#endif
