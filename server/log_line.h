/* Lines of the access log: one answer as one line, in one of the formats.
 *
 *     people    2026-11-20T13:45:12Z 127.0.0.1 GET /index.html 200 5120 0ms [reason of the end]
 *     combined  127.0.0.1 - - [20/Nov/2026:13:45:12 +0000] "GET /index.html HTTP/1.1" 200 5120
 *               "referer" "user agent"            (on one line, as Apache's format of that name)
 *     json      {"time":"2026-11-20T13:45:12Z","peer":"127.0.0.1","method":"GET", ...}
 *
 * Times are UTC. Bytes of the peer are escaped, so that a line is a line, and is ASCII, whatever
 * was sent: in people and combined as Apache does it, in json by \u for what is UTF-8 and as the
 * text \xhh for the bytes that are not. Nothing here allocates or uses stdio. */
#ifndef LN_SERVER_LOG_LINE_H
#define LN_SERVER_LOG_LINE_H

#include <linnet/hooks.h>

#include "core/base/cursor.h"

/* X(ID, "name", "what it is for") */
#define LN_LOG_FORMATS(X)                                       \
    X(PEOPLE, "people", "a short line to read")                 \
    X(COMBINED, "combined", "Apache's format, for other tools") \
    X(JSON, "json", "one JSON object on a line")                \
    X(NONE, "none", "no log")

enum ln_log_format {
#define LN_LOG_FORMAT_ENUM(id, name, meaning) LN_LOG_##id,
    LN_LOG_FORMATS(LN_LOG_FORMAT_ENUM)
#undef LN_LOG_FORMAT_ENUM
        LN_LOG_FORMAT_COUNT, /* as a setting: people on a terminal, combined elsewhere */
};

/* Of what is shown of a target or a field; "..." stands for the rest. */
enum { LN_LOG_LINE_PART_LEN_MAX = 2048 };

/* The time of lines as their format tells it, put together once a second. Zeroed at first. */
enum { LN_LOG_TIME_LEN_MAX = 26 };

struct ln_log_time {
    int64_t unix_s;
    enum ln_log_format format;
    uint8_t len; /* 0: nothing yet */
    uint8_t text[LN_LOG_TIME_LEN_MAX];
};

/* Writes the line of an answer with its line feed. `colour`: the status of a people's line is
 * coloured as terminals understand it. */
void ln_log_line_put(struct ln_cursor *cursor, enum ln_log_format format, bool colour,
                     struct ln_log_time *time, const struct linnet_answer_record *record);

/* Writes a line that says how many were dropped; in the same form as the others, so that whoever
 * reads them all can read this one. */
void ln_log_line_put_dropped(struct ln_cursor *cursor, enum ln_log_format format,
                             struct ln_log_time *time, uint64_t count, int64_t unix_s);

#endif
