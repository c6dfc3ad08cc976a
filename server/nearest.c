/* The distance of Levenshtein: how many bytes are put in, left out or changed.
 *
 *     d(i, j) = min(d(i-1, j) + 1, d(i, j-1) + 1, d(i-1, j-1) + (a[i] == b[j] ? 0 : 1)) */
#include "server/nearest.h"

#include <stdio.h>

#include "core/base/span.h"

enum { WORD_LEN_MAX = 40 }; /* longer ones are near nothing */

static unsigned least_of(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned distance_between(struct linnet_span a, struct linnet_span b)
{
    unsigned row[WORD_LEN_MAX + 1]; /* d(i, 0) ... d(i, b.len) */
    for (unsigned j = 0; j <= b.len; j++) {
        row[j] = j;
    }
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            const bool same = ln_byte_lower(a.data[i - 1]) == ln_byte_lower(b.data[j - 1]);
            const unsigned changed = diagonal + (same ? 0 : 1);
            diagonal = row[j];
            row[j] = least_of(changed, least_of(row[j], row[j - 1]) + 1);
        }
    }
    return row[b.len];
}

struct ln_nearest ln_nearest_to(struct linnet_span word)
{
    return (struct ln_nearest){.word = word, .distance = WORD_LEN_MAX + 1};
}

void ln_nearest_offer(struct ln_nearest *nearest, struct linnet_span candidate)
{
    const struct linnet_span word = nearest->word;
    if (word.len > WORD_LEN_MAX || candidate.len > WORD_LEN_MAX) {
        return;
    }
    unsigned distance = distance_between(word, candidate);
    if (word.len >= 2 && ln_span_starts_with(candidate, word)) {
        distance = 1;
    }
    if (distance < nearest->distance) {
        nearest->best = candidate;
        nearest->distance = distance;
    }
}

void ln_nearest_print(const struct ln_nearest *nearest, const char *prefix, char *text, size_t len)
{
    text[0] = 0;
    /* A third of the word may be wrong: more, and it is another word. */
    if (nearest->best.len > 0 && nearest->distance <= (nearest->word.len + 2) / 3) {
        (void)snprintf(text, len, " Did you mean %s%.*s?", prefix, (int)nearest->best.len,
                       (const char *)nearest->best.data);
    }
}
