/* The contract of a channel and of a worker, as checks. */
#include "tests/lib/simulated_contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void simulated_fail(const char *what)
{
    fprintf(stderr, "simulated driver: it does not hold that %s\n", what);
    abort();
}

struct simulated_peer *simulated_contract_peer(const struct simulated_driver *driver,
                                               uint32_t connection)
{
    for (size_t i = 0; i < driver->peer_count; i++) {
        if (driver->peers[i]->connection == connection) {
            return driver->peers[i];
        }
    }
    simulated_must(false, "a connection has a peer");
    abort();
}

static bool same_output(const struct linnet_output *a, const struct linnet_output *b)
{
    if (a->span_count != b->span_count || a->file != b->file || a->flags != b->flags ||
        (a->file != NULL && (a->file_offset != b->file_offset || a->file_len != b->file_len))) {
        return false;
    }
    for (unsigned i = 0; i < a->span_count; i++) {
        if (a->spans[i].data != b->spans[i].data || a->spans[i].len != b->spans[i].len) {
            return false;
        }
    }
    return true;
}

/* What was shown before and not taken comes first again. */
static void check_shown(struct simulated_peer *peer, const struct linnet_output *out)
{
    size_t at = 0;
    for (unsigned i = 0; i < out->span_count; i++) {
        const struct linnet_span span = out->spans[i];
        simulated_must(span.len > 0, "no span that is lent is empty");
        const size_t both = at >= peer->shown_len             ? 0
                            : span.len < peer->shown_len - at ? span.len
                                                              : peer->shown_len - at;
        simulated_must(both == 0 || memcmp(peer->shown + at, span.data, both) == 0,
                       "what was shown and not taken is shown again");
        simulated_must(at + span.len <= SIMULATED_RECEIVED_LEN_MAX, "an output is not endless");
        memcpy(peer->shown + at, span.data, span.len);
        at += span.len;
    }
    simulated_must(at >= peer->shown_len, "nothing that was shown disappears");
    peer->shown_len = at;
}

static void check_output(struct simulated_driver *driver, struct simulated_peer *peer,
                         unsigned state)
{
    const unsigned accept = driver->way.file ? LINNET_ACCEPT_FILE : 0;
    struct linnet_output first;
    struct linnet_output second;
    memset(&first, 0xA1, sizeof first);
    memset(&second, 0xB2, sizeof second);
    linnet_worker_output(driver->worker, peer->connection, accept, &first);
    linnet_worker_output(driver->worker, peer->connection, accept, &second);
    simulated_must(same_output(&first, &second), "output called twice says the same");
    simulated_must(first.span_count <= LINNET_OUTPUT_SPANS_MAX, "the spans fit");
    simulated_must(first.file == NULL || driver->way.file, "files go to who accepts them");
    simulated_must(first.file == NULL || first.file_len > 0, "a file range is not empty");
    const bool something = first.span_count > 0 || first.file != NULL;
    if ((state & LINNET_HAS_OUTPUT) == 0) {
        simulated_must(!something && (first.flags & LINNET_OUTPUT_FIN) == 0,
                       "without HAS_OUTPUT nothing is lent");
    }
    check_shown(peer, &first);
}

static void check_held(struct simulated_driver *driver, struct simulated_peer *peer)
{
    const struct ln_slot *slot = ln_worker_slot(driver->worker, peer->connection);
    const struct linnet_span held = slot->channel->operations->held(slot->channel);
    if (held.len == 0) {
        peer->held = held;
        return;
    }
    if (peer->held.data == held.data && peer->held.len == held.len) {
        simulated_must(memcmp(peer->held_copy, held.data, held.len) == 0,
                       "held input stays as it is");
        return;
    }
    simulated_must(peer->held.len == 0 || slot->connection.exchange->exchange.begun_ms > 0,
                   "held input stays where it is");
    peer->held_copy = realloc(peer->held_copy, held.len);
    simulated_must(peer->held_copy != NULL, "there is memory for the test");
    memcpy(peer->held_copy, held.data, held.len);
    peer->held = held;
}

static void check_loans(const struct simulated_peer *peer)
{
    const uint8_t *copy = peer->received + peer->received_len - peer->lent;
    for (size_t i = 0; i < peer->loan_count; i++) {
        const struct simulated_loan *loan = &peer->loans[i];
        simulated_must(loan->data == NULL || memcmp(loan->data, copy, loan->len) == 0,
                       "lent bytes stay as they are");
        copy += loan->len;
    }
}

