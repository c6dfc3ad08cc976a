/* The request methods Linnet knows: RFC 9110 9.3 and RFC 5789 (PATCH).
 *
 * X(NAME, safe, implemented): what is known but not implemented is answered 501. */
#ifndef LINNET_METHOD_H
#define LINNET_METHOD_H

#include <linnet/declarations.h>

LINNET_BEGIN

#define LINNET_METHODS(X) \
    X(GET, 1, 1)          \
    X(HEAD, 1, 1)         \
    X(POST, 0, 1)         \
    X(PUT, 0, 1)          \
    X(DELETE, 0, 1)       \
    X(OPTIONS, 1, 1)      \
    X(PATCH, 0, 1)        \
    X(CONNECT, 0, 0)      \
    X(TRACE, 1, 0)

enum linnet_method {
#define LINNET_METHOD_ENUM(name, safe, implemented) LINNET_METHOD_##name,
    LINNET_METHODS(LINNET_METHOD_ENUM)
#undef LINNET_METHOD_ENUM
        LINNET_METHOD_COUNT,
    LINNET_METHOD_UNKNOWN = LINNET_METHOD_COUNT,
};

/* A set of methods is an unsigned with the bit LINNET_METHOD_BIT(m) of each. */
#define LINNET_METHOD_BIT(method) (1U << (method))

LINNET_END

#endif
