/* Is a table of routes sound? Asked at boot, once.
 *
 * Two routes conflict if some path is matched by both with equal rank, for one host and one method.
 * Equal rank makes it simple: both have the same number of segments, so they are compared one by
 * one: literals meet when they are equal, a literal meets a parameter when it is of its type, and
 * two parameters always meet ("1" is of every type). */
#include "core/base/character.h"
#include "core/base/span.h"
#include "core/route/pattern.h"
#include "core/route/route.h"

#include <linnet/text.h>

static bool is_path(const struct linnet_route *route)
{
    /* Counts of segments are kept in 16 bits. */
    return route->kind == LINNET_ROUTE_DEFAULT ||
           (route->path.len > 0 && route->path.len <= UINT16_MAX && route->path.data[0] == '/');
}

static bool has_brace(struct linnet_span text)
{
    return text.len > 0 &&
           (memchr(text.data, '{', text.len) != NULL || memchr(text.data, '}', text.len) != NULL);
}

/* How many parameters of the pattern have that name? */
static size_t name_count(const struct linnet_route *route, struct linnet_span name)
{
    size_t count = 0;
    struct linnet_span rest = route->path;
    struct ln_pattern_segment segment;
    while (ln_pattern_segment_next(route, &rest, &segment)) {
        if (segment.type != LN_PATTERN_LITERAL && ln_span_equal(segment.text, name)) {
            count++;
        }
    }
    return count;
}

static bool is_pattern(const struct linnet_route *route)
{
    struct linnet_span rest = route->path;
    struct ln_pattern_segment segment;
    while (ln_pattern_segment_next(route, &rest, &segment)) {
        if (segment.type == LN_PATTERN_LITERAL) {
            if (has_brace(segment.text)) {
                return false;
            }
        } else if (name_count(route, segment.text) > 1) {
            return false;
        }
        if (segment.type == LN_PATTERN_REST && rest.len > 0) {
            return false;
        }
    }
    return true;
}

/* Would there be a parameter, if the row said that it is a pattern? It only forgot to. */
static bool has_parameter(const struct linnet_route *route)
{
    struct linnet_route pattern = *route;
    struct linnet_span rest = route->path;
    struct ln_pattern_segment segment;
    pattern.kind = LINNET_ROUTE_PATTERN;
    while (ln_pattern_segment_next(&pattern, &rest, &segment)) {
        if (segment.type != LN_PATTERN_LITERAL) {
            return true;
        }
    }
    return false;
}

static bool is_host(struct linnet_span host)
{
    for (size_t i = 0; i < host.len; i++) {
        const uint8_t byte = host.data[i];
        const bool address = host.data[0] == '[' && (byte == '[' || byte == ':' || byte == ']');
        if (!address && !ln_character_is(byte, LN_CHARACTER_REG_NAME)) {
            return false;
        }
    }
    return ln_pattern_host_name(host).len == host.len;
}

static enum linnet_route_fault fault_of(const struct linnet_route *route)
{
    if (!is_path(route)) {
        return LINNET_ROUTE_FAULT_PATH;
    }
    if (route->kind == LINNET_ROUTE_PATTERN ? !is_pattern(route) : has_parameter(route)) {
        return LINNET_ROUTE_FAULT_PATTERN;
    }
    if (!is_host(route->host)) {
        return LINNET_ROUTE_FAULT_HOST;
    }
    if (route->methods == 0) {
        return LINNET_ROUTE_FAULT_METHODS;
    }
    return route->handler == NULL ? LINNET_ROUTE_FAULT_HANDLER : LINNET_ROUTE_FAULT_NONE;
}

static bool segments_meet(struct ln_pattern_segment a, struct ln_pattern_segment b)
{
    if (a.type == LN_PATTERN_LITERAL && b.type == LN_PATTERN_LITERAL) {
        return ln_span_equal(a.text, b.text);
    }
    if (a.type == LN_PATTERN_LITERAL) {
        return ln_pattern_is_of(b.type, a.text);
    }
    return b.type != LN_PATTERN_LITERAL || ln_pattern_is_of(a.type, b.text);
}

/* Is there a path that both match? They have equal rank. */
static bool paths_meet(const struct linnet_route *a, const struct linnet_route *b)
{
    struct linnet_span rest_a = a->path;
    struct linnet_span rest_b = b->path;
    struct ln_pattern_segment segment_a;
    struct ln_pattern_segment segment_b;
    if (a->kind == LINNET_ROUTE_DEFAULT) {
        return true;
    }
    while (ln_pattern_segment_next(a, &rest_a, &segment_a)) {
        const bool both = ln_pattern_segment_next(b, &rest_b, &segment_b);
        LN_ASSERT(both);
        if (!segments_meet(segment_a, segment_b)) {
            return false;
        }
    }
    return true;
}

static bool conflict_between(const struct linnet_route *a, const struct linnet_route *b)
{
    return ln_pattern_rank(a) == ln_pattern_rank(b) &&
           (ln_route_methods_of(a) & ln_route_methods_of(b)) != 0 &&
           ln_span_equal_fold(a->host, b->host) && paths_meet(a, b);
}

bool linnet_routes_check(const struct linnet_route *routes, size_t count,
                         struct linnet_route_conflict *conflict)
{
    LN_ASSERT(count == 0 || routes != NULL);
    LN_ASSERT(conflict != NULL);
    for (size_t i = 0; i < count; i++) {
        *conflict = (struct linnet_route_conflict){fault_of(&routes[i]), i, i};
        if (conflict->fault != LINNET_ROUTE_FAULT_NONE) {
            return false;
        }
    }
    for (size_t second = 1; second < count; second++) {
        for (size_t first = 0; first < second; first++) {
            if (conflict_between(&routes[first], &routes[second])) {
                *conflict =
                    (struct linnet_route_conflict){LINNET_ROUTE_FAULT_CONFLICT, first, second};
                return false;
            }
        }
    }
    *conflict = (struct linnet_route_conflict){LINNET_ROUTE_FAULT_NONE, 0, 0};
    return true;
}

static void put_route(struct linnet_text *text, const struct linnet_route *routes, size_t number)
{
    linnet_text_put(text, LINNET_SPAN("route "));
    linnet_text_put_decimal(text, number);
    linnet_text_put(text, LINNET_SPAN(" ("));
    linnet_text_put(text, routes[number].host);
    linnet_text_put(text, routes[number].kind == LINNET_ROUTE_DEFAULT ? LINNET_SPAN("default")
                                                                      : routes[number].path);
    linnet_text_put(text, LINNET_SPAN(")"));
}

enum linnet_error linnet_routes_explain(const struct linnet_route *routes,
                                        const struct linnet_route_conflict *conflict,
                                        struct linnet_room room, struct linnet_span *text)
{
    static const struct linnet_span words[] = {
#define WORDS(name, text) LINNET_SPAN_INIT(text),
        LINNET_ROUTE_FAULTS(WORDS)
#undef WORDS
    };
    LN_ASSERT(conflict->fault < sizeof words / sizeof words[0]);
    struct linnet_text line = linnet_text_over(room);
    if (conflict->fault != LINNET_ROUTE_FAULT_NONE) {
        put_route(&line, routes, conflict->first);
        if (conflict->second != conflict->first) {
            linnet_text_put(&line, LINNET_SPAN(" and "));
            put_route(&line, routes, conflict->second);
        }
        linnet_text_put(&line, LINNET_SPAN(": "));
    }
    linnet_text_put(&line, words[conflict->fault]);
    return linnet_text_finish(&line, text);
}
