/* Which scanners the processor that runs the tests can run. */
#ifndef LN_TESTS_LIB_PROCESSOR_H
#define LN_TESTS_LIB_PROCESSOR_H

#include "core/base/scan.h"

/* LINNET_CPU_... bits of this processor. */
unsigned processor_bits(void);

/* The rows it can run, the best first, at most `count_max` of them; their number. */
size_t processor_rows(const struct ln_scan **rows, size_t count_max);

#endif
