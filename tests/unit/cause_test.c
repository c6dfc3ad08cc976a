/* Last words: told once, cut where they do not fit, and nowhere without somebody to tell. */
#include "server/cause.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const pieces[] = {"a > b", " at ", "file.c", ":", "12"};
enum { COUNT = sizeof pieces / sizeof pieces[0] };

static void nobody_is_told(void **state)
{
    (void)state;
    ln_cause_tell(NULL, 0);
    assert_false(ln_cause_write(pieces, COUNT));
}

static void only_the_first_is_told(void **state)
{
    (void)state;
    static const char *const later[] = {"later"};
    char text[64] = "";
    ln_cause_tell(text, sizeof text);
    assert_true(ln_cause_write(pieces, COUNT));
    assert_true(ln_cause_write(later, 1)); /* somebody was told; the first words stay */
    assert_string_equal(text, "a > b at file.c:12");
}

/* "a > b at file.c:12" is 18 bytes and a zero. */
static void what_does_not_fit_is_cut(void **state)
{
    (void)state;
    for (size_t len = 1; len <= 20; len++) {
        char text[24];
        memset(text, '#', sizeof text);
        ln_cause_tell(text, len);
        assert_true(ln_cause_write(pieces, COUNT));
        assert_int_equal(strlen(text), len - 1 < 18 ? len - 1 : 18);
        assert_int_equal(text[len], '#');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_told),
        cmocka_unit_test(only_the_first_is_told),
        cmocka_unit_test(what_does_not_fit_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
