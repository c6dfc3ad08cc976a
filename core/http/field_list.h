/* Comma-separated lists in field contents: RFC 9110 5.6.1.
 *
 * Empty elements are skipped, optional whitespace around elements is dropped, and a comma inside a
 * quoted string does not separate. */
#ifndef LN_HTTP_FIELD_LIST_H
#define LN_HTTP_FIELD_LIST_H

#include <stdbool.h>

#include "core/base/span.h"

/* Takes the next element off the front of *rest; false when none is left. An unclosed quoted
 * string reaches to the end. */
bool ln_field_list_next(struct linnet_span *rest, struct linnet_span *element);

/* Does the list hold that token, in any case? */
bool ln_field_list_has(struct linnet_span list, struct linnet_span token);

#endif
