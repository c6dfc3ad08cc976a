/* A second listener at the address of another: the kernel divides those who come among them. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_BESIDE_H
#define LN_DRIVERS_SYSTEM_SYSTEM_BESIDE_H

#include "drivers/system/system_socket.h"

/* `first` is a TCP listener of ours. *descriptor listens at the same address and port, for the same
 * families, without blocking, and has a queue of its own (SO_REUSEPORT). DESCRIPTORS, MEMORY,
 * SYSTEM. Until the first time, nobody else could take the address beside us. */
LINNET_MUST_USE enum linnet_error ln_system_beside_listen(int first,
                                                          const struct ln_system_listening *how,
                                                          int *descriptor);

#endif
