/* Does form.h read pairs as browsers write them, and give every byte the meaning it has there? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include <linnet/form.h>

#include "tests/lib/guard.h"

static char text[512];

static void append(struct linnet_span span, const char *behind)
{
    const size_t len = strlen(text);
    snprintf(text + len, sizeof text - len, "%.*s%s", (int)span.len, (const char *)span.data,
             behind);
}

/* The pairs as "name:value|", raw or decoded. */
static const char *pairs(struct linnet_span bytes, bool is_decoded)
{
    struct guard input = guard_open(bytes.len);
    struct guard output = guard_open(bytes.len);
    struct linnet_span rest = guard_put(&input, bytes);
    struct linnet_form_pair pair;
    text[0] = '\0';
    while (linnet_form_next(&rest, &pair)) {
        struct linnet_span *const parts[] = {&pair.name, &pair.value};
        for (size_t i = 0; i < 2; i++) {
            struct linnet_span part = *parts[i];
            if (is_decoded) {
                assert_int_equal(
                    linnet_form_decode(part, guard_room(&output, parts[i]->len), &part),
                    LINNET_ERROR_NONE);
            }
            append(part, i == 0 ? ":" : "|");
        }
    }
    assert_int_equal(rest.len, 0);
    guard_close(&input);
    guard_close(&output);
    return text;
}

#define expect_raw(literal, expected) \
    assert_string_equal(pairs(LINNET_SPAN(literal), false), expected)
#define expect(literal, expected) assert_string_equal(pairs(LINNET_SPAN(literal), true), expected)

/* WHATWG URL 5.1, steps 1 to 3. */
static void pieces(void **state)
{
    (void)state;
    expect_raw("", "");
    expect_raw("a", "a:|");
    expect_raw("a=", "a:|");
    expect_raw("=a", ":a|");
    expect_raw("=", ":|");
    expect_raw("a=b", "a:b|");
    expect_raw("a=b=c", "a:b=c|");
    expect_raw("a=b&c=d", "a:b|c:d|");
    expect_raw("&&a=b&&&c&", "a:b|c:|");
    expect_raw("&", "");
    expect_raw("a;b=c", "a;b:c|");
    expect_raw("%26=%3D&a+b=%", "%26:%3D|a+b:%|");
}

/* WHATWG URL 5.1, steps 4 and 5. */
static void decoding(void **state)
{
    (void)state;
    expect("a+b=c+d", "a b:c d|");
    expect("%61%2B=%26%3d", "a+:&=|");
    expect("a=%C3%A4", "a:\xC3\xA4|");
    expect("%41%4a%4A", "AJJ:|");
    expect("a=%2541", "a:%41|");
}

/* WHATWG URL 1.3: a percent sign that begins no byte stands for itself. */
static void malformed_percents_are_literal(void **state)
{
    (void)state;
    expect("%", "%:|");
    expect("%4", "%4:|");
    expect("%zz=%4", "%zz:%4|");
    expect("%4g", "%4g:|");
    expect("%g4", "%g4:|");
    expect("%%41", "%A:|");
    expect("100%&b", "100%:|b:|");
}

static void a_nul_is_a_byte(void **state)
{
    (void)state;
    uint8_t memory[8];
    struct linnet_span value;
    assert_int_equal(linnet_form_decode(LINNET_SPAN("a%00b"),
                                        (struct linnet_room){memory, sizeof memory}, &value),
                     LINNET_ERROR_NONE);
    assert_int_equal(value.len, 3);
    assert_memory_equal(value.data, "a\0b", 3);
}

static void decoding_in_place(void **state)
{
    (void)state;
    uint8_t bytes[] = {'%', '4', '1', '+', '%', '%', '4', '2'};
    struct linnet_span value;
    assert_int_equal(linnet_form_decode((struct linnet_span){bytes, sizeof bytes},
                                        (struct linnet_room){bytes, sizeof bytes}, &value),
                     LINNET_ERROR_NONE);
    assert_ptr_equal(value.data, bytes);
    assert_int_equal(value.len, 4);
    assert_memory_equal(value.data, "A %B", 4);
}

/* Room of n - 1, n and n + 1 bytes. */
static void decoding_into_too_small_a_room(void **state)
{
    (void)state;
    const struct linnet_span raw = LINNET_SPAN("%41+c%");
    struct guard guard = guard_open(8);
    for (size_t len = 0; len <= 5; len++) {
        struct linnet_span value;
        const enum linnet_error error = linnet_form_decode(raw, guard_room(&guard, len), &value);
        assert_int_equal(error, len < 4 ? LINNET_ERROR_TOO_LARGE : LINNET_ERROR_NONE);
        assert_int_equal(value.len, len < 4 ? 0 : 4);
    }
    guard_close(&guard);
    struct linnet_span value;
    assert_int_equal(
        linnet_form_decode((struct linnet_span){NULL, 0}, (struct linnet_room){NULL, 0}, &value),
        LINNET_ERROR_NONE);
    assert_int_equal(value.len, 0);
}

static void names_are_compared_decoded(void **state)
{
    (void)state;
    assert_true(linnet_form_equal(LINNET_SPAN("a+b"), LINNET_SPAN("a b")));
    assert_true(linnet_form_equal(LINNET_SPAN("%61%20b"), LINNET_SPAN("a b")));
    assert_true(linnet_form_equal(LINNET_SPAN(""), LINNET_SPAN("")));
    assert_false(linnet_form_equal(LINNET_SPAN("a"), LINNET_SPAN("")));
    assert_false(linnet_form_equal(LINNET_SPAN(""), LINNET_SPAN("a")));
    assert_false(linnet_form_equal(LINNET_SPAN("ab"), LINNET_SPAN("a")));
    assert_false(linnet_form_equal(LINNET_SPAN("a"), LINNET_SPAN("ab")));
    assert_false(linnet_form_equal(LINNET_SPAN("A"), LINNET_SPAN("a")));
}

static void finding(void **state)
{
    (void)state;
    uint8_t memory[4];
    const struct linnet_room room = {memory, sizeof memory};
    const struct linnet_span bytes = LINNET_SPAN("x=1&n%61me=a+b&name=2&long=12345&e");
    struct linnet_span value;
    assert_int_equal(linnet_form_find(bytes, LINNET_SPAN("name"), room, &value), LINNET_ERROR_NONE);
    assert_int_equal(value.len, 3);
    assert_memory_equal(value.data, "a b", 3);
    assert_int_equal(linnet_form_find(bytes, LINNET_SPAN("long"), room, &value),
                     LINNET_ERROR_TOO_LARGE);
    assert_int_equal(linnet_form_find(bytes, LINNET_SPAN("nam"), room, &value),
                     LINNET_ERROR_NOT_FOUND);
    assert_int_equal(value.len, 0);
    assert_int_equal(linnet_form_find(bytes, LINNET_SPAN("e"), room, &value), LINNET_ERROR_NONE);
    assert_int_equal(value.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces),
        cmocka_unit_test(decoding),
        cmocka_unit_test(malformed_percents_are_literal),
        cmocka_unit_test(a_nul_is_a_byte),
        cmocka_unit_test(decoding_in_place),
        cmocka_unit_test(decoding_into_too_small_a_room),
        cmocka_unit_test(names_are_compared_decoded),
        cmocka_unit_test(finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