static void check_peer(struct simulated_driver *driver, struct simulated_peer *peer)
{
    const unsigned state = linnet_worker_state(driver->worker, peer->connection);
    simulated_must(((state & LINNET_LENT) != 0) == (peer->lent > 0),
                   "LENT is up exactly while bytes are lent");
    check_loans(peer);
    if ((state & LINNET_CLOSED) != 0) {
        simulated_must((state & ~(unsigned)(LINNET_CLOSED | LINNET_LENT | LINNET_READING)) == 0,
                       "what is closed wants nothing");
        peer->shown_len = 0;
        return;
    }
    simulated_must((state & LINNET_READING) == 0, "READING comes beside CLOSED alone");
    if ((state & LINNET_EVICTABLE) != 0) {
        simulated_must((state & (LINNET_HAS_OUTPUT | LINNET_LENT)) == 0,
                       "what is evictable has nothing to send");
    }
    check_output(driver, peer, state);
    check_held(driver, peer);
}

static uint64_t deadline_of(const struct simulated_driver *driver,
                            const struct simulated_peer *peer)
{
    const struct ln_slot *slot = ln_worker_slot(driver->worker, peer->connection);
    return slot->channel->operations->deadline(slot->channel);
}

void simulated_contract_check(struct simulated_driver *driver)
{
    const uint64_t worker_ms = linnet_worker_deadline(driver->worker);
    uint32_t open = 0;
    bool evictable = false;
    for (size_t i = 0; i < driver->peer_count; i++) {
        struct simulated_peer *peer = driver->peers[i];
        if (peer->closed) {
            continue;
        }
        open++;
        check_peer(driver, peer);
        evictable |= (simulated_state(driver, peer) & LINNET_EVICTABLE) != 0;
        const uint64_t deadline_ms = deadline_of(driver, peer);
        simulated_must(deadline_ms > UINT64_MAX - LN_WHEEL_TICK_MS ||
                           worker_ms < deadline_ms + LN_WHEEL_TICK_MS ||
                           worker_ms <= driver->time.monotonic_ms + LN_WHEEL_TICK_MS,
                       "the worker's deadline is not later than a connection's");
    }
    simulated_must(evictable || !linnet_worker_has_evictable(driver->worker),
                   "who is listed to be evicted is evictable");
    simulated_must(open == linnet_worker_open_count(driver->worker), "slots are counted");
    simulated_read_check(driver);
}

void simulated_contract_deadlines_met(const struct simulated_driver *driver)
{
    const uint64_t tick_ms = driver->time.monotonic_ms / LN_WHEEL_TICK_MS * LN_WHEEL_TICK_MS;
    for (size_t i = 0; i < driver->peer_count; i++) {
        const struct simulated_peer *peer = driver->peers[i];
        simulated_must(peer->closed || deadline_of(driver, peer) > tick_ms ||
                           deadline_of(driver, peer) + LN_WHEEL_TICK_MS > driver->time.monotonic_ms,
                       "no deadline is missed");
    }
}

void simulated_contract_nothing_lost(const struct simulated_driver *driver)
{
    const struct linnet_worker *worker = driver->worker;
    simulated_must(ln_pool_used(&worker->slots) == 0, "no slot is lost");
    simulated_must(ln_pool_used(&worker->inputs) == 0, "no input buffer is lost");
    simulated_must(ln_pool_used(&worker->exchanges) == 0, "no exchange is lost");
    simulated_must(ln_pool_used(&worker->outputs) == 0, "no output buffer is lost");
    simulated_must(ln_pool_used(&worker->context.read_loans.pool) == 0, "no read buffer is lost");
    simulated_must(worker->context.read_loans.extra_used == 0, "extra read buffers are counted");
    simulated_must(worker->inputs.waiting_count == 0 && worker->outputs.waiting_count == 0,
                   "nobody stays in line");
    simulated_must(linnet_worker_deadline(worker) == LINNET_NO_DEADLINE, "no timer stays armed");
    simulated_must(ln_list_is_empty(&worker->idle) && ln_list_is_empty(&worker->unfinished) &&
                       ln_list_is_empty(&worker->open),
                   "no list keeps a connection");
    for (size_t i = 0; i < driver->source_count; i++) {
        simulated_must(driver->sources[i]->holds == 0, "no source stays held");
    }
    const struct ln_counters *counters = ln_worker_counters(worker);
    simulated_must(counters->connections_opened == counters->connections_closed,
                   "every connection that was opened is counted as closed");
}

static void note_loan(struct simulated_peer *peer, const uint8_t *data, size_t len)
{
    struct simulated_loan *last = &peer->loans[peer->loan_count > 0 ? peer->loan_count - 1 : 0];
    peer->lent += len;
    if (peer->loan_count > 0 && data != NULL && last->data != NULL &&
        last->data + last->len == data) {
        last->len += len;
        return;
    }
    if (peer->loan_count > 0 && data == NULL && last->data == NULL) {
        last->len += len;
        return;
    }
    simulated_must(peer->loan_count < SIMULATED_LOANS_MAX, "there are few loans at a time");
    peer->loans[peer->loan_count++] = (struct simulated_loan){.data = data, .len = len};
}

