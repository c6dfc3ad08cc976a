/* The file cache: a hash table by path over a pool of entries, and two lists of who may go. */
#include "server/cache.h"

#include <string.h>

#include "core/base/bits.h"
#include "core/base/number.h"
#include "core/base/span.h"
#include "core/http/media_type.h"

struct ln_cache {
    struct ln_pool entries;
    struct ln_pool blocks;
    struct ln_list idle_blocks;
    struct ln_list idle_files;
    struct ln_list *buckets;
    uint32_t bucket_mask;
    uint32_t descriptors; /* held by entries */
    uint32_t descriptors_max;
    uint32_t descriptors_most; /* ever held at one time */
    uint64_t fresh_ms;
    size_t block_len;
    bool read_ahead;
    bool direct;
};

static size_t entry_len(void)
{
    return ln_bits_round_up(sizeof(struct ln_cache_entry), 64);
}

static size_t block_len(const struct linnet_limits *limits)
{
    return ln_bits_round_up((size_t)limits->cache_block_len, 64);
}

/* A power of two, about as many as entries. */
static size_t bucket_count(const struct linnet_limits *limits)
{
    size_t count = 1;
    while (count < limits->files) {
        count *= 2;
    }
    return count;
}

size_t ln_cache_memory_len(const struct linnet_limits *limits)
{
    const size_t files = (size_t)limits->files;
    const size_t blocks = (size_t)limits->cache_blocks;
    return ln_bits_round_up(sizeof(struct ln_cache), 64) + files * entry_len() +
           blocks * block_len(limits) + bucket_count(limits) * sizeof(struct ln_list) +
           ln_bits_round_up((files + blocks) * sizeof(uint32_t), 64);
}

struct ln_cache *ln_cache_init(void *memory, const struct linnet_limits *limits)
{
    const size_t files = (size_t)limits->files;
    const size_t blocks = (size_t)limits->cache_blocks;
    struct ln_cache *cache = memory;
    uint8_t *next = (uint8_t *)memory + ln_bits_round_up(sizeof *cache, 64);
    uint8_t *block_memory = next + files * entry_len();
    uint8_t *bucket_memory = block_memory + blocks * block_len(limits);
    cache->buckets = (struct ln_list *)(void *)bucket_memory;
    uint32_t *stack =
        (uint32_t *)(void *)(bucket_memory + bucket_count(limits) * sizeof(struct ln_list));
    ln_pool_init(&cache->entries, next, entry_len(), stack, (uint32_t)files);
    ln_pool_init(&cache->blocks, block_memory, block_len(limits), stack + files, (uint32_t)blocks);
    for (size_t i = 0; i < bucket_count(limits); i++) {
        ln_list_init(&cache->buckets[i]);
    }
    ln_list_init(&cache->idle_blocks);
    ln_list_init(&cache->idle_files);
    cache->bucket_mask = (uint32_t)bucket_count(limits) - 1;
    cache->descriptors = 0;
    cache->descriptors_most = 0;
    cache->descriptors_max = (uint32_t)limits->open_files;
    cache->fresh_ms = limits->cache_ms;
    cache->block_len = (size_t)limits->cache_block_len;
    cache->read_ahead = false;
    cache->direct = false;
    return cache;
}

void ln_cache_read_ahead(struct ln_cache *cache, bool direct)
{
    cache->read_ahead = true;
    cache->direct = direct;
}

/* FNV-1a, eight bytes a step. Only paths of files that exist become keys. */
static struct ln_list *bucket_of_path(const struct ln_cache *cache, struct linnet_span path)
{
    uint64_t hash = 0xCBF29CE484222325U;
    size_t at = 0;
    for (; at + 8 <= path.len; at += 8) {
        uint64_t piece;
        memcpy(&piece, path.data + at, sizeof piece);
        hash = (hash ^ piece) * 0x100000001B3U;
        hash ^= hash >> 32;
    }
    for (; at < path.len; at++) {
        hash = (hash ^ path.data[at]) * 0x100000001B3U;
    }
    return &cache->buckets[(hash ^ hash >> 32) & cache->bucket_mask];
}

static void free_entry(struct ln_cache_entry *entry)
{
    struct ln_cache *cache = entry->cache;
    LN_ASSERT(entry->count == 0);
    LN_ASSERT(!entry->linked);
    if (entry->source.descriptor >= 0) {
        ln_system_close_file(entry->source.descriptor);
        cache->descriptors--;
    }
    if (entry->block != LN_POOL_NONE) {
        ln_pool_give(&cache->blocks, entry->block);
    }
    ln_pool_give(&cache->entries, entry->index);
}

void ln_cache_unlink(struct ln_cache_entry *entry)
{
    if (!entry->linked) {
        return;
    }
    ln_list_remove(&entry->bucket_node);
    ln_list_remove(&entry->idle_node);
    entry->linked = false;
    if (entry->count == 0) {
        free_entry(entry);
    }
}

static struct ln_list *idle_list_of(struct ln_cache *cache, const struct ln_cache_entry *entry)
{
    return entry->block != LN_POOL_NONE ? &cache->idle_blocks : &cache->idle_files;
}

