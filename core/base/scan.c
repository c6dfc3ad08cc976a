/* Which rows of scanners this build holds, and which is the best for a processor.
 *
 * No state: the rows are constant, and the processor's bits come from the caller. */
#include "core/base/scan.h"

#include "core/base/assert.h"
#include "core/base/scan_row.h"

/* The best first, the plain one, which needs nothing, last: the only one of a small build. */
static const struct ln_scan *const scan_rows[] = {
#if defined(LINNET_SMALL)
#elif defined(__x86_64__)
    &ln_scan_avx2,
    &ln_scan_sse42,
#elif defined(__aarch64__)
    &ln_scan_neon,
#endif
    &ln_scan_plain,
};

enum { ROW_COUNT = sizeof scan_rows / sizeof scan_rows[0] };

const struct ln_scan *ln_scan_for(unsigned cpu_bits)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if ((scan_rows[i]->cpu_bits & ~cpu_bits) == 0) {
            return scan_rows[i];
        }
    }
    LN_UNREACHABLE();
}

const struct ln_scan *const *ln_scan_rows(size_t *count)
{
    LN_ASSERT(count != NULL);
    *count = ROW_COUNT;
    return scan_rows;
}
