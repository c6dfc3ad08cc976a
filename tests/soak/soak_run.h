/* A soak: clients that come, ask, and go, some of them in the middle of something. */
#ifndef LN_SOAK_SOAK_RUN_H
#define LN_SOAK_SOAK_RUN_H

#include "tests/soak/soak_ask.h"

enum { SOAK_CLIENTS_MAX = 10000 };

/* How a client's last request ends: X(ID, "class", "what the client does"). The class is the query
 * of the request's target. Of the classes over the line the server's log must know every single
 * request; below it the server may have seen the head, the end of the connection, or neither. */
#define SOAK_ENDS(X)                                                                   \
    X(WHOLE, "whole", "reads its answer to the end")                                   \
    X(HALF, "half", "shuts its sending side behind the request, and reads to the end") \
    X(ANSWER, "answer", "resets the connection inside a large answer")                 \
    /* ---- */                                                                         \
    X(ASKED, "asked", "resets the connection behind the request")                      \
    X(LEFT, "left", "closes behind the request")                                       \
    X(HEAD, "head", "resets the connection inside the request")                        \
    X(HEAD_LEFT, "head-left", "closes inside the request")                             \
    X(SILENT, "silent", "closes without a byte")

enum soak_end {
#define SOAK_END_ENUM(id, class, meaning) SOAK_END_##id,
    SOAK_ENDS(SOAK_END_ENUM)
#undef SOAK_END_ENUM
        SOAK_END_COUNT,
};

extern const char *const soak_end_classes[SOAK_END_COUNT];

struct soak_options {
    uint16_t port;     /* of 127.0.0.1: a soak goes nowhere else */
    unsigned clients;  /* at one time */
    unsigned aborting; /* of a hundred clients */
    uint64_t requests; /* heads sent to their end */
    uint64_t seed;
};

struct soak_result {
    uint64_t connections;
    uint64_t ends[SOAK_END_COUNT]; /* requests, or connections, that ended so */
    uint64_t statuses[600];        /* whole answers by status; WHOLE and HALF */
    uint64_t bytes;                /* received */
    uint64_t elapsed_ns;
};

/* Runs to the end; whatever is wrong ends the program. */
void soak_run(const struct soak_options *options, struct soak_result *result);

#endif
