/* Bit searches, where the compiler has an instruction for them. */
#ifndef LN_BASE_BITS_H
#define LN_BASE_BITS_H

#include <stdint.h>

#include "core/base/assert.h"

/* The place of the lowest bit that is set; there must be one. */
static inline unsigned ln_bits_lowest(uint64_t bits)
{
    LN_ASSERT(bits != 0);
    return (unsigned)__builtin_ctzll(bits);
}

#endif
