/* A request head as the subject of a feed, and what came of it as text.
 *
 *     "more"
 *     "complete 38: GET /path HTTP/1.1|Host=a|Accept=", the number being the length of the head
 *     "refused 400 bad-target"
 *
 * Between two offers every byte before the line being read is overwritten: who reads it again gets
 * nonsense. */
#ifndef LN_TESTS_LIB_HEAD_SUBJECT_H
#define LN_TESTS_LIB_HEAD_SUBJECT_H

#include "core/http1/request_head.h"
#include "tests/lib/feed.h"

enum {
    HEAD_SUBJECT_LINES_MAX = 128,
    HEAD_SUBJECT_TEXT_LEN_MAX = 1 << 17,
};

struct head_subject {
    const struct ln_scan *scan;
    struct ln_request_head_limits limits;
    struct ln_request_head head;
    struct ln_field_line lines[HEAD_SUBJECT_LINES_MAX];
    enum ln_parse parse;
    char text[HEAD_SUBJECT_TEXT_LEN_MAX];
};

/* Limits that no ordinary request reaches. */
extern const struct ln_request_head_limits head_subject_limits;

/* Feeds every way with every scanner of this processor, and fails the test where results differ.
 * The text, valid until the next call. */
const char *head_subject_feed(struct linnet_span bytes,
                              const struct ln_request_head_limits *limits);

/* The same once, in one piece, with one scanner. */
const char *head_subject_whole(struct head_subject *subject, struct linnet_span bytes);

#endif
