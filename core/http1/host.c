/* Host and authority, checked byte by byte.
 *
 *     Host          = uri-host [ ":" port ]                               RFC 9110 7.2
 *     uri-host      = IP-literal / IPv4address / reg-name                 RFC 3986 3.2.2
 *     IP-literal    = "[" ( IPv6address / IPvFuture ) "]"
 *     IPvFuture     = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )
 *     IPv6address   = eight groups of 1*4HEXDIG, split by ":"; "::" stands once for one group of
 *                     zeros or more; the last two groups may be written as an IPv4address
 *     IPv4address   = dec-octet "." dec-octet "." dec-octet "." dec-octet
 *     reg-name      = *( unreserved / pct-encoded / sub-delims )
 *     port          = *DIGIT
 *
 * An IPv4address is also a reg-name, so outside of brackets only the latter is looked for. */
#include "core/http1/host.h"

#include "core/base/character.h"
#include "core/base/number.h"
#include "core/base/span.h"
#include "core/table/leniency.h"

enum {
    PORT_MAX = 65535,
    IPV6_GROUPS = 8,
    IPV6_GROUP_DIGITS_MAX = 4,
    IPV4_OCTETS = 4,
    IPV4_OCTET_DIGITS_MAX = 3,
    IPV4_OCTET_MAX = 255,
};

/* How many bytes from `begin` on are of the classes. */
static size_t run_len(struct linnet_span span, size_t begin, unsigned classes)
{
    LN_ASSERT(begin <= span.len);
    size_t end = begin;
    while (end < span.len && ln_character_is(span.data[end], classes)) {
        end++;
    }
    return end - begin;
}

/* RFC 3986 3.2.2: dec-octet is 0 to 255 without leading zeros. */
static bool is_ipv4(struct linnet_span address)
{
    size_t at = 0;
    for (unsigned octet = 0; octet < IPV4_OCTETS; octet++) {
        if (octet > 0) {
            if (at == address.len || address.data[at] != '.') {
                return false;
            }
            at++;
        }
        size_t digits = run_len(address, at, LN_CHARACTER_DIGIT);
        if (digits == 0 || digits > IPV4_OCTET_DIGITS_MAX) {
            return false;
        }
        uint64_t value = 0;
        if (!ln_number_parse_decimal(ln_span_slice(address, at, digits), &value) ||
            value > IPV4_OCTET_MAX || (digits > 1 && address.data[at] == '0')) {
            return false;
        }
        at += digits;
    }
    return at == address.len;
}

/* RFC 3986 3.2.2: the nine forms of IPv6address, told by the count of groups and the one "::". */
static bool is_ipv6(struct linnet_span address)
{
    unsigned groups = 0;
    bool elided = false;
    size_t at = 0;
    if (address.len >= 2 && address.data[0] == ':' && address.data[1] == ':') {
        elided = true;
        at = 2;
    }
    /* Each turn takes one group and the colon or colons behind it. */
    while (at < address.len && groups < IPV6_GROUPS) {
        size_t digits = run_len(address, at, LN_CHARACTER_HEX);
        size_t behind = at + digits;
        if (behind < address.len && address.data[behind] == '.') {
            groups += 2;
            at = is_ipv4(ln_span_slice(address, at, address.len - at)) ? address.len : at;
            break;
        }
        if (digits == 0 || digits > IPV6_GROUP_DIGITS_MAX) {
            return false;
        }
        groups++;
        at = behind;
        if (at == address.len) {
            break;
        }
        if (address.data[at] != ':' || at + 1 == address.len) {
            return false;
        }
        at++;
        if (address.data[at] == ':') {
            if (elided) {
                return false;
            }
            elided = true;
            at++;
        }
    }
    return at == address.len && (elided ? groups < IPV6_GROUPS : groups == IPV6_GROUPS);
}

static bool is_ip_future(struct linnet_span address)
{
    if (address.len == 0 || ln_byte_lower(address.data[0]) != 'v') {
        return false;
    }
    size_t version = run_len(address, 1, LN_CHARACTER_HEX);
    size_t at = 1 + version;
    if (version == 0 || at == address.len || address.data[at] != '.') {
        return false;
    }
    at++;
    size_t begin = at;
    while (at < address.len &&
           (address.data[at] == ':' || ln_character_is(address.data[at], LN_CHARACTER_REG_NAME))) {
        at++;
    }
    return at == address.len && at > begin;
}

