/* A tag that is read equals itself and matches as a list of one; no list matches strongly without
 * matching weakly, and a line of lists is invalid only if one of them is. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/http/entity_tag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { joined_size = 8192 };

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_tag(struct linnet_span text)
{
    struct ln_entity_tag tag;
    if (!ln_entity_tag_parse(text, &tag)) {
        return;
    }
    require(tag.opaque.len >= 2);
    require(tag.opaque.data + tag.opaque.len == text.data + text.len);
    require(tag.opaque.len + (tag.weak ? 2 : 0) == text.len);
    require(memchr(tag.opaque.data + 1, '"', tag.opaque.len - 2) == NULL);
    require(ln_entity_tag_equal_weak(tag, tag));
    require(ln_entity_tag_equal_strong(tag, tag) == !tag.weak);
    require(ln_entity_tag_match(text, &tag, false) == LN_ENTITY_TAG_MATCH);
    require((ln_entity_tag_match(text, &tag, true) == LN_ENTITY_TAG_MATCH) == !tag.weak);
}

static void check_list(struct linnet_span list)
{
    struct ln_entity_tag current = {.opaque = LINNET_SPAN_INIT("\"x\"")};
    enum ln_entity_tag_match strong = ln_entity_tag_match(list, &current, true);
    enum ln_entity_tag_match weak = ln_entity_tag_match(list, &current, false);
    enum ln_entity_tag_match absent = ln_entity_tag_match(list, NULL, true);
    require((strong == LN_ENTITY_TAG_INVALID) == (weak == LN_ENTITY_TAG_INVALID));
    require((strong == LN_ENTITY_TAG_INVALID) == (absent == LN_ENTITY_TAG_INVALID));
    require(strong != LN_ENTITY_TAG_MATCH || weak == LN_ENTITY_TAG_MATCH);
    require(absent != LN_ENTITY_TAG_MATCH);

    /* One more member, and the list is as good or as bad as it was; but a star stands alone. */
    static uint8_t joined[joined_size];
    struct linnet_span trimmed = ln_span_trim(list);
    if (list.len + 5 > sizeof joined || ln_span_equal(trimmed, LINNET_SPAN("*"))) {
        return;
    }
    if (list.len > 0) {
        memcpy(joined, list.data, list.len);
    }
    static const uint8_t more[] = {' ', ',', '"', 'x', '"'};
    memcpy(joined + list.len, more, sizeof more);
    enum ln_entity_tag_match longer =
        ln_entity_tag_match((struct linnet_span){joined, list.len + 5}, &current, true);
    require(longer == LN_ENTITY_TAG_MATCH || strong == LN_ENTITY_TAG_INVALID);
    require(longer != LN_ENTITY_TAG_MATCH || strong != LN_ENTITY_TAG_INVALID);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct linnet_span text = {data, size};
    check_tag(text);
    check_list(text);
    return 0;
}
