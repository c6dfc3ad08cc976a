/* The memory of a server or of files: the caller's block, or one of the system's. */
#ifndef LN_SERVER_LIBRARY_BLOCK_H
#define LN_SERVER_LIBRARY_BLOCK_H

#include <stddef.h>

#include <linnet/error.h>

/* Every part of a block begins at a multiple of it. */
enum { LN_BLOCK_ALIGNMENT = 64 };

struct ln_block {
    void *memory; /* aligned */
    void *mapped; /* NULL: it is the caller's */
    size_t mapped_len;
};

static inline size_t ln_block_round_up(size_t len)
{
    return (len + LN_BLOCK_ALIGNMENT - 1) & ~(size_t)(LN_BLOCK_ALIGNMENT - 1);
}

/* What a caller must give for `len` bytes, wherever his block lies. */
static inline size_t ln_block_len(size_t len)
{
    return len + LN_BLOCK_ALIGNMENT - 1;
}

/* `len` bytes in given[given_len], or new ones if `given` is NULL. TOO_LARGE, MEMORY. */
LINNET_MUST_USE enum linnet_error ln_block_take(struct ln_block *block, void *given,
                                                size_t given_len, size_t len);

void ln_block_give(const struct ln_block *block);

#endif
