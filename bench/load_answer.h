/* Answers as they come: a head, then as many bytes as its Content-Length says. Nothing else is
 * right here: no other status than the one that is expected, no chunks, no other length. */
#ifndef LN_BENCH_LOAD_ANSWER_H
#define LN_BENCH_LOAD_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LOAD_ANSWER_HEAD_LEN_MAX = 2048,
};

/* What every answer of a run must be. Beyond the two numbers it keeps the last head that was read
 * and found right: one that is the same bytes needs no second reading. */
struct load_expected {
    unsigned status;
    int64_t content_len; /* -1: whatever the first answer says */
    bool last_closes;
    size_t last_head_len;
    char last_head[LOAD_ANSWER_HEAD_LEN_MAX];
};

/* One connection's place in its answers. All zero is the place before an answer. */
struct load_answer {
    uint64_t content_left;
    bool in_content;
    bool closes; /* the head said that the connection ends */
    size_t head_len;
    char head[LOAD_ANSWER_HEAD_LEN_MAX];
};

/* Takes bytes of at most one answer and returns how many; `*whole` says whether it ended with them.
 * A wrong answer ends the program. */
size_t load_answer_take(struct load_answer *answer, struct load_expected *expected,
                        const char *data, size_t len, bool *whole);

#endif
