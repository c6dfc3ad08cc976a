/* Input: whole records are decrypted where they lie, and offered to the inner channel. */
#include "core/base/span.h"
#include "tls/tls_channel.h"

enum {
    RECORD_TYPE_FIRST = 20, /* change_cipher_spec, alert, handshake, application_data: */
    RECORD_TYPE_LAST = 23,
};

/* Constant, for there is no session that could say more. */
#define PLAIN_PAGE                                                                      \
    "This port speaks HTTPS, and the request came as plain HTTP.\n"                     \
    "Write https:// instead of http:// at the beginning of the address.\n"
#define PLAIN_ANSWER                              \
    "HTTP/1.1 400 Bad Request\r\n"                \
    "Content-Type: text/plain; charset=utf-8\r\n" \
    "Content-Length: 127\r\n"                     \
    "Connection: close\r\n"                       \
    "\r\n" PLAIN_PAGE

_Static_assert(sizeof PLAIN_PAGE - 1 == 127, "as Content-Length says");

/* The untaken bytes, as they are being worked through: plaintext, a gap, ciphertext. */
struct bytes {
    uint8_t *data;
    size_t plain_at;
    size_t plain_len;
    size_t cipher_at;
    size_t len;
};

/* A flight leaves whole before the next one is made. */
static bool can_shake(const struct ln_tls_channel *tls)
{
    return !ln_list_is_linked(&tls->output_node) && !ln_tls_seal_pending(tls);
}

bool ln_tls_receive_wants(const struct ln_tls_channel *tls)
{
    switch ((enum ln_tls_phase)tls->phase) {
    case LN_TLS_PHASE_HANDSHAKE:
        return !ln_list_is_linked(&tls->wait_node) && can_shake(tls);
    case LN_TLS_PHASE_OPEN:
        return !tls->again && !tls->peer_ended &&
               (tls->inner->operations->state(tls->inner) & LINNET_WANTS_INPUT) != 0;
    case LN_TLS_PHASE_SHUT:
        return (tls->inner->operations->state(tls->inner) & LINNET_WANTS_INPUT) != 0;
    case LN_TLS_PHASE_LINGER:
        return true;
    case LN_TLS_PHASE_FAREWELL:
    case LN_TLS_PHASE_CLOSED:
        return false;
    }
    LN_UNREACHABLE();
}

/* The length of the first record, when all of it is there; 0: not yet. Of what is no record, all
 * there is: the library then says to the peer what is wrong with it, and it is over. */
static size_t record_len(const uint8_t *data, size_t len, bool *is_record)
{
    *is_record = true;
    if (len == 0) {
        return 0;
    }
    if (data[0] < RECORD_TYPE_FIRST || data[0] > RECORD_TYPE_LAST) {
        *is_record = false;
        return len;
    }
    if (len < LN_TLS_HEADER_LEN) {
        return 0;
    }
    const size_t whole = LN_TLS_HEADER_LEN + ((size_t)data[3] << 8 | data[4]);
    if (whole > LN_TLS_RECORD_LEN_MAX) {
        *is_record = false;
        return len;
    }
    return whole <= len ? whole : 0;
}

static void answer_plain(struct ln_tls_channel *tls, struct linnet_time time)
{
    tls->tls->counters.plain++;
    tls->constant = LINNET_SPAN(PLAIN_ANSWER);
    ln_tls_channel_fail(tls, LINNET_ABORT_TLS_PLAIN, time);
}

static void finish_handshake(struct ln_tls_channel *tls, struct linnet_time time)
{
    struct ln_tls *shared = tls->tls;
    shared->counters.handshakes++;
    shared->counters.resumptions += ln_tls_session_is_resumed(tls->session) ? 1 : 0;
    ln_tls_admission_shaken(tls);
    ln_tls_session_info(tls->session, &tls->info);
    tls->inner->operations->secured(tls->inner, &tls->info);
    ln_tls_channel_enter(tls, LN_TLS_PHASE_OPEN, time);
}

static void fail_handshake(struct ln_tls_channel *tls, struct linnet_time time)
{
    tls->tls->counters.failures++;
    tls->broken = true;
    ln_tls_channel_fail(tls, LINNET_ABORT_TLS_FAILED, time);
}

