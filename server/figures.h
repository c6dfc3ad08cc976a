/* The figures of a worker: what it has counted, and how much of what it has is in use. */
#ifndef LN_SERVER_FIGURES_H
#define LN_SERVER_FIGURES_H

#include "core/base/cursor.h"
#include "core/table/counter.h"
#include "server/log_line.h"

/* What is lent and comes back: X(name, "meaning"). Of each: how many now, and at most. */
#define LN_GAUGES(X)                                                 \
    X(slots, "connections that are open")                            \
    X(inputs, "input buffers that are lent")                         \
    X(exchanges, "requests that are being answered")                 \
    X(outputs, "output buffers that are lent")                       \
    X(reads, "read buffers that are lent")                           \
    X(files, "files that are remembered or being sent")              \
    X(cache_blocks, "of these, whole in memory")                     \
    X(open_files, "of these, open ones")                             \
    X(children, "processes of one connection each")                  \
    X(tls_sessions, "sessions of TLS")                               \
    X(tls_outputs, "buffers of sealed records that are lent")        \
    X(tls_blocks, "blocks that the library of TLS has of its arena") \
    X(tls_memory, "bytes of these")

/* What is counted around workers: X(name, "meaning"). */
#define LN_TALLIES(X)                                                             \
    X(children_made, "processes that were made for a connection")                 \
    X(children_refused, "connections closed because the system made no process")  \
    X(children_failed, "processes of connections that did not end by themselves") \
    X(tls_handshakes, "handshakes that were finished")                            \
    X(tls_resumptions, "of these, of a session that was known")                   \
    X(tls_failures, "handshakes that failed or were late")                        \
    X(tls_plain, "clients that sent HTTP without TLS")                            \
    X(tls_waits, "clients that stood in line for a session of TLS")               \
    X(tls_evictions, "idle sessions of TLS that ended to make room")              \
    X(tls_output_waits, "times a connection stood in line for a buffer of sealed records")

struct ln_gauge {
    uint64_t now;
    uint64_t most;
};

struct ln_tallies {
#define LN_TALLY_MEMBER(name, meaning) uint64_t name;
    LN_TALLIES(LN_TALLY_MEMBER)
#undef LN_TALLY_MEMBER
};

struct ln_figures {
    struct ln_counters counters;
#define LN_GAUGE_MEMBER(name, meaning) struct ln_gauge name;
    LN_GAUGES(LN_GAUGE_MEMBER)
#undef LN_GAUGE_MEMBER
    struct ln_tallies tallies;
};

enum { LN_FIGURES_LINE_LEN_MAX = 8192 };

/* Adds the figures of another worker at the same time. */
void ln_figures_add(struct ln_figures *sum, const struct ln_figures *other);

/* Those of a worker that is gone and of the one that took its place: counts go on, the most is the
 * larger, and nothing of the former is in use any more. */
void ln_figures_follow(struct ln_figures *later, const struct ln_figures *before);

/* One line with its line feed: names and numbers, or a JSON object. Of close reasons only those
 * that there were. */
void ln_figures_put(struct ln_cursor *cursor, enum ln_log_format format, unsigned workers,
                    uint64_t replaced, const struct ln_figures *figures, int64_t unix_s);

#endif
