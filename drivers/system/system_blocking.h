/* Sockets that wait: the plain calls accept, read, write and close (S2-1), with a time limit. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_BLOCKING_H
#define LN_DRIVERS_SYSTEM_SYSTEM_BLOCKING_H

#include <linnet/channel.h>
#include <linnet/error.h>

/* Makes a listener wait in accept. */
LINNET_MUST_USE enum linnet_error ln_system_make_blocking(int descriptor);

/* How long accept, read and write wait from now on; at least 1 ms. */
LINNET_MUST_USE enum linnet_error ln_system_set_read_wait(int descriptor, uint64_t wait_ms);
LINNET_MUST_USE enum linnet_error ln_system_set_write_wait(int descriptor, uint64_t wait_ms);

/* Waits for nothing; a signal ends it. */
void ln_system_rest(uint64_t wait_ms);

/* Waits for a client. AGAIN: the time is over, or a signal came. */
LINNET_MUST_USE enum linnet_error ln_system_accept_waiting(int listener, int *descriptor,
                                                           struct linnet_address *peer);

/* Waits for bytes; *len 0: the peer has finished sending. AGAIN as above; RESET, SYSTEM. */
LINNET_MUST_USE enum linnet_error ln_system_read_waiting(int descriptor, struct linnet_room room,
                                                         size_t *len);

/* Waits until some bytes were taken. AGAIN as above; RESET (SIGPIPE must be ignored), SYSTEM. */
LINNET_MUST_USE enum linnet_error ln_system_write_waiting(int descriptor, struct linnet_span bytes,
                                                          size_t *len);

#endif
