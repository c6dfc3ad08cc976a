/* Has every status code its row, and every close reason its own name? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/base/span.h"
#include "core/table/close_reason.h"
#include "core/table/status.h"
#include "tests/lib/assertion.h"

static void expect_row(int code, const char *reason, struct linnet_span text)
{
    const struct ln_status_row *row = ln_status_row((enum linnet_status)code);
    char line[128];
    char title[128];
    snprintf(line, sizeof line, "HTTP/1.1 %d %s\r\n", code, reason);
    snprintf(title, sizeof title, "%d %s", code, reason);
    assert_int_equal(row->code, code);
    assert_int_equal(row->line.len, strlen(line));
    assert_memory_equal(row->line.data, line, row->line.len);
    assert_int_equal(row->title.len, strlen(title));
    assert_memory_equal(row->title.data, title, row->title.len);
    assert_true(ln_span_equal(row->text, text));
}

/* RFC 9112 4: the status line is the version, the three digits and the reason.
 * RFC 9110 15, RFC 6585, RFC 8297, RFC 7725: the codes. */
static void rfc9112_4_every_row_is_found_by_its_code(void **state)
{
    (void)state;
#define EXPECT_ROW(code, name, reason, text) expect_row(code, reason, LINNET_SPAN(text));
    LINNET_STATUSES(EXPECT_ROW)
#undef EXPECT_ROW
    expect_row(200, "OK", LINNET_SPAN(""));
    expect_row(404, "Not Found", LINNET_SPAN("There is no page at this address."));
}

static void expect_no_row(int code)
{
    expect_assertion(ln_status_row((enum linnet_status)code));
}

static void any_other_code_is_our_bug(void **state)
{
    (void)state;
    static const int others[] = {0, 1, 99, 102, 199, 299, 418, 599, 600, 1000};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        expect_no_row(others[i]);
    }
}

static void every_close_reason_has_its_own_name(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LN_CLOSE_REASON_COUNT; i++) {
        struct linnet_span name = ln_close_reason_name((enum ln_close_reason)i);
        assert_true(name.len > 0);
        for (unsigned k = 0; k < i; k++) {
            assert_false(ln_span_equal(name, ln_close_reason_name((enum ln_close_reason)k)));
        }
    }
    assert_true(ln_span_equal(ln_close_reason_name(LN_CLOSE_BAD_CHUNK), LINNET_SPAN("bad-chunk")));
    expect_assertion(ln_close_reason_name(LN_CLOSE_REASON_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc9112_4_every_row_is_found_by_its_code),
        cmocka_unit_test(any_other_code_is_our_bug),
        cmocka_unit_test(every_close_reason_has_its_own_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
