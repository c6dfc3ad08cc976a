/* Entity tags: the grammar byte by byte, both comparisons, and the lists of the two fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/http/entity_tag.h"
#include "tests/lib/guard.h"

#define NO  LN_ENTITY_TAG_NO_MATCH
#define YES LN_ENTITY_TAG_MATCH
#define BAD LN_ENTITY_TAG_INVALID

/* What is read ends at a page that nobody may touch. */
static struct guard guard;

static int open_guard(void **state)
{
    (void)state;
    guard = guard_open(4096);
    return 0;
}

static int close_guard(void **state)
{
    (void)state;
    guard_close(&guard);
    return 0;
}

static struct linnet_span span(const char *text)
{
    return (struct linnet_span){(const uint8_t *)text, strlen(text)};
}

static struct ln_entity_tag tag(const char *text)
{
    struct ln_entity_tag parsed;
    assert_true(ln_entity_tag_parse(span(text), &parsed));
    return parsed;
}

static bool parses(const char *text, size_t len)
{
    struct ln_entity_tag parsed;
    struct linnet_span bytes = {(const uint8_t *)text, len};
    return ln_entity_tag_parse(guard_put(&guard, bytes), &parsed);
}

static enum ln_entity_tag_match match(const char *list, const char *current, bool strong)
{
    struct ln_entity_tag parsed;
    if (current != NULL) {
        parsed = tag(current);
    }
    return ln_entity_tag_match(guard_put(&guard, span(list)), current != NULL ? &parsed : NULL,
                               strong);
}

/* RFC 9110 8.8.3: the examples of the section, and the parts of each. */
static void rfc9110_8_8_3_a_tag_is_read(void **state)
{
    (void)state;
    struct ln_entity_tag strong = tag("\"xyzzy\"");
    assert_false(strong.weak);
    assert_int_equal(strong.opaque.len, 7);
    assert_memory_equal(strong.opaque.data, "\"xyzzy\"", 7);
    struct ln_entity_tag weak = tag("W/\"xyzzy\"");
    assert_true(weak.weak);
    assert_int_equal(weak.opaque.len, 7);
    assert_memory_equal(weak.opaque.data, "\"xyzzy\"", 7);
    assert_int_equal(tag("\"\"").opaque.len, 2);
    assert_int_equal(tag("W/\"\"").opaque.len, 2);
}

/* RFC 9110 8.8.3: each of the 256 bytes inside of a tag. */
static void rfc9110_8_8_3_which_bytes_a_tag_holds(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        bool is_good = byte == 0x21 || (byte >= 0x23 && byte <= 0x7E) || byte >= 0x80;
        char text[] = {'"', 'a', (char)byte, 'b', '"'};
        assert_int_equal(parses(text, sizeof text), is_good);
        char alone[] = {'W', '/', '"', (char)byte, '"'};
        assert_int_equal(parses(alone, sizeof alone), is_good);
    }
}

/* RFC 9110 8.8.3: what is not the grammar; the mark of a weak tag is upper case. */
static void rfc9110_8_8_3_what_is_no_tag(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "",        "\"",      "W",           "W/",       "W/\"",      "xyzzy",      "\"xyzzy",
        "xyzzy\"", "w/\"a\"", "W\"a\"",      "W /\"a\"", "W/ \"a\"",  " \"a\"",     "\"a\" ",
        "\"a\"b",  "\"a\"\"", "\"a\",\"b\"", "*",        "W/W/\"a\"", "\"a\\\"b\"", "'a'",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_false(parses(refused[i], strlen(refused[i])));
    }
}

static void what_cannot_be_read_leaves_the_tag_alone(void **state)
{
    (void)state;
    struct ln_entity_tag kept = tag("W/\"kept\"");
    assert_false(ln_entity_tag_parse(span("\"a\" "), &kept));
    assert_true(kept.weak);
    assert_int_equal(kept.opaque.len, 6);
}

/* RFC 9110 8.8.3.2: the table of the section, and the same with the sides exchanged. */
static void rfc9110_8_8_3_2_the_table_of_comparisons(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        bool strong;
        bool weak;
    } rows[] = {
        {"W/\"1\"", "W/\"1\"", false, true}, {"W/\"1\"", "W/\"2\"", false, false},
        {"W/\"1\"", "\"1\"", false, true},   {"\"1\"", "\"1\"", true, true},
        {"\"1\"", "\"2\"", false, false},    {"\"1\"", "\"11\"", false, false},
        {"\"a\"", "\"A\"", false, false},    {"\"\"", "\"\"", true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ln_entity_tag a = tag(rows[i].a);
        struct ln_entity_tag b = tag(rows[i].b);
        assert_int_equal(ln_entity_tag_equal_strong(a, b), rows[i].strong);
        assert_int_equal(ln_entity_tag_equal_strong(b, a), rows[i].strong);
        assert_int_equal(ln_entity_tag_equal_weak(a, b), rows[i].weak);
        assert_int_equal(ln_entity_tag_equal_weak(b, a), rows[i].weak);
    }
}

