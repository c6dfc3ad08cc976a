/* One answer as it comes: head, then content. A wrong one ends the program. */
#ifndef LN_SOAK_SOAK_ANSWER_H
#define LN_SOAK_SOAK_ANSWER_H

#include "tests/soak/soak_ask.h"

enum { SOAK_HEAD_LEN_MAX = 2048 };

/* All zero is the place before an answer. */
struct soak_answer {
    uint64_t content_left;
    uint64_t content_taken;
    bool in_content;
    bool closes; /* the last head said that the connection ends */
    size_t head_len;
    char head[SOAK_HEAD_LEN_MAX];
};

/* Takes bytes of at most one answer to that row, and returns how many; `*whole`: it has ended. */
size_t soak_answer_take(struct soak_answer *answer, enum soak_ask ask, const char *data, size_t len,
                        bool *whole);

#endif
