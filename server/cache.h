/* The file cache: what is known of files, the bytes of small ones, the descriptors of larger ones.
 *
 * An entry is found by the path of a request. While it is fresh (checked less than cache_ms ago) it
 * answers without a call to the file system; afterwards its file is resolved again at its next use,
 * and the entry stays only if device, inode, length and both times are the same. So nothing is
 * stale for longer than cache_ms, also after a deploy by rename; and a file is resolved once in
 * that time, however often it is asked for.
 *
 * An entry is lent to whoever sends from it, and counted. Eviction only unlinks: bytes and
 * descriptor go with the last release. States of an entry: free; linked (found by its path); and
 * loose (not found any more, or never was, and lent). Linked entries that nobody holds stand in one
 * of two lists, the one used the longest ago first: `idle_blocks` (they have bytes) and
 * `idle_files` (they have a descriptor).
 *
 * Bounds: `files` entries, `open_files` descriptors, `cache_blocks` files of at most
 * `cache_block_len` bytes in memory. */
#ifndef LN_SERVER_CACHE_H
#define LN_SERVER_CACHE_H

#include <linnet/exchange.h>
#include <linnet/limits.h>
#include <linnet/source.h>

#include "core/base/pool.h"
#include "drivers/system/system_file.h"

enum {
    LN_CACHE_NAME_LEN_MAX = 255,  /* a longer path is served and not remembered */
    LN_CACHE_TAG_LEN = 18,        /* sixteen digits in quotes */
    LN_CACHE_LINES_LEN_MAX = 256, /* field lines of an answer */
};

struct ln_cache;

struct ln_cache_entry {
    struct linnet_source source; /* the first member: one is the other */
    struct ln_cache *cache;
    struct ln_list_node bucket_node;
    struct ln_list_node idle_node;
    struct ln_system_file_facts facts;
    /* What it is to a request; bytes.data NULL: its content is read from the descriptor. */
    struct linnet_representation representation;
    struct linnet_prepared prepared; /* of the whole answer, in `lines` */
    uint64_t checked_ms;
    uint32_t index;
    uint32_t block; /* of its bytes, or LN_POOL_NONE */
    uint32_t count; /* of who holds it */
    uint32_t name_len;
    bool linked;
    uint8_t tag[LN_CACHE_TAG_LEN];
    uint8_t lines[LN_CACHE_LINES_LEN_MAX];
    uint8_t name[LN_CACHE_NAME_LEN_MAX];
};

size_t ln_cache_memory_len(const struct linnet_limits *limits);
struct ln_cache *ln_cache_init(void *memory, const struct linnet_limits *limits);

/* Files that are not in memory are read ahead and not sent as they are (<linnet/source.h>);
 * `direct`: past the system's own memory, where their file system can. */
void ln_cache_read_ahead(struct ln_cache *cache, bool direct);

/* The entry of that path, or NULL; it stays until the next call of this cache. *fresh: it needs no
 * check. */
struct ln_cache_entry *ln_cache_find(struct ln_cache *cache, struct linnet_span path,
                                     uint64_t now_ms, bool *fresh);

/* A stale entry was resolved again to the same facts: it is fresh. */
void ln_cache_confirm(struct ln_cache_entry *entry, uint64_t now_ms);

/* It is not found any more; gone when nobody holds it. */
void ln_cache_unlink(struct ln_cache_entry *entry);

/* An entry for an open regular file, which it owns from now on, held once for the caller. It is
 * linked under that path unless the path is too long or caching is off; its media type is that of
 * `name`. NULL when everything is lent: the descriptor is then closed. */
struct ln_cache_entry *ln_cache_add(struct ln_cache *cache, struct linnet_span path,
                                    struct linnet_span name, int descriptor,
                                    const struct ln_system_file_facts *facts, uint64_t now_ms);

/* Do these facts say the same content? */
bool ln_cache_facts_equal(const struct ln_system_file_facts *a,
                          const struct ln_system_file_facts *b);

/* How much of it is in use, and the most that was. */
struct ln_cache_use {
    uint32_t files;
    uint32_t files_most;
    uint32_t blocks;
    uint32_t blocks_most;
    uint32_t descriptors;
    uint32_t descriptors_most;
};

struct ln_cache_use ln_cache_use(const struct ln_cache *cache);

/* Closes what is cached; nothing may be lent. */
void ln_cache_close(struct ln_cache *cache);

#endif
