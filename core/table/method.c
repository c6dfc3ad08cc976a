/* Methods by name and names by method.
 *
 * The length leaves one or two names; comparing with a name that the compiler knows costs an
 * instruction or two. That every row has its line in the switch is what the unit test proves. */
#include "core/table/method.h"

#include <string.h>

struct method_row {
    struct linnet_span name;
    bool implemented;
};

static const struct method_row method_rows[LINNET_METHOD_COUNT] = {
#define METHOD_ROW(name, safe, implemented) {LINNET_SPAN_INIT(#name), implemented},
    LINNET_METHODS(METHOD_ROW)
#undef METHOD_ROW
};

/* One line of the switch: the method if `name`, of the same length, is its name. */
#define METHOD_IF_NAME(method, name)                              \
    if (memcmp((name).data, #method, sizeof(#method) - 1) == 0) { \
        return LINNET_METHOD_##method;                            \
    }

enum linnet_method ln_method_find(struct linnet_span name)
{
    /* RFC 9110 9.1: a method's name is case-sensitive. */
    switch (name.len) {
    case 3:
        METHOD_IF_NAME(GET, name)
        METHOD_IF_NAME(PUT, name)
        break;
    case 4:
        METHOD_IF_NAME(HEAD, name)
        METHOD_IF_NAME(POST, name)
        break;
    case 5:
        METHOD_IF_NAME(PATCH, name)
        METHOD_IF_NAME(TRACE, name)
        break;
    case 6:
        METHOD_IF_NAME(DELETE, name)
        break;
    case 7:
        METHOD_IF_NAME(OPTIONS, name)
        METHOD_IF_NAME(CONNECT, name)
        break;
    default:
        break;
    }
    return LINNET_METHOD_UNKNOWN;
}

struct linnet_span ln_method_name(enum linnet_method method)
{
    if (method >= LINNET_METHOD_COUNT) {
        return (struct linnet_span){NULL, 0};
    }
    return method_rows[method].name;
}

bool ln_method_is_implemented(enum linnet_method method)
{
    return method < LINNET_METHOD_COUNT && method_rows[method].implemented;
}
