/* The histogram. Row 0 holds 0 to 31 as they are; row r the values of r + 5 bits, cut to the 32
 * steps that the five bits under the highest one make. */
#include "bench/load_histogram.h"

#include <stddef.h>

enum {
    STEP_BITS = 5,
};

_Static_assert(1 << STEP_BITS == LOAD_HISTOGRAM_STEPS, "a step is named by its bits");

void load_histogram_add(struct load_histogram *histogram, uint64_t value)
{
    unsigned row = 0;
    if (value >= LOAD_HISTOGRAM_STEPS) {
        row = 64 - STEP_BITS - (unsigned)__builtin_clzll(value);
    }
    const unsigned shift = row == 0 ? 0 : row - 1;
    size_t index = row * LOAD_HISTOGRAM_STEPS + (size_t)(value >> shift) % LOAD_HISTOGRAM_STEPS;
    if (row >= LOAD_HISTOGRAM_ROWS) {
        index = (size_t)LOAD_HISTOGRAM_ROWS * LOAD_HISTOGRAM_STEPS - 1;
    }
    histogram->counts[index]++;
    histogram->count++;
}

uint64_t load_histogram_rank(const struct load_histogram *histogram, unsigned rank)
{
    const uint64_t wanted = histogram->count * rank / 1000;
    uint64_t seen = 0;
    for (unsigned i = 0; i < LOAD_HISTOGRAM_ROWS * LOAD_HISTOGRAM_STEPS; i++) {
        seen += histogram->counts[i];
        if (seen > wanted || (seen == histogram->count && seen > 0)) {
            const unsigned row = i / LOAD_HISTOGRAM_STEPS;
            const uint64_t step = i % LOAD_HISTOGRAM_STEPS;
            return row == 0 ? step : (LOAD_HISTOGRAM_STEPS + step) << (row - 1);
        }
    }
    return 0;
}
