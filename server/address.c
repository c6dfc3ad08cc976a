/* Reading and writing addresses. Reading happens before boot ends and may look names up; writing
 * does not even need libc. */
#include "server/address.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#include "core/base/number.h"
#include "core/base/span.h"

enum { GROUPS = 8 }; /* of 16 bits in an IPv6 address */

static const uint8_t ipv4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool ln_address_is_ip4(const struct linnet_address *address)
{
    return memcmp(address->ip, ipv4_prefix, sizeof ipv4_prefix) == 0;
}

static bool is_zero(const struct linnet_address *address)
{
    static const uint8_t zero[16];
    return memcmp(address->ip, zero, sizeof zero) == 0;
}

bool ln_address_is_any(const struct linnet_address *address)
{
    static const uint8_t zero[4];
    return is_zero(address) ||
           (ln_address_is_ip4(address) && memcmp(address->ip + 12, zero, sizeof zero) == 0);
}

static const char *parse_port(struct linnet_span text, uint16_t *port)
{
    uint64_t number;
    if (!ln_number_parse_decimal(text, &number) || number > 65535) {
        return "the port must be a number from 0 to 65535";
    }
    *port = (uint16_t)number;
    return NULL;
}

/* Takes the IP of a socket address; false for another family. */
static bool take_ip(const struct sockaddr *from, struct linnet_address *address)
{
    if (from->sa_family == AF_INET6) {
        struct sockaddr_in6 ip6;
        memcpy(&ip6, from, sizeof ip6);
        memcpy(address->ip, &ip6.sin6_addr, 16);
        return true;
    }
    if (from->sa_family == AF_INET) {
        struct sockaddr_in ip4;
        memcpy(&ip4, from, sizeof ip4);
        memcpy(address->ip, ipv4_prefix, sizeof ipv4_prefix);
        memcpy(address->ip + 12, &ip4.sin_addr, 4);
        return true;
    }
    return false;
}

static const char *look_up(const char *host, struct linnet_address *address)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, NULL, &hints, &found) != 0 || found == NULL) {
        return "the host is neither an address nor a name that can be looked up";
    }
    const bool taken = take_ip(found->ai_addr, address);
    freeaddrinfo(found);
    return taken ? NULL : "the host has neither an IPv4 nor an IPv6 address";
}

const char *ln_address_parse(const char *text, struct linnet_address *address, bool *any)
{
    char host[256];
    memset(address, 0, sizeof *address);
    const char *colon = strrchr(text, ':');
    const char *port = colon == NULL ? text : colon + 1;
    size_t len = colon == NULL ? 0 : (size_t)(colon - text);
    const char *wrong =
        parse_port((struct linnet_span){(const uint8_t *)port, strlen(port)}, &address->port);
    if (wrong != NULL) {
        return wrong;
    }
    *any = len == 0;
    if (*any) {
        return NULL;
    }
    if (text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    } else if (memchr(text, ':', len) != NULL) {
        return "an IPv6 address is written in brackets, as in [::1]:8080";
    }
    if (len >= sizeof host) {
        return "the host is too long";
    }
    memcpy(host, text, len);
    host[len] = 0;
    return look_up(host, address);
}

static unsigned group_of(const struct linnet_address *address, unsigned index)
{
    return (unsigned)address->ip[2 * index] << 8 | address->ip[2 * index + 1];
}

static unsigned zeros_at(const struct linnet_address *address, unsigned index)
{
    unsigned count = 0;
    while (index + count < GROUPS && group_of(address, index + count) == 0) {
        count++;
    }
    return count;
}

/* RFC 5952 4: lower case, no leading zeros, and "::" for the longest run of two or more groups of
 * zeros, the first of equals. */
static void put_ip6(struct ln_cursor *cursor, const struct linnet_address *address)
{
    unsigned begin = GROUPS;
    unsigned count = 1;
    for (unsigned i = 0; i < GROUPS; i++) {
        if (zeros_at(address, i) > count) {
            begin = i;
            count = zeros_at(address, i);
        }
    }
    for (unsigned i = 0; i < GROUPS; i++) {
        if (i == begin) {
            ln_cursor_put(cursor, "::", 2);
            i += count - 1;
            continue;
        }
        if (i > 0 && (begin == GROUPS || i != begin + count)) {
            ln_cursor_put_byte(cursor, ':');
        }
        ln_number_put_hex(cursor, group_of(address, i));
    }
}

static void put_ip(struct ln_cursor *cursor, const struct linnet_address *address)
{
    if (!ln_address_is_ip4(address)) {
        put_ip6(cursor, address);
        return;
    }
    for (unsigned i = 12; i < 16; i++) {
        if (i > 12) {
            ln_cursor_put_byte(cursor, '.');
        }
        ln_number_put_decimal(cursor, address->ip[i]);
    }
}

void ln_address_put(struct ln_cursor *cursor, const struct linnet_address *address)
{
    if (is_zero(address)) {
        ln_cursor_put(cursor, "unix:", 5);
    } else {
        put_ip(cursor, address);
    }
}

void ln_address_print(char text[LN_ADDRESS_TEXT_MAX], const struct linnet_address *address)
{
    struct ln_cursor cursor =
        ln_cursor_over((struct linnet_room){(uint8_t *)text, LN_ADDRESS_TEXT_MAX - 1});
    const bool is_ip4 = ln_address_is_ip4(address);
    ln_cursor_put(&cursor, "[", is_ip4 ? 0 : 1);
    put_ip(&cursor, address);
    ln_cursor_put(&cursor, "]", is_ip4 ? 0 : 1);
    ln_cursor_put_byte(&cursor, ':');
    ln_number_put_decimal(&cursor, address->port);
    LN_ASSERT(!cursor.overflow);
    text[cursor.len] = 0;
}

/* fe80::/10 means nothing without its interface. */
static bool is_link_local(const struct linnet_address *address)
{
    return address->ip[0] == 0xFE && (address->ip[1] & 0xC0) == 0x80;
}

/* Adds those of one family; returns how many there are then. */
static unsigned list_family(const struct ifaddrs *all, bool ip4, struct linnet_address *found,
                            unsigned count, unsigned count_max)
{
    for (const struct ifaddrs *one = all; one != NULL && count < count_max; one = one->ifa_next) {
        struct linnet_address address = {.port = 0};
        if (one->ifa_addr != NULL && (one->ifa_flags & IFF_UP) != 0 &&
            (one->ifa_flags & IFF_LOOPBACK) == 0 && take_ip(one->ifa_addr, &address) &&
            ln_address_is_ip4(&address) == ip4 && !is_link_local(&address)) {
            found[count++] = address;
        }
    }
    return count;
}

unsigned ln_address_list(struct linnet_address *found, unsigned count_max, bool ip4, bool ip6)
{
    struct ifaddrs *all = NULL;
    unsigned count = 0;
    if (getifaddrs(&all) != 0) {
        return 0;
    }
    if (ip4) {
        count = list_family(all, true, found, count, count_max);
    }
    if (ip6) {
        count = list_family(all, false, found, count, count_max);
    }
    freeifaddrs(all);
    return count;
}