/* The bytes of an IP-literal with its brackets, or 0 if it is none. */
static size_t ip_literal_len(struct linnet_span authority)
{
    LN_ASSERT(authority.len > 0);
    LN_ASSERT(authority.data[0] == '[');
    size_t close = 1;
    while (close < authority.len && authority.data[close] != ']') {
        close++;
    }
    if (close == authority.len) {
        return 0;
    }
    struct linnet_span address = ln_span_slice(authority, 1, close - 1);
    return is_ipv6(address) || is_ip_future(address) ? close + 1 : 0;
}

/* The bytes of the reg-name at the front; false if a "%" in it begins no pct-encoded. */
static bool take_reg_name(struct linnet_span authority, const struct ln_scan *scan, size_t *len)
{
    size_t at = 0;
    for (;;) {
        at += scan->reg_name(authority.data + at, authority.len - at);
        if (at == authority.len || authority.data[at] != '%') {
            *len = at;
            return true;
        }
        /* RFC 3986 2.1: a percent sign stands before two hexadecimal digits. */
        if (authority.len - at < 3 || !ln_character_is(authority.data[at + 1], LN_CHARACTER_HEX) ||
            !ln_character_is(authority.data[at + 2], LN_CHARACTER_HEX)) {
            return false;
        }
        at += 3;
    }
}

/* RFC 3986 3.2.3: a port is digits, or nothing behind its colon. */
static bool is_port_part(struct linnet_span part)
{
    if (part.len == 0) {
        return true;
    }
    if (part.data[0] != ':') {
        return false;
    }
    uint64_t port = 0;
    return part.len == 1 || (ln_number_parse_decimal(ln_span_slice(part, 1, part.len - 1), &port) &&
                             port <= PORT_MAX);
}

bool ln_host_is_valid(struct linnet_span authority, const struct ln_scan *scan, bool empty_allowed)
{
    LN_ASSERT(authority.data != NULL || authority.len == 0);
    size_t host_len = 0;
    if (authority.len > 0 && authority.data[0] == '[') {
        host_len = ip_literal_len(authority);
        if (host_len == 0) {
            return false;
        }
    } else if (!take_reg_name(authority, scan, &host_len)) {
        return false;
    }
    /* RFC 9110 4.2.1: an http URI with an empty host is invalid. */
    if (host_len == 0 && !empty_allowed) {
        return false;
    }
    return is_port_part(ln_span_slice(authority, host_len, authority.len - host_len));
}

/* As ln_host_is_valid for the content of Host, which may be empty. */
static bool is_valid_again(struct linnet_span host, const struct ln_scan *scan,
                           struct ln_host_memory *memory)
{
    if (host.len > 0 && host.len == memory->len &&
        memcmp(host.data, memory->bytes, host.len) == 0) {
        return true;
    }
    const bool valid = ln_host_is_valid(host, scan, true);
    if (valid && host.len > 0 && host.len <= sizeof memory->bytes) {
        memory->len = (uint8_t)host.len;
        memcpy(memory->bytes, host.data, host.len);
    }
    return valid;
}

bool ln_host_check(const struct ln_request_head *head, struct linnet_span bytes,
                   unsigned leniencies, const struct ln_scan *scan, struct ln_host_memory *memory,
                   struct linnet_span *host, struct ln_refusal *refusal)
{
    LN_ASSERT(host != NULL);
    LN_ASSERT(refusal != NULL);
    *host = (struct linnet_span){NULL, 0};
    *refusal = (struct ln_refusal){LINNET_STATUS_BAD_REQUEST, LN_CLOSE_BAD_HOST};
    unsigned count = 0;
    size_t left = (head->fields_seen & 1U << LN_FIELD_HOST) != 0 ? head->field_count : 0;
    for (const struct ln_field_line *line = head->lines; left > 0; line++, left--) {
        if (line->field == LN_FIELD_HOST) {
            *host = ln_span_slice(bytes, line->content_begin, line->content_len);
            count++;
        }
    }
    if (count == 0) {
        /* RFC 9112 3.2: a request of HTTP/1.1 without Host is answered 400. */
        return head->minor_version == 0 || (leniencies & LN_LENIENCY_MISSING_HOST) != 0;
    }
    /* RFC 9112 3.2: so is one with more than one Host, or with one that is not valid. */
    return count == 1 && is_valid_again(*host, scan, memory);
}
