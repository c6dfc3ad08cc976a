/* Input: from the kernel's buffers into the room of the worker.
 *
 * What the worker does not want yet stays in its buffer, parked. A connection that has PARKED_MAX
 * of them is received from no more until they are gone, and one that finds no buffer at all is read
 * by plain calls: so nobody who fills buffers keeps others from being read. */
#include <string.h>

#include "drivers/system/system_socket.h"
#include "drivers/uring.h"

enum {
    PARKED_MAX = 4,
};

void ln_uring_input_give(struct linnet_driver *driver, uint32_t buffer)
{
    LN_ASSERT(driver->buffers_lent < driver->turn.limits->uring_buffers);
    driver->buffers_lent++;
    ln_system_uring_give_buffer(&driver->ring, buffer);
}

static void park(struct linnet_driver *driver, struct ln_uring_peer *peer, uint32_t buffer,
                 uint32_t len)
{
    driver->parked[buffer] = (struct ln_uring_parked){.next = LN_URING_NO_BUFFER, .end = len};
    if (peer->parked_count == 0) {
        peer->parked_first = buffer;
    } else {
        driver->parked[peer->parked_last].next = buffer;
    }
    peer->parked_last = buffer;
    peer->parked_count++;
}

static void give_first(struct linnet_driver *driver, struct ln_uring_peer *peer)
{
    const uint32_t buffer = peer->parked_first;
    LN_ASSERT(peer->parked_count > 0);
    peer->parked_first = driver->parked[buffer].next;
    peer->parked_count--;
    ln_uring_input_give(driver, buffer);
}

void ln_uring_input_drop(struct linnet_driver *driver, uint32_t connection)
{
    struct ln_uring_peer *peer = &driver->peers[connection];
    while (peer->parked_count > 0) {
        give_first(driver, peer);
    }
}

void ln_uring_input_take(struct linnet_driver *driver, uint32_t connection,
                         const struct ln_system_uring_completion *completion)
{
    struct ln_uring_peer *peer = &driver->peers[connection];
    if (!completion->more) {
        peer->cancelling = false;
    }
    peer->kept = true; /* whoever comes to be received from a second time */
    if (completion->buffer != LN_SYSTEM_URING_NO_BUFFER) {
        driver->buffers_lent--;
        if (completion->value == 0) {
            ln_uring_input_give(driver, completion->buffer);
        } else {
            park(driver, peer, completion->buffer, completion->value);
        }
    }
    switch (completion->error) {
    case LINNET_ERROR_NONE:
        peer->ended = peer->ended || completion->value == 0;
        break;
    case LINNET_ERROR_AGAIN:
        break;
    case LINNET_ERROR_MEMORY:
        peer->starved = true;
        break;
    default:
        ln_uring_peer_lost(driver, connection, completion->error);
        break;
    }
}

/* Copies as much of the first parked buffer as the worker takes; false: it wants nothing now. */
static bool feed_first(struct linnet_driver *driver, uint32_t connection)
{
    struct ln_uring_peer *peer = &driver->peers[connection];
    struct ln_uring_parked *parked = &driver->parked[peer->parked_first];
    struct linnet_room room;
    if (!linnet_worker_input(driver->turn.worker, connection, &room, driver->turn.time)) {
        peer->in_line =
            (linnet_worker_state(driver->turn.worker, connection) & LINNET_WANTS_INPUT) != 0;
        return false;
    }
    const uint32_t left = parked->end - parked->begin;
    const uint32_t len = room.len < left ? (uint32_t)room.len : left;
    const uint8_t *from = ln_system_uring_buffer(&driver->ring, peer->parked_first);
    memcpy(room.data, from + parked->begin, len);
    parked->begin += len;
    if (parked->begin == parked->end) {
        give_first(driver, peer);
    }
    linnet_worker_received(driver->turn.worker, connection, len, driver->turn.time);
    return true;
}

void ln_uring_input_feed(struct linnet_driver *driver, uint32_t connection)
{
    struct ln_uring_peer *peer = &driver->peers[connection];
    while (peer->parked_count > 0 && feed_first(driver, connection)) {
        /* feed_first does the work */
    }
    if (peer->ended && !peer->end_told && peer->parked_count == 0) {
        peer->end_told = true;
        linnet_worker_receive_end(driver->turn.worker, connection, driver->turn.time);
    }
    if (peer->parked_count >= PARKED_MAX && !peer->cancelling &&
        (peer->armed & 1U << LN_URING_RECEIVE) != 0) {
        peer->cancelling = true;
        ln_system_uring_cancel(&driver->ring,
                               ln_uring_key(LN_URING_RECEIVE, peer->generation, connection));
    }
}

void ln_uring_input_read(struct linnet_driver *driver, uint32_t connection)
{
    const struct ln_uring_peer *peer = &driver->peers[connection];
    uint64_t left = driver->turn.limits->bytes_per_turn;
    while (left > 0) {
        struct linnet_room room;
        size_t len = 0;
        if (!linnet_worker_input(driver->turn.worker, connection, &room, driver->turn.time)) {
            driver->peers[connection].in_line =
                (linnet_worker_state(driver->turn.worker, connection) & LINNET_WANTS_INPUT) != 0;
            return;
        }
        room.len = room.len < left ? room.len : (size_t)left;
        const enum linnet_error error = ln_system_receive(peer->descriptor, room, &len);
        linnet_worker_received(driver->turn.worker, connection, len, driver->turn.time);
        if (error != LINNET_ERROR_NONE) {
            if (error != LINNET_ERROR_AGAIN) {
                ln_uring_peer_lost(driver, connection, error);
            }
            return;
        }
        if (len == 0) {
            driver->peers[connection].ended = true;
            return;
        }
        left -= len;
        if (len < room.len) {
            return; /* a short read has emptied the socket */
        }
    }
}
