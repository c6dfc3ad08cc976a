/* One client, served by calls that wait: what the drivers that have one client at a time share.
 *
 * A turn is one call that waits: read when its channel wants input, write when it has output. The
 * wait is bounded by the worker's deadline (SO_RCVTIMEO, SO_SNDTIMEO), so a silent client ends on
 * time here too. No file ranges: content is read into the output buffer and written from there. */
#ifndef LN_DRIVERS_BLOCKING_CLIENT_H
#define LN_DRIVERS_BLOCKING_CLIENT_H

#include <linnet/worker.h>

struct ln_blocking_client {
    struct linnet_worker *worker;
    struct linnet_time time;
    uint32_t connection; /* LINNET_NO_CONNECTION: there is no client */
    int descriptor;      /* of the client; a blocking socket */
};

/* There is none. */
void ln_blocking_client_init(struct ln_blocking_client *client, struct linnet_worker *worker);

bool ln_blocking_client_is_there(const struct ln_blocking_client *client);

/* The wait that the worker's deadline allows, at most so long. */
uint64_t ln_blocking_client_wait_ms(const struct ln_blocking_client *client, uint64_t most_ms);

/* Here it is. */
void ln_blocking_client_open(struct ln_blocking_client *client, int descriptor,
                             const struct linnet_connection_info *info);

/* Reads or writes once, if there is a client; waits no longer than that. */
void ln_blocking_client_serve(struct ln_blocking_client *client, uint64_t most_ms);

/* The end of a turn: deadlines, and the end of a client that is over. */
void ln_blocking_client_settle(struct ln_blocking_client *client);

#endif
