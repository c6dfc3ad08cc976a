/* Cookies: reading Cookie, writing Set-Cookie. RFC 6265, and SameSite as browsers know it.
 *
 *     struct linnet_span content;
 *     struct linnet_span value;
 *     if (linnet_exchange_field(exchange, LINNET_SPAN("Cookie"), &content) &&
 *         linnet_cookie_find(content, LINNET_SPAN("session"), &value)) { ... }
 */
#ifndef LINNET_COOKIE_H
#define LINNET_COOKIE_H

#include <stdbool.h>

#include <linnet/declarations.h>
#include <linnet/error.h>
#include <linnet/span.h>

LINNET_BEGIN

/* Takes the next cookie off the front of *rest, the content of a Cookie field; false when none is
 * left. The name is a token; what has none, or no "=", is passed over. The value is as received,
 * with its quotes if it has any and whatever bytes a browser was made to keep, but without blanks
 * around it; it may be empty. Both are spans over the content. */
bool linnet_cookie_next(struct linnet_span *rest, struct linnet_span *name,
                        struct linnet_span *value);

/* The value of the first cookie of that name, case matters; false when there is none. Of several
 * the browser sends the one with the longest path first. */
bool linnet_cookie_find(struct linnet_span content, struct linnet_span name,
                        struct linnet_span *value);

enum linnet_same_site {
    LINNET_SAME_SITE_UNSET, /* the browser decides; most take it for LAX */
    LINNET_SAME_SITE_STRICT,
    LINNET_SAME_SITE_LAX,
    LINNET_SAME_SITE_NONE, /* wants `secure` */
};

struct linnet_cookie {
    struct linnet_span name;   /* a token */
    struct linnet_span value;  /* no blanks, quotes (but one around all of it), "," ";" "\" */
    struct linnet_span path;   /* begins with "/"; empty: the browser takes it from the target */
    struct linnet_span domain; /* and all below it; empty: this host alone */
    bool has_max_age;          /* false: until the browser is closed */
    uint32_t max_age_s;        /* 0: the cookie is deleted */
    bool secure;
    bool http_only;
    enum linnet_same_site same_site;
};

/* Writes the content of a Set-Cookie field into the room: NONE; TOO_LARGE; or INVALID: a part that
 * would end the field or begin another attribute, or a cookie that every browser would drop:
 * SameSite=None or the name prefix "__Secure-" without `secure`, "__Host-" without `secure` and
 * path "/" or with a domain. Without NONE, *content is empty. */
LINNET_MUST_USE enum linnet_error linnet_cookie_write(const struct linnet_cookie *cookie,
                                                      struct linnet_room room,
                                                      struct linnet_span *content);

LINNET_END

#endif
