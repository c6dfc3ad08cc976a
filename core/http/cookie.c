/* Cookies, read and written.
 *
 *     cookie-string     = cookie-pair *( ";" SP cookie-pair )                  RFC 6265 4.2.1
 *     cookie-pair       = cookie-name "=" cookie-value                         RFC 6265 4.1.1
 *     cookie-name       = token
 *     cookie-value      = *cookie-octet / ( DQUOTE *cookie-octet DQUOTE )
 *     cookie-octet      = %x21 / %x23-2B / %x2D-3A / %x3C-5B / %x5D-7E
 *     set-cookie-string = cookie-pair *( ";" SP cookie-av )
 *     path-av           = "Path=" *av-octet        av-octet: any CHAR but CTLs and ";"
 *     domain-av         = "Domain=" subdomain
 *
 * No state but the caller's rest. Reading is as wide as browsers are: they keep values that no
 * server should have set. Writing is as narrow as the grammar. */
#include <linnet/cookie.h>

#include "core/base/character.h"
#include "core/base/cursor.h"
#include "core/base/number.h"
#include "core/base/span.h"

static bool is_token(struct linnet_span name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!ln_character_is(name.data[i], LN_CHARACTER_TOKEN)) {
            return false;
        }
    }
    return name.len > 0;
}

/* The bytes before the first `mark`; all of them if there is none. */
static size_t len_before(struct linnet_span bytes, uint8_t mark)
{
    const uint8_t *found = bytes.len == 0 ? NULL : memchr(bytes.data, mark, bytes.len);
    return found == NULL ? bytes.len : (size_t)(found - bytes.data);
}

bool linnet_cookie_next(struct linnet_span *rest, struct linnet_span *name,
                        struct linnet_span *value)
{
    LN_ASSERT(rest != NULL);
    LN_ASSERT(rest->data != NULL || rest->len == 0);
    while (rest->len > 0) {
        const size_t len = len_before(*rest, ';');
        const struct linnet_span pair = ln_span_slice(*rest, 0, len);
        const size_t mark_len = len < rest->len ? 1 : 0;
        *rest = ln_span_slice(*rest, len + mark_len, rest->len - len - mark_len);
        const size_t name_len = len_before(pair, '=');
        if (name_len == pair.len) {
            continue;
        }
        /* RFC 6265 4.2.1: what is no pair with a name that a server can have set is passed over. */
        const struct linnet_span found = ln_span_trim(ln_span_slice(pair, 0, name_len));
        if (is_token(found)) {
            *name = found;
            *value = ln_span_trim(ln_span_slice(pair, name_len + 1, pair.len - name_len - 1));
            return true;
        }
    }
    return false;
}

bool linnet_cookie_find(struct linnet_span content, struct linnet_span name,
                        struct linnet_span *value)
{
    struct linnet_span found_name;
    struct linnet_span found_value;
    /* RFC 6265 5.4: of equal names the one with the longest path comes first. */
    while (linnet_cookie_next(&content, &found_name, &found_value)) {
        if (ln_span_equal(found_name, name)) {
            *value = found_value;
            return true;
        }
    }
    return false;
}

static bool is_cookie_octet(uint8_t byte)
{
    return byte > ' ' && byte < 0x7F && byte != '"' && byte != ',' && byte != ';' && byte != '\\';
}

static bool is_value(struct linnet_span value)
{
    if (value.len >= 2 && value.data[0] == '"' && value.data[value.len - 1] == '"') {
        value = ln_span_slice(value, 1, value.len - 2);
    }
    for (size_t i = 0; i < value.len; i++) {
        if (!is_cookie_octet(value.data[i])) {
            return false;
        }
    }
    return true;
}

/* RFC 6265 5.2.4: a path that does not begin with a slash is dropped by the browser. */
static bool is_cookie_path(struct linnet_span path)
{
    for (size_t i = 0; i < path.len; i++) {
        if (path.data[i] < ' ' || path.data[i] >= 0x7F || path.data[i] == ';') {
            return false;
        }
    }
    /* Blanks at the end would be trimmed away. */
    return path.len == 0 || (path.data[0] == '/' && path.data[path.len - 1] != ' ');
}

/* RFC 6265 4.1.2.3: letters, digits, hyphens and dots; a dot at either end names another domain
 * than one would think. */
