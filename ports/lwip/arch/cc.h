/* What lwIP asks of a compiler and a machine: assertions end where Linnet's do; random numbers come
 * from the port. */
#ifndef LN_PORTS_LWIP_ARCH_CC_H
#define LN_PORTS_LWIP_ARCH_CC_H

#include <stdint.h>

#include <linnet/assert.h>

#define LWIP_NO_CTYPE_H 1

#define LWIP_PLATFORM_DIAG(x)
#if defined(LINNET_TRAP)
#    define LWIP_PLATFORM_ASSERT(message) __builtin_trap()
#else
#    define LWIP_PLATFORM_ASSERT(message) linnet_assert_failed(__FILE__, __LINE__, message)
#endif

/* Of the port: not for keys. */
uint32_t ln_lwip_random(void);
#define LWIP_RAND() ln_lwip_random()

#endif
