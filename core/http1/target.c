/* The request target, taken apart.
 *
 *     origin-form    = absolute-path [ "?" query ]                        RFC 9112 3.2.1
 *     absolute-form  = scheme "://" authority path-abempty [ "?" query ]  RFC 9112 3.2.2
 *     authority-form = uri-host ":" port                                  RFC 9112 3.2.3
 *     asterisk-form  = "*"                                                RFC 9112 3.2.4
 *     absolute-path  = 1*( "/" *pchar )                                   RFC 9110 4.1
 *     query          = *( pchar / "/" / "?" )                             RFC 3986 3.4
 *     pct-encoded    = "%" HEXDIG HEXDIG                                  RFC 3986 2.1
 *     scheme         = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )         RFC 3986 3.1
 *
 * A path that needs no work stays where it came. Else it is decoded into the room and its dot
 * segments are taken out there, each byte decoded once: what comes out is never decoded again.
 * Invariant of the result: the path begins with "/", holds no NUL and no segment "." or "..". */
#include "core/http1/target.h"

#include "core/base/character.h"
#include "core/base/number.h"
#include "core/base/span.h"
#include "core/http1/host.h"
#include "core/table/leniency.h"

/* What the bytes of a path or query were found to hold. */
struct part {
    size_t len;
    bool encoded;   /* a pct-encoded */
    bool dot_first; /* a segment that begins with "." */
};

static bool refuse(struct ln_refusal *refusal, enum linnet_status status,
                   enum ln_close_reason reason)
{
    *refusal = (struct ln_refusal){status, reason};
    return false;
}

static bool bad_target(struct ln_refusal *refusal)
{
    return refuse(refusal, LINNET_STATUS_BAD_REQUEST, LN_CLOSE_BAD_TARGET);
}

/* The byte that "%" HEXDIG HEXDIG at the front of `bytes` stands for, or 256 if it is malformed. */
static unsigned decode_byte(const uint8_t *bytes, size_t len)
{
    LN_ASSERT(len > 0);
    LN_ASSERT(bytes[0] == '%');
    if (len < 3) {
        return 256;
    }
    unsigned high = ln_number_hex_digit(bytes[1]);
    unsigned low = ln_number_hex_digit(bytes[2]);
    return high > 15 || low > 15 ? 256 : high * 16 + low;
}

/* LN_LENIENCY_RAW_TARGET lets every visible byte through but the two that have a meaning. */
static bool is_let_through(uint8_t byte, unsigned leniencies)
{
    return (leniencies & LN_LENIENCY_RAW_TARGET) != 0 && byte != '#' &&
           ln_character_is(byte, LN_CHARACTER_TARGET);
}

/* Does "/." stand in `path`, so that a segment may be one of dots? */
static bool has_dot_first(struct linnet_span path)
{
    for (size_t at = 1; at < path.len; at++) {
        if (path.data[at] == '.' && path.data[at - 1] == '/') {
            return true;
        }
    }
    return false;
}

/* Looks over the path at the front of `bytes`, from its slash up to "?" or their end. */
static bool look_over_path(struct linnet_span bytes, unsigned leniencies,
                           const struct ln_scan *scan, struct part *path)
{
    LN_ASSERT(bytes.len > 0);
    LN_ASSERT(bytes.data[0] == '/');
    *path = (struct part){0};
    size_t at = scan->path(bytes.data, bytes.len);
    while (at < bytes.len) {
        uint8_t byte = bytes.data[at];
        if (ln_character_is(byte, LN_CHARACTER_PATH)) {
            at++;
        } else if (byte == '?') {
            break;
        } else if (byte == '%') {
            /* RFC 3986 2.1: a percent sign without two hexadecimal digits is malformed.
             * RFC 3986 7.3: a NUL stands in no name that a client could mean. */
            unsigned decoded = decode_byte(bytes.data + at, bytes.len - at);
            if (decoded > 255 || decoded == 0) {
                return false;
            }
            path->encoded = true;
            at += 3;
        } else if (is_let_through(byte, leniencies)) {
            at++;
        } else {
            /* RFC 9112 3.2: a target is a URI's, with nothing unescaped that has no place there. */
            return false;
        }
    }
    path->len = at;
    path->dot_first = has_dot_first(ln_span_slice(bytes, 0, at));
    return true;
}

/* Are these the bytes of a query? */
static bool is_query(struct linnet_span bytes, unsigned leniencies)
{
    size_t at = 0;
    while (at < bytes.len) {
        uint8_t byte = bytes.data[at];
        if (ln_character_is(byte, LN_CHARACTER_QUERY)) {
            at++;
        } else if (byte == '%') {
            if (decode_byte(bytes.data + at, bytes.len - at) > 255) {
                return false;
            }
            at += 3;
        } else if (is_let_through(byte, leniencies)) {
            at++;
        } else {
            return false;
        }
    }
    return true;
}

