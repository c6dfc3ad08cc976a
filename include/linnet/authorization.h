/* Basic authentication (RFC 7617): who a client says it is, and asking for it.
 *
 *     static void arrived(void *context, struct linnet_exchange *exchange)
 *     {
 *         struct linnet_span content;
 *         struct linnet_credentials who;
 *         uint8_t bytes[128];
 *         if (!linnet_exchange_field(exchange, LINNET_SPAN("Authorization"), &content) ||
 *             linnet_authorization_basic(content, (struct linnet_room){bytes, sizeof bytes},
 *                                        &who) != LINNET_ERROR_NONE ||
 *             !linnet_secret_equal(who.name, name) ||
 *             !linnet_secret_equal(who.password, password)) {
 *             (void)!linnet_reply_unauthorized(exchange, LINNET_SPAN("device"));
 *         }
 *     }
 *
 * Name and password cross the network as they are: for TLS, or a network that is trusted. Nothing
 * here keeps them. */
#ifndef LINNET_AUTHORIZATION_H
#define LINNET_AUTHORIZATION_H

#include <stdbool.h>

#include <linnet/declarations.h>
#include <linnet/error.h>
#include <linnet/exchange.h>
#include <linnet/span.h>

LINNET_BEGIN

/* Any bytes but control bytes; browsers send UTF-8. Both may be empty; the name has no colon. */
struct linnet_credentials {
    struct linnet_span name;
    struct linnet_span password;
};

/* Decodes the content of an Authorization field into the room: NONE and spans over it; NOT_FOUND:
 * another scheme than Basic; INVALID: it is no Base64 of a name, a colon and a password; TOO_LARGE:
 * they do not fit into the room, which needs three bytes for four of the content's. */
LINNET_MUST_USE enum linnet_error linnet_authorization_basic(
    struct linnet_span content, struct linnet_room room, struct linnet_credentials *credentials);

/* Is what was given the secret? How long that takes depends on the length of what was given, and on
 * nothing else: nobody can guess a secret byte by byte. */
bool linnet_secret_equal(struct linnet_span given, struct linnet_span secret);

/* Answers 401 with the server's own page, and asks for a name and a password for that realm, which
 * browsers show. INVALID: a realm over 64 bytes, or with a control byte, a quote or a backslash. */
LINNET_MUST_USE enum linnet_error linnet_reply_unauthorized(struct linnet_exchange *exchange,
                                                            struct linnet_span realm);

LINNET_END

#endif
