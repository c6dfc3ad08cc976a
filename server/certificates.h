/* What HTTPS is served with: the memory of its library, and the certificates. */
#ifndef LN_SERVER_CERTIFICATES_H
#define LN_SERVER_CERTIFICATES_H

#include "server/server.h"

enum { LN_CERTIFICATES_SHARED_LEN = 4096 }; /* the page of the keys of tickets */

/* Where somebody listens for TLS: takes the library's memory, reads and checks the certificates.
 * false: `message` (LN_SERVER_MESSAGE_MAX bytes) says what is wrong. */
bool ln_certificates_open(struct ln_server *server, char *message);

/* The parent's: reads them again, for connections that come from now on; all workers will. false:
 * `message` says why not, and the old ones stay. */
bool ln_certificates_reload(struct ln_server *server, char *message);

/* A worker's, where there is TLS: does so, when the parent has. */
void ln_certificates_follow(struct ln_server *server, struct ln_parts *parts);

/* The parent's: rotates the keys of tickets, when that is due. */
void ln_certificates_rotate(struct ln_server *server);

void ln_certificates_close(struct ln_server *server);

#endif
