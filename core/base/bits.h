/* Bit searches, where the compiler has an instruction for them; looks at eight bytes at once; and
 * rounding. */
#ifndef LN_BASE_BITS_H
#define LN_BASE_BITS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/assert.h"

/* The place of the lowest bit that is set; there must be one. */
static inline unsigned ln_bits_lowest(uint64_t bits)
{
    LN_ASSERT(bits != 0);
    return (unsigned)__builtin_ctzll(bits);
}

#define LN_BITS_EACH_BYTE UINT64_C(0x0101010101010101)

/* The highest bit of each of eight bytes that is below `limit`, at most 128. Where there is one,
 * bytes above it may be named wrongly; where none is named, there is none. */
static inline uint64_t ln_bits_bytes_below(uint64_t bytes, uint8_t limit)
{
    return (bytes - LN_BITS_EACH_BYTE * limit) & ~bytes & LN_BITS_EACH_BYTE * 0x80;
}

/* The same of each that is `byte`. */
static inline uint64_t ln_bits_bytes_equal(uint64_t bytes, uint8_t byte)
{
    return ln_bits_bytes_below(bytes ^ LN_BITS_EACH_BYTE * byte, 1);
}

/* The next multiple of `unit`, which is a power of two. */
static inline size_t ln_bits_round_up(size_t len, size_t unit)
{
    LN_ASSERT(unit > 0);
    LN_ASSERT((unit & (unit - 1)) == 0);
    return (len + unit - 1) & ~(unit - 1);
}

#endif
