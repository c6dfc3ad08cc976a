/* Which of the words that there are was meant: the nearest by edits, or the one that begins so. */
#ifndef LN_SERVER_NEAREST_H
#define LN_SERVER_NEAREST_H

#include <stdbool.h>

#include <linnet/span.h>

struct ln_nearest {
    struct linnet_span word;
    struct linnet_span best;
    unsigned distance; /* edits from `word` to `best` */
};

struct ln_nearest ln_nearest_to(struct linnet_span word);

/* Offers one that there is; its bytes must outlive the search. */
void ln_nearest_offer(struct ln_nearest *nearest, struct linnet_span candidate);

/* Writes " Did you mean PREFIX BEST?" into `text`, or nothing when none is near. */
void ln_nearest_print(const struct ln_nearest *nearest, const char *prefix, char *text, size_t len);

#endif
