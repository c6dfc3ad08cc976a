/* Assertions in tests: a failed one ends the test program, unless the test expects it.
 *
 *     expect_assertion(ln_pool_give(&pool, 7));
 *
 * runs the statement and fails the test if no assertion of ours stopped it. What the statement had
 * changed before it was stopped stays changed. */
#ifndef LN_TESTS_LIB_ASSERTION_H
#define LN_TESTS_LIB_ASSERTION_H

#include <setjmp.h>
#include <stdbool.h>

/* Where a failed assertion jumps while `assertion_expected` is true. */
extern jmp_buf assertion_jump;
extern bool assertion_expected;

/* Ends the test program: `statement` was expected to be stopped. */
_Noreturn void assertion_missing(const char *file, int line, const char *statement);

#define expect_assertion(statement)                            \
    do {                                                       \
        if (setjmp(assertion_jump) == 0) {                     \
            assertion_expected = true;                         \
            (void)(statement);                                 \
            assertion_missing(__FILE__, __LINE__, #statement); \
        }                                                      \
        assertion_expected = false;                            \
    } while (0)

#endif
