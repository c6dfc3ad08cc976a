/* The head of an answer, written in one pass: RFC 9112 4, 5 and 6.
 *
 *     status-line CRLF *( field-line CRLF ) CRLF
 *
 * The fields of the channel come first, in a fixed order; then those of the reply, as given. */
#ifndef LN_HTTP1_RESPONSE_HEAD_H
#define LN_HTTP1_RESPONSE_HEAD_H

#include <linnet/exchange.h>

#include "core/base/cursor.h"
#include "core/http/date.h"

enum ln_connection_option {
    LN_CONNECTION_OPTION_NONE,
    LN_CONNECTION_OPTION_CLOSE,
    LN_CONNECTION_OPTION_KEEP_ALIVE, /* for HTTP/1.0 clients that asked: RFC 9112 9.3 */
};

struct ln_response_head {
    enum linnet_status status;
    struct linnet_span date; /* IMF-fixdate, or empty: no clock */
    enum ln_connection_option connection;
    bool has_content_length;
    uint64_t content_length;
    struct linnet_span media_type; /* or empty */
    const struct linnet_field *fields;
    size_t field_count;
};

/* The Date of answers, written once a second. Zeroed at first. */
struct ln_response_date {
    int64_t unix_s;
    bool written;
    uint8_t text[LN_DATE_LEN];
};

/* RFC 9110 6.6.1: the date for answers given at that time; empty without a clock. */
struct linnet_span ln_response_date(struct ln_response_date *date, struct linnet_time time);

/* Writes the head; cursor->overflow when it did not fit. */
void ln_response_head_put(struct ln_cursor *cursor, const struct ln_response_head *head);

#endif
