/* What core does with spans: compare, cut, and no more.
 *
 * Case folding is that of ASCII, as RFC 9110 5.1 asks for field names: no locale is consulted. */
#ifndef LN_BASE_SPAN_H
#define LN_BASE_SPAN_H

#include <stdbool.h>
#include <string.h>

#include <linnet/span.h>

#include "core/base/assert.h"

/* The part [begin, begin + len) of `span`; it must lie inside. */
static inline struct linnet_span ln_span_slice(struct linnet_span span, size_t begin, size_t len)
{
    LN_ASSERT(begin <= span.len);
    LN_ASSERT(len <= span.len - begin);
    return (struct linnet_span){len == 0 ? span.data : span.data + begin, len};
}

static inline bool ln_span_equal(struct linnet_span a, struct linnet_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* ASCII lower case of one byte. */
static inline uint8_t ln_byte_lower(uint8_t byte)
{
    return (uint8_t)(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
}

/* Equal but for ASCII case. */
static inline bool ln_span_equal_fold(struct linnet_span a, struct linnet_span b)
{
    if (a.len != b.len) {
        return false;
    }
    if (a.len == 0 || memcmp(a.data, b.data, a.len) == 0) {
        return true; /* as it mostly is, where it is equal at all */
    }
    for (size_t i = 0; i < a.len; i++) {
        if (a.data[i] != b.data[i] && ln_byte_lower(a.data[i]) != ln_byte_lower(b.data[i])) {
            return false;
        }
    }
    return true;
}

static inline bool ln_span_starts_with(struct linnet_span span, struct linnet_span prefix)
{
    return span.len >= prefix.len &&
           (prefix.len == 0 || memcmp(span.data, prefix.data, prefix.len) == 0);
}

/* Without the optional whitespace (SP, HTAB) at both ends: RFC 9110 5.6.3. */
static inline struct linnet_span ln_span_trim(struct linnet_span span)
{
    while (span.len > 0 && (span.data[0] == ' ' || span.data[0] == '\t')) {
        span.data++;
        span.len--;
    }
    while (span.len > 0 && (span.data[span.len - 1] == ' ' || span.data[span.len - 1] == '\t')) {
        span.len--;
    }
    return span;
}

#endif
