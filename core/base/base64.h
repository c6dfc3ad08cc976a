/* Base64 as RFC 4648 4 has it, decoded strictly: one text for each sequence of bytes. */
#ifndef LN_BASE_BASE64_H
#define LN_BASE_BASE64_H

#include <linnet/error.h>
#include <linnet/span.h>

/* NONE and *decoded over the room; INVALID: a byte outside the alphabet, a length that is no
 * multiple of four, padding that is not at the end, or bits of it that are not zero; TOO_LARGE. */
LINNET_MUST_USE enum linnet_error ln_base64_decode(struct linnet_span text, struct linnet_room room,
                                                   struct linnet_span *decoded);

#endif
