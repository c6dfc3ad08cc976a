/* Patterns, segment by segment.
 *
 * Nothing is prepared and nothing is kept: a pattern is read again for each path, as is the value
 * of each parameter when a handler asks. A handful of short patterns costs less so than any index,
 * and the table stays constant data.
 *
 * Invariant: a segment that is no parameter by the grammar is a literal, so no pattern is ever
 * malformed here; linnet_routes_check is where that is said. */
#include "core/route/pattern.h"

#include "core/base/character.h"
#include "core/base/number.h"
#include "core/base/span.h"

/* Takes the slash and the segment behind it off the front of *rest; false: there is no slash. */
static bool take_segment(struct linnet_span *rest, struct linnet_span *segment)
{
    if (rest->len == 0 || rest->data[0] != '/') {
        return false;
    }
    size_t end = 1;
    while (end < rest->len && rest->data[end] != '/') {
        end++;
    }
    *segment = ln_span_slice(*rest, 1, end - 1);
    *rest = ln_span_slice(*rest, end, rest->len - end);
    return true;
}

static bool find_type(struct linnet_span name, enum ln_pattern_type *type)
{
    static const struct {
        struct linnet_span name;
        enum ln_pattern_type type;
    } rows[] = {
        {LINNET_SPAN_INIT("uint"), LN_PATTERN_UINT},
        {LINNET_SPAN_INIT("int"), LN_PATTERN_INT},
        {LINNET_SPAN_INIT("hex"), LN_PATTERN_HEX},
        {LINNET_SPAN_INIT("rest"), LN_PATTERN_REST},
        {LINNET_SPAN_INIT("string"), LN_PATTERN_STRING},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (ln_span_equal(rows[i].name, name)) {
            *type = rows[i].type;
            return true;
        }
    }
    return false;
}

/* The bytes of the name at the front: letters, digits, "_". */
static size_t name_len(struct linnet_span text)
{
    size_t len = 0;
    while (len < text.len) {
        const uint8_t byte = text.data[len];
        const bool letter = ln_byte_lower(byte) >= 'a' && ln_byte_lower(byte) <= 'z';
        if (!letter && !ln_character_is(byte, LN_CHARACTER_DIGIT) && byte != '_') {
            break;
        }
        len++;
    }
    return len;
}

/* A segment of a pattern: "{name}", "{name:type}", or a literal. */
static struct ln_pattern_segment read_segment(struct linnet_span text)
{
    const struct ln_pattern_segment literal = {LN_PATTERN_LITERAL, text};
    if (text.len < 3 || text.data[0] != '{' || text.data[text.len - 1] != '}') {
        return literal;
    }
    const struct linnet_span inside = ln_span_slice(text, 1, text.len - 2);
    const size_t len = name_len(inside);
    struct ln_pattern_segment parameter = {LN_PATTERN_STRING, ln_span_slice(inside, 0, len)};
    if (len == 0) {
        return literal;
    }
    if (len == inside.len) {
        return parameter;
    }
    const struct linnet_span type = ln_span_slice(inside, len + 1, inside.len - len - 1);
    return inside.data[len] == ':' && find_type(type, &parameter.type) ? parameter : literal;
}

bool ln_pattern_segment_next(const struct linnet_route *route, struct linnet_span *rest,
                             struct ln_pattern_segment *segment)
{
    struct linnet_span text;
    if (!take_segment(rest, &text)) {
        return false;
    }
    if (route->kind == LINNET_ROUTE_PATTERN) {
        *segment = read_segment(text);
        return true;
    }
    const bool ends_prefix = route->kind == LINNET_ROUTE_PREFIX && text.len == 0 && rest->len == 0;
    *segment =
        (struct ln_pattern_segment){ends_prefix ? LN_PATTERN_REST : LN_PATTERN_LITERAL, text};
    return true;
}

static bool parse_hex(struct linnet_span digits, uint64_t *number)
{
    uint64_t value = 0;
    for (size_t i = 0; i < digits.len; i++) {
        const unsigned digit = ln_number_hex_digit(digits.data[i]);
        if (digit > 15 || value > UINT64_MAX >> 4) {
            return false;
        }
        value = value << 4 | digit;
    }
    *number = value;
    return digits.len > 0;
}

bool ln_pattern_uint(enum ln_pattern_type type, struct linnet_span value, uint64_t *number)
{
    uint64_t found = 0;
    const bool good = type == LN_PATTERN_UINT  ? ln_number_parse_decimal(value, &found)
                      : type == LN_PATTERN_HEX ? parse_hex(value, &found)
                                               : false;
    *number = good ? found : *number;
    return good;
}

bool ln_pattern_int(struct linnet_span value, int64_t *number)
{
    const bool negative = value.len > 0 && value.data[0] == '-';
    uint64_t magnitude = 0;
    if (negative) {
        value = ln_span_slice(value, 1, value.len - 1);
    }
    if (!ln_number_parse_decimal(value, &magnitude) ||
        magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0)) {
        return false;
    }
    if (!negative) {
        *number = (int64_t)magnitude;
    } else {
        /* In two steps, since the magnitude of the least number is no int64_t. */
        *number = magnitude == 0 ? 0 : -(int64_t)(magnitude - 1) - 1;
    }
    return true;
}

