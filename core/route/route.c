/* Routing: one pass finds the best resource, a second one its handler.
 *
 * Invariant: a row matches a path or not, whatever its methods; methods are looked at only among
 * the rows of the best resource, so that a wrong method is 405 and never another page. */
#include "core/route/route.h"

#include "core/base/span.h"

/* S1-1: "/headers" answers "/headers", "/headers/" and "/headers/xxx", and not "/headersX". */
static bool prefix_matches(struct linnet_span prefix, struct linnet_span path)
{
    if (!ln_span_starts_with(path, prefix)) {
        return false;
    }
    const bool ends_with_slash = prefix.len > 0 && prefix.data[prefix.len - 1] == '/';
    return path.len == prefix.len || ends_with_slash || path.data[prefix.len] == '/';
}

static bool route_matches(const struct linnet_route *route, struct linnet_span path)
{
    switch (route->kind) {
    case LINNET_ROUTE_EXACT:
        return ln_span_equal(route->path, path);
    case LINNET_ROUTE_PREFIX:
        return prefix_matches(route->path, path);
    case LINNET_ROUTE_DEFAULT:
        return true;
    }
    LN_UNREACHABLE();
}

/* Higher is better; 0 is worse than any. */
static size_t route_rank(const struct linnet_route *route)
{
    switch (route->kind) {
    case LINNET_ROUTE_EXACT:
        return SIZE_MAX;
    case LINNET_ROUTE_PREFIX:
        return route->path.len + 2;
    case LINNET_ROUTE_DEFAULT:
        return 1;
    }
    LN_UNREACHABLE();
}

static unsigned methods_with_implied(unsigned methods)
{
    if ((methods & LINNET_METHOD_BIT(LINNET_METHOD_GET)) != 0) {
        methods |= LINNET_METHOD_BIT(LINNET_METHOD_HEAD);
    }
    return methods;
}

struct ln_route_match ln_route_find(const struct ln_route_table *table, struct linnet_span path,
                                    enum linnet_method method)
{
    LN_ASSERT(table->count == 0 || table->routes != NULL);
    if (table->count == 1 && table->routes->kind == LINNET_ROUTE_DEFAULT &&
        (methods_with_implied(table->routes->methods) & LINNET_METHOD_BIT(method)) != 0) {
        return (struct ln_route_match){.route = table->routes}; /* nothing to choose from */
    }
    size_t best = 0;
    for (size_t i = 0; i < table->count; i++) {
        const size_t rank = route_rank(&table->routes[i]);
        if (rank > best && route_matches(&table->routes[i], path)) {
            best = rank;
        }
    }
    struct ln_route_match match = {.route = NULL, .allowed = 0};
    if (best == 0) {
        return match;
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct linnet_route *route = &table->routes[i];
        if (route_rank(route) != best || !route_matches(route, path)) {
            continue;
        }
        const unsigned methods = methods_with_implied(route->methods);
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
        methods |= methods_with_implied(table->routes[i].methods);
    }
    return methods;
}
