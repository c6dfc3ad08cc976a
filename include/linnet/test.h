/* For tests and fuzzing of one's own handlers: bytes of requests in, bytes of answers out, and no
 * socket. */
#ifndef LINNET_TEST_H
#define LINNET_TEST_H

#include <linnet/declarations.h>
#include <linnet/server.h>

LINNET_BEGIN

/* What a client that sends these bytes and then no more would receive, until its connection ends:
 * several requests have several answers, and what is no HTTP is answered as such. The server must
 * be open and need not listen. Hooks and counters see it as any other connection.
 *
 * *answer lies in the room. TOO_LARGE: the room does not hold it, and *answer is the part that it
 * does. AGAIN: the server did not finish, for it would have to wait; *answer is what there was.
 * INVALID: a client is connected to the server. */
LINNET_MUST_USE enum linnet_error linnet_test_request(struct linnet_server *server,
                                                      struct linnet_span request,
                                                      struct linnet_room room,
                                                      struct linnet_span *answer);

/* The same, but no more than piece_len bytes arrive at a time, as they would on a slow line: what a
 * handler is given with each DATA is another, what it answers should not be. INVALID also for 0. */
LINNET_MUST_USE enum linnet_error linnet_test_request_in_pieces(struct linnet_server *server,
                                                                struct linnet_span request,
                                                                size_t piece_len,
                                                                struct linnet_room room,
                                                                struct linnet_span *answer);

/* All that a fuzz target for one's own handlers does with an input; returns 0, as libFuzzer wants.
 *
 * The low seven bits of the first byte say how many bytes arrive at a time (0: all that there are),
 * its highest bit that the client then vanishes instead of waiting for its answer; the rest is what
 * it sends. An assertion fails unless what comes back begins as an answer does, the connection ends
 * and every buffer has come back. No client may be connected. */
int linnet_test_fuzz(struct linnet_server *server, const uint8_t *data, size_t len);

LINNET_END

#endif
