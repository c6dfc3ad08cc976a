/* Are heads of answers written byte by byte as RFC 9112 4 and 5 say? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/http1/response_head.h"
#include "tests/lib/guard.h"

/* Writes into exactly as many bytes as are expected, then into one less. */
static void expect_with(const struct ln_response_head *head, const struct ln_field_put *fields,
                        const char *expected)
{
    const size_t len = strlen(expected);
    struct guard guard = guard_open(len);
    struct ln_cursor cursor = ln_cursor_over(guard_room(&guard, len));
    ln_response_head_put(&cursor, head, fields);
    assert_false(cursor.overflow);
    assert_int_equal(cursor.len, len);
    assert_memory_equal(cursor.data, expected, len);
    cursor = ln_cursor_over(guard_room(&guard, len - 1));
    ln_response_head_put(&cursor, head, fields);
    assert_true(cursor.overflow);
    guard_close(&guard);
}

static void expect(const struct ln_response_head *head, const char *expected)
{
    static const struct ln_field_put none = {.has_content_length = false};
    expect_with(head, &none, expected);
}

/* RFC 9112 4: the status line; nothing that is not known is said. */
static void rfc9112_4_least(void **state)
{
    (void)state;
    const struct ln_response_head head = {.status = LINNET_STATUS_NO_CONTENT};
    expect(&head, "HTTP/1.1 204 No Content\r\n\r\n");
}

/* RFC 9112 5: fields in their order, those of the reply last. */
static void rfc9112_5_all_fields(void **state)
{
    (void)state;
    const struct linnet_field fields[] = {
        {LINNET_SPAN("ETag"), LINNET_SPAN("\"x\"")},
        {LINNET_SPAN("X-Empty"), LINNET_SPAN("")},
    };
    const struct ln_response_head head = {
        .status = LINNET_STATUS_OK,
        .date = LINNET_SPAN("Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n"),
        .connection = LN_CONNECTION_OPTION_CLOSE,
    };
    const struct ln_field_put put = {.media_type = LINNET_SPAN("text/plain"),
                                     .has_content_length = true,
                                     .content_length = UINT64_MAX,
                                     .fields = fields,
                                     .field_count = 2};
    expect_with(&head, &put,
                "HTTP/1.1 200 OK\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
                "Connection: close\r\nContent-Type: text/plain\r\n"
                "Content-Length: 18446744073709551615\r\nETag: \"x\"\r\nX-Empty: \r\n\r\n");
}

/* RFC 9112 9.3: the options of the connection. */
static void rfc9112_9_3_connection_options(void **state)
{
    (void)state;
    const struct ln_field_put put = {.has_content_length = true};
    struct ln_response_head head = {.status = LINNET_STATUS_OK};
    expect_with(&head, &put, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    head.connection = LN_CONNECTION_OPTION_KEEP_ALIVE;
    expect_with(&head, &put,
                "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n");
}

/* RFC 9110 6.6.1: without a clock there is no Date; within a second it is written once. */
static void rfc9110_6_6_1_date(void **state)
{
    (void)state;
    struct ln_response_date date = {0};
    struct linnet_time time = {.unix_s = LINNET_NO_WALL_CLOCK};
    assert_int_equal(ln_response_date(&date, time).len, 0);
    time.unix_s = 0;
    struct linnet_span text = ln_response_date(&date, time);
    assert_int_equal(text.len, LN_RESPONSE_DATE_LEN);
    assert_memory_equal(text.data, "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n", text.len);
    date.line[0] = '?';
    text = ln_response_date(&date, time);
    assert_int_equal(text.data[0], '?');
    time.unix_s = 1700000000;
    text = ln_response_date(&date, time);
    assert_memory_equal(text.data, "Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n", text.len);
    time.unix_s = INT64_MAX;
    assert_int_equal(ln_response_date(&date, time).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc9112_4_least),
        cmocka_unit_test(rfc9112_5_all_fields),
        cmocka_unit_test(rfc9112_9_3_connection_options),
        cmocka_unit_test(rfc9110_6_6_1_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
