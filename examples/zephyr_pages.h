/* The pages of the HTTP server sample of Zephyr 1.7, whatever it runs on: handlers and the rows of
 * their routes, for a program (zephyr_sample.c) or a firmware.
 *
 * /headers shows the fields, the method and the URL of a request, and the machine; so do
 * /headers/ and all below, and /chunked in chunks, to ZEPHYR_CHUNKED_PAGES clients at one time
 * (0: there is no such page). /index.html works. /status/400, /status/403 and /status/404 show the
 * writers of those answers. Any other URL is a "soft" 404: it says 404 Not Found with status 200.
 *
 * Whoever compiles zephyr_pages.c says how long a head may be: ZEPHYR_HEAD_MAX bytes and
 * ZEPHYR_FIELDS_MAX lines. The page of /headers then always fits: each byte of the head becomes at
 * most six when it is escaped, a field line adds less than 16, and ZEPHYR_PAGE_FRAME_MAX holds the
 * rest. */
#ifndef LN_EXAMPLES_ZEPHYR_PAGES_H
#define LN_EXAMPLES_ZEPHYR_PAGES_H

#include <linnet/exchange.h>

#if !defined(ZEPHYR_HEAD_MAX)
#    define ZEPHYR_HEAD_MAX   1024
#    define ZEPHYR_FIELDS_MAX 32
#endif

#if !defined(ZEPHYR_CHUNKED_PAGES)
#    define ZEPHYR_CHUNKED_PAGES 2
#endif

enum {
    ZEPHYR_PAGE_FRAME_MAX = 256,
    ZEPHYR_PAGE_MAX = 6 * ZEPHYR_HEAD_MAX + 16 * ZEPHYR_FIELDS_MAX + ZEPHYR_PAGE_FRAME_MAX,
};

linnet_handler_function zephyr_headers_page;
linnet_handler_function zephyr_chunked_page;
linnet_handler_function zephyr_index_page;
linnet_handler_function zephyr_written_page; /* by the writer that is its context */

struct zephyr_writer {
    void (*write)(struct linnet_exchange *exchange);
};

extern struct zephyr_writer zephyr_bad_request;
extern struct zephyr_writer zephyr_forbidden;
extern struct zephyr_writer zephyr_missing;
extern struct zephyr_writer zephyr_soft_missing;

enum {
    ZEPHYR_METHODS = LINNET_METHOD_BIT(LINNET_METHOD_GET) | LINNET_METHOD_BIT(LINNET_METHOD_POST)
};

#define ZEPHYR_WRITTEN_ROUTE(path_text, writer)                                         \
    {                                                                                   \
        .kind = LINNET_ROUTE_EXACT, .path = LINNET_SPAN_INIT(path_text),                \
        .methods = ZEPHYR_METHODS, .handler = zephyr_written_page, .context = &(writer) \
    }

#if ZEPHYR_CHUNKED_PAGES > 0
#    define ZEPHYR_CHUNKED_ROUTE               \
        {.kind = LINNET_ROUTE_PREFIX,          \
         .path = LINNET_SPAN_INIT("/chunked"), \
         .methods = ZEPHYR_METHODS,            \
         .handler = zephyr_chunked_page},
#else
#    define ZEPHYR_CHUNKED_ROUTE
#endif

/* The rows of a table of routes. */
#define ZEPHYR_ROUTES                                                                            \
    ZEPHYR_CHUNKED_ROUTE{.kind = LINNET_ROUTE_PREFIX,                                            \
                         .path = LINNET_SPAN_INIT("/headers"),                                   \
                         .methods = ZEPHYR_METHODS,                                              \
                         .handler = zephyr_headers_page},                                        \
        {.kind = LINNET_ROUTE_EXACT,                                                             \
         .path = LINNET_SPAN_INIT("/index.html"),                                                \
         .methods = ZEPHYR_METHODS,                                                              \
         .handler = zephyr_index_page},                                                          \
        ZEPHYR_WRITTEN_ROUTE("/status/400", zephyr_bad_request),                                 \
        ZEPHYR_WRITTEN_ROUTE("/status/403", zephyr_forbidden),                                   \
        ZEPHYR_WRITTEN_ROUTE("/status/404", zephyr_missing),                                     \
    {                                                                                            \
        .kind = LINNET_ROUTE_DEFAULT, .methods = ZEPHYR_METHODS, .handler = zephyr_written_page, \
        .context = &zephyr_soft_missing                                                          \
    }

#endif
