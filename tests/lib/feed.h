/* Feeds bytes to a parser whole, byte by byte and at every split in two, and compares the results.
 *
 * The subject says how to begin, how to take bytes and what came of it, as text. Bytes are offered
 * in memory that ends at a forbidden page and moves with every offer. */
#ifndef LN_TESTS_LIB_FEED_H
#define LN_TESTS_LIB_FEED_H

#include <linnet/span.h>

struct feed_subject {
    void *context;
    void (*begin)(void *context);
    /* `bytes` are all from the first on; those before `fresh` were offered already. */
    void (*offer)(void *context, struct linnet_span bytes, size_t fresh);
    /* What came of it: terminated text, valid until the next begin. */
    const char *(*result)(void *context);
};

/* Feeds every way; fails the test where a result differs from that of the whole. The result. */
const char *feed_every_way(const struct feed_subject *subject, struct linnet_span bytes);

#endif
