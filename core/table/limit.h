/* Limits by name, their defaults, and the sums that must hold between them; the rows stand in
 * <linnet/limits.h>. */
#ifndef LN_TABLE_LIMIT_H
#define LN_TABLE_LIMIT_H

#include <stdbool.h>

#include <linnet/limits.h>
#include <linnet/span.h>

struct ln_limit_row {
    struct linnet_span name;
    struct linnet_span unit;
    struct linnet_span reason;
    uint64_t normal; /* the default; in the hostile build the least, but for times and rates */
    uint64_t least;
    uint64_t most;
};

const struct ln_limit_row *ln_limit_row(enum linnet_limit limit);

/* The limit of that name; false when there is none. */
bool ln_limit_find(struct linnet_span name, enum linnet_limit *limit);

uint64_t ln_limit_get(const struct linnet_limits *limits, enum linnet_limit limit);

/* false when value is under the least or over the most. */
bool ln_limit_set(struct linnet_limits *limits, enum linnet_limit limit, uint64_t value);

void ln_limits_default(struct linnet_limits *limits);

/* The rules between limits; NULL, or what does not hold, in words that name the limits. */
const char *ln_limits_check(const struct linnet_limits *limits);

/* Bytes of an input buffer that are always left for body behind a head: input_len must be at least
 * head_len_max and this. */
enum { LN_BODY_WINDOW_MIN = 64 };

/* "HTTP/1.1 100 Continue" and two line ends, rounded up: output_len holds it before an answer. */
enum { LN_INTERIM_LEN_MAX = 32 };

#endif
