/* For tests of one's own handlers: bytes of requests in, bytes of answers out, and no socket. */
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

LINNET_END

#endif
