/* Preconditions: the five conditional fields in the order of RFC 9110 13.2.2.
 *
 * Each member is the field's content, or data NULL when the field is absent. Where several lines
 * of one name were sent for a list (If-Match, If-None-Match), the caller passes an iterator-free
 * form: an array of contents. */
#ifndef LN_HTTP_CONDITION_H
#define LN_HTTP_CONDITION_H

#include "core/http/entity_tag.h"
#include "core/http/range.h"

struct ln_condition_fields {
    const struct linnet_span *if_match;      /* if_match_count contents */
    const struct linnet_span *if_none_match; /* if_none_match_count contents */
    size_t if_match_count;
    size_t if_none_match_count;
    struct linnet_span if_modified_since;
    struct linnet_span if_unmodified_since;
    struct linnet_span if_range;
};

struct ln_condition_current {
    const struct ln_entity_tag *tag; /* NULL: the representation has none */
    bool exists;
    bool has_last_modified;
    int64_t last_modified_unix_s;
    /* To read two-digit years, and for the strength of a date: it is strong when it is at least
     * 60 s older than now (RFC 9110 8.8.2.2 asks for enough difference; how much is our choice).
     * 0 when there is no clock: no date is strong then. */
    int64_t now_unix_s;
};

enum ln_condition {
    LN_CONDITION_PROCEED,               /* perform the method; Range may apply */
    LN_CONDITION_PROCEED_WITHOUT_RANGE, /* perform it and ignore Range: If-Range did not match */
    LN_CONDITION_NOT_MODIFIED,          /* 304 (GET and HEAD) */
    LN_CONDITION_FAILED,                /* 412 */
};

/* safe_get: the method is GET or HEAD. has_range: a Range field is there and the method is GET. */
enum ln_condition ln_condition_evaluate(const struct ln_condition_fields *fields,
                                        const struct ln_condition_current *current, bool safe_get,
                                        bool has_range);

#endif
