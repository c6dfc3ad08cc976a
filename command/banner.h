/* What a person reads when the program has started: where to click, what is served, how. */
#ifndef LN_COMMAND_BANNER_H
#define LN_COMMAND_BANNER_H

#include "server/server.h"

/* Prints to standard output and flushes it. */
void ln_banner_print(const struct ln_server *server);

#endif
