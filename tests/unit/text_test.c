/* Does text.h write what was asked for, escaped as its place demands? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include <linnet/text.h>

#include "tests/lib/guard.h"

enum { ROOM_LEN = 128 };

typedef void put_function(struct linnet_text *text, struct linnet_span bytes);

/* Runs one put on bytes that end at a forbidden page, into a room that does. */
static void expect_put(put_function *put, struct linnet_span bytes, struct linnet_span expected)
{
    struct guard input = guard_open(bytes.len);
    struct guard output = guard_open(ROOM_LEN);
    struct linnet_text text = linnet_text_over(guard_room(&output, expected.len));
    struct linnet_span whole;
    put(&text, guard_put(&input, bytes));
    assert_int_equal(linnet_text_finish(&text, &whole), LINNET_ERROR_NONE);
    assert_int_equal(whole.len, expected.len);
    assert_memory_equal(whole.data, expected.data, expected.len);
    guard_close(&input);
    guard_close(&output);
}

#define expect(put, literal, expected) expect_put(put, LINNET_SPAN(literal), LINNET_SPAN(expected))

static void spans_and_numbers(void **state)
{
    (void)state;
    uint8_t memory[ROOM_LEN];
    struct linnet_text text = linnet_text_over((struct linnet_room){memory, sizeof memory});
    linnet_text_put(&text, LINNET_SPAN("a"));
    linnet_text_put(&text, (struct linnet_span){NULL, 0});
    linnet_text_put_byte(&text, ' ');
    linnet_text_put_decimal(&text, 0);
    linnet_text_put_byte(&text, ' ');
    linnet_text_put_decimal(&text, UINT64_MAX);
    linnet_text_put_byte(&text, ' ');
    linnet_text_put_signed(&text, INT64_MIN);
    linnet_text_put_byte(&text, ' ');
    linnet_text_put_signed(&text, INT64_MAX);
    linnet_text_put_byte(&text, ' ');
    linnet_text_put_signed(&text, -1);
    linnet_text_put_byte(&text, ' ');
    linnet_text_put_hex(&text, 0xDEADBEEF01);
    linnet_text_put_byte(&text, ' ');
    linnet_text_put_hex_bytes(&text, LINNET_SPAN("\x00\x0A\xFF"));
    static const char expected[] =
        "a 0 18446744073709551615 -9223372036854775808 9223372036854775807 -1 deadbeef01 000aff";
    struct linnet_span whole;
    assert_int_equal(linnet_text_finish(&text, &whole), LINNET_ERROR_NONE);
    assert_int_equal(whole.len, sizeof expected - 1);
    assert_memory_equal(whole.data, expected, whole.len);
}

/* RFC 8259 7: quote, backslash and control characters; what could end a script element too. */
static void rfc8259_7_json(void **state)
{
    (void)state;
    expect(linnet_text_put_json, "", "");
    expect(linnet_text_put_json, "plain text / 'x' \x7F", "plain text / 'x' \x7F");
    expect(linnet_text_put_json, "\"\\", "\\\"\\\\");
    expect(linnet_text_put_json, "a\n\r\tb", "a\\n\\r\\tb");
    expect(linnet_text_put_json, "\x00\x01\x08\x1F", "\\u0000\\u0001\\u0008\\u001f");
    expect(linnet_text_put_json, "</script>&", "\\u003c/script\\u003e\\u0026");
    expect(linnet_text_put_json, "\xC3\xA4\xF0\x9F\x90\xA6", "\xC3\xA4\xF0\x9F\x90\xA6");
}

/* RFC 8259 8.1: JSON is UTF-8: what is not becomes U+FFFD, and eats nothing behind it. */
static void rfc8259_8_1_json_is_utf8(void **state)
{
    (void)state;
    expect(linnet_text_put_json, "a\xFF\"", "a\xEF\xBF\xBD\\\"");
    expect(linnet_text_put_json, "\xC2\"b", "\xEF\xBF\xBD\\\"b");
    expect(linnet_text_put_json, "\xE1\x80", "\xEF\xBF\xBD");
    expect(linnet_text_put_json, "\xED\xA0\x80",
           "\xEF\xBF\xBD"
           "\xEF\xBF\xBD"
           "\xEF\xBF\xBD");
}

static void html(void **state)
{
    (void)state;
    expect(linnet_text_put_html, "a & b < c > d \" e ' f",
           "a &amp; b &lt; c &gt; d &quot; e &#39; f");
    expect(linnet_text_put_html, "&amp;", "&amp;amp;");
    expect(linnet_text_put_html, "\xC3\xA4\n\xC3<", "\xC3\xA4\n\xEF\xBF\xBD&lt;");
}

/* RFC 3986 2.3: the unreserved bytes stay. RFC 3986 2.1: all others are "%" and two digits. */
static void rfc3986_2_1_percent(void **state)
{
    (void)state;
    expect(linnet_text_put_percent, "AZaz09-._~", "AZaz09-._~");
    expect(linnet_text_put_percent, "a b/c?d=e&f+g%h#\x00\xFF",
           "a%20b%2Fc%3Fd%3De%26f%2Bg%25h%23%00%FF");
    expect(linnet_text_put_percent, "@[`{:^", "%40%5B%60%7B%3A%5E");
    expect(linnet_text_put_path, "/a b/\xC3\xA4?", "/a%20b/%C3%A4%3F");
}

static void a_room_without_memory(void **state)
{
    (void)state;
    struct linnet_text text = linnet_text_over((struct linnet_room){NULL, 0});
    struct linnet_span whole;
    linnet_text_put(&text, LINNET_SPAN(""));
    assert_int_equal(linnet_text_finish(&text, &whole), LINNET_ERROR_NONE);
    assert_int_equal(whole.len, 0);
    linnet_text_put_byte(&text, 'a');
    assert_int_equal(linnet_text_finish(&text, &whole), LINNET_ERROR_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_and_numbers),        cmocka_unit_test(rfc8259_7_json),
        cmocka_unit_test(rfc8259_8_1_json_is_utf8), cmocka_unit_test(html),
        cmocka_unit_test(rfc3986_2_1_percent),      cmocka_unit_test(a_room_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
