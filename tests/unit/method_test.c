/* Is every method found by its exact name and by no other? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/table/method.h"
#include "tests/lib/guard.h"

struct row {
    struct linnet_span name;
    enum linnet_method method;
    bool implemented;
};

static const struct row rows[] = {
#define ROW(name, safe, implemented) {LINNET_SPAN_INIT(#name), LINNET_METHOD_##name, implemented},
    LINNET_METHODS(ROW)
#undef ROW
};

static enum linnet_method find(struct linnet_span name)
{
    struct guard guard = guard_open(name.len);
    enum linnet_method method = ln_method_find(guard_put(&guard, name));
    guard_close(&guard);
    return method;
}

static void every_row_is_found_by_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < LINNET_METHOD_COUNT; i++) {
        assert_int_equal(find(rows[i].name), rows[i].method);
        struct linnet_span name = ln_method_name(rows[i].method);
        assert_int_equal(name.len, rows[i].name.len);
        assert_memory_equal(name.data, rows[i].name.data, name.len);
        assert_int_equal(ln_method_is_implemented(rows[i].method), rows[i].implemented);
    }
}

/* RFC 9110 9.1: a method's name is case-sensitive, so any other byte makes it another method. */
static void rfc9110_9_1_any_other_byte_is_another_method(void **state)
{
    (void)state;
    for (size_t i = 0; i < LINNET_METHOD_COUNT; i++) {
        for (size_t at = 0; at < rows[i].name.len; at++) {
            for (unsigned byte = 0; byte < 256; byte++) {
                uint8_t name[16];
                memcpy(name, rows[i].name.data, rows[i].name.len);
                name[at] = (uint8_t)byte;
                enum linnet_method expected =
                    byte == rows[i].name.data[at] ? rows[i].method : LINNET_METHOD_UNKNOWN;
                assert_int_equal(find((struct linnet_span){name, rows[i].name.len}), expected);
            }
        }
        struct linnet_span shorter = {rows[i].name.data, rows[i].name.len - 1};
        assert_int_equal(find(shorter), LINNET_METHOD_UNKNOWN);
    }
    assert_int_equal(find(LINNET_SPAN("get")), LINNET_METHOD_UNKNOWN);
    assert_int_equal(find(LINNET_SPAN("GETS")), LINNET_METHOD_UNKNOWN);
    assert_int_equal(find(LINNET_SPAN("PROPFIND")), LINNET_METHOD_UNKNOWN);
    assert_int_equal(find((struct linnet_span){NULL, 0}), LINNET_METHOD_UNKNOWN);
}

/* RFC 9110 9.3: CONNECT and TRACE are known but not ours. RFC 5789 2: PATCH is. */
static void rfc9110_9_3_what_is_implemented(void **state)
{
    (void)state;
    assert_true(ln_method_is_implemented(LINNET_METHOD_GET));
    assert_true(ln_method_is_implemented(LINNET_METHOD_PATCH));
    assert_false(ln_method_is_implemented(LINNET_METHOD_CONNECT));
    assert_false(ln_method_is_implemented(LINNET_METHOD_TRACE));
    assert_false(ln_method_is_implemented(LINNET_METHOD_UNKNOWN));
    assert_int_equal(ln_method_name(LINNET_METHOD_UNKNOWN).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_found_by_its_name),
        cmocka_unit_test(rfc9110_9_1_any_other_byte_is_another_method),
        cmocka_unit_test(rfc9110_9_3_what_is_implemented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
