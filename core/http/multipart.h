/* What the two files of the multipart parser share: multipart.c reads the stream, multipart_head.c
 * the fields. The contract is <linnet/multipart.h>. */
#ifndef LN_HTTP_MULTIPART_H
#define LN_HTTP_MULTIPART_H

#include <linnet/multipart.h>

/* Reads the boundary out of a Content-Type into the room, at least
 * LINNET_MULTIPART_BOUNDARY_LEN_MAX bytes: NONE, NOT_FORM_DATA or BAD_BOUNDARY. */
enum linnet_multipart_fault ln_multipart_boundary(struct linnet_span content_type,
                                                  struct linnet_room room,
                                                  struct linnet_span *boundary);

/* Reads the head of a part: `head` holds it whole, each line with its CRLF, the empty one too.
 * Names are unescaped in place. False: it is malformed or without a name. */
bool ln_multipart_head_read(struct linnet_room head, struct linnet_multipart_part *part);

#endif