/* Decodes a path that was looked over into the room; false if it does not fit. */
static bool decode_path(struct linnet_span path, struct linnet_room room, size_t *len)
{
    size_t written = 0;
    size_t at = 0;
    while (at < path.len) {
        if (written == room.len) {
            return false;
        }
        uint8_t byte = path.data[at];
        if (byte == '%') {
            unsigned decoded = decode_byte(path.data + at, path.len - at);
            LN_ASSERT(decoded > 0);
            LN_ASSERT(decoded <= 255);
            byte = (uint8_t)decoded;
            at += 3;
        } else {
            at++;
        }
        room.data[written] = byte;
        written++;
    }
    *len = written;
    return true;
}

/* The bytes of the segment that begins at data[begin]. */
static size_t segment_len(const uint8_t *data, size_t begin, size_t len)
{
    size_t end = begin;
    while (end < len && data[end] != '/') {
        end++;
    }
    return end - begin;
}

/* Takes the dot segments out of the path in place; false if it climbs over the root.
 *
 * Whole segments, each with the slash before it, move to the front: data[0, kept) is the result so
 * far, data[at] the slash of the next segment. A dot segment at the end leaves its slash. */
static bool resolve_dots(uint8_t *data, size_t *len)
{
    size_t kept = 0;
    size_t at = 0;
    while (at < *len) {
        LN_ASSERT(data[at] == '/');
        LN_ASSERT(kept <= at);
        size_t segment = segment_len(data, at + 1, *len);
        const uint8_t *name = data + at + 1;
        bool one = segment == 1 && name[0] == '.';
        bool two = segment == 2 && name[0] == '.' && name[1] == '.';
        if (!one && !two) {
            memmove(data + kept, data + at, segment + 1);
            kept += segment + 1;
            at += segment + 1;
            continue;
        }
        if (two) {
            /* RFC 3986 5.2.4: ".." takes the segment before it away; above the root there is
             * none, and who climbs there is refused rather than stopped. */
            if (kept == 0) {
                return false;
            }
            do {
                kept--;
            } while (data[kept] != '/');
        }
        at += segment + 1;
        if (at == *len) {
            data[kept] = '/';
            kept++;
        }
    }
    *len = kept;
    return true;
}

/* The path and the query, from the path's slash on. */
static bool parse_path(struct linnet_span bytes, unsigned leniencies, const struct ln_scan *scan,
                       struct linnet_room room, struct ln_target *target,
                       struct ln_refusal *refusal)
{
    struct part path;
    if (!look_over_path(bytes, leniencies, scan, &path)) {
        return bad_target(refusal);
    }
    target->path = ln_span_slice(bytes, 0, path.len);
    if (path.len < bytes.len) {
        target->query = ln_span_slice(bytes, path.len + 1, bytes.len - path.len - 1);
        target->has_query = true;
        if (!is_query(target->query, leniencies)) {
            return bad_target(refusal);
        }
    }
    size_t len = path.len;
    bool work = path.encoded || path.dot_first;
    if (work ? !decode_path(target->path, room, &len) : len > room.len) {
        /* RFC 9110 15.5.15: a target longer than what we take is answered 414. */
        return refuse(refusal, LINNET_STATUS_URI_TOO_LONG, LN_CLOSE_TARGET_TOO_LONG);
    }
    if (work) {
        if (!resolve_dots(room.data, &len)) {
            return bad_target(refusal);
        }
        target->path = (struct linnet_span){room.data, len};
    }
    LN_ASSERT(target->path.data[0] == '/');
    return true;
}

/* The bytes of the scheme at the front, or 0 if none stands there. */
static size_t scheme_len(struct linnet_span raw)
{
    size_t len = 0;
    while (len < raw.len) {
        uint8_t byte = raw.data[len];
        bool letter = ln_byte_lower(byte) >= 'a' && ln_byte_lower(byte) <= 'z';
        bool later =
            ln_character_is(byte, LN_CHARACTER_DIGIT) || byte == '+' || byte == '-' || byte == '.';
        if (!letter && (len == 0 || !later)) {
            break;
        }
        len++;
    }
    return len;
}

