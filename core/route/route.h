/* Which handler answers: routes by host, exact path, pattern, prefix, method, and a default.
 *
 * Precedence, whatever the order of the rows, is said in <linnet/route.h>: an exact path beats a
 * prefix, a longer prefix beats a shorter one, the default comes last. Rows of equal precedence
 * differ in their methods and together say what is allowed there; of two that allow the same method
 * the first wins, in a table that was not checked. */
#ifndef LN_ROUTE_ROUTE_H
#define LN_ROUTE_ROUTE_H

#include <linnet/exchange.h>

struct ln_route_table {
    const struct linnet_route *routes;
    size_t count;
};

struct ln_route_match {
    const struct linnet_route *route; /* NULL: none allows that method */
    unsigned allowed;                 /* methods of that resource; 0: there is no such resource */
};

/* HEAD is allowed where GET is, OPTIONS wherever anything is. `route` stays NULL for OPTIONS
 * unless a row names it: then core answers with Allow itself. `host` is as received, with its port
 * or without. */
struct ln_route_match ln_route_find(const struct ln_route_table *table, struct linnet_span host,
                                    struct linnet_span path, enum linnet_method method);

/* The methods that a row allows. */
unsigned ln_route_methods_of(const struct linnet_route *route);

/* The methods that any row allows: the answer to OPTIONS *. */
unsigned ln_route_methods(const struct ln_route_table *table);

#endif
