/* The files of a folder as a handler: what lies below it, and nothing else.
 *
 *     static struct linnet_files site;
 *     static const struct linnet_route routes[] = {
 *         {.kind = LINNET_ROUTE_PREFIX, .path = LINNET_SPAN_INIT("/static"),
 *          .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
 *          .handler = linnet_files_handle, .context = &site}};
 *
 * Regular files only; a folder with a slash is its index.html, without one it is redirected to.
 * Names that begin with a dot are hidden, but for ".well-known". The kernel itself forbids a path
 * to leave the folder. What is asked for again is answered from memory, for `cache_ms` without a
 * look at the file; ranges and conditional requests are answered.
 *
 * The files of one struct belong to one server, and to its thread. */
#ifndef LINNET_FILES_H
#define LINNET_FILES_H

#include <linnet/declarations.h>
#include <linnet/exchange.h>
#include <linnet/limits.h>

LINNET_BEGIN

/* The caller's, who looks at no member. */
struct linnet_files {
    void *opened;
    void *mapped;
    size_t mapped_len;
    struct linnet_span prefix;
    int folder;
};

struct linnet_files_config {
    const char *folder;
    struct linnet_span prefix;          /* of the route, or none: "/static" is the folder itself */
    const struct linnet_limits *limits; /* those of the server; NULL: the defaults */
    /* Files that are not kept in memory are read ahead and not sent as they are, past the system's
     * memory where their file system can: <linnet/source.h>. The limits must give the buffers
     * (read_len), the driver should have ASYNC_FILE. */
    bool read_ahead;
};

/* Bytes of memory that such files need; 0: the limits do not hold. */
size_t linnet_files_memory_len(const struct linnet_files_config *config);

/* Opens the folder, before the server's first turn. `block` as in linnet_server_open. INVALID: the
 * limits do not hold, or the prefix ends with a slash or does not begin with one; NOT_FOUND: there
 * is no such folder; FORBIDDEN; TOO_LARGE: the block is too small; MEMORY, DESCRIPTORS, SYSTEM. */
LINNET_MUST_USE enum linnet_error linnet_files_open(struct linnet_files *files,
                                                    const struct linnet_files_config *config,
                                                    void *block, size_t block_len);

/* Behind linnet_server_close. */
void linnet_files_close(struct linnet_files *files);

/* The handler; its context is the struct linnet_files. */
void linnet_files_handle(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                         struct linnet_span data);

LINNET_END

#endif
