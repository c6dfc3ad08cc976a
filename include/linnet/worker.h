/* WHAT A DRIVER MAY ASK OF A WORKER: connections by number, memory to read into, bytes to send.
 *
 * A worker is single-threaded: one driver turns it. The driver owns sockets and waiting; the worker
 * owns slots, loans, deadlines and channels. A connection is a number below `connections`, so a
 * driver keeps what it needs of each in an array of its own. No call waits or allocates.
 *
 * A driver's turn, in this order:
 *   1. wait, no longer than linnet_worker_deadline;
 *   2. read the clock once; for each readable connection linnet_worker_input, a read into that
 *      room, linnet_worker_received; for each writable one linnet_worker_output, a send,
 *      linnet_worker_sent (or _taken, and _released later); for each listener accept and
 *      linnet_worker_open;
 *   3. linnet_worker_tick;
 *   4. linnet_worker_ready until it returns LINNET_NO_CONNECTION: look at each one's state.
 * After any call that names a connection its state may have changed; CLOSED is answered by closing
 * the socket and linnet_worker_close. */
#ifndef LINNET_WORKER_H
#define LINNET_WORKER_H

#include <linnet/channel.h>
#include <linnet/declarations.h>
#include <linnet/limits.h>

LINNET_BEGIN

struct linnet_worker;

#define LINNET_NO_CONNECTION UINT32_MAX

/* Is there a slot for a new connection? */
bool linnet_worker_has_slot(const struct linnet_worker *worker);
/* Could one be made by linnet_worker_evict? */
bool linnet_worker_has_evictable(const struct linnet_worker *worker);
/* Ends the connection that has been idle the longest and was answered at least once. Returns its
 * number (the driver closes it), or LINNET_NO_CONNECTION. */
uint32_t linnet_worker_evict(struct linnet_worker *worker, struct linnet_time time);
/* The driver stopped (true) or started again accepting; counted. */
void linnet_worker_count_pause(struct linnet_worker *worker, bool for_descriptors);

/* Opens a connection in a free slot; there must be one. */
uint32_t linnet_worker_open(struct linnet_worker *worker, const struct linnet_connection_info *info,
                            struct linnet_time time);
/* The driver's side is closed: the slot is free. The connection must be CLOSED, and neither LENT
 * nor READING. */
void linnet_worker_close(struct linnet_worker *worker, uint32_t connection);

unsigned linnet_worker_state(const struct linnet_worker *worker, uint32_t connection);

/* Memory to read into, at least one byte; followed by linnet_worker_received before any other call
 * that names this connection. false: do not read now; when no buffer is free the connection stands
 * in line and comes up in linnet_worker_ready when it is granted one. */
bool linnet_worker_input(struct linnet_worker *worker, uint32_t connection,
                         struct linnet_room *room, struct linnet_time time);
/* `len` bytes were read into that room; 0 gives it back unused. */
void linnet_worker_received(struct linnet_worker *worker, uint32_t connection, size_t len,
                            struct linnet_time time);
void linnet_worker_receive_end(struct linnet_worker *worker, uint32_t connection,
                               struct linnet_time time);
void linnet_worker_abort(struct linnet_worker *worker, uint32_t connection,
                         enum linnet_abort reason, struct linnet_time time);

/* As the operations of a channel. */
void linnet_worker_output(struct linnet_worker *worker, uint32_t connection, unsigned accept,
                          struct linnet_output *out);
void linnet_worker_taken(struct linnet_worker *worker, uint32_t connection, uint64_t len,
                         struct linnet_time time);
void linnet_worker_released(struct linnet_worker *worker, uint32_t connection, uint64_t len,
                            struct linnet_time time);

/* taken and released in one, for drivers whose sends copy. */
void linnet_worker_sent(struct linnet_worker *worker, uint32_t connection, uint64_t len,
                        struct linnet_time time);

/* How many reads of files can be under way at one time: one for each loan. */
uint32_t linnet_worker_reads_max(const struct linnet_limits *limits);
/* A read that was begun (LINNET_READ_LATER) has completed: bytes, 0 at the end of the file, or
 * LINNET_READ_FAILED. Its connection goes on when it comes up in linnet_worker_ready. */
void linnet_worker_file_read(struct linnet_worker *worker, uint32_t read, ptrdiff_t result);
/* A read of a file that should have completed later had to be waited for; counted. */
void linnet_worker_count_plain_read(struct linnet_worker *worker);

/* When linnet_worker_tick is due, in monotonic ms: 0 when something is ready now. */
uint64_t linnet_worker_deadline(const struct linnet_worker *worker);
void linnet_worker_tick(struct linnet_worker *worker, struct linnet_time time);
/* The next connection whose state changed outside its driver's own call. Those that become ready
 * while the list is emptied come in the next turn. */
uint32_t linnet_worker_ready(struct linnet_worker *worker, struct linnet_time time);

/* Finish what is begun: idle connections close, the others after their answer. */
void linnet_worker_drain(struct linnet_worker *worker, struct linnet_time time);
/* Ends all connections at once; each comes up in linnet_worker_ready. */
void linnet_worker_stop(struct linnet_worker *worker, struct linnet_time time);
uint32_t linnet_worker_open_count(const struct linnet_worker *worker);

LINNET_END

#endif
