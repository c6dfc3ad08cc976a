/* What this processor can do, for the scanners of core. */
#ifndef LN_SERVER_CPU_H
#define LN_SERVER_CPU_H

#include <linnet/cpu.h>

unsigned ln_cpu_bits(void);

#endif
