/* What the program would take: all memory as a sum, the kernel's share as an estimate, descriptors
 * as a sum. */
#ifndef LN_COMMAND_BUDGET_PAGE_H
#define LN_COMMAND_BUDGET_PAGE_H

#include "server/server.h"

/* Prints to standard output; the server was rehearsed. */
void ln_budget_page_print(const struct ln_server *server);

#endif
