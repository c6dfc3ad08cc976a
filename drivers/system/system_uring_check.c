/* Does io_uring do here what it promises? A few bytes go from one socket to another and back into a
 * buffer; a poll and a cancel are asked for as well. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drivers/system/system_error.h"
#include "drivers/system/system_fault.h"
#include "drivers/system/system_uring.h"

enum {
    CALLS_MAX = 8,
    WAIT_MS = 1000, /* nothing here has to wait; it is for a kernel that never completes */
};

/* Keys as no driver has them: the highest of all. */
#define KEY_RECEIVE (LN_SYSTEM_URING_NO_KEY - 1)
#define KEY_SEND    (LN_SYSTEM_URING_NO_KEY - 2)
#define KEY_POLL    (LN_SYSTEM_URING_NO_KEY - 3)

static const uint8_t words[] = "linnet";

struct seen {
    bool received;
    bool receive_over;
    bool sent;
    bool polled;
};

static void look(struct ln_system_uring *ring, const struct ln_system_uring_completion *completion,
                 struct seen *seen)
{
    const bool good = completion->error == LINNET_ERROR_NONE && completion->value > 0;
    if (completion->key == KEY_SEND) {
        seen->sent = good;
    } else if (completion->key == KEY_POLL) {
        seen->polled = good;
    } else if (completion->key == KEY_RECEIVE) {
        seen->receive_over = !completion->more;
        if (completion->buffer != LN_SYSTEM_URING_NO_BUFFER) {
            seen->received = good && completion->value <= sizeof words &&
                             memcmp(ln_system_uring_buffer(ring, completion->buffer), words,
                                    completion->value) == 0;
            ln_system_uring_give_buffer(ring, completion->buffer);
        }
    }
}

static bool exchange(struct ln_system_uring *ring, const int *ends)
{
    const struct linnet_span spans[] = {{words, 3}, {words + 3, sizeof words - 3}};
    struct seen seen = {.received = false};
    bool cancelled = false;
    ln_system_uring_receive(ring, ends[0], true, KEY_RECEIVE);
    ln_system_uring_send(ring, ends[1], spans, 2, false, KEY_SEND);
    ln_system_uring_poll(ring, ends[1], POLLOUT, KEY_POLL);
    for (unsigned i = 0; i < CALLS_MAX && !seen.receive_over; i++) {
        struct ln_system_uring_completion completion;
        if (ln_system_uring_enter(ring, WAIT_MS) != LINNET_ERROR_NONE) {
            return false;
        }
        while (ln_system_uring_next(ring, &completion)) {
            look(ring, &completion, &seen);
        }
        if (seen.received && !cancelled) {
            cancelled = true;
            ln_system_uring_cancel(ring, KEY_RECEIVE);
        }
    }
    return seen.received && seen.receive_over && seen.sent && seen.polled;
}

enum linnet_error ln_system_uring_check(struct ln_system_uring *ring)
{
    int ends[2];
    if (LN_SYSTEM_CALL(SOCKETPAIR, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                                              0, ends)) != 0) {
        return ln_system_error(errno);
    }
    const bool good = exchange(ring, ends);
    (void)LN_SYSTEM_MADE(CLOSE, close(ends[0]));
    (void)LN_SYSTEM_MADE(CLOSE, close(ends[1]));
    ring->tried = good;
    return good ? LINNET_ERROR_NONE : LINNET_ERROR_UNSUPPORTED;
}
