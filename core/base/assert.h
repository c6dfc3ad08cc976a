/* Assertions: on in every build, for what cannot be unless we erred.
 *
 * Never assert on what the peer sent. `a && b` is two assertions: the line then says which. */
#ifndef LN_BASE_ASSERT_H
#define LN_BASE_ASSERT_H

#include <linnet/assert.h>

/* A small build says where, and not what: the words of all assertions take 4 KiB. */
#if defined(LINNET_SMALL)
#    define LN_ASSERT_WORDS(condition) ""
#else
#    define LN_ASSERT_WORDS(condition) condition
#endif

#define LN_ASSERT(condition)                                                       \
    do {                                                                           \
        if (!(condition)) {                                                        \
            linnet_assert_failed(__FILE__, __LINE__, LN_ASSERT_WORDS(#condition)); \
        }                                                                          \
    } while (0)

/* A place that cannot be reached. */
#define LN_UNREACHABLE() linnet_assert_failed(__FILE__, __LINE__, LN_ASSERT_WORDS("unreachable"))

#endif
