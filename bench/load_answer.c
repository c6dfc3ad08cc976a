/* Reading answers.
 *
 * The head is collected in the connection's own buffer, unless it is the last one again, which it
 * is for all answers of a second. */
#include "bench/load_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bench/fail.h"

_Noreturn static void fail_at_head(const struct load_answer *answer, const char *words)
{
    errno = 0;
    fail("a wrong answer: %s:\n%.*s", words, (int)answer->head_len, answer->head);
}

/* The value of a field line, if the line has that name; NULL if it has another. */
static const char *value_of(const char *line, const char *name)
{
    const size_t len = strlen(name);
    return strncasecmp(line, name, len) == 0 && line[len] == ':' ? line + len + 1 : NULL;
}

static int64_t read_number(const struct load_answer *answer, const char *text)
{
    char *end;
    errno = 0;
    const long long number = strtoll(text, &end, 10);
    if (errno != 0 || end == text || (*end != '\r' && *end != ' ') || number < 0) {
        fail_at_head(answer, "Content-Length is no number");
    }
    return number;
}

/* Reads the whole head; the buffer ends with the empty line and a zero. */
static void read_head(struct load_answer *answer, struct load_expected *expected)
{
    int64_t content_len = -1;
    answer->closes = false;
    if (strncmp(answer->head, "HTTP/1.1 ", 9) != 0 ||
        strtoul(answer->head + 9, NULL, 10) != expected->status) {
        fail_at_head(answer, "not the status that is expected");
    }
    for (const char *line = strstr(answer->head, "\r\n") + 2; *line != '\r';
         line = strstr(line, "\r\n") + 2) {
        const char *value;
        if ((value = value_of(line, "content-length")) != NULL) {
            content_len = read_number(answer, value);
        } else if ((value = value_of(line, "connection")) != NULL) {
            answer->closes = strncasecmp(value, " close\r", 7) == 0;
        }
    }
    if (expected->content_len < 0) {
        expected->content_len = content_len;
    }
    if (content_len < 0 || content_len != expected->content_len) {
        fail_at_head(answer, "not the Content-Length that is expected");
    }
    memcpy(expected->last_head, answer->head, answer->head_len);
    expected->last_head_len = answer->head_len;
    expected->last_closes = answer->closes;
}

/* Returns how many bytes belong to the head; after its last one `in_content` is true. */
static size_t take_head(struct load_answer *answer, struct load_expected *expected,
                        const char *data, size_t len)
{
    const size_t last_len = expected->last_head_len;
    if (answer->head_len == 0 && last_len > 0 && len >= last_len &&
        memcmp(data, expected->last_head, last_len) == 0) {
        answer->in_content = true;
        answer->closes = expected->last_closes;
        answer->content_left = (uint64_t)expected->content_len;
        return last_len;
    }
    const size_t before = answer->head_len;
    const size_t room = sizeof answer->head - 1 - before;
    const size_t taken = len < room ? len : room;
    memcpy(answer->head + before, data, taken);
    answer->head_len += taken;
    const size_t from = before < 3 ? 0 : before - 3;
    const char *end = memmem(answer->head + from, answer->head_len - from, "\r\n\r\n", 4);
    if (end == NULL) {
        if (answer->head_len == sizeof answer->head - 1) {
            fail_at_head(answer, "its head has no end");
        }
        return taken;
    }
    answer->head_len = (size_t)(end - answer->head) + 4;
    answer->head[answer->head_len] = '\0';
    read_head(answer, expected);
    const size_t head_len = answer->head_len;
    answer->head_len = 0;
    answer->in_content = true;
    answer->content_left = (uint64_t)expected->content_len;
    return head_len - before;
}

size_t load_answer_take(struct load_answer *answer, struct load_expected *expected,
                        const char *data, size_t len, bool *whole)
{
    size_t taken = 0;
    if (!answer->in_content) {
        taken = take_head(answer, expected, data, len);
    }
    *whole = false;
    if (answer->in_content) {
        const uint64_t rest = len - taken;
        const uint64_t content = rest < answer->content_left ? rest : answer->content_left;
        answer->content_left -= content;
        taken += (size_t)content;
        *whole = answer->content_left == 0;
        answer->in_content = !*whole;
    }
    return taken;
}
