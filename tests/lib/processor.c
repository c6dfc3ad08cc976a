/* Which scanners the processor that runs the tests can run. */
#include "tests/lib/processor.h"

#if defined(__x86_64__)

unsigned processor_bits(void)
{
    unsigned bits = 0;
    if (__builtin_cpu_supports("sse4.2")) {
        bits |= LINNET_CPU_SSE42;
    }
    if (__builtin_cpu_supports("avx2")) {
        bits |= LINNET_CPU_AVX2;
    }
    return bits;
}

#elif defined(__aarch64__)

unsigned processor_bits(void)
{
    return LINNET_CPU_NEON;
}

#else

unsigned processor_bits(void)
{
    return 0;
}

#endif

size_t processor_rows(const struct ln_scan **rows, size_t count_max)
{
    size_t all = 0;
    const struct ln_scan *const *built = ln_scan_rows(&all);
    size_t count = 0;
    for (size_t i = 0; i < all && count < count_max; i++) {
        if ((built[i]->cpu_bits & ~processor_bits()) == 0) {
            rows[count] = built[i];
            count++;
        }
    }
    return count;
}
