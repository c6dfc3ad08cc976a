/* Answering with files: path, cache, open file, reply.
 *
 * Invariant: between finding an entry of the cache and answering with it nothing is added to the
 * cache, so it stays; core holds it for as long as it sends from it. */
#include "server/files.h"

#include "core/base/bits.h"
#include "core/base/character.h"
#include "core/base/cursor.h"
#include "core/base/span.h"

static const struct linnet_span index_name = LINNET_SPAN_INIT("index.html");

struct ln_files {
    struct ln_cache *cache;
    int root;
    struct linnet_span prefix; /* of every path; it stands for the root */
    size_t name_len_max;       /* of a path with "index.html" behind it */
    char *name;                /* the path being opened, zero-terminated */
    uint8_t *location;         /* the place being redirected to */
    size_t location_len_max;
};

static size_t longest_name_len(const struct linnet_limits *limits)
{
    return ln_bits_round_up((size_t)limits->path_len_max + index_name.len + 2, 16);
}

/* Every byte of a path may become three, and a query follows. */
static size_t location_len(const struct linnet_limits *limits)
{
    return ln_bits_round_up(
        3 * (size_t)limits->path_len_max + (size_t)limits->request_line_len_max + 2, 16);
}

size_t ln_files_memory_len(const struct linnet_limits *limits)
{
    return ln_cache_memory_len(limits) + ln_bits_round_up(sizeof(struct ln_files), 16) +
           longest_name_len(limits) + location_len(limits);
}

struct ln_files *ln_files_init(void *memory, const struct linnet_limits *limits, int root)
{
    struct ln_cache *cache = ln_cache_init(memory, limits);
    uint8_t *next = (uint8_t *)memory + ln_cache_memory_len(limits);
    struct ln_files *files = (struct ln_files *)(void *)next;
    next += ln_bits_round_up(sizeof *files, 16);
    *files = (struct ln_files){
        .cache = cache,
        .root = root,
        .name = (char *)next,
        .name_len_max = longest_name_len(limits),
        .location = next + longest_name_len(limits),
        .location_len_max = location_len(limits),
    };
    return files;
}

void ln_files_read_ahead(struct ln_files *files, bool direct)
{
    ln_cache_read_ahead(files->cache, direct);
}

void ln_files_set_prefix(struct ln_files *files, struct linnet_span prefix)
{
    files->prefix = prefix;
}

struct ln_cache_use ln_files_use(const struct ln_files *files)
{
    return ln_cache_use(files->cache);
}

void ln_files_close(struct ln_files *files)
{
    ln_cache_close(files->cache);
}

/* Does a segment begin with a dot, and is not ".well-known"? */
static bool is_hidden(struct linnet_span path)
{
    size_t begin = 0;
    while (begin < path.len) {
        size_t end = begin;
        while (end < path.len && path.data[end] != '/') {
            end++;
        }
        const struct linnet_span segment = ln_span_slice(path, begin, end - begin);
        if (segment.len > 0 && segment.data[0] == '.' &&
            !ln_span_equal(segment, LINNET_SPAN(".well-known"))) {
            return true;
        }
        begin = end + 1;
    }
    return false;
}

static bool ends_with_slash(struct linnet_span path)
{
    return path.len > 0 && path.data[path.len - 1] == '/';
}

/* The path without its leading slashes, with index.html behind a last one, zero-terminated. */
static struct linnet_span make_name(struct ln_files *files, struct linnet_span path)
{
    struct ln_cursor cursor =
        ln_cursor_over((struct linnet_room){(uint8_t *)files->name, files->name_len_max});
    const bool is_folder = ends_with_slash(path);
    if (path.len == 0) {
        path = LINNET_SPAN("."); /* the prefix alone: the root */
    }
    while (path.len > 0 && path.data[0] == '/') {
        path = ln_span_slice(path, 1, path.len - 1);
    }
    ln_cursor_put_span(&cursor, path);
    if (is_folder) {
        ln_cursor_put_span(&cursor, index_name);
    }
    const struct linnet_span name = ln_cursor_span(&cursor);
    ln_cursor_put_byte(&cursor, 0);
    LN_ASSERT(!cursor.overflow);
    return name;
}

static void put_escaped(struct ln_cursor *cursor, struct linnet_span path)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < path.len; i++) {
        const uint8_t byte = path.data[i];
        if (ln_character_is(byte, LN_CHARACTER_PATH)) {
            ln_cursor_put_byte(cursor, byte);
        } else {
            ln_cursor_put_byte(cursor, '%');
            ln_cursor_put_byte(cursor, (uint8_t)digits[byte >> 4]);
            ln_cursor_put_byte(cursor, (uint8_t)digits[byte & 15]);
        }
    }
}

static void answer_status(struct linnet_exchange *exchange, enum linnet_status status)
{
    const enum linnet_error error = linnet_reply_status(exchange, status);
    LN_ASSERT(error == LINNET_ERROR_NONE);
}

