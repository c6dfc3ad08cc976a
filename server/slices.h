/* Drivers that give each connection a slice of memory of its own: a process, with a copy of its
 * worker's block, of which it touches what one connection needs; or a thread, with a worker and a
 * block of its own, its stack in it.
 *
 * So a slice has one connection, one buffer of each kind, two files and no cache, and the counts of
 * connections and children_max, or threads_max, say how many slices there are; they are divided
 * among the workers like other counts. */
#ifndef LN_SERVER_SLICES_H
#define LN_SERVER_SLICES_H

#include "server/server.h"

bool ln_slices_are_for(const struct linnet_driver_operations *driver);

/* Settles the limits of one slice and how many there are, as ln_plan_settle does for other drivers:
 * with --memory as many as fit, unless their number is given. */
bool ln_slices_settle(struct ln_server *server, char *message);

#endif