/* `constant`: the bytes are those of the 503 that needs no loan; nobody waits for their release. */
static void take_span(struct simulated_peer *peer, struct linnet_span span, bool constant)
{
    simulated_must(!peer->fin, "nothing is sent behind FIN");
    simulated_must(span.len <= SIMULATED_RECEIVED_LEN_MAX - peer->received_len,
                   "a test receives few bytes");
    memcpy(peer->received + peer->received_len, span.data, span.len);
    peer->received_len += span.len;
    if (!constant) {
        note_loan(peer, span.data, span.len);
    }
}

/* Sends a part of the file; false when it is shorter than it was said to be. */
static bool take_file(struct simulated_peer *peer, const struct linnet_output *out, uint64_t len)
{
    const struct simulated_source *source = (const struct simulated_source *)out->file;
    simulated_must(!peer->fin, "nothing is sent behind FIN");
    simulated_must(source->holds > 0, "a source is held while it is sent");
    if (source->fails || out->file_offset + len > source->bytes.len) {
        return false;
    }
    simulated_must(len <= SIMULATED_RECEIVED_LEN_MAX - peer->received_len,
                   "a test receives few bytes");
    memcpy(peer->received + peer->received_len, source->bytes.data + out->file_offset, len);
    peer->received_len += len;
    note_loan(peer, NULL, len);
    return true;
}

static void move_shown(struct simulated_peer *peer, size_t len)
{
    len = len < peer->shown_len ? len : peer->shown_len;
    memmove(peer->shown, peer->shown + len, peer->shown_len - len);
    peer->shown_len -= len;
}

void simulated_contract_take(struct simulated_driver *driver, struct simulated_peer *peer)
{
    struct linnet_output out;
    uint64_t left = driver->way.take_max > 0 ? driver->way.take_max : UINT64_MAX;
    uint64_t total = 0;
    left = left < peer->window ? left : peer->window;
    const bool constant = simulated_connection(driver, peer)->constant.len > 0;
    linnet_worker_output(driver->worker, peer->connection,
                         driver->way.file ? LINNET_ACCEPT_FILE : 0, &out);
    uint64_t lent = out.file != NULL ? out.file_len : 0;
    for (unsigned i = 0; i < out.span_count; i++) {
        lent += out.spans[i].len;
        const size_t len = out.spans[i].len < left ? out.spans[i].len : (size_t)left;
        if (len > 0) {
            take_span(peer, (struct linnet_span){out.spans[i].data, len}, constant);
        }
        left -= len;
        total += len;
    }
    const size_t from_spans = (size_t)total;
    if (out.file != NULL && left > 0) {
        const uint64_t len = out.file_len < left ? out.file_len : left;
        if (!take_file(peer, &out, len)) {
            move_shown(peer, from_spans);
            linnet_worker_taken(driver->worker, peer->connection, total, driver->time);
            linnet_worker_abort(driver->worker, peer->connection, LINNET_ABORT_FILE_SHRUNK,
                                driver->time);
            simulated_contract_check(driver);
            return;
        }
        total += len;
    }
    peer->window -= peer->window == UINT64_MAX ? 0 : total;
    if (total == lent && (out.flags & LINNET_OUTPUT_FIN) != 0) {
        peer->fin = true;
    }
    driver->moved = driver->moved || total > 0;
    move_shown(peer, from_spans);
    const unsigned before = simulated_state(driver, peer);
    linnet_worker_taken(driver->worker, peer->connection, total, driver->time);
    simulated_contract_check(driver);
    const unsigned state = simulated_state(driver, peer);
    driver->moved = driver->moved || state != before;
    simulated_must(lent > 0 || state != before || peer->lent > 0,
                   "HAS_OUTPUT lends something or moves on");
    if (driver->way.release_max == 0 && peer->lent > 0 && (state & LINNET_CLOSED) == 0) {
        simulated_contract_release(driver, peer, peer->lent);
    }
}

void simulated_contract_release(struct simulated_driver *driver, struct simulated_peer *peer,
                                uint64_t len)
{
    check_loans(peer);
    peer->lent -= len;
    uint64_t left = len;
    while (left > 0) {
        struct simulated_loan *loan = &peer->loans[0];
        const size_t part = loan->len < left ? loan->len : (size_t)left;
        left -= part;
        loan->len -= part;
        if (loan->data != NULL) {
            loan->data += part;
        }
        if (loan->len == 0) {
            peer->loan_count--;
            memmove(&peer->loans[0], &peer->loans[1], peer->loan_count * sizeof *loan);
        }
    }
    linnet_worker_released(driver->worker, peer->connection, len, driver->time);
    simulated_contract_check(driver);
}
