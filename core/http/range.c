/* Byte ranges.
 *
 *     Range            = ranges-specifier
 *     ranges-specifier = range-unit "=" range-set
 *     range-unit       = token
 *     range-set        = 1#range-spec
 *     range-spec       = int-range / suffix-range / other-range
 *     int-range        = first-pos "-" [ last-pos ]
 *     suffix-range     = "-" suffix-length
 *     first-pos, last-pos, suffix-length = 1*DIGIT
 *
 * No state. A satisfiable range lies inside the representation: first + len <= its length. */
#include "core/http/range.h"

#include "core/base/character.h"
#include "core/base/number.h"
#include "core/http/field_list.h"

/* One int-range or suffix-range; a part that is not there is empty. Not both are. */
struct spec {
    struct linnet_span first; /* empty: a suffix-range */
    struct linnet_span last;  /* the suffix-length of a suffix-range */
};

static bool is_digits(struct linnet_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!ln_character_is(text.data[i], LN_CHARACTER_DIGIT)) {
            return false;
        }
    }
    return true;
}

/* RFC 9110 14.1.2: positions have no largest value. All beyond 2^64 - 1 read as that one, which
 * lies behind the end of whatever there is. */
static uint64_t saturated(struct linnet_span digits)
{
    LN_ASSERT(digits.len > 0);
    LN_ASSERT(is_digits(digits));
    uint64_t number;
    return ln_number_parse_decimal(digits, &number) ? number : UINT64_MAX;
}

/* Is the number a below b? Digit by digit, since neither need fit any integer. */
static bool is_below(struct linnet_span a, struct linnet_span b)
{
    while (a.len > 0 && a.data[0] == '0') {
        a = ln_span_slice(a, 1, a.len - 1);
    }
    while (b.len > 0 && b.data[0] == '0') {
        b = ln_span_slice(b, 1, b.len - 1);
    }
    if (a.len != b.len) {
        return a.len < b.len;
    }
    return a.len > 0 && memcmp(a.data, b.data, a.len) < 0;
}

/* Takes the range-set out of a content whose unit is bytes. */
static bool take_set(struct linnet_span content, struct linnet_span *set)
{
    size_t len = 0;
    while (len < content.len && content.data[len] != '=') {
        len++;
    }
    /* RFC 9110 14.1: names of units are compared in any case. */
    if (len == content.len ||
        !ln_span_equal_fold(ln_span_slice(content, 0, len), LINNET_SPAN("bytes"))) {
        return false;
    }
    *set = ln_span_slice(content, len + 1, content.len - len - 1);
    return true;
}

static bool parse_spec(struct linnet_span text, struct spec *spec)
{
    size_t len = 0;
    while (len < text.len && text.data[len] != '-') {
        len++;
    }
    /* RFC 9110 14.1.2: byte ranges know no other-range, so anything else is invalid. */
    if (len == text.len || text.len == 1) {
        return false;
    }
    spec->first = ln_span_slice(text, 0, len);
    spec->last = ln_span_slice(text, len + 1, text.len - len - 1);
    if (!is_digits(spec->first) || !is_digits(spec->last)) {
        return false;
    }
    /* RFC 9110 14.1.1: a last position below the first is invalid, whatever the length. */
    return spec->first.len == 0 || spec->last.len == 0 || !is_below(spec->last, spec->first);
}

/* RFC 9110 14.1.2: the last `suffix_len` bytes, all if there are fewer; no bytes cannot be sent. */
static enum ln_range_outcome resolve_suffix(uint64_t suffix_len, uint64_t len,
                                            struct ln_range *range)
{
    if (suffix_len == 0) {
        return LN_RANGE_NOT_SATISFIABLE;
    }
    /* RFC 9110 14.1.2: a suffix of an empty representation is satisfiable, but Content-Range has no
     * form for a part of nothing: the whole, which is empty, is the answer. */
    if (len == 0) {
        return LN_RANGE_IGNORED;
    }
    range->len = suffix_len < len ? suffix_len : len;
    range->first = len - range->len;
    return LN_RANGE_SATISFIABLE;
}

static enum ln_range_outcome resolve(const struct spec *spec, uint64_t len, struct ln_range *range)
{
    if (spec->first.len == 0) {
        return resolve_suffix(saturated(spec->last), len, range);
    }
    /* RFC 9110 14.1.2: a range that begins behind the end cannot be satisfied. */
    uint64_t first = saturated(spec->first);
    if (first >= len) {
        return LN_RANGE_NOT_SATISFIABLE;
    }
    /* RFC 9110 14.1.2: a last position that is absent or behind the end means the last byte. */
    uint64_t last = spec->last.len > 0 ? saturated(spec->last) : len - 1;
    if (last > len - 1) {
        last = len - 1;
    }
    LN_ASSERT(first <= last);
    range->first = first;
    range->len = last - first + 1;
    return LN_RANGE_SATISFIABLE;
}

enum ln_range_outcome ln_range_parse(struct linnet_span content, uint64_t len,
                                     struct ln_range *range)
{
    LN_ASSERT(range != NULL);
    LN_ASSERT(content.data != NULL || content.len == 0);
    /* RFC 9110 14.2: a unit that is not understood must be ignored, an invalid specifier may be. */
    struct linnet_span set;
    struct linnet_span only;
    if (!take_set(content, &set) || !ln_field_list_next(&set, &only)) {
        return LN_RANGE_IGNORED;
    }
    /* RFC 9110 14.2: so may the whole field; here it is when it asks for several ranges, also when
     * they are all the same. */
    struct linnet_span another;
    if (ln_field_list_next(&set, &another)) {
        return LN_RANGE_IGNORED;
    }
    struct spec spec;
    if (!parse_spec(only, &spec)) {
        return LN_RANGE_IGNORED;
    }
    return resolve(&spec, len, range);
}
