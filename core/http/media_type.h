/* Media types by file extension: a table sorted by extension, at least 80 rows.
 *
 * Text types carry "; charset=utf-8". An unknown extension is application/octet-stream. */
#ifndef LN_HTTP_MEDIA_TYPE_H
#define LN_HTTP_MEDIA_TYPE_H

#include "core/base/span.h"

/* The media type for the last segment of `path` (its extension in any case). */
struct linnet_span ln_media_type_for(struct linnet_span path);

#endif
