/* Slabs, classes, large blocks and runs. The arena of a process is global as the library's hooks
 * are: they carry no context. */
#include "tls/tls_arena.h"

#include <pthread.h>
#include <string.h>

#include "core/base/assert.h"

#define NO_SLAB UINT32_MAX

enum {
    CLASS_FREE = 0xFF,
    CLASS_RUN = 0xFE,  /* the first slab of a run */
    CLASS_REST = 0xFD, /* the others */
    ALIGN = 16,
};

static const uint16_t class_lens[LN_TLS_ARENA_CLASSES] = {
    16,  32,   48,   64,   96,   128,  192,  256,  384,  512,  768,
    1024, 1280, 1536, 2048, 2720, 3264, 4096, 5456, 6528, 8192,
};

struct block {
    struct block *next;
};

struct slab {
    struct block *freed;
    uint32_t next; /* in the list of its class, or of the free ones */
    uint32_t previous;
    uint32_t run_len; /* slabs of a run */
    uint16_t used;
    uint16_t fresh; /* blocks [fresh, ...) were never lent */
    uint8_t class;
};

struct arena {
    uint8_t *slabs_begin;
    uint8_t *large_begin;
    struct slab *slabs;
    struct block *large_freed;
    size_t large_fresh;
    struct ln_tls_arena_use use;
    uint32_t partial[LN_TLS_ARENA_CLASSES]; /* slabs with a free block, a list for each class */
    uint32_t free_first;                    /* a list of the free slabs */
    bool locked;
    pthread_mutex_t mutex;
};

static struct arena *arena;

static size_t round_up(size_t len, size_t to)
{
    return (len + to - 1) / to * to;
}

static size_t records_len(size_t slabs)
{
    return round_up(sizeof(struct arena) + slabs * sizeof(struct slab), LN_TLS_ARENA_SLAB_LEN);
}

size_t ln_tls_arena_len(size_t slabs, size_t large)
{
    return records_len(slabs) + slabs * LN_TLS_ARENA_SLAB_LEN + large * LN_TLS_ARENA_LARGE_LEN;
}

/* ---- lists of slabs ------------------------------------------------------------------------- */

static void put(uint32_t *first, uint32_t index)
{
    struct slab *slab = &arena->slabs[index];
    slab->previous = NO_SLAB;
    slab->next = *first;
    if (*first != NO_SLAB) {
        arena->slabs[*first].previous = index;
    }
    *first = index;
}

static void remove_from(uint32_t *first, uint32_t index)
{
    const struct slab *slab = &arena->slabs[index];
    if (slab->previous == NO_SLAB) {
        LN_ASSERT(*first == index);
        *first = slab->next;
    } else {
        arena->slabs[slab->previous].next = slab->next;
    }
    if (slab->next != NO_SLAB) {
        arena->slabs[slab->next].previous = slab->previous;
    }
}

static void claim(uint32_t index, uint8_t class)
{
    struct slab *slab = &arena->slabs[index];
    LN_ASSERT(slab->class == CLASS_FREE);
    remove_from(&arena->free_first, index);
    slab->class = class;
    slab->freed = NULL;
    slab->used = 0;
    slab->fresh = 0;
    arena->use.slabs++;
    if (arena->use.slabs > arena->use.slabs_most) {
        arena->use.slabs_most = arena->use.slabs;
    }
}

static void give_slab(uint32_t index)
{
    arena->slabs[index].class = CLASS_FREE;
    put(&arena->free_first, index);
    LN_ASSERT(arena->use.slabs > 0);
    arena->use.slabs--;
}

static uint8_t *slab_memory(uint32_t index)
{
    return arena->slabs_begin + (size_t)index * LN_TLS_ARENA_SLAB_LEN;
}

