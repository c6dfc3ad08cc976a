/* Where a failed assertion ends in a program that defines nothing else: it prints nothing, for the
 * program's output is not ours; whoever looks at the core sees the arguments. */
#include <stdlib.h>

#include <linnet/assert.h>

_Noreturn void linnet_assert_failed(const char *file, int line, const char *condition)
{
    (void)file;
    (void)line;
    (void)condition;
    abort();
}
