/* The request target: its four forms, and the path that routes see.
 *
 *     request-target = origin-form / absolute-form / authority-form / asterisk-form   RFC 9112 3.2
 *
 * The path is percent-decoded once and its dot segments are resolved afterwards (RFC 3986 5.2.4;
 * decoding first, so that %2e%2e is a dot segment and not a file name). A path that would climb
 * over the root is refused, as is a decoded NUL. "%2F" decodes to a slash like any other. An
 * empty path in absolute-form is "/"; for OPTIONS it is the asterisk (RFC 9112 3.2.4). */
#ifndef LN_HTTP1_TARGET_H
#define LN_HTTP1_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include <linnet/method.h>
#include <linnet/span.h>

#include "core/base/scan.h"
#include "core/http1/refusal.h"

enum ln_target_form {
    LN_TARGET_ORIGIN,
    LN_TARGET_ABSOLUTE,
    LN_TARGET_AUTHORITY,
    LN_TARGET_ASTERISK,
};

struct ln_target {
    enum ln_target_form form;
    struct linnet_span scheme;    /* absolute-form only, as received */
    struct linnet_span authority; /* absolute- and authority-form, as received */
    struct linnet_span path;      /* begins with "/"; in `raw` where nothing had to be decoded,
                                     else in the caller's room; empty for "*" and authority */
    struct linnet_span query;     /* as received, without "?" */
    bool has_query;
};

/* Splits and decodes `raw`. The path is decoded into `room` only if it holds "%" or a dot segment
 * (or "//" is kept as it is: empty segments are not removed); a path longer than room.len is
 * refused with 414 either way. Authority-form is taken for CONNECT only, asterisk-form for OPTIONS
 * only (RFC 9112 3.2.3, 3.2.4). true, or false with *refusal (400, 414). */
bool ln_target_parse(struct linnet_span raw, enum linnet_method method, unsigned leniencies,
                     const struct ln_scan *scan, struct linnet_room room, struct ln_target *target,
                     struct ln_refusal *refusal);

#endif
