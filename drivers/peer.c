/* Moving the bytes of one connection. */
#include "drivers/peer.h"

#include "drivers/system/system_socket.h"

void ln_peer_lose(const struct ln_turn *turn, uint32_t connection, enum linnet_error error)
{
    linnet_worker_abort(
        turn->worker, connection,
        error == LINNET_ERROR_RESET ? LINNET_ABORT_RESET : LINNET_ABORT_SYSTEM_ERROR, turn->time);
}

static void read_input(const struct ln_turn *turn, uint32_t connection, struct ln_peer *peer)
{
    uint64_t left = turn->limits->bytes_per_turn;
    while (left > 0) {
        struct linnet_room room;
        size_t len = 0;
        if (!linnet_worker_input(turn->worker, connection, &room, turn->time)) {
            peer->in_line =
                (linnet_worker_state(turn->worker, connection) & LINNET_WANTS_INPUT) != 0;
            return;
        }
        room.len = room.len < left ? room.len : (size_t)left;
        const enum linnet_error error = ln_system_receive(peer->descriptor, room, &len);
        linnet_worker_received(turn->worker, connection, len, turn->time);
        if (error != LINNET_ERROR_NONE) {
            if (error != LINNET_ERROR_AGAIN) {
                ln_peer_lose(turn, connection, error);
            }
            return;
        }
        if (len == 0) {
            linnet_worker_receive_end(turn->worker, connection, turn->time);
            return;
        }
        left -= len;
        if (len < room.len) {
            return; /* a short read has emptied the socket: no read just to see EAGAIN */
        }
    }
}

/* Sends what *out lends, in one call; false: stop for this turn. */
static bool send_output(const struct ln_turn *turn, uint32_t connection, struct ln_peer *peer,
                        const struct linnet_output *out, uint64_t *file_left)
{
    enum linnet_error error = LINNET_ERROR_NONE;
    size_t total = 0;
    size_t len = 0;
    if (out->span_count > 0) {
        for (unsigned i = 0; i < out->span_count; i++) {
            total += out->spans[i].len;
        }
        const bool more = out->file != NULL || (out->flags & LINNET_OUTPUT_MORE) != 0;
        error = ln_system_send(peer->descriptor, out->spans, out->span_count, more, &len);
    } else if (out->file != NULL) {
        total = out->file_len < *file_left ? (size_t)out->file_len : (size_t)*file_left;
        error = ln_system_send_file(peer->descriptor, out->file->descriptor, out->file_offset,
                                    total, &len);
        *file_left -= len;
        if (error == LINNET_ERROR_NONE && len == 0) {
            linnet_worker_abort(turn->worker, connection, LINNET_ABORT_FILE_SHRUNK, turn->time);
            return false;
        }
    }
    if (error != LINNET_ERROR_NONE && error != LINNET_ERROR_AGAIN) {
        ln_peer_lose(turn, connection, error);
        return false;
    }
    if ((out->flags & LINNET_OUTPUT_FIN) != 0) {
        ln_system_shut(peer->descriptor);
    }
    linnet_worker_sent(turn->worker, connection, len, turn->time);
    peer->blocked = len < total || *file_left == 0;
    return !peer->blocked;
}

/* Returns the state behind it. */
static unsigned send_pending(const struct ln_turn *turn, uint32_t connection, struct ln_peer *peer)
{
    uint64_t file_left = turn->limits->file_bytes_per_turn;
    unsigned state;
    peer->blocked = false;
    while (((state = linnet_worker_state(turn->worker, connection)) &
            (LINNET_HAS_OUTPUT | LINNET_CLOSED)) == LINNET_HAS_OUTPUT) {
        struct linnet_output out;
        linnet_worker_output(turn->worker, connection, LINNET_ACCEPT_FILE, &out);
        if (!send_output(turn, connection, peer, &out, &file_left)) {
            return linnet_worker_state(turn->worker, connection);
        }
    }
    return state;
}

/* A file may still be read into what belongs to it: it comes up once more then. */
static unsigned over(unsigned state)
{
    return (state & LINNET_READING) != 0 ? LN_PEER_LINE : LN_PEER_OVER;
}

unsigned ln_peer_serve(const struct ln_turn *turn, uint32_t connection, struct ln_peer *peer,
                       unsigned told)
{
    unsigned state = linnet_worker_state(turn->worker, connection);
    if ((state & LINNET_CLOSED) != 0) {
        return over(state);
    }
    if ((state & LINNET_WANTS_INPUT) != 0) {
        if ((told & (LN_PEER_INPUT | LN_PEER_HUNG_UP)) != 0) {
            read_input(turn, connection, peer);
        }
    } else if ((told & LN_PEER_HUNG_UP) != 0) {
        ln_peer_lose(turn, connection, LINNET_ERROR_RESET);
    }
    state = send_pending(turn, connection, peer);
    if ((state & LINNET_CLOSED) != 0) {
        return over(state);
    }
    unsigned waits = 0;
    if ((state & LINNET_WANTS_INPUT) != 0) {
        waits |= peer->in_line ? LN_PEER_LINE : LN_PEER_INPUT;
    }
    if ((state & LINNET_HAS_OUTPUT) != 0 && peer->blocked) {
        waits |= LN_PEER_OUTPUT;
    }
    return waits;
}

unsigned ln_peer_resume(const struct ln_turn *turn, uint32_t connection, struct ln_peer *peer)
{
    const bool was_in_line = peer->in_line;
    peer->in_line = false;
    return ln_peer_serve(turn, connection, peer, was_in_line ? LN_PEER_INPUT : 0);
}

void ln_peer_close(const struct ln_turn *turn, uint32_t connection, const struct ln_peer *peer)
{
    struct linnet_output out;
    linnet_worker_output(turn->worker, connection, LINNET_ACCEPT_FILE, &out);
    ln_system_close_socket(peer->descriptor, (out.flags & LINNET_OUTPUT_RESET) != 0);
    linnet_worker_close(turn->worker, connection);
}
