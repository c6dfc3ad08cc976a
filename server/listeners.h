/* The listeners of a server: opened at boot, shut when it drains, closed at its end. */
#ifndef LN_SERVER_LISTENERS_H
#define LN_SERVER_LISTENERS_H

#include "server/server.h"

/* Opens all of them. false: some may be open, and `message` (LN_SERVER_MESSAGE_MAX bytes) says what
 * was wrong with which, and what would be right; when a port is taken it names one that is free. */
bool ln_listeners_open(struct ln_server_config *config, char *message);

/* They take nobody any more; the names of unix sockets are removed. */
void ln_listeners_shut(struct ln_server_config *config);

void ln_listeners_close(struct ln_server_config *config);

#endif
