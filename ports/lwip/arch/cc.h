/* What lwIP asks of a compiler and a machine: assertions end where Linnet's do; random numbers come
 * from the port. */
#ifndef LN_PORTS_LWIP_ARCH_CC_H
#define LN_PORTS_LWIP_ARCH_CC_H

#include <stdint.h>

#include <linnet/assert.h>

#define LWIP_NO_CTYPE_H 1

#define LWIP_PLATFORM_DIAG(x)
#define LWIP_PLATFORM_ASSERT(message) linnet_assert_failed(__FILE__, __LINE__, message)

/* Of the port: not for keys. */
uint32_t ln_lwip_random(void);
#define LWIP_RAND() ln_lwip_random()

#endif