/* It is used now: of those that nobody holds it is the last to go. */
static void touch(struct ln_cache *cache, struct ln_cache_entry *entry)
{
    struct ln_list *idle = idle_list_of(cache, entry);
    if (entry->count == 0 && entry->idle_node.next != &idle->head) {
        ln_list_remove(&entry->idle_node);
        ln_list_append(idle, &entry->idle_node);
    }
}

static void hold(struct linnet_source *source)
{
    struct ln_cache_entry *entry = (struct ln_cache_entry *)source;
    if (entry->count == 0) {
        ln_list_remove(&entry->idle_node);
    }
    entry->count++;
}

static void release_source(struct linnet_source *source)
{
    struct ln_cache_entry *entry = (struct ln_cache_entry *)source;
    struct ln_cache *cache = entry->cache;
    LN_ASSERT(entry->count > 0);
    entry->count--;
    if (entry->count > 0) {
        return;
    }
    if (!entry->linked) {
        free_entry(entry);
    } else {
        ln_list_append(idle_list_of(cache, entry), &entry->idle_node);
    }
}

static ptrdiff_t read_source(struct linnet_source *source, uint64_t offset, struct linnet_room room)
{
    const struct ln_cache_entry *entry = (const struct ln_cache_entry *)source;
    LN_ASSERT(entry->representation.bytes.data == NULL);
    if (source->direct) { /* whoever reads it so cares for no alignment */
        (void)ln_system_file_set_direct(source->descriptor, false);
        source->direct = false;
    }
    return ln_system_read_at(entry->source.descriptor, offset, room);
}

static const struct linnet_source_operations source_operations = {
    .read = read_source,
    .hold = hold,
    .release = release_source,
};

struct ln_cache_entry *ln_cache_find(struct ln_cache *cache, struct linnet_span path,
                                     uint64_t now_ms, bool *fresh)
{
    const struct ln_list *bucket = bucket_of_path(cache, path);
    for (struct ln_list_node *node = bucket->head.next; node != &bucket->head; node = node->next) {
        struct ln_cache_entry *entry = LN_LIST_OWNER(node, struct ln_cache_entry, bucket_node);
        if (ln_span_equal((struct linnet_span){entry->name, entry->name_len}, path)) {
            *fresh = now_ms - entry->checked_ms < cache->fresh_ms;
            touch(cache, entry);
            return entry;
        }
    }
    return NULL;
}

void ln_cache_confirm(struct ln_cache_entry *entry, uint64_t now_ms)
{
    entry->checked_ms = now_ms;
}

/* Unlinks the entry of a list that was used the longest ago; false when the list is empty. */
static bool evict_from(struct ln_list *idle)
{
    struct ln_list_node *node = ln_list_first(idle);
    if (node == NULL) {
        return false;
    }
    ln_cache_unlink(LN_LIST_OWNER(node, struct ln_cache_entry, idle_node));
    return true;
}

static uint32_t take_entry(struct ln_cache *cache)
{
    const uint32_t index = ln_pool_take(&cache->entries);
    if (index != LN_POOL_NONE) {
        return index;
    }
    if (!evict_from(&cache->idle_files) && !evict_from(&cache->idle_blocks)) {
        return LN_POOL_NONE;
    }
    return ln_pool_take(&cache->entries);
}

static uint32_t take_cache_block(struct ln_cache *cache)
{
    const uint32_t index = ln_pool_take(&cache->blocks);
    if (index != LN_POOL_NONE || !evict_from(&cache->idle_blocks)) {
        return index;
    }
    return ln_pool_take(&cache->blocks);
}

bool ln_cache_facts_equal(const struct ln_system_file_facts *a,
                          const struct ln_system_file_facts *b)
{
    return a->device == b->device && a->inode == b->inode && a->len == b->len &&
           a->modified_s == b->modified_s && a->modified_ns == b->modified_ns &&
           a->changed_s == b->changed_s && a->changed_ns == b->changed_ns;
}

/* Reads the whole file into a block, if there is one, and gives its descriptor up. The facts must
 * be the same behind the reading as before it: else it is left to be sent from the descriptor. */
static void fill_block(struct ln_cache *cache, struct ln_cache_entry *entry)
{
    const size_t len = (size_t)entry->facts.len;
    const uint32_t block = take_cache_block(cache);
    if (block == LN_POOL_NONE) {
        return;
    }
    uint8_t *memory = ln_pool_block(&cache->blocks, block);
    size_t filled = 0;
    ptrdiff_t got = 1;
    while (filled < len && got > 0) {
        got = ln_system_read_at(entry->source.descriptor, filled,
                                (struct linnet_room){memory + filled, len - filled});
        filled += got > 0 ? (size_t)got : 0;
    }
    struct ln_system_file_facts facts;
    if (filled < len ||
        ln_system_file_facts(entry->source.descriptor, &facts) != LINNET_ERROR_NONE ||
        !ln_cache_facts_equal(&facts, &entry->facts)) {
        ln_pool_give(&cache->blocks, block);
        return;
    }
    ln_system_close_file(entry->source.descriptor);
    cache->descriptors--;
    entry->source.descriptor = -1;
    entry->block = block;
    entry->representation.bytes = (struct linnet_span){memory, len};
}