/* A folder without its slash: relative links in its page would lead astray. */
static void redirect_to_folder(struct ln_files *files, struct linnet_exchange *exchange)
{
    const struct linnet_request *request = linnet_exchange_request(exchange);
    struct linnet_span path = request->path;
    struct ln_cursor cursor =
        ln_cursor_over((struct linnet_room){files->location, files->location_len_max});
    while (path.len > 0 && path.data[0] == '/') {
        path = ln_span_slice(path, 1, path.len - 1);
    }
    /* One slash, whatever the request had: two would name another host (RFC 3986 4.2). */
    ln_cursor_put_byte(&cursor, '/');
    put_escaped(&cursor, path);
    ln_cursor_put_byte(&cursor, '/');
    if (request->has_query) {
        ln_cursor_put_byte(&cursor, '?');
        ln_cursor_put_span(&cursor, request->query);
    }
    LN_ASSERT(!cursor.overflow);
    const struct linnet_field location = {LINNET_SPAN("Location"), ln_cursor_span(&cursor)};
    const struct linnet_reply reply = {
        .status = LINNET_STATUS_MOVED_PERMANENTLY, .fields = &location, .field_count = 1};
    if (linnet_reply(exchange, &reply) != LINNET_ERROR_NONE) {
        answer_status(exchange, LINNET_STATUS_URI_TOO_LONG);
    }
}

static enum linnet_status status_for(enum linnet_error error)
{
    switch (error) {
    case LINNET_ERROR_FORBIDDEN:
        return LINNET_STATUS_FORBIDDEN;
    case LINNET_ERROR_DESCRIPTORS:
    case LINNET_ERROR_MEMORY:
    case LINNET_ERROR_AGAIN:
        return LINNET_STATUS_SERVICE_UNAVAILABLE;
    case LINNET_ERROR_NOT_FOUND:
    case LINNET_ERROR_INVALID:
        return LINNET_STATUS_NOT_FOUND;
    default:
        return LINNET_STATUS_INTERNAL_SERVER_ERROR;
    }
}

static void answer_entry(struct linnet_exchange *exchange, struct ln_cache_entry *entry)
{
    const enum linnet_error error = linnet_reply_representation(exchange, &entry->representation);
    LN_ASSERT(error == LINNET_ERROR_NONE);
}

/* Opens what the path names; false: it has been answered. */
static bool open_path(struct ln_files *files, struct linnet_exchange *exchange,
                      struct linnet_span path, int *descriptor, struct ln_system_file_facts *facts)
{
    enum linnet_error error = ln_system_open_below(files->root, files->name, descriptor);
    if (error != LINNET_ERROR_NONE) {
        answer_status(exchange, status_for(error));
        return false;
    }
    error = ln_system_file_facts(*descriptor, facts);
    if (error == LINNET_ERROR_NONE && facts->kind == LN_SYSTEM_FILE_REGULAR) {
        return true;
    }
    ln_system_close_file(*descriptor);
    if (error != LINNET_ERROR_NONE) {
        answer_status(exchange, status_for(error));
    } else if (facts->kind == LN_SYSTEM_FILE_FOLDER && !ends_with_slash(path)) {
        redirect_to_folder(files, exchange);
    } else {
        answer_status(exchange, LINNET_STATUS_NOT_FOUND);
    }
    return false;
}

/* The path has no fresh entry; `stale` is its old one, or NULL. */
static void answer_resolved(struct ln_files *files, struct linnet_exchange *exchange,
                            struct linnet_span path, struct ln_cache_entry *stale)
{
    const uint64_t now_ms = linnet_exchange_time(exchange).monotonic_ms;
    const struct linnet_span name = make_name(files, path);
    struct ln_system_file_facts facts;
    int descriptor;
    const bool found = open_path(files, exchange, path, &descriptor, &facts);
    if (stale != NULL) {
        if (found && ln_cache_facts_equal(&facts, &stale->facts)) {
            ln_system_close_file(descriptor);
            ln_cache_confirm(stale, now_ms);
            answer_entry(exchange, stale);
            return;
        }
        ln_cache_unlink(stale);
    }
    if (!found) {
        return;
    }
    struct ln_cache_entry *entry =
        ln_cache_add(files->cache, path, name, descriptor, &facts, now_ms);
    if (entry == NULL) {
        answer_status(exchange, LINNET_STATUS_SERVICE_UNAVAILABLE);
    } else {
        answer_entry(exchange, entry);
        entry->source.operations->release(&entry->source);
    }
}

static void answer(struct ln_files *files, struct linnet_exchange *exchange)
{
    const struct linnet_span whole = linnet_exchange_request(exchange)->path;
    LN_ASSERT(whole.len >= files->prefix.len);
    const struct linnet_span path =
        ln_span_slice(whole, files->prefix.len, whole.len - files->prefix.len);
    bool fresh = false;
    struct ln_cache_entry *entry =
        ln_cache_find(files->cache, path, linnet_exchange_time(exchange).monotonic_ms, &fresh);
    if (fresh) {
        answer_entry(exchange, entry);
    } else if (is_hidden(path)) {
        answer_status(exchange, LINNET_STATUS_NOT_FOUND);
    } else {
        answer_resolved(files, exchange, path, entry);
    }
}

void ln_files_handle(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                     struct linnet_span data)
{
    (void)data; /* RFC 9110 9.3.1: content of a GET has no meaning; it is read and dropped */
    if (event == LINNET_EVENT_FINAL) {
        answer(context, exchange);
    }
}
