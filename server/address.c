/* Reading and writing addresses. Reading happens before boot ends and may look names up. */
#include "server/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#include "core/base/number.h"
#include "core/base/span.h"

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool ln_address_is_ip4(const struct linnet_address *address)
{
    return memcmp(address->ip, mapped_prefix, sizeof mapped_prefix) == 0;
}

bool ln_address_is_any(const struct linnet_address *address)
{
    static const uint8_t zero[16];
    return memcmp(address->ip, zero, sizeof zero) == 0 ||
           (ln_address_is_ip4(address) && memcmp(address->ip + 12, zero, 4) == 0);
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

static const char *look_up(const char *host, struct linnet_address *address)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, NULL, &hints, &found) != 0 || found == NULL) {
        return "the host is neither an address nor a name that can be looked up";
    }
    if (found->ai_family == AF_INET6) {
        struct sockaddr_in6 ip6;
        memcpy(&ip6, found->ai_addr, sizeof ip6);
        memcpy(address->ip, &ip6.sin6_addr, 16);
    } else {
        struct sockaddr_in ip4;
        memcpy(&ip4, found->ai_addr, sizeof ip4);
        memcpy(address->ip, mapped_prefix, sizeof mapped_prefix);
        memcpy(address->ip + 12, &ip4.sin_addr, 4);
    }
    freeaddrinfo(found);
    return NULL;
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

void ln_address_put(struct ln_cursor *cursor, const struct linnet_address *address)
{
    char text[INET6_ADDRSTRLEN];
    const bool is_ip4 = ln_address_is_ip4(address);
    const char *written = is_ip4 ? inet_ntop(AF_INET, address->ip + 12, text, sizeof text)
                                 : inet_ntop(AF_INET6, address->ip, text, sizeof text);
    LN_ASSERT(written != NULL);
    ln_cursor_put(cursor, written, strlen(written));
}

void ln_address_print(char text[LN_ADDRESS_TEXT_MAX], const struct linnet_address *address)
{
    struct ln_cursor cursor =
        ln_cursor_over((struct linnet_room){(uint8_t *)text, LN_ADDRESS_TEXT_MAX - 1});
    ln_address_put(&cursor, address);
    text[cursor.len] = 0;
}
