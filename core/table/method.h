/* Methods by name and names by method; the rows stand in <linnet/method.h>. */
#ifndef LN_TABLE_METHOD_H
#define LN_TABLE_METHOD_H

#include <stdbool.h>

#include <linnet/method.h>
#include <linnet/span.h>

/* The method of that exact name (methods are case-sensitive, RFC 9110 9.1), else UNKNOWN. */
enum linnet_method ln_method_find(struct linnet_span name);

/* Its name; empty for UNKNOWN. */
struct linnet_span ln_method_name(enum linnet_method method);

bool ln_method_is_implemented(enum linnet_method method);

#endif