void ln_tls_arena_init(void *memory, size_t slabs, size_t large, bool locked)
{
    LN_ASSERT(arena == NULL);
    LN_ASSERT(slabs < NO_SLAB);
    arena = memory;
    *arena = (struct arena){
        .slabs_begin = (uint8_t *)memory + records_len(slabs),
        .slabs = (struct slab *)(arena + 1),
        .free_first = NO_SLAB,
        .locked = locked,
        .use = {.slab_count = slabs, .large_count = large},
    };
    arena->large_begin = arena->slabs_begin + slabs * LN_TLS_ARENA_SLAB_LEN;
    const int error = pthread_mutex_init(&arena->mutex, NULL);
    LN_ASSERT(error == 0);
    for (size_t class = 0; class < LN_TLS_ARENA_CLASSES; class++) {
        arena->partial[class] = NO_SLAB;
    }
    for (size_t i = slabs; i > 0; i--) {
        arena->slabs[i - 1].class = CLASS_FREE;
        put(&arena->free_first, (uint32_t)(i - 1));
    }
}

/* ---- small blocks --------------------------------------------------------------------------- */

static uint8_t class_of(size_t len)
{
    uint8_t class = 0;
    while (class_lens[class] < len) {
        class ++;
    }
    return class;
}

static uint16_t blocks_of(uint8_t class)
{
    return (uint16_t)(LN_TLS_ARENA_SLAB_LEN / class_lens[class]);
}

static void *take_small(size_t len)
{
    const uint8_t class = class_of(len);
    uint32_t index = arena->partial[class];
    if (index == NO_SLAB) {
        index = arena->free_first;
        if (index == NO_SLAB) {
            return NULL;
        }
        claim(index, class);
        put(&arena->partial[class], index);
    }
    struct slab *slab = &arena->slabs[index];
    struct block *block = slab->freed;
    if (block != NULL) {
        slab->freed = block->next;
    } else {
        block = (struct block *)(void *)(slab_memory(index) +
                                         (size_t)slab->fresh * class_lens[class]);
        slab->fresh++;
    }
    slab->used++;
    if (slab->used == blocks_of(class)) {
        remove_from(&arena->partial[class], index);
    }
    arena->use.small += class_lens[class];
    if (arena->use.small > arena->use.small_most) {
        arena->use.small_most = arena->use.small;
    }
    return block;
}

static void give_small(uint32_t index, void *memory)
{
    struct slab *slab = &arena->slabs[index];
    const uint8_t class = slab->class;
    struct block *block = memory;
    LN_ASSERT(class < LN_TLS_ARENA_CLASSES);
    LN_ASSERT(((size_t)((uint8_t *)memory - slab_memory(index))) % class_lens[class] == 0);
    LN_ASSERT(slab->used > 0);
    if (slab->used == blocks_of(class)) {
        put(&arena->partial[class], index);
    }
    block->next = slab->freed;
    slab->freed = block;
    slab->used--;
    arena->use.small -= class_lens[class];
    if (slab->used == 0) {
        remove_from(&arena->partial[class], index);
        give_slab(index);
    }
}

/* ---- large blocks, and runs ------------------------------------------------------------------ */

static void *take_large(void)
{
    struct block *block = arena->large_freed;
    if (block != NULL) {
        arena->large_freed = block->next;
    } else if (arena->large_fresh < arena->use.large_count) {
        block = (struct block *)(void *)(arena->large_begin +
                                         arena->large_fresh * LN_TLS_ARENA_LARGE_LEN);
        arena->large_fresh++;
    } else {
        return NULL;
    }
    arena->use.large++;
    if (arena->use.large > arena->use.large_most) {
        arena->use.large_most = arena->use.large;
    }
    return block;
}

static void give_large(void *memory)
{
    struct block *block = memory;
    LN_ASSERT(((size_t)((uint8_t *)memory - arena->large_begin)) % LN_TLS_ARENA_LARGE_LEN == 0);
    block->next = arena->large_freed;
    arena->large_freed = block;
    arena->use.large--;
}

