/* What a soak asks: the rows of its mix, and the bytes of a request.
 *
 * The site's files hold one pattern, so that every byte of an answer can be checked by its place:
 * byte i of every file is i modulo SOAK_PATTERN_PERIOD. Their names are their lengths. */
#ifndef LN_SOAK_SOAK_ASK_H
#define LN_SOAK_SOAK_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOAK_PATTERN_PERIOD = 251,
    SOAK_REQUEST_LEN_MAX = 512, /* of any row, its content and its class included */
};

/* X(name, weight, method, path, field line and content behind it, status, length of content or
 *   SOAK_ANY_LEN for a page of the server's own, offset of the content in its file).
 * Rows of weight 0 are drawn only by those who read slowly or break off inside an answer. */
#define SOAK_ANY_LEN (-1)
#define SOAK_ASKS(X)                                                                             \
    X(TINY, 250, "GET", "/15.bin", "", 200, 15, 0)                                               \
    X(PAGE, 150, "GET", "/", "", 200, 700, 0)                                                    \
    X(SMALL, 200, "GET", "/5000.bin", "", 200, 5000, 0)                                          \
    X(HEAD, 40, "HEAD", "/5000.bin", "", 200, 0, 0)                                              \
    X(MISSING, 80, "GET", "/nothing.bin", "", 404, SOAK_ANY_LEN, 0)                              \
    X(FOLDER, 20, "GET", "/folder", "", 301, SOAK_ANY_LEN, 0)                                    \
    X(MIDDLE, 60, "GET", "/5000.bin", "Range: bytes=1000-2999\r\n", 206, 2000, 1000)             \
    X(LAST, 40, "GET", "/150000.bin", "Range: bytes=-7\r\n", 206, 7, 149993)                     \
    X(BEYOND, 20, "GET", "/15.bin", "Range: bytes=99-\r\n", 416, SOAK_ANY_LEN, 0)                \
    X(UNCHANGED, 60, "GET", "/5000.bin", "If-None-Match: *\r\n", 304, 0, 0)                      \
    X(CHANGED, 20, "GET", "/15.bin", "If-Match: \"x\"\r\n", 412, SOAK_ANY_LEN, 0)                \
    X(UPLOAD, 20, "POST", "/15.bin", "Content-Length: 9\r\n\r\nlittle...", 405, SOAK_ANY_LEN, 0) \
    X(MEMORY, 20, "GET", "/150000.bin", "", 200, 150000, 0)                                      \
    X(FILE, 10, "GET", "/1000000.bin", "", 200, 1000000, 0)                                      \
    X(HUGE, 0, "GET", "/20000000.bin", "", 200, 20000000, 0)

enum soak_ask {
#define SOAK_ASK_ENUM(name, ...) SOAK_##name,
    SOAK_ASKS(SOAK_ASK_ENUM)
#undef SOAK_ASK_ENUM
        SOAK_ASK_COUNT,
};

struct soak_ask_row {
    const char *method;
    const char *path;
    const char *rest; /* one field line, or the last one and the content */
    int64_t content_len;
    uint64_t offset;
    unsigned weight;
    unsigned status;
    bool has_content; /* of the request */
};

const struct soak_ask_row *soak_ask_row(enum soak_ask ask);

/* A row by its weight; `number` is any number. */
enum soak_ask soak_ask_draw(uint64_t number);

/* Writes the request into SOAK_REQUEST_LEN_MAX bytes and returns its length. Its target ends with
 * "?class", which the server's log repeats. `close`: it asks for the end of its connection. */
size_t soak_ask_write(char *dst, enum soak_ask ask, const char *class, bool close);

/* Do these bytes belong there? */
bool soak_pattern_holds(const char *data, size_t len, uint64_t offset);

#endif
