/* A chunked body as the subject of a feed, and what came of it as text.
 *
 *     "more|content so far"
 *     "complete 14|content", the number being the bytes that were taken
 *     "refused 400 bad-chunk|content so far"
 *
 * Content is always a span inside the input. */
#ifndef LN_TESTS_LIB_CHUNK_SUBJECT_H
#define LN_TESTS_LIB_CHUNK_SUBJECT_H

#include "core/http1/chunk_decode.h"
#include "tests/lib/feed.h"

enum {
    CHUNK_SUBJECT_CONTENT_LEN_MAX = 1 << 16,
};

struct chunk_subject {
    struct ln_chunk_limits limits;
    struct ln_chunk_decode decode;
    enum ln_parse parse;
    size_t taken;
    size_t content_len;
    uint8_t content[CHUNK_SUBJECT_CONTENT_LEN_MAX];
    char text[4 * CHUNK_SUBJECT_CONTENT_LEN_MAX + 64];
};

/* Limits that no ordinary body reaches. */
extern const struct ln_chunk_limits chunk_subject_limits;

void chunk_subject_begin(struct chunk_subject *subject, const struct ln_chunk_limits *limits);

/* Offers the next bytes, as often as content comes of them. */
void chunk_subject_offer(struct chunk_subject *subject, struct linnet_span bytes);

/* Feeds every way, and fails the test where results differ. The text, valid until the next call. */
const char *chunk_subject_feed(struct linnet_span bytes, const struct ln_chunk_limits *limits);

#endif
