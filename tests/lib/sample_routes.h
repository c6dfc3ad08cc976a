/* Routes with every kind of answer, and a log of what their handlers were told.
 *
 *     /hello       GET POST PUT DELETE  5 bytes, copied, when the request is complete
 *     /echo        POST PUT PATCH OPTIONS   the request's content, at most 1,000 bytes of it
 *     /request     GET POST             method, path, query and host, as the handler sees them
 *     /early       GET POST             answers at BEGIN
 *     /data        POST                 answers at the first DATA
 *     /close       GET                  answers with `close`
 *     /nothing     GET DELETE           204
 *     /lend        GET                  1,500 bytes, lent
 *     /lend-held   GET                  the same, with a source that is held meanwhile
 *     /memory      GET                  3,000 bytes of a source without a descriptor
 *     /file        GET                  3,000 bytes of a source with one
 *     /page        GET                  26 bytes as a representation with validators
 *     /page-file   GET                  3,000 bytes of the file as one
 *     /small       POST                 as /echo, at most 10 bytes of content
 *     /copy        GET                  as many copied bytes as the query says; else 500
 *     /tree        GET, by prefix       5 bytes
 *     /act         GET POST             what its query says: sample_act.h; /act/timed has 1,000 ms
 *
 * The log has a line for each call: "begin /path", "data TEXT" (what follows without another
 * exchange in between is one line), "final", "abort"; "done" and "cut" at the end of a stream. */
#ifndef LN_TESTS_LIB_SAMPLE_ROUTES_H
#define LN_TESTS_LIB_SAMPLE_ROUTES_H

#include "tests/lib/sample_act.h"
#include "tests/lib/simulated_driver.h"

enum {
    SAMPLE_LOG_LEN_MAX = 1 << 16,
    SAMPLE_FILE_LEN = 3000,
    SAMPLE_LEND_LEN = 1500,
    SAMPLE_ROUTES_MAX = 20,
};

struct sample_routes {
    struct linnet_route routes[SAMPLE_ROUTES_MAX];
    size_t count;
    struct simulated_source memory;
    struct simulated_source file;
    struct simulated_source held;
    char log[SAMPLE_LOG_LEN_MAX];
    size_t log_len;
    const struct linnet_exchange *log_of; /* whose line is the last, or NULL */
    unsigned running;                     /* exchanges that had BEGIN and not their last call */
    struct sample_acts acts;
};

/* Byte `i` of the sources and of what is lent. */
uint8_t sample_byte(size_t i);

/* Fills in the routes; the sources are bound when the driver is there. */
void sample_routes_init(struct sample_routes *sample);
void sample_routes_bind(struct sample_routes *sample, struct simulated_driver *driver);

/* A driver with these routes. */
struct simulated_driver *sample_driver_open(struct sample_routes *sample,
                                            const struct linnet_limits *limits,
                                            struct simulated_way way, unsigned leniencies);
/* Closes it; no exchange may run any more. */
void sample_driver_close(struct sample_routes *sample, struct simulated_driver *driver);

#endif
