/* Entity tags: one alone, and the lists of If-Match and If-None-Match.
 *
 *     entity-tag    = [ weak ] opaque-tag
 *     weak          = %s"W/"                             ; upper case only
 *     opaque-tag    = DQUOTE *etagc DQUOTE
 *     etagc         = %x21 / %x23-7E / %x80-FF           ; no blank, no DQUOTE
 *     If-Match      = "*" / #entity-tag
 *     If-None-Match = "*" / #entity-tag
 *
 * An opaque tag is no quoted string: a backslash in it is an ordinary byte and a comma does not
 * separate. So its lists are read here, not with field_list.h.
 *
 * No state. Tags are spans over the text they were read from. */
#include "core/http/entity_tag.h"

static bool is_etagc(uint8_t byte)
{
    return byte == 0x21 || (byte >= 0x23 && byte != 0x7F);
}

/* Takes one entity tag off the front of *rest. On false *rest is somewhere in the fault. */
static bool take_tag(struct linnet_span *rest, struct ln_entity_tag *tag)
{
    /* RFC 9110 8.8.3: the mark of a weak tag is case-sensitive. */
    tag->weak = ln_span_starts_with(*rest, LINNET_SPAN("W/"));
    if (tag->weak) {
        *rest = ln_span_slice(*rest, 2, rest->len - 2);
    }
    if (rest->len == 0 || rest->data[0] != '"') {
        return false;
    }
    size_t len = 1;
    while (len < rest->len && is_etagc(rest->data[len])) {
        len++;
    }
    if (len == rest->len || rest->data[len] != '"') {
        return false;
    }
    len++;
    LN_ASSERT(len >= 2);
    tag->opaque = ln_span_slice(*rest, 0, len);
    *rest = ln_span_slice(*rest, len, rest->len - len);
    return true;
}

bool ln_entity_tag_parse(struct linnet_span text, struct ln_entity_tag *tag)
{
    LN_ASSERT(tag != NULL);
    struct ln_entity_tag taken;
    if (!take_tag(&text, &taken) || text.len > 0) {
        return false;
    }
    *tag = taken;
    return true;
}

/* RFC 9110 8.8.3.2: strong comparison, equal bytes and neither of the two weak. */
bool ln_entity_tag_equal_strong(struct ln_entity_tag a, struct ln_entity_tag b)
{
    return !a.weak && !b.weak && ln_span_equal(a.opaque, b.opaque);
}

/* RFC 9110 8.8.3.2: weak comparison, equal bytes whatever the marks say. */
bool ln_entity_tag_equal_weak(struct ln_entity_tag a, struct ln_entity_tag b)
{
    return ln_span_equal(a.opaque, b.opaque);
}

enum ln_entity_tag_match ln_entity_tag_match(struct linnet_span list,
                                             const struct ln_entity_tag *current, bool strong)
{
    LN_ASSERT(list.data != NULL || list.len == 0);
    /* RFC 9110 13.1.1: the star stands alone; it means any current representation. */
    if (ln_span_equal(ln_span_trim(list), LINNET_SPAN("*"))) {
        return current != NULL ? LN_ENTITY_TAG_MATCH : LN_ENTITY_TAG_NO_MATCH;
    }

    /* The whole list is read even after a match: a fault behind it makes the list invalid. */
    bool is_found = false;
    bool is_separated = true;
    while (list.len > 0) {
        uint8_t byte = list.data[0];
        if (byte == ',' || byte == ' ' || byte == '\t') {
            /* RFC 9110 5.6.1: empty elements, and blanks around the commas, are skipped. */
            is_separated = is_separated || byte == ',';
            list = ln_span_slice(list, 1, list.len - 1);
            continue;
        }
        struct ln_entity_tag tag;
        if (!is_separated || !take_tag(&list, &tag)) {
            return LN_ENTITY_TAG_INVALID;
        }
        is_separated = false;
        if (current != NULL) {
            is_found = is_found || (strong ? ln_entity_tag_equal_strong(tag, *current)
                                           : ln_entity_tag_equal_weak(tag, *current));
        }
    }
    return is_found ? LN_ENTITY_TAG_MATCH : LN_ENTITY_TAG_NO_MATCH;
}