/* The authority of a scheme that we do not serve: its bytes, and no more, are checked. */
static bool is_foreign_authority(struct linnet_span authority)
{
    for (size_t i = 0; i < authority.len; i++) {
        uint8_t byte = authority.data[i];
        if (byte == '%') {
            if (decode_byte(authority.data + i, authority.len - i) > 255) {
                return false;
            }
        } else if (!ln_character_is(byte, LN_CHARACTER_REG_NAME) && byte != ':' && byte != '@' &&
                   byte != '[' && byte != ']') {
            return false;
        }
    }
    return true;
}

static bool parse_absolute(struct linnet_span raw, enum linnet_method method, unsigned leniencies,
                           const struct ln_scan *scan, struct linnet_room room,
                           struct ln_target *target, struct ln_refusal *refusal)
{
    static const uint8_t root[1] = {'/'};
    size_t scheme = scheme_len(raw);
    struct linnet_span rest = ln_span_slice(raw, scheme, raw.len - scheme);
    if (scheme == 0 || !ln_span_starts_with(rest, LINNET_SPAN("://"))) {
        return bad_target(refusal);
    }
    rest = ln_span_slice(rest, 3, rest.len - 3);
    size_t len = 0;
    while (len < rest.len && rest.data[len] != '/' && rest.data[len] != '?') {
        len++;
    }
    target->form = LN_TARGET_ABSOLUTE;
    target->scheme = ln_span_slice(raw, 0, scheme);
    target->authority = ln_span_slice(rest, 0, len);
    rest = ln_span_slice(rest, len, rest.len - len);
    /* RFC 3986 3.1: the scheme's case does not matter. */
    bool http = ln_span_equal_fold(target->scheme, LINNET_SPAN("http")) ||
                ln_span_equal_fold(target->scheme, LINNET_SPAN("https"));
    /* RFC 9110 4.2.4: userinfo in an http URI is treated as an error: "@" is in no valid host. */
    bool valid = http ? ln_host_is_valid(target->authority, scan, false)
                      : is_foreign_authority(target->authority);
    if (!valid) {
        return bad_target(refusal);
    }
    if (rest.len > 0 && rest.data[0] == '/') {
        return parse_path(rest, leniencies, scan, room, target, refusal);
    }
    if (rest.len > 0) {
        target->query = ln_span_slice(rest, 1, rest.len - 1);
        target->has_query = true;
        if (!is_query(target->query, leniencies)) {
            return bad_target(refusal);
        }
    } else if (method == LINNET_METHOD_OPTIONS) {
        /* RFC 9112 3.2.4: OPTIONS for a URI without path and query means the server as a whole. */
        target->form = LN_TARGET_ASTERISK;
        return true;
    }
    /* RFC 9110 4.2.3: an empty path of an http URI is the same as "/". */
    target->path = (struct linnet_span){root, sizeof root};
    return room.len > 0 || refuse(refusal, LINNET_STATUS_URI_TOO_LONG, LN_CLOSE_TARGET_TOO_LONG);
}

/* RFC 9110 9.3.6: CONNECT names a host and a port, neither of them empty. */
static bool parse_authority(struct linnet_span raw, const struct ln_scan *scan,
                            struct ln_target *target, struct ln_refusal *refusal)
{
    size_t digits = 0;
    while (digits < raw.len &&
           ln_character_is(raw.data[raw.len - 1 - digits], LN_CHARACTER_DIGIT)) {
        digits++;
    }
    bool port = digits > 0 && digits < raw.len && raw.data[raw.len - 1 - digits] == ':';
    if (!port || !ln_host_is_valid(raw, scan, false)) {
        return bad_target(refusal);
    }
    target->form = LN_TARGET_AUTHORITY;
    target->authority = raw;
    return true;
}

bool ln_target_parse(struct linnet_span raw, enum linnet_method method, unsigned leniencies,
                     const struct ln_scan *scan, struct linnet_room room, struct ln_target *target,
                     struct ln_refusal *refusal)
{
    LN_ASSERT(raw.data != NULL || raw.len == 0);
    LN_ASSERT(room.data != NULL || room.len == 0);
    *target = (struct ln_target){.form = LN_TARGET_ORIGIN};
    if (method == LINNET_METHOD_CONNECT) {
        /* RFC 9112 3.2.3: CONNECT takes this form and no other, and no other method takes it. */
        return parse_authority(raw, scan, target, refusal);
    }
    if (raw.len > 0 && raw.data[0] == '/') {
        return parse_path(raw, leniencies, scan, room, target, refusal);
    }
    if (method == LINNET_METHOD_OPTIONS && ln_span_equal(raw, LINNET_SPAN("*"))) {
        /* RFC 9112 3.2.4: the asterisk is for OPTIONS only. */
        target->form = LN_TARGET_ASTERISK;
        return true;
    }
    return parse_absolute(raw, method, leniencies, scan, room, target, refusal);
}
