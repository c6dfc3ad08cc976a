/* At every length of the room: is a put written whole or not at all, and does the first that does
 * not fit end the text? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linnet/text.h>

#include "tests/lib/guard.h"

enum { ROOM_LEN = 64 };

typedef void step_function(struct linnet_text *text);

static void put_span(struct linnet_text *text)
{
    linnet_text_put(text, LINNET_SPAN("abcde"));
}

static void put_byte(struct linnet_text *text)
{
    linnet_text_put_byte(text, 'a');
}

static void put_decimal(struct linnet_text *text)
{
    linnet_text_put_decimal(text, 12345);
}

static void put_signed(struct linnet_text *text)
{
    linnet_text_put_signed(text, -12345);
}

static void put_hex(struct linnet_text *text)
{
    linnet_text_put_hex(text, 0xABCDE);
}

static void put_hex_bytes(struct linnet_text *text)
{
    linnet_text_put_hex_bytes(text, LINNET_SPAN("abc"));
}

static void put_json(struct linnet_text *text)
{
    linnet_text_put_json(text, LINNET_SPAN("a\x01"
                                           "b\"\xFF"));
}

static void put_html(struct linnet_text *text)
{
    linnet_text_put_html(text, LINNET_SPAN("a<b\"\xFF"));
}

static void put_percent(struct linnet_text *text)
{
    linnet_text_put_percent(text, LINNET_SPAN("a/b c"));
}

static void put_path(struct linnet_text *text)
{
    linnet_text_put_path(text, LINNET_SPAN("/a c"));
}

static const struct {
    step_function *put;
    size_t len; /* of what it writes */
} steps[] = {
    {put_span, 5},      {put_byte, 1},  {put_decimal, 5}, {put_signed, 6},  {put_hex, 5},
    {put_hex_bytes, 6}, {put_json, 13}, {put_html, 15},   {put_percent, 9}, {put_path, 6},
};

static void a_put_is_whole_or_nothing(void **state)
{
    (void)state;
    struct guard guard = guard_open(ROOM_LEN);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        for (size_t before = 0; before < 3; before++) {
            const size_t needed = before + steps[i].len;
            for (size_t len = before; len <= needed + 1; len++) {
                struct linnet_text text = linnet_text_over(guard_room(&guard, len));
                struct linnet_span whole;
                linnet_text_put(&text, (struct linnet_span){(const uint8_t *)"xx", before});
                steps[i].put(&text);
                if (len >= needed) {
                    assert_int_equal(linnet_text_finish(&text, &whole), LINNET_ERROR_NONE);
                    assert_int_equal(whole.len, needed);
                    continue;
                }
                assert_int_equal(text.len, before);
                assert_int_equal(linnet_text_finish(&text, &whole), LINNET_ERROR_TOO_LARGE);
                assert_int_equal(whole.len, 0);
                /* There is room for one byte more, but the text has a hole and stays ended. */
                linnet_text_put_byte(&text, 'b');
                assert_int_equal(text.len, before);
                assert_int_equal(text.error, LINNET_ERROR_TOO_LARGE);
            }
        }
    }
    guard_close(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_put_is_whole_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
