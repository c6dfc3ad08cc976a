/* Does a handler read the parameters of its route, by name, by number and as numbers? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include <linnet/route.h>

#include "core/exchange/exchange.h"
#include "tests/lib/assertion.h"

static void nothing(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                    struct linnet_span data)
{
    (void)context;
    (void)exchange;
    (void)event;
    (void)data;
}

static const struct linnet_route rows[] = {
    {
        .kind = LINNET_ROUTE_PATTERN,
        .path = LINNET_SPAN_INIT("/{u:uint}/{i:int}/{h:hex}/{s}/{r:rest}"),
        .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
        .handler = nothing,
    },
    {
        .kind = LINNET_ROUTE_PREFIX,
        .path = LINNET_SPAN_INIT("/{x}"),
        .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
        .handler = nothing,
    },
};

/* An exchange that was dispatched for that path. */
static struct linnet_exchange dispatch(struct linnet_span path, enum linnet_status expected)
{
    const struct ln_route_table table = {rows, 2};
    struct ln_dispatch dispatch = {.routes = &table};
    struct linnet_exchange exchange = {.request = {.method = LINNET_METHOD_GET, .path = path}};
    assert_int_equal(ln_exchange_dispatch(&exchange, &dispatch), expected);
    return exchange;
}

static void assert_span(struct linnet_span span, const char *expected)
{
    assert_int_equal(span.len, strlen(expected));
    assert_memory_equal(span.data, expected, span.len);
}

static void by_name_and_by_number(void **state)
{
    (void)state;
    static const char *const names[] = {"u", "i", "h", "s", "r"};
    static const char *const values[] = {"7", "-8", "fF", "x y", "a/b"};
    const struct linnet_exchange exchange =
        dispatch(LINNET_SPAN("/7/-8/fF/x y/a/b"), LINNET_STATUS_NONE);
    struct linnet_span name;
    struct linnet_span value;
    assert_int_equal(linnet_exchange_parameter_count(&exchange), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(linnet_exchange_parameter_at(&exchange, i, &name, &value));
        assert_span(name, names[i]);
        assert_span(value, values[i]);
        assert_true(linnet_exchange_parameter(&exchange, name, &value));
        assert_span(value, values[i]);
    }
    assert_false(linnet_exchange_parameter_at(&exchange, 5, &name, &value));
    assert_false(linnet_exchange_parameter(&exchange, LINNET_SPAN("U"), &value));
    assert_false(linnet_exchange_parameter(&exchange, LINNET_SPAN(""), &value));
}

/* Least - 1, least, most and most + 1. */
static void numbers_in_their_range(void **state)
{
    (void)state;
    const struct linnet_exchange exchange =
        dispatch(LINNET_SPAN("/7/-8/fF/9/"), LINNET_STATUS_NONE);
    const struct linnet_span u = LINNET_SPAN("u");
    const struct linnet_span i = LINNET_SPAN("i");
    const struct linnet_span h = LINNET_SPAN("h");
    uint64_t number = 1;
    int64_t integer = 1;
    assert_false(linnet_exchange_parameter_uint(&exchange, u, 0, 6, &number));
    assert_false(linnet_exchange_parameter_uint(&exchange, u, 8, 9, &number));
    assert_int_equal(number, 1);
    assert_true(linnet_exchange_parameter_uint(&exchange, u, 7, 7, &number));
    assert_int_equal(number, 7);
    assert_true(linnet_exchange_parameter_uint(&exchange, h, 0, 255, &number));
    assert_int_equal(number, 255);
    assert_false(linnet_exchange_parameter_int(&exchange, i, -7, 0, &integer));
    assert_false(linnet_exchange_parameter_int(&exchange, i, -10, -9, &integer));
    assert_int_equal(integer, 1);
    assert_true(linnet_exchange_parameter_int(&exchange, i, -8, -8, &integer));
    assert_true(integer == -8);
    assert_true(linnet_exchange_parameter_int(&exchange, u, 7, 7, &integer));
    assert_int_equal(integer, 7);
    expect_assertion(linnet_exchange_parameter_uint(&exchange, u, 1, 0, &number));
    expect_assertion(linnet_exchange_parameter_int(&exchange, u, 1, 0, &integer));
}

static void other_types_are_no_numbers(void **state)
{
    (void)state;
    const struct linnet_exchange exchange =
        dispatch(LINNET_SPAN("/7/8/9/10/11"), LINNET_STATUS_NONE);
    uint64_t number;
    int64_t integer;
    static const char *const not_uint[] = {"i", "s", "r", "x"};
    static const char *const not_int[] = {"h", "s", "r", "x"};
    for (size_t i = 0; i < 4; i++) {
        assert_false(linnet_exchange_parameter_uint(
            &exchange, (struct linnet_span){(const uint8_t *)not_uint[i], 1}, 0, UINT64_MAX,
            &number));
        assert_false(linnet_exchange_parameter_int(
            &exchange, (struct linnet_span){(const uint8_t *)not_int[i], 1}, INT64_MIN, INT64_MAX,
            &integer));
    }
}

/* No parameters: a route of another kind, or none at all. */
static void without_a_pattern(void **state)
{
    (void)state;
    struct linnet_exchange exchange = dispatch(LINNET_SPAN("/{x}/y"), LINNET_STATUS_NONE);
    assert_int_equal(linnet_exchange_parameter_count(&exchange), 0);
    exchange = dispatch(LINNET_SPAN("/y"), LINNET_STATUS_NOT_FOUND);
    assert_int_equal(linnet_exchange_parameter_count(&exchange), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_name_and_by_number),
        cmocka_unit_test(numbers_in_their_range),
        cmocka_unit_test(other_types_are_no_numbers),
        cmocka_unit_test(without_a_pattern),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
