/* The memory of a library that allocates: one mapping, fixed when the program starts.
 *
 * Blocks of up to LN_TLS_ARENA_SMALL_MAX bytes are of size classes, cut from slabs; a slab belongs
 * to one class while a block of it is used, and to nobody otherwise. Larger ones, up to
 * LN_TLS_ARENA_LARGE_LEN, have blocks of one size in a part of their own; what is larger still, or
 * finds none of these, is a run of slabs. Freed memory is found in constant time, runs excepted.
 *
 * One arena is installed for the life of a process, before its library's first use; a process that
 * is forked has a copy. With `locked` calls of several threads take turns. */
#ifndef LN_TLS_TLS_ARENA_H
#define LN_TLS_TLS_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LN_TLS_ARENA_SLAB_LEN = 16384,
    LN_TLS_ARENA_SMALL_MAX = 8192,
    LN_TLS_ARENA_LARGE_LEN = 24576,
    LN_TLS_ARENA_CLASSES = 21,
};

struct ln_tls_arena_use {
    size_t small; /* bytes of blocks that are lent, as their classes have them */
    size_t small_most;
    size_t blocks; /* that are lent, of all kinds */
    size_t blocks_most;
    size_t large;
    size_t large_most;
    size_t slabs; /* that belong to a class or a run */
    size_t slabs_most;
    size_t slab_count;
    size_t large_count;
    size_t failures; /* requests that found no memory */
};

/* The arena with that many slabs and large blocks, in bytes. */
size_t ln_tls_arena_len(size_t slabs, size_t large);

/* Makes it in `memory` (aligned to a page, zeroed), which stays the arena's. */
void ln_tls_arena_init(void *memory, size_t slabs, size_t large, bool locked);

void *ln_tls_arena_take(size_t len);
void *ln_tls_arena_resize(void *block, size_t len);
void ln_tls_arena_give(void *block);

struct ln_tls_arena_use ln_tls_arena_use(void);

/* Could `slabs` slabs and `large` large blocks be had at once? */
bool ln_tls_arena_has(size_t slabs, size_t large);

#endif
