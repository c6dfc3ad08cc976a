/* Addresses between the contract and the system. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_ADDRESS_H
#define LN_DRIVERS_SYSTEM_SYSTEM_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include <linnet/channel.h>

union ln_system_address {
    struct sockaddr any;
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;
};

/* Fills *out; returns its length. An IPv4-mapped address becomes an IPv4 one. */
socklen_t ln_system_address_write(const struct linnet_address *address,
                                  union ln_system_address *out);

/* All zero for a family that is neither IPv4 nor IPv6. */
void ln_system_address_read(const union ln_system_address *from, struct linnet_address *address);

#endif
