/* Preconditions, in the one order that RFC 9110 13.2.2 allows.
 *
 *     1  If-Match                      false: 412
 *     2  else If-Unmodified-Since      false: 412
 *     3  If-None-Match                 false: 304 for GET and HEAD, 412 for the others
 *     4  else If-Modified-Since        false: 304; GET and HEAD only
 *     5  If-Range, where there is a Range    false: Range is ignored
 *     6  the method is performed
 *
 * No state: an answer depends on the arguments alone. When to ask is the caller's matter
 * (section 13.2.1): only where the answer without the fields would be a 2xx or 412, and never for
 * CONNECT, OPTIONS and TRACE.
 *
 * Each function named ..._holds is true when its condition is true, and also when the field is one
 * that must be ignored. */
#include "core/http/condition.h"

#include "core/http/date.h"

/* RFC 9110 8.8.2.2: a date is a strong validator only if nothing can have changed unseen within
 * its second. One that lies this long back is over, and a clock that is a little off is covered. */
enum { date_strong_s = 60 };

static bool is_present(struct linnet_span content)
{
    return content.data != NULL;
}

/* If-Match or If-None-Match, whose lines together are one list. */
static enum ln_entity_tag_match match_lines(const struct linnet_span *lines, size_t count,
                                            const struct ln_condition_current *current, bool strong)
{
    LN_ASSERT(count > 0);
    LN_ASSERT(lines != NULL);
    /* RFC 9110 13.1.1: the star asks for any representation, also one without an entity tag. */
    if (count == 1 && ln_span_equal(ln_span_trim(lines[0]), LINNET_SPAN("*"))) {
        return current->exists ? LN_ENTITY_TAG_MATCH : LN_ENTITY_TAG_NO_MATCH;
    }
    const struct ln_entity_tag *tag = current->exists ? current->tag : NULL;
    enum ln_entity_tag_match match = LN_ENTITY_TAG_NO_MATCH;
    for (size_t i = 0; i < count; i++) {
        /* RFC 9110 13.1.1: a star among other members makes the list invalid, so does a second
         * star, and so does any line that is no list of tags. */
        if (ln_span_equal(ln_span_trim(lines[i]), LINNET_SPAN("*"))) {
            return LN_ENTITY_TAG_INVALID;
        }
        enum ln_entity_tag_match line_match = ln_entity_tag_match(lines[i], tag, strong);
        if (line_match == LN_ENTITY_TAG_INVALID) {
            return LN_ENTITY_TAG_INVALID;
        }
        if (line_match == LN_ENTITY_TAG_MATCH) {
            match = LN_ENTITY_TAG_MATCH;
        }
    }
    return match;
}

/* RFC 9110 13.1.1: true if the tag is in the list by strong comparison. A list that cannot be read
 * protects as one without a match: the client asked not to overwrite what it does not know. */
static bool if_match_holds(const struct ln_condition_fields *fields,
                           const struct ln_condition_current *current)
{
    return match_lines(fields->if_match, fields->if_match_count, current, true) ==
           LN_ENTITY_TAG_MATCH;
}

/* RFC 9110 13.1.2: true unless the tag is in the list by weak comparison. A list that cannot be
 * read has no match, so the answer is sent in full. */
static bool if_none_match_holds(const struct ln_condition_fields *fields,
                                const struct ln_condition_current *current)
{
    return match_lines(fields->if_none_match, fields->if_none_match_count, current, false) !=
           LN_ENTITY_TAG_MATCH;
}

/* Is there a modification date, and does the field hold a date to compare it with? */
static bool has_dates(struct linnet_span content, const struct ln_condition_current *current,
                      int64_t *unix_s)
{
    return current->exists && current->has_last_modified &&
           ln_date_parse(content, current->now_unix_s, unix_s);
}

/* RFC 9110 13.1.4: true if there was no change after the date. What is no date, also a list of
 * them, is ignored, and so is the field where no modification date is known. */
static bool if_unmodified_since_holds(const struct ln_condition_fields *fields,
                                      const struct ln_condition_current *current)
{
    int64_t since_unix_s;
    return !has_dates(fields->if_unmodified_since, current, &since_unix_s) ||
           current->last_modified_unix_s <= since_unix_s;
}

/* RFC 9110 13.1.3: true if there was a change after the date; ignored as If-Unmodified-Since is. */
static bool if_modified_since_holds(const struct ln_condition_fields *fields,
                                    const struct ln_condition_current *current)
{
    int64_t since_unix_s;
    return !has_dates(fields->if_modified_since, current, &since_unix_s) ||
           current->last_modified_unix_s > since_unix_s;
}

static bool is_last_modified_strong(const struct ln_condition_current *current)
{
    return current->now_unix_s > 0 &&
           current->last_modified_unix_s <= current->now_unix_s - date_strong_s;
}

/* RFC 9110 13.1.5: true if the part that the client has is of this very representation: the same
 * strong tag, or exactly the same date and that a strong one. Anything else is false. */
static bool if_range_holds(const struct ln_condition_fields *fields,
                           const struct ln_condition_current *current)
{
    if (!current->exists) {
        return false;
    }
    struct ln_entity_tag tag;
    if (ln_entity_tag_parse(fields->if_range, &tag)) {
        return current->tag != NULL && ln_entity_tag_equal_strong(tag, *current->tag);
    }
    int64_t date_unix_s;
    return has_dates(fields->if_range, current, &date_unix_s) && is_last_modified_strong(current) &&
           date_unix_s == current->last_modified_unix_s;
}

enum ln_condition ln_condition_evaluate(const struct ln_condition_fields *fields,
                                        const struct ln_condition_current *current, bool safe_get,
                                        bool has_range)
{
    LN_ASSERT(fields != NULL);
    LN_ASSERT(current != NULL);
    LN_ASSERT(safe_get || !has_range);

    /* RFC 9110 13.2.2: steps 1 and 2; the tag, where there is one to compare, replaces the date. */
    if (fields->if_match_count > 0) {
        if (!if_match_holds(fields, current)) {
            return LN_CONDITION_FAILED;
        }
    } else if (is_present(fields->if_unmodified_since)) {
        if (!if_unmodified_since_holds(fields, current)) {
            return LN_CONDITION_FAILED;
        }
    }

    /* RFC 9110 13.2.2: steps 3 and 4; If-Modified-Since means something to GET and HEAD alone. */
    if (fields->if_none_match_count > 0) {
        if (!if_none_match_holds(fields, current)) {
            return safe_get ? LN_CONDITION_NOT_MODIFIED : LN_CONDITION_FAILED;
        }
    } else if (safe_get && is_present(fields->if_modified_since)) {
        if (!if_modified_since_holds(fields, current)) {
            return LN_CONDITION_NOT_MODIFIED;
        }
    }

    /* RFC 9110 13.2.2: step 5; without a Range there is nothing that If-Range could decide. */
    if (has_range && is_present(fields->if_range) && !if_range_holds(fields, current)) {
        return LN_CONDITION_PROCEED_WITHOUT_RANGE;
    }
    return LN_CONDITION_PROCEED;
}
