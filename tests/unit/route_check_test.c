/* Is an unsound table of routes found at boot, with the rows named, and a sound one let through? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include <linnet/route.h>

#include "tests/lib/guard.h"

#define BIT(method) (1U << LINNET_METHOD_##method)
#define ROUTE(how, literal, allowed)                                                    \
    {                                                                                   \
        .kind = LINNET_ROUTE_##how, .path = LINNET_SPAN(literal), .methods = (allowed), \
        .handler = nothing,                                                             \
    }
#define GET_ROUTE(how, literal) ((struct linnet_route)ROUTE(how, literal, BIT(GET)))

static void nothing(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                    struct linnet_span data)
{
    (void)context;
    (void)exchange;
    (void)event;
    (void)data;
}

/* The fault, and the rows it names. */
static const char *check(const struct linnet_route *routes, size_t count)
{
    static const char *const names[] = {
#define NAME(name, text) #name,
        LINNET_ROUTE_FAULTS(NAME)
#undef NAME
    };
    static char text[64];
    struct linnet_route_conflict conflict;
    const bool good = linnet_routes_check(routes, count, &conflict);
    assert_int_equal(good, conflict.fault == LINNET_ROUTE_FAULT_NONE);
    snprintf(text, sizeof text, "%s %zu %zu", names[conflict.fault], conflict.first,
             conflict.second);
    return text;
}

static void expect_one(struct linnet_route route, const char *expected)
{
    assert_string_equal(check(&route, 1), expected);
}

/* The same in either order. */
static void expect_two(struct linnet_route a, struct linnet_route b, const char *expected)
{
    const struct linnet_route routes[] = {a, b};
    const struct linnet_route turned[] = {b, a};
    assert_string_equal(check(routes, 2), expected);
    assert_string_equal(check(turned, 2), expected);
}

#define GOOD     "NONE 0 0"
#define CONFLICT "CONFLICT 0 1"

static void single_routes(void **state)
{
    (void)state;
    assert_string_equal(check(NULL, 0), GOOD);
    expect_one(GET_ROUTE(EXACT, "/a{b"), GOOD);
    expect_one(GET_ROUTE(PREFIX, "/"), GOOD);
    expect_one(GET_ROUTE(DEFAULT, ""), GOOD);
    expect_one(GET_ROUTE(PATTERN, "/a/{b}/{c:int}/{d:uint}/{e:hex}/{f:string}/{g:rest}"), GOOD);
    expect_one(GET_ROUTE(EXACT, ""), "PATH 0 0");
    expect_one(GET_ROUTE(PREFIX, "a"), "PATH 0 0");
    expect_one(GET_ROUTE(PATTERN, "{a}"), "PATH 0 0");
    expect_one((struct linnet_route)ROUTE(EXACT, "/a", 0), "METHODS 0 0");
    struct linnet_route route = GET_ROUTE(EXACT, "/a");
    route.handler = NULL;
    expect_one(route, "HANDLER 0 0");
}

static void malformed_patterns(void **state)
{
    (void)state;
    expect_one(GET_ROUTE(PATTERN, "/{}"), "PATTERN 0 0");
    expect_one(GET_ROUTE(EXACT, "/led/{id:uint}"), "PATTERN 0 0");
    expect_one(GET_ROUTE(PREFIX, "/{a}"), "PATTERN 0 0");
    expect_one(GET_ROUTE(PATTERN, "/{a"), "PATTERN 0 0");
    expect_one(GET_ROUTE(PATTERN, "/a}"), "PATTERN 0 0");
    expect_one(GET_ROUTE(PATTERN, "/x{a}"), "PATTERN 0 0");
    expect_one(GET_ROUTE(PATTERN, "/{a:float}"), "PATTERN 0 0");
    expect_one(GET_ROUTE(PATTERN, "/{a}/{a:int}"), "PATTERN 0 0");
    expect_one(GET_ROUTE(PATTERN, "/{a:rest}/b"), "PATTERN 0 0");
    expect_one(GET_ROUTE(PATTERN, "/{a:rest}/"), "PATTERN 0 0");
}

