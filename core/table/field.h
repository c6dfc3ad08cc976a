/* The request fields that core itself reads: X(ID, "Name"). All others are for handlers. */
#ifndef LN_TABLE_FIELD_H
#define LN_TABLE_FIELD_H

#include <linnet/span.h>

#define LN_FIELDS(X)                              \
    X(CONNECTION, "Connection")                   \
    X(CONTENT_LENGTH, "Content-Length")           \
    X(EXPECT, "Expect")                           \
    X(HOST, "Host")                               \
    X(IF_MATCH, "If-Match")                       \
    X(IF_MODIFIED_SINCE, "If-Modified-Since")     \
    X(IF_NONE_MATCH, "If-None-Match")             \
    X(IF_RANGE, "If-Range")                       \
    X(IF_UNMODIFIED_SINCE, "If-Unmodified-Since") \
    X(RANGE, "Range")                             \
    X(TRANSFER_ENCODING, "Transfer-Encoding")

enum ln_field {
#define LN_FIELD_ENUM(id, name) LN_FIELD_##id,
    LN_FIELDS(LN_FIELD_ENUM)
#undef LN_FIELD_ENUM
        LN_FIELD_COUNT,
    LN_FIELD_OTHER = LN_FIELD_COUNT,
};

/* Which of these a field name is, by comparing. */
enum ln_field ln_field_search(struct linnet_span name);

/* Which of these a field name is (any case, RFC 9110 5.1), else LN_FIELD_OTHER. Called for every
 * field line: most are told by their length or their first letter, whose five low bits are those of
 * both cases. */
static inline enum ln_field ln_field_find(struct linnet_span name)
{
#define LN_FIELD_LEN_BIT(id, name)    | 1U << (sizeof(name) - 1)
#define LN_FIELD_LETTER_BIT(id, name) | 1U << ((unsigned)(name)[0] & 31U)
    const unsigned lens = 0 LN_FIELDS(LN_FIELD_LEN_BIT);
    const unsigned letters = 0 LN_FIELDS(LN_FIELD_LETTER_BIT);
#undef LN_FIELD_LEN_BIT
#undef LN_FIELD_LETTER_BIT
    if (name.len > 31 || (lens >> name.len & 1U) == 0 ||
        (letters >> (name.data[0] & 31U) & 1U) == 0) {
        return LN_FIELD_OTHER;
    }
    return ln_field_search(name);
}

struct linnet_span ln_field_name(enum ln_field field);

#endif
