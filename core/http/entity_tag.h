/* Entity tags: RFC 9110 8.8.3.
 *
 *     entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE
 */
#ifndef LN_HTTP_ENTITY_TAG_H
#define LN_HTTP_ENTITY_TAG_H

#include <stdbool.h>

#include "core/base/span.h"

struct ln_entity_tag {
    struct linnet_span opaque; /* with its quotes */
    bool weak;
};

/* Reads one entity tag over the whole span. */
bool ln_entity_tag_parse(struct linnet_span text, struct ln_entity_tag *tag);

/* RFC 9110 8.8.3.2: strong comparison (both strong and equal), weak comparison (equal). */
bool ln_entity_tag_equal_strong(struct ln_entity_tag a, struct ln_entity_tag b);
bool ln_entity_tag_equal_weak(struct ln_entity_tag a, struct ln_entity_tag b);

enum ln_entity_tag_match {
    LN_ENTITY_TAG_NO_MATCH,
    LN_ENTITY_TAG_MATCH,
    LN_ENTITY_TAG_INVALID, /* the list does not follow the grammar */
};

/* Is `current` (NULL: there is no representation) in the list of an If-Match or If-None-Match
 * field line: "*" or 1#entity-tag? The list is bounded by the field line itself. */
enum ln_entity_tag_match ln_entity_tag_match(struct linnet_span list,
                                             const struct ln_entity_tag *current, bool strong);

#endif