bool ln_pattern_is_of(enum ln_pattern_type type, struct linnet_span value)
{
    uint64_t number = 0;
    int64_t signed_number = 0;
    switch (type) {
    case LN_PATTERN_UINT:
    case LN_PATTERN_HEX:
        return ln_pattern_uint(type, value, &number);
    case LN_PATTERN_INT:
        return ln_pattern_int(value, &signed_number);
    case LN_PATTERN_STRING:
        return value.len > 0;
    case LN_PATTERN_REST:
        return true;
    case LN_PATTERN_LITERAL:
        break;
    }
    LN_UNREACHABLE();
}

bool ln_pattern_matches(const struct linnet_route *route, struct linnet_span path)
{
    LN_ASSERT(route->kind == LINNET_ROUTE_PATTERN);
    struct linnet_span rest = route->path;
    struct ln_pattern_segment segment;
    while (ln_pattern_segment_next(route, &rest, &segment)) {
        struct linnet_span value;
        if (segment.type == LN_PATTERN_REST) {
            return path.len > 0;
        }
        if (!take_segment(&path, &value)) {
            return false;
        }
        if (segment.type == LN_PATTERN_LITERAL ? !ln_span_equal(segment.text, value)
                                               : !ln_pattern_is_of(segment.type, value)) {
            return false;
        }
    }
    return path.len == 0;
}

bool ln_pattern_parameter(const struct linnet_route *route, struct linnet_span path, size_t index,
                          struct ln_pattern_parameter *parameter)
{
    LN_ASSERT(route->kind == LINNET_ROUTE_PATTERN);
    struct linnet_span rest = route->path;
    struct ln_pattern_segment segment;
    while (ln_pattern_segment_next(route, &rest, &segment)) {
        LN_ASSERT(path.len > 0);
        struct linnet_span value = ln_span_slice(path, 1, path.len - 1);
        if (segment.type != LN_PATTERN_REST) {
            (void)take_segment(&path, &value);
        }
        if (segment.type == LN_PATTERN_LITERAL) {
            continue;
        }
        if (index == 0) {
            *parameter = (struct ln_pattern_parameter){segment.type, segment.text, value};
            return true;
        }
        index--;
        if (segment.type == LN_PATTERN_REST) {
            return false;
        }
    }
    return false;
}

/* What a route is made of, each count at most 65,535: no path of a request is longer. */
struct shape {
    uint64_t literals;
    uint64_t typed;
    uint64_t strings;
    bool ends_with_slash; /* or a rest */
    bool open;            /* goes on below its path */
};

static void count_segment(uint64_t *count)
{
    *count += *count < UINT16_MAX ? 1 : 0;
}

static struct shape shape_of(const struct linnet_route *route)
{
    struct shape shape = {.open = route->kind == LINNET_ROUTE_PREFIX};
    struct linnet_span rest = route->path;
    struct ln_pattern_segment segment;
    while (ln_pattern_segment_next(route, &rest, &segment)) {
        switch (segment.type) {
        case LN_PATTERN_LITERAL:
            if (segment.text.len == 0 && rest.len == 0) {
                shape.ends_with_slash = true;
            } else {
                count_segment(&shape.literals);
            }
            break;
        case LN_PATTERN_UINT:
        case LN_PATTERN_INT:
        case LN_PATTERN_HEX:
            count_segment(&shape.typed);
            break;
        case LN_PATTERN_STRING:
            count_segment(&shape.strings);
            break;
        case LN_PATTERN_REST:
            shape.open = true;
            shape.ends_with_slash = true;
            return shape;
        }
    }
    return shape;
}

uint64_t ln_pattern_rank(const struct linnet_route *route)
{
    const uint64_t host = route->host.len > 0 ? 1 : 0;
    if (route->kind == LINNET_ROUTE_DEFAULT) {
        return host << 52 | 1;
    }
    /* From the top: host, 16 bits of literals, whole, 16 of typed, 16 of strings, slash; then a bit
     * that is set for none but defaults. */
    const struct shape shape = shape_of(route);
    const uint64_t whole = shape.open ? 0 : 1;
    const uint64_t slash = shape.ends_with_slash ? 1 : 0;
    return (host << 52 | shape.literals << 36 | whole << 35 | shape.typed << 19 |
            shape.strings << 3 | slash << 2) |
           2;
}

struct linnet_span ln_pattern_host_name(struct linnet_span host)
{
    size_t len = host.len;
    while (len > 0 && ln_character_is(host.data[len - 1], LN_CHARACTER_DIGIT)) {
        len--;
    }
    /* RFC 3986 3.2.2: the colons of an address are in brackets; one behind them begins the port. */
    const bool port = len > 0 && host.data[len - 1] == ':';
    return port ? ln_span_slice(host, 0, len - 1) : host;
}
