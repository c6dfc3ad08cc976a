/* Who was resumed from elsewhere: what other threads, signal handlers and interrupts may write to.
 *
 * For each connection there is a number that counts its tokens: odd while there is a token, even
 * when there is none; a token's generation is that number. Who resumes raises `asked`, never lowers
 * it, so that a token that is used too late cannot hide one that is alive, and sets the
 * connection's bit. The bits are in words, the words in at most 32 groups, and a bit for each group
 * says that it may be worth a look: the worker reads one word when nobody was resumed.
 *
 * Invariants: `asked` is at most one behind the newest generation of its connection, so that
 * comparing the two works also when they have gone around. The numbers of a connection are made
 * when it is opened for the first time, so that memory that is never needed is never touched; there
 * is no token of it before. */
#ifndef LN_WORKER_RESUMPTION_H
#define LN_WORKER_RESUMPTION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <linnet/resume.h>

struct ln_resumption {
    _Atomic uint32_t *asked; /* the newest generation that was resumed */
    uint32_t *newest;        /* the number of a connection; the worker's alone */
    _Atomic uint32_t *bits;  /* one for each connection */
    _Atomic uint32_t groups; /* one for each group */
    uint32_t count;          /* connections */
    uint32_t made;           /* of these, those whose numbers are made */
    uint32_t group_len;      /* words of a group */
    uint32_t pending;        /* groups that are being gone through */
    uint32_t word;           /* of these, the one that is */
    uint32_t word_bits;      /* and what is left of it */
};

size_t ln_resumption_memory_len(uint32_t connections);
/* `memory`: that many bytes, 4-byte aligned. */
void ln_resumption_init(struct ln_resumption *resumption, void *memory, uint32_t connections);

/* That connection is opened; those below were before. */
void ln_resumption_open(struct ln_resumption *resumption, uint32_t connection);

/* The token of that connection: a new one, or the one there is. And its end. */
struct linnet_token ln_resumption_token(struct ln_resumption *resumption, uint32_t connection);
void ln_resumption_end(struct ln_resumption *resumption, uint32_t connection);

/* From anywhere. */
void ln_resumption_ask(struct ln_resumption *resumption, struct linnet_token token);

/* May somebody be found? */
static inline bool ln_resumption_is_asked(const struct ln_resumption *resumption)
{
    return atomic_load_explicit(&resumption->groups, memory_order_relaxed) != 0;
}

/* Begins to look for those who were resumed until now; those who are resumed meanwhile may be found
 * too, or the next time. */
void ln_resumption_gather(struct ln_resumption *resumption);
/* The next of them whose token is alive; false: there are no more. */
bool ln_resumption_next(struct ln_resumption *resumption, uint32_t *connection);

#endif
