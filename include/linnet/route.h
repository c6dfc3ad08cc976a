/* Routes: patterns, precedence, the check at boot, and the parameters that a handler reads.
 *
 * A table of struct linnet_route may be constant data, in flash: it is read as it stands, nothing
 * is compiled from it and nothing is kept beside it. What is matched is the path of the request,
 * decoded once and with its dot segments resolved; a "%2F" has become a slash like any other.
 *
 * A pattern is a path whose segments may be parameters:
 *
 *     pattern   = 1*( "/" ( literal / parameter ) )
 *     parameter = "{" name [ ":" type ] "}"            name = 1*( ALPHA / DIGIT / "_" )
 *     type      = "uint" / "int" / "hex" / "string" / "rest"
 *
 *     uint      decimal digits, at most 2^64 - 1
 *     int       the same with or without "-", from -2^63 to 2^63 - 1
 *     hex       hexadecimal digits, at most 2^64 - 1
 *     string    any segment that is not empty; what a parameter without a type is
 *     rest      all that is left of the path behind the slash, be it nothing; last only
 *
 * A segment that is not of its type does not match, a number out of its range neither: the next
 * route is tried, and in the end there is 404.
 *
 * Precedence does not depend on the order of the rows. Of the routes that match a path the best
 * ones answer; a route is better
 *
 *     1. if it names the host,
 *     2. then, if it is no default,
 *     3. then, by more literal segments,
 *     4. then, if it ends where the path does (exact, or a pattern without rest),
 *     5. then, by more typed parameters (uint, int, hex),
 *     6. then, by more string parameters,
 *     7. then, if it ends with a slash or a rest.
 *
 * Methods are looked at among the best ones only: what none of them allows is 405, with all that
 * they allow in Allow, and never another page. Two that could be best together and allow the same
 * method are a fault of the table, which linnet_routes_check finds before the first request. */
#ifndef LINNET_ROUTE_H
#define LINNET_ROUTE_H

#include <linnet/declarations.h>
#include <linnet/exchange.h>

LINNET_BEGIN

/* X(NAME, "what is wrong") */
#define LINNET_ROUTE_FAULTS(X)                                                                   \
    X(NONE, "nothing is wrong")                                                                  \
    X(PATH, "the path does not begin with a slash, or has over 65,535 bytes")                    \
    X(PATTERN, "braces that are no parameter {name:type} of a LINNET_ROUTE_PATTERN with a type " \
               "that there is, a name given twice, or a rest before the end")                    \
    X(HOST, "the host has a port, or a byte that no host has")                                   \
    X(METHODS, "no method is allowed")                                                           \
    X(HANDLER, "there is no handler")                                                            \
    X(CONFLICT, "both could answer the same request, with equal right")

enum linnet_route_fault {
#define LINNET_ROUTE_FAULT_ENUM(name, text) LINNET_ROUTE_FAULT_##name,
    LINNET_ROUTE_FAULTS(LINNET_ROUTE_FAULT_ENUM)
#undef LINNET_ROUTE_FAULT_ENUM
};

struct linnet_route_conflict {
    enum linnet_route_fault fault;
    size_t first;  /* numbers of the rows, from 0 */
    size_t second; /* the same as first, unless the fault is CONFLICT */
};

/* Is the table sound? Otherwise *conflict says the first fault. To be asked once, at boot: the time
 * grows with the square of the count. A table that was not asked is still safe: of two rows that
 * conflict the first answers, and what is no parameter is a literal. */
LINNET_MUST_USE bool linnet_routes_check(const struct linnet_route *routes, size_t count,
                                         struct linnet_route_conflict *conflict);

/* The conflict in words that name the rows, for a log or a console: "route 1 (/led/{id}) and route
 * 4 (/led/{name}): both could answer ...". NONE, or TOO_LARGE and an empty span. */
LINNET_MUST_USE enum linnet_error linnet_routes_explain(
    const struct linnet_route *routes, const struct linnet_route_conflict *conflict,
    struct linnet_room room, struct linnet_span *text);

/* The parameters of the route that the exchange came by, in the order of the pattern; none for
 * routes of another kind. Values are spans over the path of the request and live as long. */
size_t linnet_exchange_parameter_count(const struct linnet_exchange *exchange);
/* false when index is out of range. */
bool linnet_exchange_parameter_at(const struct linnet_exchange *exchange, size_t index,
                                  struct linnet_span *name, struct linnet_span *value);
/* false when there is none of that name; its case matters. */
bool linnet_exchange_parameter(const struct linnet_exchange *exchange, struct linnet_span name,
                               struct linnet_span *value);

/* The number that a parameter of type uint or hex, respectively uint or int, stands for; false and
 * *number unchanged when there is no such parameter, or the number is not from least to most. */
bool linnet_exchange_parameter_uint(const struct linnet_exchange *exchange, struct linnet_span name,
                                    uint64_t least, uint64_t most, uint64_t *number);
bool linnet_exchange_parameter_int(const struct linnet_exchange *exchange, struct linnet_span name,
                                   int64_t least, int64_t most, int64_t *number);

LINNET_END

#endif
