/* The rows of scanners, one per file; which of them a build holds is decided in scan.c. */
#ifndef LN_BASE_SCAN_ROW_H
#define LN_BASE_SCAN_ROW_H

#include "core/base/scan.h"

extern const struct ln_scan ln_scan_plain;
extern const struct ln_scan ln_scan_sse42;
extern const struct ln_scan ln_scan_avx2;
extern const struct ln_scan ln_scan_neon;

#endif
