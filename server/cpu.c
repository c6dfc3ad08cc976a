/* Asking the processor, which core never does. */
#include "server/cpu.h"

#if defined(LINNET_SMALL)

/* There is one row of scanners, which needs nothing, and the question costs 4.5 KiB of libgcc. */
unsigned ln_cpu_bits(void)
{
    return 0;
}

#elif defined(__x86_64__) || defined(__i386__)

unsigned ln_cpu_bits(void)
{
    unsigned bits = 0;
    __builtin_cpu_init();
    if (__builtin_cpu_supports("sse4.2")) {
        bits |= LINNET_CPU_SSE42;
    }
    if (__builtin_cpu_supports("avx2")) {
        bits |= LINNET_CPU_AVX2;
    }
    return bits;
}

#elif defined(__aarch64__)

unsigned ln_cpu_bits(void)
{
    return LINNET_CPU_NEON; /* every AArch64 has it */
}

#else

unsigned ln_cpu_bits(void)
{
    return 0;
}

#endif
