/* Is every field found by its name in any case, and by no other name? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/base/span.h"
#include "core/table/field.h"
#include "tests/lib/assertion.h"
#include "tests/lib/guard.h"

enum { NAME_LEN_MAX = 32 };

static const struct linnet_span names[] = {
#define NAME(id, name) LINNET_SPAN_INIT(name),
    LN_FIELDS(NAME)
#undef NAME
};

static enum ln_field find(struct linnet_span name)
{
    struct guard guard = guard_open(name.len);
    enum ln_field field = ln_field_find(guard_put(&guard, name));
    guard_close(&guard);
    return field;
}

/* RFC 9110 5.1: a field's name is found in any mixture of cases. */
static void rfc9110_5_1_names_are_found_in_any_case(void **state)
{
    (void)state;
    for (unsigned field = 0; field < LN_FIELD_COUNT; field++) {
        assert_true(ln_span_equal(ln_field_name((enum ln_field)field), names[field]));
        for (unsigned mixture = 0; mixture < 64; mixture++) {
            uint8_t name[NAME_LEN_MAX];
            for (size_t i = 0; i < names[field].len; i++) {
                uint8_t lower = ln_byte_lower(names[field].data[i]);
                bool letter = lower >= 'a' && lower <= 'z';
                bool upper = (mixture >> (i % 6) & 1U) != 0;
                name[i] = (uint8_t)(letter && upper ? lower - 32 : lower);
            }
            assert_int_equal(find((struct linnet_span){name, names[field].len}), field);
        }
    }
}

/* Every other byte at every place makes another name. */
static void any_other_byte_is_another_name(void **state)
{
    (void)state;
    for (unsigned field = 0; field < LN_FIELD_COUNT; field++) {
        for (size_t at = 0; at < names[field].len; at++) {
            for (unsigned byte = 0; byte < 256; byte++) {
                uint8_t name[NAME_LEN_MAX];
                memcpy(name, names[field].data, names[field].len);
                name[at] = (uint8_t)byte;
                bool same = ln_byte_lower((uint8_t)byte) == ln_byte_lower(names[field].data[at]);
                assert_int_equal(ln_field_find((struct linnet_span){name, names[field].len}),
                                 same ? field : LN_FIELD_OTHER);
            }
        }
    }
}

static void other_lengths_are_other_names(void **state)
{
    (void)state;
    for (unsigned field = 0; field < LN_FIELD_COUNT; field++) {
        uint8_t name[NAME_LEN_MAX] = {0};
        memcpy(name, names[field].data, names[field].len);
        assert_int_equal(find((struct linnet_span){name, names[field].len - 1}), LN_FIELD_OTHER);
        name[names[field].len] = 's';
        assert_int_equal(find((struct linnet_span){name, names[field].len + 1}), LN_FIELD_OTHER);
    }
    uint8_t long_name[300];
    memset(long_name, 'x', sizeof long_name);
    for (size_t len = 0; len < sizeof long_name; len++) {
        assert_int_equal(find((struct linnet_span){long_name, len}), LN_FIELD_OTHER);
    }
    expect_assertion(ln_field_name(LN_FIELD_OTHER));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc9110_5_1_names_are_found_in_any_case),
        cmocka_unit_test(any_other_byte_is_another_name),
        cmocka_unit_test(other_lengths_are_other_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
