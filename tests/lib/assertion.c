/* Where failed assertions end in tests. */
#include "tests/lib/assertion.h"

#include <stdio.h>
#include <stdlib.h>

#include <linnet/assert.h>

jmp_buf assertion_jump;
bool assertion_expected;

_Noreturn void linnet_assert_failed(const char *file, int line, const char *condition)
{
    if (assertion_expected) {
        longjmp(assertion_jump, 1);
    }
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
    abort();
}

_Noreturn void assertion_missing(const char *file, int line, const char *statement)
{
    assertion_expected = false;
    fprintf(stderr, "%s:%d: no assertion stopped %s\n", file, line, statement);
    abort();
}
