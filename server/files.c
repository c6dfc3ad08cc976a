/* Answering with files: path, open file, validators, reply.
 *
 * Invariant: an entry is taken from the pool for one request, counted once for the handler and once
 * for every lend, and closed when the count is 0. */
#include "server/files.h"

#include <string.h>

#include "core/base/character.h"
#include "core/base/number.h"
#include "core/base/pool.h"
#include "core/base/span.h"
#include "core/http/media_type.h"
#include "drivers/system/system_file.h"

enum {
    TAG_LEN_MAX = 2 + 5 * (LN_NUMBER_HEX_LEN_MAX + 1), /* quotes, five numbers, what parts them */
};

static const struct linnet_span index_name = LINNET_SPAN_INIT("index.html");

struct entry {
    struct linnet_source source; /* the first member: one is the other */
    struct ln_files *files;
    uint32_t index; /* in the pool */
    uint32_t count; /* of who holds it */
};

struct ln_files {
    struct ln_pool entries;
    int root;
    size_t name_len_max; /* of a path with "index.html" behind it */
    char *name;          /* the path being opened, zero-terminated */
    uint8_t *location;   /* the place being redirected to */
    size_t location_len_max;
};

static size_t round_up_16(size_t len)
{
    return (len + 15) & ~(size_t)15;
}

static size_t entry_len(void)
{
    return round_up_16(sizeof(struct entry));
}

static size_t name_len(const struct linnet_limits *limits)
{
    return round_up_16((size_t)limits->path_len_max + index_name.len + 2);
}

/* Every byte of a path may become three, and a query follows. */
static size_t location_len(const struct linnet_limits *limits)
{
    return round_up_16(3 * (size_t)limits->path_len_max + (size_t)limits->request_line_len_max + 2);
}

size_t ln_files_memory_len(const struct linnet_limits *limits)
{
    const size_t count = (size_t)limits->open_files;
    return round_up_16(sizeof(struct ln_files)) + count * entry_len() +
           round_up_16(count * sizeof(uint32_t)) + name_len(limits) + location_len(limits);
}

struct ln_files *ln_files_init(void *memory, const struct linnet_limits *limits, int root)
{
    const size_t count = (size_t)limits->open_files;
    struct ln_files *files = memory;
    uint8_t *next = (uint8_t *)memory + round_up_16(sizeof *files);
    uint8_t *stack = next + count * entry_len();
    ln_pool_init(&files->entries, next, entry_len(), (uint32_t *)(void *)stack, (uint32_t)count);
    next = stack + round_up_16(count * sizeof(uint32_t));
    files->name = (char *)next;
    files->name_len_max = name_len(limits);
    files->location = next + name_len(limits);
    files->location_len_max = location_len(limits);
    files->root = root;
    return files;
}

static ptrdiff_t read_entry(struct linnet_source *source, uint64_t offset, struct linnet_room room)
{
    return ln_system_read_at(source->descriptor, offset, room);
}

static void hold_entry(struct linnet_source *source)
{
    struct entry *entry = (struct entry *)source;
    entry->count++;
}

static void release_entry(struct linnet_source *source)
{
    struct entry *entry = (struct entry *)source;
    LN_ASSERT(entry->count > 0);
    entry->count--;
    if (entry->count == 0) {
        ln_system_close_file(source->descriptor);
        ln_pool_give(&entry->files->entries, entry->index);
    }
}

static const struct linnet_source_operations entry_operations = {
    .read = read_entry,
    .hold = hold_entry,
    .release = release_entry,
};

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

/* RFC 9110 8.8.3: strong, for every one of these changes when the content may have. */
static void put_tag(struct ln_cursor *cursor, const struct ln_system_file_facts *facts)
{
    ln_cursor_put_byte(cursor, '"');
    ln_number_put_hex(cursor, facts->inode ^ facts->device << 48);
    ln_cursor_put_byte(cursor, '-');
    ln_number_put_hex(cursor, facts->len);
    ln_cursor_put_byte(cursor, '-');
    ln_number_put_hex(cursor,
                      (uint64_t)facts->modified_s * 1000000000 + (uint64_t)facts->modified_ns);
    ln_cursor_put_byte(cursor, '-');
    ln_number_put_hex(cursor,
                      (uint64_t)facts->changed_s * 1000000000 + (uint64_t)facts->changed_ns);
    ln_cursor_put_byte(cursor, '"');
    LN_ASSERT(!cursor->overflow);
}

static void answer_file(struct linnet_exchange *exchange, struct entry *entry,
                        const struct ln_system_file_facts *facts, struct linnet_span name)
{
    uint8_t tag[TAG_LEN_MAX];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){tag, sizeof tag});
    put_tag(&cursor, facts);
    const struct linnet_representation representation = {
        .media_type = ln_media_type_for(name),
        .entity_tag = ln_cursor_span(&cursor),
        .last_modified_unix_s = facts->modified_s,
        .source = &entry->source,
        .len = facts->len,
    };
    const enum linnet_error error = linnet_reply_representation(exchange, &representation);
    LN_ASSERT(error == LINNET_ERROR_NONE);
}

static void answer(struct ln_files *files, struct linnet_exchange *exchange)
{
    const struct linnet_span path = linnet_exchange_request(exchange)->path;
    if (is_hidden(path)) {
        answer_status(exchange, LINNET_STATUS_NOT_FOUND);
        return;
    }
    const uint32_t index = ln_pool_take(&files->entries);
    if (index == LN_POOL_NONE) {
        answer_status(exchange, LINNET_STATUS_SERVICE_UNAVAILABLE);
        return;
    }
    struct entry *entry = ln_pool_block(&files->entries, index);
    const struct linnet_span name = make_name(files, path);
    enum linnet_error error =
        ln_system_open_below(files->root, files->name, &entry->source.descriptor);
    if (error != LINNET_ERROR_NONE) {
        ln_pool_give(&files->entries, index);
        answer_status(exchange, status_for(error));
        return;
    }
    entry->source.operations = &entry_operations;
    entry->files = files;
    entry->index = index;
    entry->count = 1;
    struct ln_system_file_facts facts;
    error = ln_system_file_facts(entry->source.descriptor, &facts);
    if (error != LINNET_ERROR_NONE) {
        answer_status(exchange, status_for(error));
    } else if (facts.kind == LN_SYSTEM_FILE_REGULAR) {
        answer_file(exchange, entry, &facts, name);
    } else if (facts.kind == LN_SYSTEM_FILE_FOLDER && !ends_with_slash(path)) {
        redirect_to_folder(files, exchange);
    } else {
        answer_status(exchange, LINNET_STATUS_NOT_FOUND);
    }
    release_entry(&entry->source);
}

void ln_files_handle(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                     struct linnet_span data)
{
    (void)data; /* RFC 9110 9.3.1: content of a GET has no meaning; it is read and dropped */
    if (event == LINNET_EVENT_FINAL) {
        answer(context, exchange);
    }
}
