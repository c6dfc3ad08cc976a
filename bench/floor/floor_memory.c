/* From memory: pipelined answers leave in one call, as they lie one behind the other. */
#include "bench/floor/floor.h"

#include <sys/socket.h>

int64_t floor_memory_send(const struct floor_answer *answer, int socket, size_t at, uint64_t owed)
{
    const uint64_t there = answer->repeated_len - at;
    return send(socket, answer->repeated + at, owed < there ? owed : there, MSG_NOSIGNAL);
}
