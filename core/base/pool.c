/* A pool: blocks lent and taken back, and the line of those who wait.
 *
 * A block is in one of three places: lent, on the stack of returned blocks, or fresh (never lent).
 * Invariants: stacked <= fresh <= count; the stack holds indices below fresh, and what of these it
 * does not hold is lent. Whoever leaves the line was counted in it. */
#include "core/base/pool.h"

#include <string.h>

/* The two compilers say in different ways that AddressSanitizer is on. */
#if defined(__SANITIZE_ADDRESS__)
#    define POOL_POISONS 1
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define POOL_POISONS 1
#    endif
#endif

#if defined(POOL_POISONS)

void __asan_poison_memory_region(void const volatile *begin, size_t len);
void __asan_unpoison_memory_region(void const volatile *begin, size_t len);

static void poison(const uint8_t *begin, size_t len)
{
    __asan_poison_memory_region(begin, len);
}

static void unpoison(const uint8_t *begin, size_t len)
{
    __asan_unpoison_memory_region(begin, len);
}

#else

static void poison(const uint8_t *begin, size_t len)
{
    (void)begin;
    (void)len;
}

static void unpoison(const uint8_t *begin, size_t len)
{
    (void)begin;
    (void)len;
}

#endif

#if defined(LINNET_HOSTILE)

/* What was lent is gone: whoever still reads it reads nonsense. */
static void wipe(uint8_t *begin, size_t len)
{
    if (len > 0) {
        memset(begin, 0xA5, len);
    }
}

#else

static void wipe(uint8_t *begin, size_t len)
{
    (void)begin;
    (void)len;
}

#endif

static uint8_t *block_begin(const struct ln_pool *pool, uint32_t index)
{
    return pool->blocks + (size_t)index * pool->block_len;
}

/* Lends a block whoever waits, or LN_POOL_NONE. A fresh one only when no other is there: so as many
 * are fresh as were ever lent at one time. */
static inline uint32_t lend(struct ln_pool *pool)
{
    uint32_t index = pool->fresh;
    if (pool->stacked > 0) {
        pool->stacked--;
        index = pool->stack[pool->stacked];
    } else if (index < pool->count) {
        pool->fresh++;
    } else {
        return LN_POOL_NONE;
    }
    LN_ASSERT(index < pool->fresh);
    unpoison(block_begin(pool, index), pool->block_len);
    return index;
}

void ln_pool_init(struct ln_pool *pool, void *blocks, size_t block_len, uint32_t *stack,
                  uint32_t count)
{
    LN_ASSERT(block_len % 8 == 0);
    LN_ASSERT((uintptr_t)blocks % 8 == 0);
    LN_ASSERT(count < LN_POOL_NONE);
    LN_ASSERT(stack != NULL || count == 0);
    LN_ASSERT(blocks != NULL || block_len == 0 || count == 0);
    *pool = (struct ln_pool){
        .blocks = blocks,
        .stack = stack,
        .block_len = block_len,
        .count = count,
    };
    ln_list_init(&pool->waiting);
    poison(pool->blocks, pool->block_len * count);
}

void ln_pool_end(const struct ln_pool *pool)
{
    unpoison(pool->blocks, pool->block_len * pool->count);
}

uint32_t ln_pool_take(struct ln_pool *pool)
{
    return pool->waiting_count > 0 ? LN_POOL_NONE : lend(pool);
}

void ln_pool_give(struct ln_pool *pool, uint32_t index)
{
    LN_ASSERT(index < pool->fresh);
    LN_ASSERT(pool->stacked < pool->fresh);
    wipe(block_begin(pool, index), pool->block_len);
    poison(block_begin(pool, index), pool->block_len);
    pool->stack[pool->stacked] = index;
    pool->stacked++;
}

void ln_pool_wait(struct ln_pool *pool, struct ln_list_node *node)
{
    LN_ASSERT(!ln_list_is_linked(node));
    LN_ASSERT(pool->waiting_count < UINT32_MAX);
    ln_list_append(&pool->waiting, node);
    pool->waiting_count++;
}

void ln_pool_leave(struct ln_pool *pool, struct ln_list_node *node)
{
    LN_ASSERT(node != &pool->waiting.head);
    if (!ln_list_is_linked(node)) {
        return;
    }
    LN_ASSERT(pool->waiting_count > 0);
    ln_list_remove(node);
    pool->waiting_count--;
}

struct ln_list_node *ln_pool_serve(struct ln_pool *pool, uint32_t *index)
{
    LN_ASSERT(index != NULL);
    const uint32_t lent = pool->waiting_count > 0 ? lend(pool) : LN_POOL_NONE;
    if (lent == LN_POOL_NONE) {
        return NULL;
    }
    *index = lent;
    struct ln_list_node *node = ln_list_first(&pool->waiting);
    LN_ASSERT(node != NULL);
    ln_pool_leave(pool, node);
    return node;
}
