/* Output: all spans of a turn leave in the one call that begins the next wait.
 *
 * Between writing a send and that call nothing may happen to what it lends, so nothing of the
 * worker is called in between; and a send never waits in the kernel, so no memory is read behind
 * that call. What the socket does not take is offered again when it is writable. Files leave at
 * once, by sendfile. */
#include "drivers/system/system_socket.h"
#include "drivers/uring.h"

static void took(struct linnet_driver *driver, uint32_t connection, uint64_t len)
{
    linnet_worker_taken(driver->turn.worker, connection, len, driver->turn.time);
    if (len > 0) {
        linnet_worker_released(driver->turn.worker, connection, len, driver->turn.time);
    }
}

static void send_file(struct linnet_driver *driver, uint32_t connection,
                      const struct linnet_output *out, uint64_t *left)
{
    struct ln_uring_peer *peer = &driver->peers[connection];
    const size_t total = out->file_len < *left ? (size_t)out->file_len : (size_t)*left;
    size_t len = 0;
    const enum linnet_error error =
        ln_system_send_file(peer->descriptor, out->file->descriptor, out->file_offset, total, &len);
    if (error == LINNET_ERROR_NONE && len == 0) {
        linnet_worker_abort(driver->turn.worker, connection, LINNET_ABORT_FILE_SHRUNK,
                            driver->turn.time);
        return;
    }
    if (error != LINNET_ERROR_NONE && error != LINNET_ERROR_AGAIN) {
        ln_uring_peer_lost(driver, connection, error);
        return;
    }
    *left -= len;
    /* Who has used up its turn waits as well: others come first. */
    peer->blocked = len < total || (*left == 0 && out->file_len > len);
    took(driver, connection, len);
}

void ln_uring_output_pend(struct linnet_driver *driver, uint32_t connection)
{
    struct ln_uring_peer *peer = &driver->peers[connection];
    uint64_t file_left = driver->turn.limits->file_bytes_per_turn;
    while (!peer->blocked && peer->sending_len == 0 &&
           (linnet_worker_state(driver->turn.worker, connection) &
            (LINNET_HAS_OUTPUT | LINNET_CLOSED)) == LINNET_HAS_OUTPUT) {
        struct linnet_output out;
        linnet_worker_output(driver->turn.worker, connection, LINNET_ACCEPT_FILE, &out);
        if (out.span_count > 0) {
            if (!peer->to_be_sent_to) {
                peer->to_be_sent_to = true;
                driver->sending[driver->sending_count++] = connection;
            }
            return;
        }
        if (out.file != NULL) {
            send_file(driver, connection, &out, &file_left);
        } else {
            if ((out.flags & LINNET_OUTPUT_FIN) != 0) {
                ln_system_shut(peer->descriptor);
            }
            took(driver, connection, 0);
        }
    }
}

bool ln_uring_output_write(struct linnet_driver *driver)
{
    bool any = false;
    for (uint32_t i = 0; i < driver->sending_count; i++) {
        const uint32_t connection = driver->sending[i];
        struct ln_uring_peer *peer = &driver->peers[connection];
        struct linnet_output out;
        peer->to_be_sent_to = false;
        if (!peer->open || peer->sending_len > 0 ||
            (linnet_worker_state(driver->turn.worker, connection) & LINNET_HAS_OUTPUT) == 0) {
            continue;
        }
        linnet_worker_output(driver->turn.worker, connection, LINNET_ACCEPT_FILE, &out);
        LN_ASSERT(out.span_count > 0); /* as when it was put here: bytes go by `sent` alone */
        uint64_t len = 0;
        for (unsigned j = 0; j < out.span_count; j++) {
            len += out.spans[j].len;
        }
        /* One send takes no more than 2 GiB; what is left over is blocked, as after any other. */
        peer->sending_len = len < UINT32_MAX ? (uint32_t)len : UINT32_MAX;
        const bool more = out.file != NULL || (out.flags & LINNET_OUTPUT_MORE) != 0;
        ln_system_uring_send(&driver->ring, peer->descriptor, out.spans, out.span_count, more,
                             ln_uring_key(LN_URING_SEND, peer->generation, connection));
        any = true;
    }
    driver->sending_count = 0;
    return any;
}

void ln_uring_output_sent(struct linnet_driver *driver, uint32_t connection,
                          const struct ln_system_uring_completion *completion)
{
    struct ln_uring_peer *peer = &driver->peers[connection];
    LN_ASSERT(completion->value <= peer->sending_len);
    peer->blocked = completion->value < peer->sending_len;
    peer->sending_len = 0;
    if ((linnet_worker_state(driver->turn.worker, connection) & LINNET_CLOSED) != 0) {
        return; /* meanwhile; it is still open because it is READING */
    }
    if (completion->error != LINNET_ERROR_NONE && completion->error != LINNET_ERROR_AGAIN) {
        ln_uring_peer_lost(driver, connection, completion->error);
    } else if (completion->value > 0) {
        took(driver, connection, completion->value);
    }
}
