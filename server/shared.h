/* What the processes of a server share: one mapping, made before the first of them is.
 *
 * Each part has one writer. The orders are the parent's, and are states, not events: a worker that
 * is woken twice, or by somebody else, finds the same. A row is its worker's, but for what the
 * parent keeps there of those who had the place before. */
#ifndef LN_SERVER_SHARED_H
#define LN_SERVER_SHARED_H

#include <stdatomic.h>
#include <stdbool.h>

#include "server/figures.h"

enum {
    LN_SHARED_CAUSE_MAX = 384,   /* bytes of the last words of a worker, with the zero */
    LN_SHARED_MESSAGE_MAX = 512, /* bytes of why one cannot start, with the zero */
};

/* How far a worker has come. */
enum ln_shared_stage {
    LN_SHARED_STARTING,
    LN_SHARED_SERVING,
    LN_SHARED_REFUSED, /* it could not start; `message` says why */
};

/* What the workers are to do. */
enum ln_shared_order {
    LN_SHARED_SERVE,
    LN_SHARED_DRAIN, /* finish what is begun, then end */
    LN_SHARED_STOP,  /* end at once */
};

struct ln_shared_row {
    /* Written at the end of each turn, as plain words: whoever reads may see some of before and
     * some of after a turn, but each whole, and behind the last turn the last. */
    _Alignas(64) struct ln_figures figures;
    atomic_uint stage;
    char cause[LN_SHARED_CAUSE_MAX];
    char message[LN_SHARED_MESSAGE_MAX];
    struct ln_figures before; /* the parent's: of those who had this place, together */
};

struct ln_shared {
    atomic_uint order;        /* enum ln_shared_order; it only grows */
    atomic_uint reopens;      /* how often the log was to be opened anew */
    atomic_uint certificates; /* how often certificates were read again, and found good */
    struct ln_shared_row rows[];
};

size_t ln_shared_len(unsigned workers);

/* NULL: the system has no memory for it. */
struct ln_shared *ln_shared_map(unsigned workers);
void ln_shared_unmap(struct ln_shared *shared, unsigned workers);

/* Those of this place, with all who had it. */
struct ln_figures ln_shared_figures(const struct ln_shared_row *row);

/* The parent's, when the worker is gone: the place is free for the next. */
void ln_shared_vacate(struct ln_shared_row *row);

#endif