/* The first slabs that lie free side by side. Only boot has so large ones, and few of them. */
static void *take_run(size_t len)
{
    const size_t wanted = round_up(len, LN_TLS_ARENA_SLAB_LEN) / LN_TLS_ARENA_SLAB_LEN;
    size_t found = 0;
    for (uint32_t i = 0; i < arena->use.slab_count; i++) {
        found = arena->slabs[i].class == CLASS_FREE ? found + 1 : 0;
        if (found < wanted) {
            continue;
        }
        const uint32_t first = i + 1 - (uint32_t)wanted;
        for (uint32_t each = first; each <= i; each++) {
            claim(each, each == first ? CLASS_RUN : CLASS_REST);
        }
        arena->slabs[first].run_len = (uint32_t)wanted;
        return slab_memory(first);
    }
    return NULL;
}

static void give_run(uint32_t first)
{
    const uint32_t len = arena->slabs[first].run_len;
    for (uint32_t i = 0; i < len; i++) {
        give_slab(first + i);
    }
}

/* ---- what the library calls ------------------------------------------------------------------ */

static bool is_large(const void *block)
{
    return (const uint8_t *)block >= arena->large_begin;
}

static uint32_t slab_of(const void *block)
{
    const uint8_t *at = block;
    LN_ASSERT(at >= arena->slabs_begin);
    LN_ASSERT(at < arena->large_begin);
    return (uint32_t)((size_t)(at - arena->slabs_begin) / LN_TLS_ARENA_SLAB_LEN);
}

static size_t len_of(const void *block)
{
    if (is_large(block)) {
        return LN_TLS_ARENA_LARGE_LEN;
    }
    const struct slab *slab = &arena->slabs[slab_of(block)];
    return slab->class == CLASS_RUN ? (size_t)slab->run_len * LN_TLS_ARENA_SLAB_LEN
                                    : class_lens[slab->class];
}

static void *take(size_t len)
{
    void *block = NULL;
    if (len <= LN_TLS_ARENA_SMALL_MAX) {
        block = take_small(len < ALIGN ? ALIGN : len);
    } else if (len <= LN_TLS_ARENA_LARGE_LEN) {
        block = take_large();
    }
    if (block == NULL && len > LN_TLS_ARENA_SMALL_MAX) {
        block = take_run(len);
    }
    arena->use.blocks += block != NULL ? 1 : 0;
    if (arena->use.blocks > arena->use.blocks_most) {
        arena->use.blocks_most = arena->use.blocks;
    }
    arena->use.failures += block == NULL ? 1 : 0;
    return block;
}

static void give(void *block)
{
    LN_ASSERT(arena->use.blocks > 0);
    arena->use.blocks--;
    if (is_large(block)) {
        give_large(block);
        return;
    }
    const uint32_t index = slab_of(block);
    if (arena->slabs[index].class == CLASS_RUN) {
        give_run(index);
    } else {
        give_small(index, block);
    }
}

static void lock(void)
{
    LN_ASSERT(arena != NULL);
    if (arena->locked) {
        (void)pthread_mutex_lock(&arena->mutex);
    }
}

static void unlock(void)
{
    if (arena->locked) {
        (void)pthread_mutex_unlock(&arena->mutex);
    }
}

void *ln_tls_arena_take(size_t len)
{
    lock();
    void *block = take(len);
    unlock();
    return block;
}

void ln_tls_arena_give(void *block)
{
    if (block != NULL) {
        lock();
        give(block);
        unlock();
    }
}

void *ln_tls_arena_resize(void *block, size_t len)
{
    if (block == NULL) {
        return ln_tls_arena_take(len);
    }
    lock();
    const size_t had = len_of(block);
    void *other = block;
    if (len > had || (len < had / 2 && had > LN_TLS_ARENA_SMALL_MAX)) {
        other = take(len);
        if (other != NULL) {
            memcpy(other, block, len < had ? len : had);
            give(block);
        }
    }
    unlock();
    return other;
}

struct ln_tls_arena_use ln_tls_arena_use(void)
{
    lock();
    const struct ln_tls_arena_use use = arena->use;
    unlock();
    return use;
}

bool ln_tls_arena_has(size_t slabs, size_t large)
{
    lock();
    const bool has = arena->use.slab_count - arena->use.slabs >= slabs &&
                     arena->use.large_count - arena->use.large >= large;
    unlock();
    return has;
}
