/* A listening socket that somebody else has made. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_ADOPT_H
#define LN_DRIVERS_SYSTEM_SYSTEM_ADOPT_H

#include <linnet/channel.h>
#include <linnet/error.h>

#include "drivers/system/system_socket.h"

/* Makes it non-blocking, gives it what its connections inherit (the backlog stays), and says its
 * address. INVALID: it is no listening stream socket; FORBIDDEN, MEMORY, SYSTEM. */
LINNET_MUST_USE enum linnet_error ln_system_adopt(int descriptor,
                                                  const struct ln_system_listening *how,
                                                  struct linnet_address *address);

#endif
