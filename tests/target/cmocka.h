/* As much of cmocka as the tests of core use, for machines that have no package of it.
 *
 * A failed assertion ends its test by a jump, as there; the group goes on. What is printed is the
 * place and the text. */
#ifndef LN_TESTS_TARGET_CMOCKA_H
#define LN_TESTS_TARGET_CMOCKA_H

#include <stddef.h>
#include <stdint.h>

struct CMUnitTest {
    const char *name;
    void (*test)(void **state);
    int (*setup)(void **state);
    int (*teardown)(void **state);
};

#define cmocka_unit_test(f) \
    {                       \
#        f, f, NULL, NULL   \
    }
#define cmocka_unit_test_setup(f, setup) \
    {                                    \
#        f, f, setup, NULL               \
    }
#define cmocka_unit_test_setup_teardown(f, setup, end) \
    {                                                  \
#        f, f, setup, end                              \
    }
#define cmocka_unit_test_teardown(f, end) \
    {                                     \
#        f, f, NULL, end                  \
    }

#define cmocka_run_group_tests(tests, setup, teardown) \
    target_run_group(tests, sizeof(tests) / sizeof(tests)[0], setup, teardown)

int target_run_group(const struct CMUnitTest *tests, size_t count, int (*setup)(void **state),
                     int (*teardown)(void **state));

/* Ends the test unless it holds. */
void target_check(int holds, const char *what, const char *file, int line);
/* With printf's letters. */
_Noreturn void target_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void target_equal(uintmax_t a, uintmax_t b, const char *what, const char *file, int line);
void target_memory_equal(const void *a, const void *b, size_t len, const char *file, int line);
void target_string_equal(const char *a, const char *b, const char *file, int line);
int target_same_string(const char *a, const char *b);

#define assert_true(c)     target_check((c) ? 1 : 0, #c, __FILE__, __LINE__)
#define assert_false(c)    target_check((c) ? 0 : 1, "not " #c, __FILE__, __LINE__)
#define assert_null(p)     target_check((p) == NULL, #p " is NULL", __FILE__, __LINE__)
#define assert_non_null(p) target_check((p) != NULL, #p " is not NULL", __FILE__, __LINE__)
#define assert_int_equal(a, b) \
    target_equal((uintmax_t)(a), (uintmax_t)(b), #a " is " #b, __FILE__, __LINE__)
#define assert_int_not_equal(a, b) \
    target_check((uintmax_t)(a) != (uintmax_t)(b), #a " is not " #b, __FILE__, __LINE__)
#define assert_ptr_equal(a, b) \
    target_check((const void *)(a) == (const void *)(b), #a " is " #b, __FILE__, __LINE__)
#define assert_memory_equal(a, b, len) target_memory_equal(a, b, len, __FILE__, __LINE__)
#define assert_string_equal(a, b)      target_string_equal(a, b, __FILE__, __LINE__)
#define assert_string_not_equal(a, b) \
    target_check(!target_same_string(a, b), #a " is not " #b, __FILE__, __LINE__)
#define fail_msg(...) target_fail(__FILE__, __LINE__, __VA_ARGS__)

#endif
