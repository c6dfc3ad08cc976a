/* What the processor can do, as bits that the embedder passes in at boot: core asks nobody. */
#ifndef LINNET_CPU_H
#define LINNET_CPU_H

#include <linnet/declarations.h>

LINNET_BEGIN

enum {
    LINNET_CPU_SSE42 = 1U << 0,
    LINNET_CPU_AVX2 = 1U << 1,
    LINNET_CPU_NEON = 1U << 2,
};

LINNET_END

#endif
