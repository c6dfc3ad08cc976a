/* Writing field lines: what every answer has in common, whether written for it or beforehand.
 *
 *     field-line = field-name ":" OWS field-value OWS CRLF      RFC 9112 5
 *
 * Nothing is checked here: names and contents must be sound. */
#ifndef LN_HTTP_FIELD_PUT_H
#define LN_HTTP_FIELD_PUT_H

#include <linnet/exchange.h>

#include "core/base/cursor.h"

/* What is said of the content, then the fields in their order. */
struct ln_field_put {
    struct linnet_span media_type; /* or empty: no Content-Type */
    bool has_content_length;
    uint64_t content_length;
    const struct linnet_field *fields;
    size_t field_count;
};

void ln_field_put(struct ln_cursor *cursor, const struct ln_field_put *what);

#endif
