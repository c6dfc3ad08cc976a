/* The fields that core reads, found by name.
 *
 * The length leaves one or two names; those are compared 8 (or 4) bytes at a time, the last of
 * them overlapping what was compared before. */
#include "core/table/field.h"

#include <stdbool.h>
#include <string.h>

#include <linnet/assert.h>

static const struct linnet_span field_names[LN_FIELD_COUNT] = {
#define FIELD_NAME(id, name) LINNET_SPAN_INIT(name),
    LN_FIELDS(FIELD_NAME)
#undef FIELD_NAME
};

/* The bits in which 8 bytes differ from 8 bytes of a name, but for the case of letters.
 *
 * In a name of letters and "-", exactly the letters have the bit 0x40; halved, it is the bit 0x20
 * in which the cases of a letter differ. */
static inline uint64_t difference_fold_8(const uint8_t *bytes, const char *name)
{
    uint64_t a;
    uint64_t b;
    memcpy(&a, bytes, sizeof a);
    memcpy(&b, name, sizeof b);
    return (a ^ b) & ~((b >> 1) & 0x2020202020202020U);
}

static inline uint32_t difference_fold_4(const uint8_t *bytes, const char *name)
{
    uint32_t a;
    uint32_t b;
    memcpy(&a, bytes, sizeof a);
    memcpy(&b, name, sizeof b);
    return (a ^ b) & ~((b >> 1) & 0x20202020U);
}

/* RFC 9110 5.1: field names are case-insensitive. `data` holds as many bytes as `name`: 4 to 24. */
static inline bool is_name(const uint8_t *data, const char *name, size_t len)
{
    if (len < 8) {
        return (difference_fold_4(data, name) |
                difference_fold_4(data + len - 4, name + len - 4)) == 0;
    }
    uint64_t difference = difference_fold_8(data, name);
    if (len > 16) {
        difference |= difference_fold_8(data + 8, name + 8);
    }
    if (len > 8) {
        difference |= difference_fold_8(data + len - 8, name + len - 8);
    }
    return difference == 0;
}

/* One case of the switch: the field if `name` is its name. */
#define FIELD_IF_NAME(id, literal)                          \
    if (is_name(name.data, literal, sizeof(literal) - 1)) { \
        return LN_FIELD_##id;                               \
    }

enum ln_field ln_field_search(struct linnet_span name)
{
    switch (name.len) {
    case 4:
        FIELD_IF_NAME(HOST, "Host")
        break;
    case 5:
        FIELD_IF_NAME(RANGE, "Range")
        break;
    case 6:
        FIELD_IF_NAME(EXPECT, "Expect")
        break;
    case 8:
        FIELD_IF_NAME(IF_MATCH, "If-Match")
        FIELD_IF_NAME(IF_RANGE, "If-Range")
        break;
    case 10:
        FIELD_IF_NAME(CONNECTION, "Connection")
        break;
    case 13:
        FIELD_IF_NAME(IF_NONE_MATCH, "If-None-Match")
        break;
    case 14:
        FIELD_IF_NAME(CONTENT_LENGTH, "Content-Length")
        break;
    case 17:
        FIELD_IF_NAME(IF_MODIFIED_SINCE, "If-Modified-Since")
        FIELD_IF_NAME(TRANSFER_ENCODING, "Transfer-Encoding")
        break;
    case 19:
        FIELD_IF_NAME(IF_UNMODIFIED_SINCE, "If-Unmodified-Since")
        break;
    default:
        break;
    }
    return LN_FIELD_OTHER;
}

struct linnet_span ln_field_name(enum ln_field field)
{
    if (field >= LN_FIELD_COUNT) {
        linnet_assert_failed(__FILE__, __LINE__, "the field is one of the table");
    }
    return field_names[field];
}