/* Spreads every bit of a number over all of them; no two numbers become the same. */
static uint64_t mix(uint64_t number)
{
    number = (number ^ number >> 32) * 0xD6E8FEB86659FD93U;
    number = (number ^ number >> 32) * 0xD6E8FEB86659FD93U;
    return number ^ number >> 32;
}

/* RFC 9110 8.8.3: strong, for every one of these changes when the content may have. */
static void write_tag(struct ln_cache_entry *entry)
{
    const struct ln_system_file_facts *facts = &entry->facts;
    const uint64_t numbers[] = {
        facts->device, facts->inode, facts->len,
        (uint64_t)facts->modified_s * 1000000000 + (uint64_t)facts->modified_ns,
        (uint64_t)facts->changed_s * 1000000000 + (uint64_t)facts->changed_ns};
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        sum = mix(sum ^ numbers[i]);
    }
    entry->tag[0] = '"';
    for (size_t i = 0; i < LN_CACHE_TAG_LEN - 2; i++) {
        entry->tag[1 + i] = (uint8_t) "0123456789abcdef"[sum >> 4 * i & 15];
    }
    entry->tag[LN_CACHE_TAG_LEN - 1] = '"';
}

/* After its bytes are there, or are known not to be. */
static void prepare_entry(struct ln_cache_entry *entry)
{
    const struct linnet_room room = {entry->lines, sizeof entry->lines};
    const enum linnet_error error =
        linnet_representation_prepare(&entry->representation, room, &entry->prepared);
    LN_ASSERT(error == LINNET_ERROR_NONE);
    entry->representation.prepared = &entry->prepared;
}

static void link_entry(struct ln_cache *cache, struct ln_cache_entry *entry,
                       struct linnet_span path)
{
    if (path.len == 0 || path.len > sizeof entry->name || cache->fresh_ms == 0) {
        return;
    }
    memcpy(entry->name, path.data, path.len);
    entry->name_len = (uint32_t)path.len;
    entry->linked = true;
    ln_list_append(bucket_of_path(cache, path), &entry->bucket_node);
}

struct ln_cache_entry *ln_cache_add(struct ln_cache *cache, struct linnet_span path,
                                    struct linnet_span name, int descriptor,
                                    const struct ln_system_file_facts *facts, uint64_t now_ms)
{
    /* The descriptor is there already; for the next one there must be room. */
    const bool full =
        cache->descriptors >= cache->descriptors_max && !evict_from(&cache->idle_files);
    const uint32_t index = full ? LN_POOL_NONE : take_entry(cache);
    if (index == LN_POOL_NONE) {
        ln_system_close_file(descriptor);
        return NULL;
    }
    struct ln_cache_entry *entry = ln_pool_block(&cache->entries, index);
    *entry = (struct ln_cache_entry){
        .source = {.operations = &source_operations, .descriptor = descriptor},
        .cache = cache,
        .facts = *facts,
        .representation = {.media_type = ln_media_type_for(name),
                           .entity_tag = {entry->tag, sizeof entry->tag},
                           .last_modified_unix_s = facts->modified_s,
                           .source = &entry->source,
                           .len = facts->len},
        .checked_ms = now_ms,
        .index = index,
        .block = LN_POOL_NONE,
        .count = 1,
    };
    ln_list_node_init(&entry->bucket_node);
    ln_list_node_init(&entry->idle_node);
    cache->descriptors++;
    if (cache->descriptors > cache->descriptors_most) {
        cache->descriptors_most = cache->descriptors;
    }
    write_tag(entry);
    if (facts->len > 0 && facts->len <= cache->block_len && cache->fresh_ms > 0) {
        fill_block(cache, entry);
    }
    if (cache->read_ahead && entry->block == LN_POOL_NONE) {
        entry->source.read_ahead = true;
        entry->source.direct = cache->direct && ln_system_file_set_direct(descriptor, true);
    }
    prepare_entry(entry);
    link_entry(cache, entry, path);
    return entry;
}

struct ln_cache_use ln_cache_use(const struct ln_cache *cache)
{
    return (struct ln_cache_use){
        .files = ln_pool_used(&cache->entries),
        .files_most = ln_pool_used_max(&cache->entries),
        .blocks = ln_pool_used(&cache->blocks),
        .blocks_most = ln_pool_used_max(&cache->blocks),
        .descriptors = cache->descriptors,
        .descriptors_most = cache->descriptors_most,
    };
}

void ln_cache_close(struct ln_cache *cache)
{
    while (evict_from(&cache->idle_blocks) || evict_from(&cache->idle_files)) {
    }
    LN_ASSERT(ln_pool_used(&cache->entries) == 0);
    ln_pool_end(&cache->blocks);
    ln_pool_end(&cache->entries);
}
