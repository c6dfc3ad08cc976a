/* One run of the load: connections, requests on them, and what came of it. */
#ifndef LN_BENCH_LOAD_RUN_H
#define LN_BENCH_LOAD_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/load_histogram.h"

enum load_mode {
    LOAD_MODE_KEEP,  /* connections are opened first and kept to the end */
    LOAD_MODE_CLOSE, /* a connection for each request; the server ends it */
    LOAD_MODE_IDLE,  /* connections with one request each, then nothing until told */
};

enum {
    LOAD_CONNECTIONS_MAX = 15000,
    LOAD_PIPELINE_MAX = 64,
};

struct load_options {
    enum load_mode mode;
    uint16_t port; /* of 127.0.0.1: the load goes nowhere else */
    const char *path;
    size_t request_len;
    unsigned connections;
    unsigned idle;        /* more of them, which are answered once and then say nothing */
    bool steps;           /* stops when all connections are open, and when all is answered */
    unsigned pipeline;    /* requests sent together; the next ones when all are answered */
    uint64_t requests;    /* the run ends after so many; 0: by time */
    uint64_t duration_ms; /* the run ends after so long; 0: by count */
    unsigned status;      /* of every answer */
    int64_t content_len;  /* of every answer; -1: as the first */
};

struct load_result {
    uint64_t requests;
    uint64_t reconnects; /* kept connections that the server ended in order */
    uint64_t lost;       /* idle connections that the server ended; known of those that wait */
    uint64_t bytes;      /* received */
    uint64_t elapsed_ns; /* from the first request to the last answer */
    struct load_histogram latency;
};

/* Runs to the end; whatever is wrong ends the program. In idle mode it prints "idle" when all
 * connections wait, and goes on when a byte or the end of standard input comes. With `steps` it
 * prints "open" when every kept connection has had one answer, which counts for nothing, and goes
 * on likewise. The connections are there until the program ends. */
void load_run(const struct load_options *options, struct load_result *result);

/* Waits, but not for ever, until a byte or the end of standard input comes. */
void load_run_hold(void);

#endif
