/* The head of an answer, written in one pass: RFC 9112 4, 5 and 6.
 *
 *     status-line CRLF *( field-line CRLF ) CRLF
 *
 * Its own lines come first: the status line and the fields of the channel. Then come the fields of
 * the reply, as given or as prepared, and the empty line. */
#ifndef LN_HTTP1_RESPONSE_HEAD_H
#define LN_HTTP1_RESPONSE_HEAD_H

#include <linnet/exchange.h>

#include "core/base/cursor.h"
#include "core/http/date.h"
#include "core/http/field_put.h"

enum ln_connection_option {
    LN_CONNECTION_OPTION_NONE,
    LN_CONNECTION_OPTION_CLOSE,
    LN_CONNECTION_OPTION_KEEP_ALIVE, /* for HTTP/1.0 clients that asked: RFC 9112 9.3 */
};

struct ln_response_head {
    enum linnet_status status;
    struct linnet_span date;     /* the field line, or empty: no clock */
    struct linnet_span security; /* a field line of answers by https, or empty */
    enum ln_connection_option connection;
};

enum { LN_RESPONSE_DATE_LEN = sizeof "Date: " - 1 + LN_DATE_LEN + 2 };

/* The Date line of answers, written once a second. Zeroed at first. */
struct ln_response_date {
    int64_t unix_s;
    bool written;
    uint8_t line[LN_RESPONSE_DATE_LEN];
};

/* RFC 9110 6.6.1: the field line for answers given at that time; empty without a clock. */
struct linnet_span ln_response_date(struct ln_response_date *date, struct linnet_time time);

/* Writes the head's own lines, or the whole of it; cursor->overflow when they did not fit. */
void ln_response_head_put_own(struct ln_cursor *cursor, const struct ln_response_head *head);
void ln_response_head_put(struct ln_cursor *cursor, const struct ln_response_head *head,
                          const struct ln_field_put *fields);

#endif
