/* Constants of the scanners that have vectors.
 *
 * They lie in memory, and in another file than the scanners, because the compiler would build the
 * ones it knows from immediate values again at every call. */
#ifndef LN_BASE_SCAN_CONSTANT_H
#define LN_BASE_SCAN_CONSTANT_H

#include <stdint.h>

/* Classes by nibbles: byte 0xHL is of the class if low[L] & high[H]. Bit b of low[L] stands for the
 * high nibble b + 2, and high[H] is that bit, or 0 where no byte is of any class (control bytes,
 * 0x80 and above). What is used in vectors of 32 bytes stands twice. */
struct ln_scan_constant {
    uint8_t token_low[32];
    uint8_t path_low[16];
    uint8_t reg_name_low[16];
    uint8_t high[32];
    uint8_t nibble[32];      /* 0x0F */
    uint8_t below_space[32]; /* 0x1F */
    uint8_t tab[32];
    uint8_t del[32];
};

extern const struct ln_scan_constant ln_scan_constant
    __attribute__((visibility("hidden"), aligned(32)));

#endif
