/* What the TLS channel asks of a library: one session, whose wire is bytes in memory.
 *
 * Nothing here waits or knows a socket. Each call reads from `in` of the wire what it needs, and
 * appends to `out` what is to be sent. The channel offers whole records, so that no library keeps a
 * part of one; and it offers a room for a record before it asks for one. */
#ifndef LN_TLS_TLS_SESSION_H
#define LN_TLS_TLS_SESSION_H

#include <stdbool.h>

#include <linnet/channel.h>

enum {
    LN_TLS_HEADER_LEN = 5,
    LN_TLS_PLAIN_LEN_MAX = 16384,
    /* What protection may add to a record; with AEAD alone RFC 5246 adds no more. */
    LN_TLS_RECORD_LEN_MAX = LN_TLS_HEADER_LEN + LN_TLS_PLAIN_LEN_MAX + 256,
    /* What sealing adds at most: header, content type, explicit nonce and tag. */
    LN_TLS_OVERHEAD = LN_TLS_HEADER_LEN + 1 + 8 + 16,
    LN_TLS_ALERT_LEN_MAX = 64, /* alerts, and an update of keys */
};

/* The library's own. */
struct ln_tls_context;
struct ln_tls_session;

struct ln_tls_wire {
    struct linnet_span in; /* shrinks from the front */
    uint8_t *out;
    size_t out_len; /* written */
    size_t out_room;
};

enum ln_tls_outcome {
    LN_TLS_DONE,
    LN_TLS_WANTS_INPUT,  /* all of `in` was read, and it is not enough */
    LN_TLS_WANTS_OUTPUT, /* `out` has no room: call again when it has */
    LN_TLS_ENDED,        /* the peer's close_notify */
    LN_TLS_FAILED,       /* over; an alert may have been written */
};

/* A session whose wire is *wire for its whole life; NULL: there is no memory. */
struct ln_tls_session *ln_tls_session_open(struct ln_tls_context *context,
                                           struct ln_tls_wire *wire);
/* Forgets it, with its keys. */
void ln_tls_session_close(struct ln_tls_session *session);

enum ln_tls_outcome ln_tls_session_handshake(struct ln_tls_session *session);

/* DONE: *len bytes of plaintext, at least one, were written to the room. */
enum ln_tls_outcome ln_tls_session_read(struct ln_tls_session *session, struct linnet_room room,
                                        size_t *len);

/* Seals at most LN_TLS_PLAIN_LEN_MAX bytes into one record; there must be LN_TLS_OVERHEAD of room
 * more than bytes. DONE, or FAILED. */
enum ln_tls_outcome ln_tls_session_write(struct ln_tls_session *session, struct linnet_span bytes);

/* Writes close_notify, if it was not written. */
void ln_tls_session_shut(struct ln_tls_session *session);

/* What is known behind the handshake; the spans live as long as the session. */
void ln_tls_session_info(const struct ln_tls_session *session, struct linnet_tls_info *info);
bool ln_tls_session_is_resumed(const struct ln_tls_session *session);

/* Is there memory for one more session, and the most expensive part of its handshake? */
bool ln_tls_session_has_room(void);

#endif