struct list_row {
    const char *list;
    enum ln_entity_tag_match strong; /* with the current tag "b" */
    enum ln_entity_tag_match weak;
};

static void check_lists(const struct list_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (match(rows[i].list, "\"b\"", true) != rows[i].strong ||
            match(rows[i].list, "\"b\"", false) != rows[i].weak) {
            fail_msg("the list '%s' is not matched as it should be", rows[i].list);
        }
        /* Without a representation nothing matches, and a fault stays a fault. */
        enum ln_entity_tag_match absent = rows[i].strong == LN_ENTITY_TAG_INVALID
                                              ? LN_ENTITY_TAG_INVALID
                                              : LN_ENTITY_TAG_NO_MATCH;
        assert_int_equal(match(rows[i].list, NULL, true), absent);
        assert_int_equal(match(rows[i].list, NULL, false), absent);
    }
}

/* RFC 9110 13.1.1: a list of tags or a star. RFC 9110 5.6.1: empty elements are nothing. */
static void rfc9110_13_1_1_lists_of_tags(void **state)
{
    (void)state;
    static const struct list_row rows[] = {
        {"*", YES, YES},
        {" * ", YES, YES},
        {"\"b\"", YES, YES},
        {"W/\"b\"", NO, YES},
        {"\"a\"", NO, NO},
        {"\"a\",\"b\"", YES, YES},
        {"\"b\",\"a\"", YES, YES},
        {"\"a\", W/\"b\"", NO, YES},
        {"\"a\"\t ,\t \"b\"", YES, YES},
        {"W/\"b\" , \"b\"", YES, YES},
        {"", NO, NO},
        {" \t", NO, NO},
        {",", NO, NO},
        {" , ,", NO, NO},
        {",\"b\"", YES, YES},
        {", ,\"a\",, \"b\" ,", YES, YES},
        {" \"b\" ", YES, YES},
        {"\"bb\", \"\", \"B\"", NO, NO},
    };
    check_lists(rows, sizeof rows / sizeof rows[0]);
}

/* RFC 9110 13.1.1: a fault anywhere spoils the list, also behind a match; so does a second star
 * or a star among tags. */
static void rfc9110_13_1_1_invalid_lists(void **state)
{
    (void)state;
    static const struct list_row rows[] = {
        {"b", BAD, BAD},
        {"\"b\" \"a\"", BAD, BAD},
        {"\"b\"\"a\"", BAD, BAD},
        {"\"b\", a", BAD, BAD},
        {"\"b\", \"a", BAD, BAD},
        {"\"b\"; q=1", BAD, BAD},
        {"\"b\", w/\"a\"", BAD, BAD},
        {"\"b\", W/", BAD, BAD},
        {"**", BAD, BAD},
        {"*, *", BAD, BAD},
        {"*,", BAD, BAD},
        {"\"b\", *", BAD, BAD},
        {"*, \"b\"", BAD, BAD},
        {"\"b\nb\"", BAD, BAD},
        {"\"a b\"", BAD, BAD},
    };
    check_lists(rows, sizeof rows / sizeof rows[0]);
}

/* RFC 9110 8.8.3: a comma or a backslash in a tag is a byte of it; no quoted string is meant. */
static void rfc9110_8_8_3_tags_are_no_quoted_strings(void **state)
{
    (void)state;
    assert_int_equal(match("\"a,b\"", "\"b\"", true), NO);
    assert_int_equal(match("\"a,b\"", "\"a,b\"", true), YES);
    assert_int_equal(match("\"a\\\", \"b\"", "\"b\"", true), YES);
    assert_int_equal(match("\"a\\\"", "\"a\\\"", true), YES);
}

/* RFC 9110 8.8.3.2: a weak current tag never matches strongly. */
static void rfc9110_8_8_3_2_a_weak_current_tag(void **state)
{
    (void)state;
    assert_int_equal(match("\"b\"", "W/\"b\"", true), NO);
    assert_int_equal(match("W/\"b\"", "W/\"b\"", true), NO);
    assert_int_equal(match("\"b\"", "W/\"b\"", false), YES);
    assert_int_equal(match("*", "W/\"b\"", true), YES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc9110_8_8_3_a_tag_is_read),
        cmocka_unit_test(rfc9110_8_8_3_which_bytes_a_tag_holds),
        cmocka_unit_test(rfc9110_8_8_3_what_is_no_tag),
        cmocka_unit_test(what_cannot_be_read_leaves_the_tag_alone),
        cmocka_unit_test(rfc9110_8_8_3_2_the_table_of_comparisons),
        cmocka_unit_test(rfc9110_13_1_1_lists_of_tags),
        cmocka_unit_test(rfc9110_13_1_1_invalid_lists),
        cmocka_unit_test(rfc9110_8_8_3_tags_are_no_quoted_strings),
        cmocka_unit_test(rfc9110_8_8_3_2_a_weak_current_tag),
    };
    return cmocka_run_group_tests(tests, open_guard, close_guard);
}
