/* Assertions: on in every build, for what cannot be unless we erred.
 *
 * Never assert on what the peer sent. `a && b` is two assertions: the line then says which. */
#ifndef LN_BASE_ASSERT_H
#define LN_BASE_ASSERT_H

#include <linnet/assert.h>

#define LN_ASSERT(condition)                                      \
    do {                                                          \
        if (!(condition)) {                                       \
            linnet_assert_failed(__FILE__, __LINE__, #condition); \
        }                                                         \
    } while (0)

/* A place that cannot be reached. */
#define LN_UNREACHABLE() linnet_assert_failed(__FILE__, __LINE__, "unreachable")

#endif
