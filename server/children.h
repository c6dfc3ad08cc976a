/* Processes for one connection each, for drivers that need them (LINNET_DRIVER_PROCESSES).
 *
 * The worker of a place accepts and is their parent: a child is a copy of it with a slice of
 * memory, that is, the pages of the block that it touches. Bounds: server->slices at one time,
 * child_cpu_s of CPU time each, and lifetime_ms, if there is one. When they are as many as may be
 * and somebody waits, the one that has been idle the longest is asked to end.
 *
 * What they share with their parent is one mapping with a row for each. A child writes its figures,
 * since when it is idle, and its last words; the parent everything else. The parent adds up what
 * they say, so that the row of its place in the page that all share (server/shared.h) keeps one
 * writer. */
#ifndef LN_SERVER_CHILDREN_H
#define LN_SERVER_CHILDREN_H

#include "server/server.h"

size_t ln_children_len(unsigned count_max);

/* Makes room for server->slices of them, and opens the log of errors; none without slices. false:
 * the system has no memory. */
bool ln_children_open(struct ln_server *server);

void ln_children_close(struct ln_server *server);

/* What the driver is given, or NULL. */
const struct linnet_driver_processes *ln_children_processes(const struct ln_server *server);

/* Before each turn, in the parent: passes on orders, and takes leave of those who have ended. In a
 * child: obeys. */
void ln_children_look(struct ln_server *server);

/* Is this process one whose connection has ended? */
bool ln_children_is_over(const struct ln_server *server);

/* In a child: it finishes what is begun. In the parent: do all of its children? */
void ln_children_say_draining(struct ln_server *server);
bool ln_children_all_drain(const struct ln_server *server);

/* How many this one has. */
unsigned ln_children_count(const struct ln_server *server);

/* At the end of a turn: where this process's figures go, and, in the parent, the sum of all. */
void ln_children_publish(struct ln_server *server, const struct ln_parts *parts,
                         struct ln_figures *figures);

#endif
