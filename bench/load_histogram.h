/* A histogram of fixed size: 32 steps for each power of two, so a value is known to 3 percent.
 * Values are nanoseconds; 2^42 ns, more than an hour, is the last step. */
#ifndef LN_BENCH_LOAD_HISTOGRAM_H
#define LN_BENCH_LOAD_HISTOGRAM_H

#include <stdint.h>

enum {
    LOAD_HISTOGRAM_STEPS = 32, /* for each power of two; itself one */
    LOAD_HISTOGRAM_ROWS = 39,
};

struct load_histogram {
    uint64_t count;
    uint64_t counts[LOAD_HISTOGRAM_ROWS * LOAD_HISTOGRAM_STEPS];
};

void load_histogram_add(struct load_histogram *histogram, uint64_t value);

/* The lower edge of the step in which the value of that rank lies; `rank` in thousandths: 500 is
 * the median. 0 when nothing was added. */
uint64_t load_histogram_rank(const struct load_histogram *histogram, unsigned rank);

#endif
