/* Host and authority: who the request is for.
 *
 *     Host      = uri-host [ ":" port ]                      RFC 9110 7.2
 *     uri-host  = IP-literal / IPv4address / reg-name        RFC 3986 3.2.2
 *
 * Userinfo is not allowed in http URIs that are sent (RFC 9110 4.2.4). */
#ifndef LN_HTTP1_HOST_H
#define LN_HTTP1_HOST_H

#include <stdbool.h>

#include "core/http1/request_head.h"

/* Is it a valid uri-host with an optional port (0 to 65535, may be empty after the colon)? An
 * empty host is valid for the Host field only (RFC 9110 7.2), so `empty_allowed` says. IP-literal:
 * "[" IPv6address "]" fully checked, or "[v" hex "." ... "]". */
bool ln_host_is_valid(struct linnet_span authority, const struct ln_scan *scan, bool empty_allowed);

/* The last Host that was valid: it nearly always comes again. Zeroed at first. */
enum { LN_HOST_MEMORY_LEN_MAX = 63 };

struct ln_host_memory {
    uint8_t len;
    uint8_t bytes[LN_HOST_MEMORY_LEN_MAX];
};

/* RFC 9112 3.2: exactly one valid Host in 1.1 (unless LN_LENIENCY_MISSING_HOST), at most one in
 * 1.0. *host is its content, or empty. false with *refusal: 400. */
bool ln_host_check(const struct ln_request_head *head, struct linnet_span bytes,
                   unsigned leniencies, const struct ln_scan *scan, struct ln_host_memory *memory,
                   struct linnet_span *host, struct ln_refusal *refusal);

#endif
