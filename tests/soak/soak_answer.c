/* Reading answers, strictly: the status, the length and every byte of a file. */
#include "tests/soak/soak_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bench/fail.h"

_Noreturn static void fail_at(const struct soak_answer *answer, enum soak_ask ask,
                              const char *words)
{
    const struct soak_ask_row *row = soak_ask_row(ask);
    errno = 0;
    fail("%s %s, %u expected: %s:\n%.*s", row->method, row->path, row->status, words,
         (int)answer->head_len, answer->head);
}

/* The content of the field line of that name in a head that ends with a zero, or NULL. */
static const char *content_of(const char *head, const char *name)
{
    const size_t len = strlen(name);
    for (const char *line = strstr(head, "\r\n") + 2; *line != '\r';
         line = strstr(line, "\r\n") + 2) {
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            return line + len + 1 + strspn(line + len + 1, " ");
        }
    }
    return NULL;
}

static void read_head(struct soak_answer *answer, enum soak_ask ask)
{
    const struct soak_ask_row *row = soak_ask_row(ask);
    const char *length = content_of(answer->head, "Content-Length");
    const char *connection = content_of(answer->head, "Connection");
    if (strncmp(answer->head, "HTTP/1.1 ", 9) != 0 ||
        strtoul(answer->head + 9, NULL, 10) != row->status) {
        fail_at(answer, ask, "another status");
    }
    answer->closes = connection != NULL && strncasecmp(connection, "close\r", 6) == 0;
    answer->in_content = true;
    answer->content_taken = 0;
    answer->content_left = 0;
    if (row->content_len == 0) {
        return; /* to HEAD, and with 304: the length is what would have been sent */
    }
    if (length == NULL) {
        fail_at(answer, ask, "no Content-Length");
    }
    answer->content_left = strtoull(length, NULL, 10);
    if (row->content_len != SOAK_ANY_LEN && answer->content_left != (uint64_t)row->content_len) {
        fail_at(answer, ask, "another Content-Length");
    }
}

/* Returns how many bytes belong to the head; behind its last one `in_content` is true. */
static size_t take_head(struct soak_answer *answer, enum soak_ask ask, const char *data, size_t len)
{
    const size_t before = answer->head_len;
    const size_t room = sizeof answer->head - 1 - before;
    const size_t taken = len < room ? len : room;
    memcpy(answer->head + before, data, taken);
    answer->head_len += taken;
    const size_t from = before < 3 ? 0 : before - 3;
    const char *end = memmem(answer->head + from, answer->head_len - from, "\r\n\r\n", 4);
    if (end == NULL) {
        if (answer->head_len == sizeof answer->head - 1) {
            fail_at(answer, ask, "a head without an end");
        }
        return taken;
    }
    answer->head_len = (size_t)(end - answer->head) + 4;
    answer->head[answer->head_len] = '\0';
    read_head(answer, ask);
    return answer->head_len - before;
}

size_t soak_answer_take(struct soak_answer *answer, enum soak_ask ask, const char *data, size_t len,
                        bool *whole)
{
    const struct soak_ask_row *row = soak_ask_row(ask);
    size_t taken = 0;
    if (!answer->in_content) {
        taken = take_head(answer, ask, data, len);
    }
    *whole = false;
    if (answer->in_content) {
        const size_t rest = len - taken;
        const size_t part = rest < answer->content_left ? rest : (size_t)answer->content_left;
        if (row->content_len != SOAK_ANY_LEN &&
            !soak_pattern_holds(data + taken, part, row->offset + answer->content_taken)) {
            fail_at(answer, ask, "bytes of the content are not those of the file");
        }
        answer->content_left -= part;
        answer->content_taken += part;
        taken += part;
        *whole = answer->content_left == 0;
    }
    if (*whole) {
        answer->in_content = false;
        answer->head_len = 0;
    }
    return taken;
}
