/* Assertions: on in every build, for what cannot be unless we erred.
 *
 * Never assert on what the peer sent. `a && b` is two assertions: the line then says which. */
#ifndef LN_BASE_ASSERT_H
#define LN_BASE_ASSERT_H

#include <linnet/assert.h>

/* What is left of an assertion that fails, by how dear memory is:
 *   an ordinary build  calls linnet_assert_failed with the place and the words;
 *   LINNET_SMALL       with the place alone: the words of all assertions take 4 KiB;
 *   LINNET_TRAP        traps, which is two bytes of code: a fault handler or a debugger knows the
 *                      address, and its tables the line. */
#if defined(LINNET_TRAP)
#    define LN_ASSERT_FAILED(words) __builtin_trap()
#elif defined(LINNET_SMALL)
#    define LN_ASSERT_FAILED(words) linnet_assert_failed(__FILE__, __LINE__, "")
#else
#    define LN_ASSERT_FAILED(words) linnet_assert_failed(__FILE__, __LINE__, words)
#endif

#define LN_ASSERT(condition)              \
    do {                                  \
        if (!(condition)) {               \
            LN_ASSERT_FAILED(#condition); \
        }                                 \
    } while (0)

/* A place that cannot be reached. */
#define LN_UNREACHABLE() LN_ASSERT_FAILED("unreachable")

#endif
