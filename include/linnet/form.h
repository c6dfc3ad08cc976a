/* Forms and query strings: application/x-www-form-urlencoded, as the WHATWG URL standard reads it.
 *
 * Bytes are split at "&", each piece at its first "="; a piece without "=" is a name with an empty
 * value, empty pieces are nothing. "+" stands for a space and "%XX" for a byte; a "%" that no two
 * hexadecimal digits follow stands for itself. Nothing is malformed, then: every byte has a
 * meaning, and it is the one that a browser's own reader gives it. What comes out of decoding is
 * any bytes, NUL among them; whether they are UTF-8 is not looked at.
 *
 *     struct linnet_span rest = linnet_exchange_request(exchange)->query;
 *     struct linnet_form_pair pair;
 *     while (linnet_form_next(&rest, &pair)) { ... }
 */
#ifndef LINNET_FORM_H
#define LINNET_FORM_H

#include <stdbool.h>

#include <linnet/declarations.h>
#include <linnet/error.h>
#include <linnet/span.h>

LINNET_BEGIN

struct linnet_form_pair {
    struct linnet_span name; /* both as received, over the caller's bytes; may be empty */
    struct linnet_span value;
};

/* Takes the next pair off the front of *rest; false when none is left. */
bool linnet_form_next(struct linnet_span *rest, struct linnet_form_pair *pair);

/* Decodes a raw name or value into the room: NONE and *decoded over the room, or TOO_LARGE and
 * nothing. It never needs more room than raw.len. The room may be the raw bytes themselves, if they
 * are the caller's to write. */
LINNET_MUST_USE enum linnet_error linnet_form_decode(struct linnet_span raw,
                                                     struct linnet_room room,
                                                     struct linnet_span *decoded);

/* Does a raw name, decoded, equal `name`? Nothing is written anywhere. */
bool linnet_form_equal(struct linnet_span raw, struct linnet_span name);

/* The value of the first pair of that name (as decoded; case matters), decoded into the room: NONE,
 * NOT_FOUND, or TOO_LARGE when the value does not fit. */
LINNET_MUST_USE enum linnet_error linnet_form_find(struct linnet_span bytes,
                                                   struct linnet_span name, struct linnet_room room,
                                                   struct linnet_span *value);

LINNET_END

#endif