static void hosts(void **state)
{
    (void)state;
    static const struct {
        struct linnet_span host;
        const char *expected;
    } rows[] = {
        {LINNET_SPAN_INIT("a.example"), GOOD},      {LINNET_SPAN_INIT("10.0.0.1"), GOOD},
        {LINNET_SPAN_INIT("[::1]"), GOOD},          {LINNET_SPAN_INIT("a:80"), "HOST 0 0"},
        {LINNET_SPAN_INIT("[::1]:80"), "HOST 0 0"}, {LINNET_SPAN_INIT("::1"), "HOST 0 0"},
        {LINNET_SPAN_INIT("a b"), "HOST 0 0"},      {LINNET_SPAN_INIT("a/"), "HOST 0 0"},
        {LINNET_SPAN_INIT("a:"), "HOST 0 0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct linnet_route route = GET_ROUTE(EXACT, "/a");
        route.host = rows[i].host;
        expect_one(route, rows[i].expected);
    }
}

/* A path may have 65,535 bytes. */
static void the_longest_path(void **state)
{
    (void)state;
    static uint8_t path[65536];
    memset(path, '/', sizeof path);
    for (size_t len = 65534; len <= 65536; len++) {
        struct linnet_route route = GET_ROUTE(PATTERN, "");
        route.path = (struct linnet_span){path, len};
        const struct linnet_route routes[] = {route, route};
        assert_string_equal(check(routes, 2), len <= 65535 ? CONFLICT : "PATH 0 0");
    }
}

static void what_conflicts(void **state)
{
    (void)state;
    expect_two(GET_ROUTE(EXACT, "/a"), GET_ROUTE(EXACT, "/a"), CONFLICT);
    expect_two(GET_ROUTE(EXACT, "/a"), GET_ROUTE(PATTERN, "/a"), CONFLICT);
    expect_two(GET_ROUTE(PREFIX, "/a"), GET_ROUTE(PREFIX, "/a"), CONFLICT);
    expect_two(GET_ROUTE(DEFAULT, ""), GET_ROUTE(DEFAULT, "/a"), CONFLICT);
    expect_two(GET_ROUTE(PREFIX, "/a/"), GET_ROUTE(PATTERN, "/a/{b:rest}"), CONFLICT);
    expect_two(GET_ROUTE(PATTERN, "/a/{b}"), GET_ROUTE(PATTERN, "/a/{c}"), CONFLICT);
    expect_two(GET_ROUTE(PATTERN, "/{b:int}"), GET_ROUTE(PATTERN, "/{c:hex}"), CONFLICT);
    expect_two(GET_ROUTE(PATTERN, "/a/{b}"), GET_ROUTE(PATTERN, "/{c}/d"), CONFLICT);
    expect_two(GET_ROUTE(PATTERN, "/1/{b:int}"), GET_ROUTE(PATTERN, "/{c:uint}/-1"), CONFLICT);
    expect_two(GET_ROUTE(PATTERN, "/{a:uint}/{b}"), GET_ROUTE(PATTERN, "/{a}/{b:uint}"), CONFLICT);
    expect_two(GET_ROUTE(PATTERN, "/a/{b}/{c:rest}"), GET_ROUTE(PATTERN, "/{c}/d/{e:rest}"),
               CONFLICT);
}

static void what_does_not(void **state)
{
    (void)state;
    expect_two(GET_ROUTE(EXACT, "/a"), GET_ROUTE(EXACT, "/b"), GOOD);
    expect_two(GET_ROUTE(EXACT, "/a"), GET_ROUTE(EXACT, "/a/"), GOOD);
    expect_two(GET_ROUTE(EXACT, "/a"), GET_ROUTE(PREFIX, "/a"), GOOD);
    expect_two(GET_ROUTE(PREFIX, "/a"), GET_ROUTE(PREFIX, "/a/"), GOOD);
    expect_two(GET_ROUTE(PREFIX, "/a"), GET_ROUTE(PREFIX, "/"), GOOD);
    expect_two(GET_ROUTE(PREFIX, "/"), GET_ROUTE(DEFAULT, ""), GOOD);
    expect_two(GET_ROUTE(PATTERN, "/a/{b:uint}"), GET_ROUTE(PATTERN, "/a/{c}"), GOOD);
    expect_two(GET_ROUTE(PATTERN, "/a/{b:uint}"), GET_ROUTE(PATTERN, "/{c}/d"), GOOD);
    expect_two(GET_ROUTE(PATTERN, "/a/{b:uint}"), GET_ROUTE(PATTERN, "/{c:int}/-1"), GOOD);
    expect_two(GET_ROUTE(PATTERN, "/{a:uint}/5"), GET_ROUTE(PATTERN, "/x/{b:uint}"), GOOD);
    expect_two(GET_ROUTE(PATTERN, "/{a}/{b}"), GET_ROUTE(PATTERN, "/{a}/{b}/"), GOOD);
    expect_two(GET_ROUTE(PATTERN, "/{a}/"), GET_ROUTE(PATTERN, "/{a:rest}"), GOOD);
    expect_two(GET_ROUTE(PATTERN, "/{a}/{b:rest}"), GET_ROUTE(PATTERN, "/{a:rest}"), GOOD);
}

/* Methods that differ, or hosts that do, keep apart what else would meet. HEAD goes with GET. */
static void methods_and_hosts(void **state)
{
    (void)state;
    const struct linnet_route get = GET_ROUTE(PATTERN, "/{a}");
    struct linnet_route other = GET_ROUTE(PATTERN, "/{b}");
    other.methods = BIT(PUT) | BIT(POST);
    expect_two(get, other, GOOD);
    other.methods = BIT(PUT) | BIT(GET);
    expect_two(get, other, CONFLICT);
    other.methods = BIT(HEAD);
    expect_two(get, other, CONFLICT);
    other.methods = BIT(OPTIONS);
    expect_two(get, other, GOOD);
    other = get;
    other.host = LINNET_SPAN("a");
    expect_two(get, other, GOOD);
    struct linnet_route third = other;
    third.host = LINNET_SPAN("b");
    expect_two(other, third, GOOD);
    third.host = LINNET_SPAN("A");
    expect_two(other, third, CONFLICT);
}

static void the_rows_are_named(void **state)
{
    (void)state;
    struct linnet_route routes[] = {
        GET_ROUTE(DEFAULT, ""),
        GET_ROUTE(PATTERN, "/led/{id}"),
        GET_ROUTE(EXACT, "/x"),
        GET_ROUTE(PATTERN, "/led/{name}"),
    };
    static const char expected[] = "route 1 (/led/{id}) and route 3 (/led/{name}): both could "
                                   "answer the same request, with equal right";
    struct linnet_route_conflict conflict;
    struct linnet_span text;
    struct guard guard = guard_open(256);
    assert_false(linnet_routes_check(routes, 4, &conflict));
    for (size_t len = sizeof expected - 2; len <= sizeof expected; len++) {
        const enum linnet_error error =
            linnet_routes_explain(routes, &conflict, guard_room(&guard, len), &text);
        assert_int_equal(error,
                         len < sizeof expected - 1 ? LINNET_ERROR_TOO_LARGE : LINNET_ERROR_NONE);
    }
    assert_int_equal(text.len, sizeof expected - 1);
    assert_memory_equal(text.data, expected, text.len);
    routes[0].handler = NULL;
    assert_false(linnet_routes_check(routes, 4, &conflict));
    assert_int_equal(linnet_routes_explain(routes, &conflict, guard_room(&guard, 256), &text),
                     LINNET_ERROR_NONE);
    assert_int_equal(text.len, strlen("route 0 (default): there is no handler"));
    assert_memory_equal(text.data, "route 0 (default): there is no handler", text.len);
    guard_close(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_routes),
        cmocka_unit_test(malformed_patterns),
        cmocka_unit_test(hosts),
        cmocka_unit_test(the_longest_path),
        cmocka_unit_test(what_conflicts),
        cmocka_unit_test(what_does_not),
        cmocka_unit_test(methods_and_hosts),
        cmocka_unit_test(the_rows_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
