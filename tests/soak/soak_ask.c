/* The rows, and what is made of them. */
#include "tests/soak/soak_ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench/fail.h"

enum { PATTERN_LEN = 64 * 1024 + SOAK_PATTERN_PERIOD };

static const struct soak_ask_row rows[] = {
#define SOAK_ASK_ROW(name, weight_, method_, path_, rest_, status_, content_len_, offset_) \
    {.weight = (weight_),                                                                  \
     .method = (method_),                                                                  \
     .path = (path_),                                                                      \
     .rest = (rest_),                                                                      \
     .status = (status_),                                                                  \
     .content_len = (content_len_),                                                        \
     .offset = (offset_),                                                                  \
     .has_content = (status_) == 405},
    SOAK_ASKS(SOAK_ASK_ROW)
#undef SOAK_ASK_ROW
};

const struct soak_ask_row *soak_ask_row(enum soak_ask ask)
{
    return &rows[ask];
}

enum soak_ask soak_ask_draw(uint64_t number)
{
    unsigned all = 0;
    for (unsigned i = 0; i < SOAK_ASK_COUNT; i++) {
        all += rows[i].weight;
    }
    unsigned left = (unsigned)(number % all);
    unsigned ask = 0;
    while (left >= rows[ask].weight) {
        left -= rows[ask].weight;
        ask++;
    }
    return (enum soak_ask)ask;
}

size_t soak_ask_write(char *dst, enum soak_ask ask, const char *class, bool close)
{
    const struct soak_ask_row *row = &rows[ask];
    const int len = snprintf(dst, SOAK_REQUEST_LEN_MAX,
                             "%s %s?%s HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n%s%s%s",
                             row->method, row->path, class, close ? "Connection: close\r\n" : "",
                             row->rest, row->has_content ? "" : "\r\n");
    if (len <= 0 || len >= SOAK_REQUEST_LEN_MAX) {
        errno = 0;
        fail("row %d is longer than SOAK_REQUEST_LEN_MAX", (int)ask);
    }
    return (size_t)len;
}

bool soak_pattern_holds(const char *data, size_t len, uint64_t offset)
{
    static char pattern[PATTERN_LEN];
    if (pattern[1] == 0) {
        for (unsigned i = 0; i < PATTERN_LEN; i++) {
            pattern[i] = (char)(i % SOAK_PATTERN_PERIOD);
        }
    }
    while (len > 0) {
        const size_t from = (size_t)(offset % SOAK_PATTERN_PERIOD);
        const size_t part = len < PATTERN_LEN - from ? len : PATTERN_LEN - from;
        if (memcmp(data, pattern + from, part) != 0) {
            return false;
        }
        data += part;
        len -= part;
        offset += part;
    }
    return true;
}
