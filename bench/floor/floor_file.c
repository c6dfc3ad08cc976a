/* By sendfile: the head waits in the kernel (MSG_MORE) for the content that follows. */
#include "bench/floor/floor.h"

#include <sys/sendfile.h>
#include <sys/socket.h>

int64_t floor_file_send(const struct floor_answer *answer, int socket, size_t at, uint64_t owed)
{
    (void)owed;
    int64_t sent = 0;
    if (at < answer->head_len) {
        const size_t len = answer->head_len - at;
        sent = send(socket, answer->repeated + at, len, MSG_NOSIGNAL | MSG_MORE);
        if (sent < (int64_t)len) {
            return sent;
        }
        at = answer->head_len;
    }
    off_t offset = (off_t)at;
    const ssize_t count = sendfile(socket, answer->descriptor, &offset, answer->len - at);
    return count < 0 ? (sent > 0 ? sent : count) : sent + count;
}
