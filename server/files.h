/* The files of a folder as a handler: what is below the root, and nothing else.
 *
 * Regular files only; a folder with a slash is its index.html, without one it is redirected to.
 * Names that begin with a dot are hidden, but for ".well-known" (RFC 8615). The kernel itself
 * forbids a path to leave the root (openat2, RESOLVE_BENEATH).
 *
 * What is asked for again is answered from the cache (server/cache.h). */
#ifndef LN_SERVER_FILES_H
#define LN_SERVER_FILES_H

#include <linnet/exchange.h>
#include <linnet/limits.h>

#include "server/cache.h"

struct ln_files;

/* Bytes of memory it takes, and making it there (16-byte aligned). `root` is an open folder, which
 * stays the caller's. */
size_t ln_files_memory_len(const struct linnet_limits *limits);
struct ln_files *ln_files_init(void *memory, const struct linnet_limits *limits, int root);

/* As ln_cache_read_ahead. */
void ln_files_read_ahead(struct ln_files *files, bool direct);

/* What all paths begin with that are asked for; it stands for the root. None at first. */
void ln_files_set_prefix(struct ln_files *files, struct linnet_span prefix);

/* How much of the cache is in use. */
struct ln_cache_use ln_files_use(const struct ln_files *files);

/* Closes what is cached; no connection may be open. */
void ln_files_close(struct ln_files *files);

/* A linnet_handler_function; its context is the struct ln_files. */
void ln_files_handle(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                     struct linnet_span data);

#endif
