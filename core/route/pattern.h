/* Patterns: paths with parameters, read where they stand. The grammar is in <linnet/route.h>. */
#ifndef LN_ROUTE_PATTERN_H
#define LN_ROUTE_PATTERN_H

#include <linnet/route.h>

enum ln_pattern_type {
    LN_PATTERN_LITERAL,
    LN_PATTERN_UINT,
    LN_PATTERN_INT,
    LN_PATTERN_HEX,
    LN_PATTERN_STRING,
    LN_PATTERN_REST,
};

struct ln_pattern_segment {
    enum ln_pattern_type type;
    struct linnet_span text; /* the literal, or the name of the parameter */
};

/* A parameter with what it matched. */
struct ln_pattern_parameter {
    enum ln_pattern_type type;
    struct linnet_span name;
    struct linnet_span value; /* over the path */
};

/* Takes the next segment of a route, whatever its kind, off the front of *rest, which begins as
 * route->path; false when none is left. The slash that ends a prefix is a rest without a name. What
 * is no parameter is a literal. */
bool ln_pattern_segment_next(const struct linnet_route *route, struct linnet_span *rest,
                             struct ln_pattern_segment *segment);

/* Is that segment of a path of the type, a parameter's? */
bool ln_pattern_is_of(enum ln_pattern_type type, struct linnet_span value);

/* Does a pattern match a path, which begins with a slash? */
bool ln_pattern_matches(const struct linnet_route *route, struct linnet_span path);

/* The parameter of that number of a pattern that matches the path; false: there are fewer. */
bool ln_pattern_parameter(const struct linnet_route *route, struct linnet_span path, size_t index,
                          struct ln_pattern_parameter *parameter);

/* The whole value as a number of the type; false: it is none, or out of range. */
bool ln_pattern_uint(enum ln_pattern_type type, struct linnet_span value, uint64_t *number);
bool ln_pattern_int(struct linnet_span value, int64_t *number);

/* The precedence of a route as a number: higher is better, none is 0. */
uint64_t ln_pattern_rank(const struct linnet_route *route);

/* The host without its port. */
struct linnet_span ln_pattern_host_name(struct linnet_span host);

#endif
