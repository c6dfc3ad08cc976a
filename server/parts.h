/* What one worker consists of: a block of memory, cut into worker, driver, files and log. */
#ifndef LN_SERVER_PARTS_H
#define LN_SERVER_PARTS_H

#include "server/server.h"

/* Makes the parts of a worker of that server, which must outlive them; it watches `count`
 * listeners. false: `message` (LN_SERVER_MESSAGE_MAX bytes) says why not; ln_parts_close is called
 * in either case. */
bool ln_parts_make(struct ln_parts *parts, const struct ln_server *server, const int *listeners,
                   unsigned count, const struct ln_log_config *log, char *message);

void ln_parts_close(struct ln_parts *parts);

/* What they have counted, and what of them is in use, goes to *figures. */
void ln_parts_publish(const struct ln_parts *parts, struct ln_figures *figures);

#endif
