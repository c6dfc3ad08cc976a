/* IPv4 as IPv4-mapped IPv6 (RFC 4291 2.5.5.2), and back. */
#include "drivers/system/system_address.h"

#include <string.h>

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

socklen_t ln_system_address_write(const struct linnet_address *address,
                                  union ln_system_address *out)
{
    memset(out, 0, sizeof *out);
    if (memcmp(address->ip, mapped_prefix, sizeof mapped_prefix) == 0) {
        out->ip4.sin_family = AF_INET;
        out->ip4.sin_port = htons(address->port);
        memcpy(&out->ip4.sin_addr, address->ip + sizeof mapped_prefix, 4);
        return sizeof out->ip4;
    }
    out->ip6.sin6_family = AF_INET6;
    out->ip6.sin6_port = htons(address->port);
    memcpy(&out->ip6.sin6_addr, address->ip, 16);
    return sizeof out->ip6;
}

void ln_system_address_read(const union ln_system_address *from, struct linnet_address *address)
{
    memset(address, 0, sizeof *address);
    if (from->any.sa_family == AF_INET) {
        memcpy(address->ip, mapped_prefix, sizeof mapped_prefix);
        memcpy(address->ip + sizeof mapped_prefix, &from->ip4.sin_addr, 4);
        address->port = ntohs(from->ip4.sin_port);
    } else if (from->any.sa_family == AF_INET6) {
        memcpy(address->ip, &from->ip6.sin6_addr, 16);
        address->port = ntohs(from->ip6.sin6_port);
    }
}
