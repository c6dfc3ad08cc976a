/* Groups of tests and their assertions: what tests/target/cmocka.h promises. */
#include "tests/target/cmocka.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static jmp_buf failed;

static int run_one(const struct CMUnitTest *test, void **state)
{
    if (setjmp(failed) != 0) {
        printf("FAILED %s\n", test->name);
        return 1;
    }
    if (test->setup != NULL) {
        target_check(test->setup(state) == 0, "setup", test->name, 0);
    }
    test->test(state);
    if (test->teardown != NULL) {
        target_check(test->teardown(state) == 0, "teardown", test->name, 0);
    }
    return 0;
}

int target_run_group(const struct CMUnitTest *tests, size_t count, int (*setup)(void **state),
                     int (*teardown)(void **state))
{
    void *state = NULL;
    int failures = 0;
    if (setup != NULL && setup(&state) != 0) {
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        void *own = state;
        failures += run_one(&tests[i], &own);
    }
    if (teardown != NULL && teardown(&state) != 0) {
        failures++;
    }
    printf("%u tests, %d failed\n", (unsigned)count, failures);
    return failures;
}

void target_fail(const char *file, int line, const char *format, ...)
{
    va_list arguments;
    printf("%s:%d: ", file, line);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    longjmp(failed, 1);
}

void target_check(int holds, const char *what, const char *file, int line)
{
    if (!holds) {
        target_fail(file, line, "does not hold: %s", what);
    }
}

void target_equal(uintmax_t a, uintmax_t b, const char *what, const char *file, int line)
{
    if (a != b) {
        target_fail(file, line, "does not hold: %s: %llu, %llu", what, (unsigned long long)a,
                    (unsigned long long)b);
    }
}

void target_memory_equal(const void *a, const void *b, size_t len, const char *file, int line)
{
    const uint8_t *left = a;
    const uint8_t *right = b;
    for (size_t i = 0; i < len; i++) {
        if (left[i] != right[i]) {
            target_fail(file, line, "byte %u: %u, %u", (unsigned)i, left[i], right[i]);
        }
    }
}

int target_same_string(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

void target_string_equal(const char *a, const char *b, const char *file, int line)
{
    if (!target_same_string(a, b)) {
        target_fail(file, line, "\"%s\" is not \"%s\"", a, b);
    }
}
