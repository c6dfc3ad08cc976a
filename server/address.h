/* Addresses as people write them. */
#ifndef LN_SERVER_ADDRESS_H
#define LN_SERVER_ADDRESS_H

#include <stdbool.h>

#include <linnet/channel.h>

#include "core/base/cursor.h"

enum { LN_ADDRESS_TEXT_MAX = 48 };

/* Reads "HOST:PORT", "[IPv6]:PORT", ":PORT" or "PORT"; without a host it is every address of both
 * families (*any). A host that is a name is looked up. NULL, or what is wrong. */
const char *ln_address_parse(const char *text, struct linnet_address *address, bool *any);

/* The address without its port: IPv4 with dots, IPv6 in its text form; "-" for none. */
void ln_address_put(struct ln_cursor *cursor, const struct linnet_address *address);

/* The same as a zero-terminated text. */
void ln_address_print(char text[LN_ADDRESS_TEXT_MAX], const struct linnet_address *address);

/* Is it the unspecified address of its family: every address of the machine? */
bool ln_address_is_any(const struct linnet_address *address);
bool ln_address_is_ip4(const struct linnet_address *address);

#endif