/* One step, with the record that was made its input, if any. */
static void shake(struct ln_tls_channel *tls, struct linnet_time time)
{
    ln_tls_seal_open(tls);
    const enum ln_tls_outcome outcome = ln_tls_session_handshake(tls->session);
    ln_tls_seal_close(tls);
    tls->stalled = outcome == LN_TLS_WANTS_OUTPUT;
    if (outcome == LN_TLS_DONE) {
        finish_handshake(tls, time);
    } else if (outcome != LN_TLS_WANTS_INPUT && outcome != LN_TLS_WANTS_OUTPUT) {
        fail_handshake(tls, time);
    }
}

void ln_tls_receive_continue(struct ln_tls_channel *tls, struct linnet_time time)
{
    if (tls->phase == LN_TLS_PHASE_HANDSHAKE && tls->stalled && !ln_tls_seal_pending(tls) &&
        ln_tls_seal_acquire(tls)) {
        tls->wire.in = (struct linnet_span){NULL, 0};
        shake(tls, time);
    }
}

/* Takes records of the handshake until it is finished, or has to wait. */
static size_t receive_handshake(struct ln_tls_channel *tls, struct linnet_span bytes,
                                struct linnet_time time)
{
    size_t taken = 0;
    while (tls->phase == LN_TLS_PHASE_HANDSHAKE && taken < bytes.len && can_shake(tls)) {
        const uint8_t *record = bytes.data + taken;
        bool is_record;
        const size_t len = record_len(record, bytes.len - taken, &is_record);
        if (tls->handshake_len == 0 && record[0] >= 'A' && record[0] <= 'Z') {
            answer_plain(tls, time);
            return bytes.len;
        }
        if (len == 0 || !ln_tls_admission_enter(tls, time) || !ln_tls_seal_acquire(tls)) {
            return taken;
        }
        taken += len;
        tls->handshake_len += (uint32_t)len;
        if (tls->handshake_len > tls->tls->limits->tls_handshake_len_max) {
            fail_handshake(tls, time);
            return bytes.len;
        }
        tls->wire.in = (struct linnet_span){record, len};
        shake(tls, time);
        if (!is_record && tls->phase == LN_TLS_PHASE_HANDSHAKE) {
            fail_handshake(tls, time);
        }
    }
    return taken;
}

static bool holds_nothing(const struct ln_tls_channel *tls)
{
    return tls->inner->operations->held(tls->inner).len == 0;
}

static bool inner_wants(const struct ln_tls_channel *tls)
{
    return (tls->inner->operations->state(tls->inner) & LINNET_WANTS_INPUT) != 0;
}

/* The inner channel takes plaintext. `at_front`: whole heads have room behind the first byte. What
 * is left of it moves there, or is offered again when the worker has moved it. */
static void offer(struct ln_tls_channel *tls, struct bytes *bytes, bool at_front,
                  struct linnet_time time)
{
    while (bytes->plain_len > 0) {
        const struct linnet_span plain = {bytes->data + bytes->plain_at, bytes->plain_len};
        const size_t taken = tls->inner->operations->receive(tls->inner, plain, time);
        LN_ASSERT(taken <= plain.len);
        bytes->plain_at += taken;
        bytes->plain_len -= taken;
        if (taken == 0 || bytes->plain_len == 0 || !inner_wants(tls)) {
            return;
        }
        if (!at_front || !holds_nothing(tls)) {
            tls->again = true;
            tls->tls->ready(tls->tls->owner, tls->inner);
            return;
        }
        memmove(bytes->data, bytes->data + bytes->plain_at, bytes->plain_len);
        bytes->plain_at = 0;
    }
}

