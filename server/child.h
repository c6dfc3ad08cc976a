/* The life of a worker process. */
#ifndef LN_SERVER_CHILD_H
#define LN_SERVER_CHILD_H

#include "server/server.h"

/* In a process just made for that place: makes its parts, says how that went in its row, serves
 * until it is told to stop, and ends the process. `parent` is whose child it is. */
_Noreturn void ln_child_live(struct ln_server *server, unsigned place, int parent);

#endif
