/* A pool: a fixed number of blocks of one size, lent out, with a line of those who wait.
 *
 * Blocks come back last in, first out: one hot block serves everybody, and a page that was never
 * needed is never touched. The block index is the name of a loan. Nobody overtakes the line:
 * `take` fails while somebody waits, even if a block is free; `ln_pool_serve` grants in order of
 * arrival.
 *
 * Memory: `blocks` is count * block_len bytes, `stack` count entries; both are the caller's and
 * need not be cleared. With LINNET_HOSTILE a block is filled with 0xA5 when it comes back, and
 * under AddressSanitizer it is poisoned until it is lent again. */
#ifndef LN_BASE_POOL_H
#define LN_BASE_POOL_H

#include "core/base/list.h"

#include <stdint.h>

#define LN_POOL_NONE UINT32_MAX

struct ln_pool {
    uint8_t *blocks;
    uint32_t *stack; /* indices of returned blocks, the hottest last */
    size_t block_len;
    uint32_t count;
    uint32_t stacked; /* entries of `stack` */
    uint32_t fresh;   /* blocks [fresh, count) were never lent: also the high-water mark */
    uint32_t waiting_count;
    struct ln_list waiting; /* ln_list_node of those in line, the first to be served first */
};

/* block_len must be a multiple of 8 and blocks 8-byte aligned (block_len 0: indices only). */
void ln_pool_init(struct ln_pool *pool, void *blocks, size_t block_len, uint32_t *stack,
                  uint32_t count);

/* Its memory is its owner's again, for whatever use; nothing may be lent that is still used. */
void ln_pool_end(const struct ln_pool *pool);

/* Blocks that are lent now, and the most that ever were at one time. */
static inline uint32_t ln_pool_used(const struct ln_pool *pool)
{
    return pool->fresh - pool->stacked;
}

static inline uint32_t ln_pool_used_max(const struct ln_pool *pool)
{
    return pool->fresh;
}

/* Lends a block and returns its index, or LN_POOL_NONE when none is free or somebody waits. */
uint32_t ln_pool_take(struct ln_pool *pool);

/* Takes a block back. It must be lent. */
void ln_pool_give(struct ln_pool *pool, uint32_t index);

/* The memory of block `index`. */
static inline void *ln_pool_block(const struct ln_pool *pool, uint32_t index)
{
    LN_ASSERT(index < pool->fresh);
    LN_ASSERT(pool->block_len > 0);
    return pool->blocks + (size_t)index * pool->block_len;
}

/* Joins the line; the node must be unlinked. */
void ln_pool_wait(struct ln_pool *pool, struct ln_list_node *node);

/* Leaves the line; harmless when it is not in it. */
void ln_pool_leave(struct ln_pool *pool, struct ln_list_node *node);

/* If a block is free and somebody waits: takes the first out of the line, lends a block to it in
 * *index and returns its node; else NULL. */
struct ln_list_node *ln_pool_serve(struct ln_pool *pool, uint32_t *index);

#endif
