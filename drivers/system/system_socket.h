/* Sockets: the calls of the system as functions that return values.
 *
 * EINTR never reaches a caller as a failure: it is AGAIN, and readiness comes again. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_SOCKET_H
#define LN_DRIVERS_SYSTEM_SYSTEM_SOCKET_H

#include <stdbool.h>

#include <linnet/channel.h>
#include <linnet/error.h>

/* How a listener listens. Its connections have the buffers that it has: the kernel copies their
 * lengths, and offers the peer a window by them in its very first segment. The kernel doubles them
 * for its own records, and takes no more than net.core.wmem_max and rmem_max (socket(7)); 0 leaves
 * a buffer to the kernel, which then lets it grow and shrink. */
struct ln_system_listening {
    unsigned backlog;
    unsigned defer_s; /* who has sent nothing is accepted only after about so many seconds */
    uint64_t send_len;
    uint64_t receive_len;
};

/* What is set for a TCP listener: TCP_DEFER_ACCEPT, so that a turn that accepts can also read, and
 * what its connections inherit, so that none costs a call of its own: buffers and TCP_NODELAY. */
void ln_system_set_listener(int descriptor, const struct ln_system_listening *how);

/* A listening, non-blocking socket on that address; port 0 chooses a free one, written back.
 * dual_stack: an IPv6 socket for :: also takes IPv4. Errors: ADDRESS_IN_USE, ADDRESS_NOT_HERE,
 * FORBIDDEN (a port below 1024), UNSUPPORTED, DESCRIPTORS, SYSTEM. */
LINNET_MUST_USE enum linnet_error ln_system_listen(struct linnet_address *address, bool dual_stack,
                                                   const struct ln_system_listening *how,
                                                   int *descriptor);

/* A non-blocking connected socket with TCP_NODELAY. AGAIN: nobody waits (or has left already);
 * DESCRIPTORS, MEMORY: there is no room; SYSTEM. */
LINNET_MUST_USE enum linnet_error ln_system_accept(int listener, int *descriptor,
                                                   struct linnet_address *peer);

/* Reads into the room; *len 0: the peer has finished sending. AGAIN, RESET, MEMORY, SYSTEM. */
LINNET_MUST_USE enum linnet_error ln_system_receive(int descriptor, struct linnet_room room,
                                                    size_t *len);

/* Sends spans in one call; `more`: other bytes follow at once. AGAIN, RESET, MEMORY, SYSTEM. */
LINNET_MUST_USE enum linnet_error ln_system_send(int descriptor, const struct linnet_span *spans,
                                                 unsigned span_count, bool more, size_t *len);

/* Sends a range of a file; *len 0: the file ends before `offset`. AGAIN, RESET, MEMORY, SYSTEM. */
LINNET_MUST_USE enum linnet_error ln_system_send_file(int descriptor, int file, uint64_t offset,
                                                      size_t file_len, size_t *len);

/* A listener takes nobody any more: whoever tries is refused instead of waiting. */
void ln_system_shut_listener(int descriptor);

/* Sends FIN; the other direction stays open. */
void ln_system_shut(int descriptor);

/* Its close, however it comes, will be a reset that drops what was not sent. */
void ln_system_reset_at_close(int descriptor);

/* Closes; `reset`: with RST, dropping what was not sent. */
void ln_system_close_socket(int descriptor, bool reset);

#endif