/* Decrypts the next record; false: there is none, or it was the last. */
static bool decrypt(struct ln_tls_channel *tls, struct bytes *bytes, struct linnet_time time)
{
    bool is_record;
    const size_t len =
        record_len(bytes->data + bytes->cipher_at, bytes->len - bytes->cipher_at, &is_record);
    if (len == 0) {
        return false;
    }
    uint8_t *plain = bytes->data + bytes->plain_at + bytes->plain_len;
    size_t plain_len = 0;
    tls->wire.in = (struct linnet_span){bytes->data + bytes->cipher_at, len};
    bytes->cipher_at += len;
    const struct linnet_room room = {
        plain, bytes->cipher_at - (bytes->plain_at + bytes->plain_len)};
    ln_tls_seal_open(tls);
    const enum ln_tls_outcome outcome = ln_tls_session_read(tls->session, room, &plain_len);
    ln_tls_seal_close(tls);
    switch (is_record ? outcome : LN_TLS_FAILED) {
    case LN_TLS_DONE:
        LN_ASSERT(plain_len <= room.len);
        LN_ASSERT(tls->wire.in.len == 0);
        bytes->plain_len += plain_len;
        return true;
    case LN_TLS_WANTS_INPUT: /* it was a record without content for the connection */
        return true;
    case LN_TLS_ENDED:
        tls->peer_ended = true;
        tls->inner->operations->receive_end(tls->inner, time);
        return false;
    case LN_TLS_WANTS_OUTPUT:
    case LN_TLS_FAILED:
        break;
    }
    tls->broken = true;
    ln_tls_channel_fail(tls, LINNET_ABORT_TLS_FAILED, time);
    return false;
}

/* What nobody looks at any more is not decrypted either: the inner channel takes all of it, or
 * nothing. */
static bool drops(struct ln_tls_channel *tls, const struct bytes *bytes, struct linnet_time time)
{
    const struct linnet_span rest = {bytes->data + bytes->cipher_at,
                                     bytes->len - bytes->cipher_at};
    return bytes->plain_len == 0 && rest.len > 0 && !inner_wants(tls) &&
           tls->inner->operations->receive(tls->inner, rest, time) == rest.len;
}

/* `taken`: of these bytes, what was of the handshake. */
static size_t receive_open(struct ln_tls_channel *tls, struct linnet_span span, size_t taken,
                           struct linnet_time time)
{
    const bool at_front = holds_nothing(tls);
    /* The worker's own memory, which it gives to this channel to write to (docs/internals/tls.md).
     */
    struct bytes bytes = {.data = (uint8_t *)(uintptr_t)span.data,
                          .plain_len = tls->plain,
                          .cipher_at = taken + tls->plain,
                          .len = span.len};
    LN_ASSERT(taken == 0 || tls->plain == 0);
    LN_ASSERT(bytes.cipher_at <= span.len);
    do {
        offer(tls, &bytes, at_front, time);
        if (bytes.plain_len == 0 && at_front && holds_nothing(tls)) {
            bytes.plain_at = 0;
        }
    } while (tls->phase == LN_TLS_PHASE_OPEN && ln_tls_receive_wants(tls) &&
             decrypt(tls, &bytes, time));
    if (tls->phase != LN_TLS_PHASE_OPEN || tls->peer_ended || drops(tls, &bytes, time)) {
        tls->plain = 0;
        return span.len;
    }
    /* Nothing lies between what is left of both. */
    const size_t begin = bytes.cipher_at - bytes.plain_len;
    memmove(bytes.data + begin, bytes.data + bytes.plain_at, bytes.plain_len);
    tls->plain = (uint32_t)bytes.plain_len;
    return begin;
}

size_t ln_tls_receive(struct linnet_channel *channel, struct linnet_span bytes,
                      struct linnet_time time)
{
    struct ln_tls_channel *tls = ln_tls_channel_of(channel);
    size_t taken = 0;
    if (tls->phase == LN_TLS_PHASE_HANDSHAKE) {
        taken = receive_handshake(tls, bytes, time);
    }
    const size_t left = bytes.len - taken;
    switch ((enum ln_tls_phase)tls->phase) {
    case LN_TLS_PHASE_HANDSHAKE:
        return taken;
    case LN_TLS_PHASE_OPEN:
        return receive_open(tls, bytes, taken, time);
    case LN_TLS_PHASE_SHUT:
        LN_ASSERT(taken == 0);
        return tls->inner->operations->receive(tls->inner, bytes, time);
    case LN_TLS_PHASE_LINGER:
        tls->discarded += (uint32_t)left;
        if (tls->discarded > tls->tls->limits->discard_len_max) {
            ln_tls_channel_enter(tls, LN_TLS_PHASE_CLOSED, time);
        }
        return bytes.len;
    case LN_TLS_PHASE_FAREWELL:
    case LN_TLS_PHASE_CLOSED:
        return bytes.len;
    }
    LN_UNREACHABLE();
}
