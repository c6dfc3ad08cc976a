/* A server of the library, looked at and asked by a test: each of these fails it if it must. */
#ifndef TESTS_LIB_LIBRARY_SERVER_H
#define TESTS_LIB_LIBRARY_SERVER_H

#include <linnet/linnet.h>

/* The counter of that name; there must be one. */
uint64_t server_counter(const struct linnet_server *server, const char *name);

/* That text is the content of the answer to GET /, without a socket. */
void assert_server_says(struct linnet_server *server, const char *text);

/* A socket of a client that is connected there, by IPv4. */
int connect_to(const struct linnet_address *address);
void send_text(int client, const char *text);

#endif
