/* What stirs the numbers that lwIP asks for: the time at which frames come, at its finest. */
#ifndef LN_LWIP_LWIP_RANDOM_H
#define LN_LWIP_LWIP_RANDOM_H

#include <stdint.h>

void ln_lwip_random_stir(uint32_t noise);

#endif
