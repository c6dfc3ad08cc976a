/* Byte ranges: RFC 9110 14.
 *
 *     Range      = range-unit "=" range-set
 *     range-set  = 1#( int-range / suffix-range / other-range )
 *     int-range  = first-pos "-" [ last-pos ]          suffix-range = "-" suffix-length
 *
 * One range is served; several are answered as if Range were absent (RFC 9110 14.2 lets a server
 * ignore it). Unit names are case-insensitive. */
#ifndef LN_HTTP_RANGE_H
#define LN_HTTP_RANGE_H

#include <stdint.h>

#include "core/base/span.h"

struct ln_range {
    uint64_t first; /* of the first byte */
    uint64_t len;   /* at least 1 */
};

enum ln_range_outcome {
    LN_RANGE_IGNORED,         /* another unit, malformed, or several: answer the whole */
    LN_RANGE_SATISFIABLE,     /* answer 206 with *range */
    LN_RANGE_NOT_SATISFIABLE, /* answer 416 */
};

/* What the content of a Range field means for a representation of `len` bytes. Positions beyond
 * 2^64 - 1 are valid numbers that lie behind the end. */
enum ln_range_outcome ln_range_parse(struct linnet_span content, uint64_t len,
                                     struct ln_range *range);

#endif