static bool is_domain(struct linnet_span domain)
{
    for (size_t i = 0; i < domain.len; i++) {
        const uint8_t byte = domain.data[i];
        const bool letter = ln_byte_lower(byte) >= 'a' && ln_byte_lower(byte) <= 'z';
        if (!letter && !ln_character_is(byte, LN_CHARACTER_DIGIT) && byte != '-' && byte != '.') {
            return false;
        }
    }
    return domain.len == 0 || (domain.data[0] != '.' && domain.data[domain.len - 1] != '.');
}

/* What browsers hold a cookie against before they keep it. */
static bool would_be_kept(const struct linnet_cookie *cookie)
{
    const struct linnet_span secure = LINNET_SPAN("__Secure-");
    const struct linnet_span host = LINNET_SPAN("__Host-");
    const struct linnet_span name = cookie->name;
    if (cookie->same_site == LINNET_SAME_SITE_NONE && !cookie->secure) {
        return false;
    }
    /* Prefixes in any case: some browsers compare them so. */
    if (name.len >= secure.len && ln_span_equal_fold(ln_span_slice(name, 0, secure.len), secure)) {
        return cookie->secure;
    }
    if (name.len >= host.len && ln_span_equal_fold(ln_span_slice(name, 0, host.len), host)) {
        return cookie->secure && cookie->domain.len == 0 &&
               ln_span_equal(cookie->path, LINNET_SPAN("/"));
    }
    return true;
}

static struct linnet_span same_site_attribute(enum linnet_same_site same_site)
{
    switch (same_site) {
    case LINNET_SAME_SITE_UNSET:
        return (struct linnet_span){NULL, 0};
    case LINNET_SAME_SITE_STRICT:
        return LINNET_SPAN("; SameSite=Strict");
    case LINNET_SAME_SITE_LAX:
        return LINNET_SPAN("; SameSite=Lax");
    case LINNET_SAME_SITE_NONE:
        return LINNET_SPAN("; SameSite=None");
    }
    LN_UNREACHABLE();
}

static void put_attribute(struct ln_cursor *cursor, struct linnet_span name,
                          struct linnet_span value)
{
    if (value.len > 0) {
        ln_cursor_put_span(cursor, name);
        ln_cursor_put_span(cursor, value);
    }
}

enum linnet_error linnet_cookie_write(const struct linnet_cookie *cookie, struct linnet_room room,
                                      struct linnet_span *content)
{
    LN_ASSERT(cookie != NULL);
    LN_ASSERT(room.data != NULL || room.len == 0);
    *content = (struct linnet_span){NULL, 0};
    /* RFC 6265 4.1.1: nothing in a part may end it. */
    if (!is_token(cookie->name) || !is_value(cookie->value) || !is_cookie_path(cookie->path) ||
        !is_domain(cookie->domain) || !would_be_kept(cookie)) {
        return LINNET_ERROR_INVALID;
    }
    struct ln_cursor cursor = ln_cursor_over(room);
    ln_cursor_put_span(&cursor, cookie->name);
    ln_cursor_put_byte(&cursor, '=');
    ln_cursor_put_span(&cursor, cookie->value);
    put_attribute(&cursor, LINNET_SPAN("; Path="), cookie->path);
    put_attribute(&cursor, LINNET_SPAN("; Domain="), cookie->domain);
    if (cookie->has_max_age) {
        /* RFC 6265 5.2.2: zero ends the cookie at once. */
        ln_cursor_put_span(&cursor, LINNET_SPAN("; Max-Age="));
        ln_number_put_decimal(&cursor, cookie->max_age_s);
    }
    ln_cursor_put_span(&cursor,
                       cookie->secure ? LINNET_SPAN("; Secure") : (struct linnet_span){NULL, 0});
    ln_cursor_put_span(&cursor, cookie->http_only ? LINNET_SPAN("; HttpOnly")
                                                  : (struct linnet_span){NULL, 0});
    ln_cursor_put_span(&cursor, same_site_attribute(cookie->same_site));
    if (cursor.overflow) {
        return LINNET_ERROR_TOO_LARGE;
    }
    *content = ln_cursor_span(&cursor);
    return LINNET_ERROR_NONE;
}
