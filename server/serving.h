/* The turns of one worker, until it has drained. */
#ifndef LN_SERVER_SERVING_H
#define LN_SERVER_SERVING_H

#include "server/server.h"

struct ln_serving {
    struct ln_server *server;
    struct ln_parts *parts;
    struct ln_figures *figures; /* where they are published */
    unsigned place;
    atomic_uint *draining; /* counted up when it begins to, or NULL */
    unsigned reopens;      /* of the log, as many as there had been when it was opened */
};

/* Serves until it is drained; false: the driver failed. */
bool ln_serving_run(struct ln_serving *serving);

#endif
