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

/* The address of a peer without its port: IPv4 with dots, IPv6 as in RFC 5952; "unix:" for one that
 * came by a unix socket and has none. */
void ln_address_put(struct ln_cursor *cursor, const struct linnet_address *address);

/* The address of a listener as it stands in a URL: with its port, IPv6 in brackets. */
void ln_address_print(char text[LN_ADDRESS_TEXT_MAX], const struct linnet_address *address);

/* Is it the unspecified address of its family: every address of the machine? */
bool ln_address_is_any(const struct linnet_address *address);
bool ln_address_is_ip4(const struct linnet_address *address);

/* The addresses by which others reach this machine, of the families that are wanted, IPv4 first: of
 * interfaces that are up, neither loopback nor link-local. Returns how many there are in `found`.
 * Allocates: before boot ends only. */
unsigned ln_address_list(struct linnet_address *found, unsigned count_max, bool ip4, bool ip6);

#endif
