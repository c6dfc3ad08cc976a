/* Does an output buffer give its pieces out in order, and change nothing that is lent? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/connection/output.h"
#include "tests/lib/assertion.h"
#include "tests/lib/guard.h"

enum {
    CAPACITY = 64,
    OUTPUT_LEN = sizeof(struct ln_output) + CAPACITY,
};

static struct guard guard;
static struct ln_output *output;
static unsigned holds;

static void hold(struct linnet_source *source)
{
    (void)source;
    holds++;
}

static void release(struct linnet_source *source)
{
    (void)source;
    assert_true(holds > 0);
    holds--;
}

static const struct linnet_source_operations operations = {.hold = hold, .release = release};
static struct linnet_source source = {.operations = &operations, .descriptor = -1};

static int begin(void **state)
{
    (void)state;
    guard = guard_open(OUTPUT_LEN);
    output = (struct ln_output *)(void *)guard_room(&guard, OUTPUT_LEN).data;
    ln_output_init(output, OUTPUT_LEN);
    holds = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    assert_int_equal(holds, 0);
    guard_close(&guard);
    return 0;
}

static void put(const char *text)
{
    struct ln_cursor cursor = ln_output_cursor(output);
    ln_cursor_put(&cursor, text, strlen(text));
    ln_output_commit(output, &cursor);
}

static void lend(const char *text, struct linnet_source *from)
{
    ln_output_lend(output, (struct linnet_span){(const uint8_t *)text, strlen(text)}, from);
}

/* What is shown, with "|" between spans. */
static void expect(const char *expected)
{
    char text[256];
    size_t len = 0;
    struct linnet_output out = {.flags = 0};
    ln_output_show(output, &out);
    for (unsigned i = 0; i < out.span_count; i++) {
        assert_true(out.spans[i].len > 0);
        memcpy(text + len, out.spans[i].data, out.spans[i].len);
        len += out.spans[i].len;
        text[len++] = '|';
    }
    text[len] = '\0';
    assert_string_equal(text, expected);
}

static void it_begins_empty(void **state)
{
    (void)state;
    assert_int_equal(ln_output_room(output), CAPACITY);
    assert_int_equal(ln_output_pieces_free(output), LN_OUTPUT_PIECES_MAX);
    expect("");
    put("");
    expect("");
    assert_int_equal(output->piece_count, 0);
    expect_assertion((ln_output_init(output, sizeof *output), 0));
}

static void what_is_written_behind_each_other_is_one_span(void **state)
{
    (void)state;
    put("ab");
    put("cd");
    expect("abcd|");
    lend("LENT", NULL);
    put("ef");
    put("gh");
    expect("abcd|LENT|efgh|");
    assert_int_equal(ln_output_room(output), CAPACITY - 8);
    assert_int_equal(output->pending, 12);
}

static void taken_byte_by_byte(void **state)
{
    (void)state;
    put("ab");
    lend("CD", NULL);
    put("e");
    const char *const left[] = {"b|CD|e|", "CD|e|", "D|e|", "e|", ""};
    for (size_t i = 0; i < 5; i++) {
        ln_output_taken(output, 1);
        expect(left[i]);
        assert_int_equal(output->lent, i + 1);
    }
    expect_assertion((ln_output_taken(output, 1), 0));
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(output->used, 3);
        ln_output_released(output, 1);
    }
    assert_int_equal(ln_output_room(output), CAPACITY);
    assert_int_equal(ln_output_pieces_free(output), LN_OUTPUT_PIECES_MAX);
    expect_assertion((ln_output_released(output, 1), 0));
}

/* Behind a piece that was taken whole a new one begins: the old one is behind the cursor. */
static void writing_goes_on_behind_what_was_taken(void **state)
{
    (void)state;
    put("ab");
    ln_output_taken(output, 2);
    put("cd");
    expect("cd|");
    ln_output_taken(output, 1);
    put("ef");
    expect("def|");
    ln_output_released(output, 3);
    put("g");
    expect("defg|");
    ln_output_taken(output, 4);
    ln_output_released(output, 4);
    assert_int_equal(output->used, 0);
}

static void a_source_is_held_until_its_last_byte_is_released(void **state)
{
    (void)state;
    put("a");
    lend("BCD", &source);
    lend("EF", &source);
    assert_int_equal(holds, 2);
    ln_output_taken(output, 6);
    ln_output_released(output, 3);
    assert_int_equal(holds, 2);
    ln_output_released(output, 1);
    assert_int_equal(holds, 1);
    ln_output_released(output, 2);
    assert_int_equal(holds, 0);
}

static void it_fills_to_the_last_byte(void **state)
{
    (void)state;
    struct ln_cursor cursor = ln_output_cursor(output);
    for (size_t i = 0; i < CAPACITY; i++) {
        ln_cursor_put_byte(&cursor, 'x');
    }
    ln_output_commit(output, &cursor);
    assert_int_equal(ln_output_room(output), 0);
    cursor = ln_output_cursor(output);
    ln_cursor_put_byte(&cursor, 'y');
    assert_true(cursor.overflow);
    expect_assertion((ln_output_commit(output, &cursor), 0));
}

static void pieces_are_counted(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LN_OUTPUT_PIECES_MAX; i++) {
        assert_int_equal(ln_output_pieces_free(output), LN_OUTPUT_PIECES_MAX - i);
        lend("x", NULL);
    }
    assert_int_equal(ln_output_pieces_free(output), 0);
    expect_assertion((lend("y", NULL), 0));
    expect_assertion((lend("", NULL), 0));
    ln_output_taken(output, LN_OUTPUT_PIECES_MAX);
    ln_output_released(output, LN_OUTPUT_PIECES_MAX);
    assert_int_equal(ln_output_pieces_free(output), LN_OUTPUT_PIECES_MAX);
}

/* Dropped at every place: what was lent stays until it is released, sources are let go of once. */
static void dropping_keeps_what_is_lent(void **state)
{
    (void)state;
    for (uint64_t taken = 0; taken <= 9; taken++) {
        for (uint64_t released = 0; released <= taken; released++) {
            ln_output_init(output, OUTPUT_LEN);
            put("ab");
            lend("CDE", &source);
            put("f");
            lend("GHI", &source);
            ln_output_taken(output, taken);
            ln_output_released(output, released);
            ln_output_drop(output);
            expect("");
            assert_int_equal(output->pending, 0);
            assert_int_equal(output->lent, taken - released);
            const unsigned held = (taken - released > 0 && taken > 2 && released < 5 ? 1U : 0U) +
                                  (taken - released > 0 && taken > 6 ? 1U : 0U);
            assert_int_equal(holds, held);
            ln_output_drop(output);
            for (uint64_t i = released; i < taken; i++) {
                ln_output_released(output, 1);
            }
            assert_int_equal(holds, 0);
            assert_int_equal(ln_output_room(output), CAPACITY);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_begins_empty, begin, end),
        cmocka_unit_test_setup_teardown(what_is_written_behind_each_other_is_one_span, begin, end),
        cmocka_unit_test_setup_teardown(taken_byte_by_byte, begin, end),
        cmocka_unit_test_setup_teardown(writing_goes_on_behind_what_was_taken, begin, end),
        cmocka_unit_test_setup_teardown(a_source_is_held_until_its_last_byte_is_released, begin,
                                        end),
        cmocka_unit_test_setup_teardown(it_fills_to_the_last_byte, begin, end),
        cmocka_unit_test_setup_teardown(pieces_are_counted, begin, end),
        cmocka_unit_test_setup_teardown(dropping_keeps_what_is_lent, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
