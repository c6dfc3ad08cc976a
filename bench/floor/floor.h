/* The floor: what an answer costs when nothing is read but the end of the request's head.
 *
 * One program, two ways to send the same bytes: from memory, or the head from memory and the
 * content from a file by sendfile. */
#ifndef LN_BENCH_FLOOR_FLOOR_H
#define LN_BENCH_FLOOR_FLOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The one answer, from a file that holds its head and its content. */
struct floor_answer {
    int descriptor; /* of that file */
    size_t len;
    size_t head_len;
    char *repeated; /* the answer, as often as fits floor_memory's longest send */
    size_t repeated_len;
};

/* Sends some of the `owed` bytes, the first of which is byte `at` of an answer. Returns as send
 * does: how many were sent, or -1 and errno. */
typedef int64_t floor_send(const struct floor_answer *answer, int socket, size_t at, uint64_t owed);

floor_send floor_memory_send;
floor_send floor_file_send;

#endif
