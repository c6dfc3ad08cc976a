/* Who may have a session: a bound on sessions, on handshakes, and on the memory of the library. */
#include "core/base/span.h"
#include "tls/tls_channel.h"

/* A handshake that has lasted so long may end for one who waits. */
enum { HANDSHAKE_GRACE_MS = 1000 };

static bool has_room(const struct ln_tls *tls)
{
    return tls->sessions < tls->limits->tls_connections &&
           tls->handshakes < tls->limits->tls_handshakes && ln_tls_session_has_room();
}

/* false: the library has no memory after all. */
static bool begin(struct ln_tls_channel *tls, struct linnet_time time)
{
    struct ln_tls *shared = tls->tls;
    LN_ASSERT(tls->session == NULL);
    tls->session = ln_tls_session_open(shared->context, &tls->wire);
    if (tls->session == NULL) {
        return false;
    }
    tls->since_ms = time.monotonic_ms;
    shared->sessions++;
    if (shared->sessions > shared->sessions_most) {
        shared->sessions_most = shared->sessions;
    }
    shared->handshakes++;
    ln_list_append(&shared->shaking, &tls->shaking_node);
    return true;
}

/* The first in line may go on: it stays the first until it has. */
static void call_first(struct ln_tls *tls)
{
    struct ln_list_node *node = ln_list_first(&tls->waiting);
    if (node != NULL && has_room(tls)) {
        struct ln_tls_channel *first = LN_LIST_OWNER(node, struct ln_tls_channel, wait_node);
        tls->ready(tls->owner, first->inner);
    }
}

bool ln_tls_admission_enter(struct ln_tls_channel *tls, struct linnet_time time)
{
    struct ln_tls *shared = tls->tls;
    if (tls->session != NULL) {
        return true;
    }
    const bool is_first = ln_list_is_linked(&tls->wait_node)
                              ? ln_list_first(&shared->waiting) == &tls->wait_node
                              : ln_list_is_empty(&shared->waiting);
    if (is_first && has_room(shared) && begin(tls, time)) {
        ln_list_remove(&tls->wait_node);
        call_first(shared);
        ln_tls_admission_press(shared, time);
        return true;
    }
    if (!ln_list_is_linked(&tls->wait_node)) {
        ln_list_append(&shared->waiting, &tls->wait_node);
        tls->since_ms = time.monotonic_ms;
        shared->counters.waits++;
        ln_tls_admission_press(shared, time);
    }
    return false;
}

void ln_tls_admission_shaken(struct ln_tls_channel *tls)
{
    if (ln_list_is_linked(&tls->shaking_node)) {
        ln_list_remove(&tls->shaking_node);
        tls->tls->handshakes--;
        call_first(tls->tls);
    }
}

void ln_tls_admission_leave(struct ln_tls_channel *tls)
{
    const bool was_waiting = ln_list_is_linked(&tls->wait_node);
    ln_list_remove(&tls->wait_node);
    if (tls->session != NULL) {
        ln_tls_session_close(tls->session);
        tls->session = NULL;
        LN_ASSERT(tls->tls->sessions > 0);
        tls->tls->sessions--;
        if (ln_list_is_linked(&tls->shaking_node)) {
            ln_list_remove(&tls->shaking_node);
            tls->tls->handshakes--;
        }
        call_first(tls->tls);
    } else if (was_waiting) {
        call_first(tls->tls);
    }
}

uint64_t ln_tls_admission_press_ms(const struct ln_tls *tls)
{
    const struct ln_list_node *node = ln_list_first(&tls->shaking);
    if (node == NULL || ln_list_is_empty(&tls->waiting)) {
        return LINNET_NO_DEADLINE;
    }
    return LN_LIST_OWNER(node, struct ln_tls_channel, shaking_node)->since_ms + HANDSHAKE_GRACE_MS;
}

void ln_tls_admission_press(struct ln_tls *tls, struct linnet_time time)
{
    struct ln_list_node *node = ln_list_first(&tls->idle);
    if (ln_list_is_empty(&tls->waiting) || has_room(tls)) {
        return;
    }
    if (tls->handshakes < tls->limits->tls_handshakes && node != NULL) {
        struct ln_tls_channel *idle = LN_LIST_OWNER(node, struct ln_tls_channel, idle_node);
        tls->counters.evictions++;
        idle->inner->operations->abort(idle->inner, LINNET_ABORT_EVICTED, time);
        ln_tls_seal_farewell(idle, LN_TLS_PHASE_CLOSED, time);
        tls->ready(tls->owner, idle->inner);
        return;
    }
    if (ln_tls_admission_press_ms(tls) <= time.monotonic_ms) {
        struct ln_tls_channel *oldest =
            LN_LIST_OWNER(ln_list_first(&tls->shaking), struct ln_tls_channel, shaking_node);
        tls->counters.failures++;
        ln_tls_channel_fail(oldest, LINNET_ABORT_TLS_TIMEOUT, time);
        tls->ready(tls->owner, oldest->inner);
    }
}
