/* Routing: one pass finds the best resource, a second one its handler.
 *
 * Invariant: a row matches a path or not, whatever its methods; methods are looked at only among
 * the rows of the best resource, so that a wrong method is 405 and never another page. */
#include "core/route/route.h"

#include "core/base/span.h"
#include "core/route/pattern.h"

/* S1-1: "/headers" answers "/headers", "/headers/" and "/headers/xxx", and not "/headersX". */
static bool prefix_matches(struct linnet_span prefix, struct linnet_span path)
{
    if (!ln_span_starts_with(path, prefix)) {
        return false;
    }
    const bool ends_with_slash = prefix.len > 0 && prefix.data[prefix.len - 1] == '/';
    return path.len == prefix.len || ends_with_slash || path.data[prefix.len] == '/';
}

/* RFC 9110 4.2.3: the case of a host does not matter; its port is the connection's. */
static bool host_matches(const struct linnet_route *route, struct linnet_span host)
{
    return route->host.len == 0 || ln_span_equal_fold(route->host, ln_pattern_host_name(host));
}

static bool route_matches(const struct linnet_route *route, struct linnet_span host,
                          struct linnet_span path)
{
    if (!host_matches(route, host)) {
        return false;
    }
    switch (route->kind) {
    case LINNET_ROUTE_EXACT:
        return ln_span_equal(route->path, path);
    case LINNET_ROUTE_PREFIX:
        return prefix_matches(route->path, path);
    case LINNET_ROUTE_PATTERN:
        return ln_pattern_matches(route, path);
    case LINNET_ROUTE_DEFAULT:
        return true;
    }
    LN_UNREACHABLE();
}

unsigned ln_route_methods_of(const struct linnet_route *route)
{
    unsigned methods = route->methods;
    if ((methods & LINNET_METHOD_BIT(LINNET_METHOD_GET)) != 0) {
        methods |= LINNET_METHOD_BIT(LINNET_METHOD_HEAD);
    }
    return methods;
}

struct ln_route_match ln_route_find(const struct ln_route_table *table, struct linnet_span host,
                                    struct linnet_span path, enum linnet_method method)
{
    LN_ASSERT(table->count == 0 || table->routes != NULL);
    if (table->count == 1 && table->routes->kind == LINNET_ROUTE_DEFAULT &&
        table->routes->host.len == 0 &&
        (ln_route_methods_of(table->routes) & LINNET_METHOD_BIT(method)) != 0) {
        return (struct ln_route_match){.route = table->routes}; /* nothing to choose from */
    }
    uint64_t best = 0;
    for (size_t i = 0; i < table->count; i++) {
        if (route_matches(&table->routes[i], host, path)) {
            const uint64_t rank = ln_pattern_rank(&table->routes[i]);
            best = rank > best ? rank : best;
        }
    }
    struct ln_route_match match = {.route = NULL, .allowed = 0};
    if (best == 0) {
        return match;
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct linnet_route *route = &table->routes[i];
        if (!route_matches(route, host, path) || ln_pattern_rank(route) != best) {
            continue;
        }
        const unsigned methods = ln_route_methods_of(route);
        match.allowed |= methods;
        if (match.route == NULL && (methods & LINNET_METHOD_BIT(method)) != 0) {
            match.route = route;
        }
    }
    match.allowed |= LINNET_METHOD_BIT(LINNET_METHOD_OPTIONS);
    return match;
}

unsigned ln_route_methods(const struct ln_route_table *table)
{
    unsigned methods = LINNET_METHOD_BIT(LINNET_METHOD_OPTIONS);
    for (size_t i = 0; i < table->count; i++) {
        methods |= ln_route_methods_of(&table->routes[i]);
    }
    return methods;
}
