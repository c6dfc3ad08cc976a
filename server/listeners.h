/* The listeners of a server: opened at boot, shut when it drains, closed at its end. */
#ifndef LN_SERVER_LISTENERS_H
#define LN_SERVER_LISTENERS_H

#include "server/server.h"

/* None is open: before anything else. */
void ln_listeners_forget(struct ln_server *server);

/* Opens all of them, a set for each worker's place. false: some may be open, and `message`
 * (LN_SERVER_MESSAGE_MAX bytes) says what was wrong with which, and what would be right; when a
 * port is taken it names one that is free. */
bool ln_listeners_open(struct ln_server *server, char *message);

/* Nobody finds the unix sockets by their names any more. */
void ln_listeners_remove_names(struct ln_server *server);

/* Those of that place take nobody any more. */
void ln_listeners_shut(const struct ln_server *server, unsigned place);

void ln_listeners_close(struct ln_server *server);

#endif
