/* Is the right handler found, and the right methods named, whatever the order of the rows? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/route/route.h"

#define BIT(method) (1U << LINNET_METHOD_##method)
#define ROUTE(how, literal, allowed)                                                        \
    {                                                                                       \
        .kind = LINNET_ROUTE_##how, .path = LINNET_SPAN_INIT(literal), .methods = (allowed) \
    }

enum { NONE = -1 };

/* The row that answers, or NONE. */
static int find(const struct linnet_route *rows, size_t count, struct linnet_span path,
                enum linnet_method method, unsigned *allowed)
{
    const struct ln_route_table table = {.routes = rows, .count = count};
    const struct ln_route_match match = ln_route_find(&table, LINNET_SPAN("a:80"), path, method);
    *allowed = match.allowed;
    return match.route == NULL ? NONE : (int)(match.route - rows);
}

#define expect(rows, literal, method, row, methods)                                       \
    do {                                                                                  \
        unsigned allowed = 0;                                                             \
        assert_int_equal(find(rows, sizeof(rows) / sizeof(rows)[0], LINNET_SPAN(literal), \
                              LINNET_METHOD_##method, &allowed),                          \
                         row);                                                            \
        assert_int_equal(allowed, methods);                                               \
    } while (0)

static const unsigned get = BIT(GET) | BIT(HEAD) | BIT(OPTIONS);

/* S1-1: "/headers" answers "/headers", "/headers/" and "/headers/xxx", and not "/headersX"; a
 * default answers every other path. */
static void s1_1_prefix_by_segment(void **state)
{
    (void)state;
    static const struct linnet_route rows[] = {
        ROUTE(PREFIX, "/headers", BIT(GET)),
        ROUTE(DEFAULT, "", BIT(GET)),
    };
    expect(rows, "/headers", GET, 0, get);
    expect(rows, "/headers/", GET, 0, get);
    expect(rows, "/headers/xxx", GET, 0, get);
    expect(rows, "/headers/xxx/y", GET, 0, get);
    expect(rows, "/headersX", GET, 1, get);
    expect(rows, "/header", GET, 1, get);
    expect(rows, "/Headers", GET, 1, get);
    expect(rows, "/x/headers", GET, 1, get);
    expect(rows, "/", GET, 1, get);
}

static void without_a_default_there_is_nothing(void **state)
{
    (void)state;
    static const struct linnet_route rows[] = {ROUTE(EXACT, "/a", BIT(GET))};
    expect(rows, "/a", GET, 0, get);
    expect(rows, "/a/", GET, NONE, 0);
    expect(rows, "/ab", GET, NONE, 0);
    expect(rows, "/", GET, NONE, 0);
    const struct ln_route_table empty = {.routes = NULL, .count = 0};
    const struct linnet_span host = LINNET_SPAN("a");
    assert_null(ln_route_find(&empty, host, LINNET_SPAN("/"), LINNET_METHOD_GET).route);
    assert_int_equal(ln_route_methods(&empty), BIT(OPTIONS));
}

static void a_prefix_that_ends_with_a_slash(void **state)
{
    (void)state;
    static const struct linnet_route rows[] = {
        ROUTE(PREFIX, "/a/", BIT(GET)),
        ROUTE(PREFIX, "/", BIT(POST)),
    };
    expect(rows, "/a/", GET, 0, get);
    expect(rows, "/a/b", GET, 0, get);
    expect(rows, "/a", POST, 1, BIT(POST) | BIT(OPTIONS));
    expect(rows, "/b", POST, 1, BIT(POST) | BIT(OPTIONS));
}

/* Exact beats prefix, a longer prefix a shorter one, the default is last: in every order. */
static void precedence_does_not_depend_on_order(void **state)
{
    (void)state;
    static const struct linnet_route rows[] = {
        ROUTE(DEFAULT, "", BIT(GET)),      ROUTE(PREFIX, "/a", BIT(GET)),
        ROUTE(PREFIX, "/a/b", BIT(GET)),   ROUTE(EXACT, "/a/b", BIT(GET)),
        ROUTE(PREFIX, "/a/b/c", BIT(GET)), ROUTE(EXACT, "/", BIT(GET)),
    };
    static const struct linnet_route reversed[] = {
        ROUTE(EXACT, "/", BIT(GET)),    ROUTE(PREFIX, "/a/b/c", BIT(GET)),
        ROUTE(EXACT, "/a/b", BIT(GET)), ROUTE(PREFIX, "/a/b", BIT(GET)),
        ROUTE(PREFIX, "/a", BIT(GET)),  ROUTE(DEFAULT, "", BIT(GET)),
    };
#define EXPECT_BOTH(literal, row)         \
    expect(rows, literal, GET, row, get); \
    expect(reversed, literal, GET, 5 - (row), get)
    EXPECT_BOTH("/", 5);
    EXPECT_BOTH("/a", 1);
    EXPECT_BOTH("/a/x", 1);
    EXPECT_BOTH("/a/b", 3);
    EXPECT_BOTH("/a/b/", 2);
    EXPECT_BOTH("/a/b/d", 2);
    EXPECT_BOTH("/a/b/c", 4);
    EXPECT_BOTH("/a/b/c/d", 4);
    EXPECT_BOTH("/b", 0);
#undef EXPECT_BOTH
}

/* RFC 9110 15.5.6: a wrong method is never another page; Allow names all rows of the resource. */
static void rfc9110_15_5_6_methods_of_one_resource(void **state)
{
    (void)state;
    static const struct linnet_route rows[] = {
        ROUTE(DEFAULT, "", BIT(DELETE)),  ROUTE(EXACT, "/a", BIT(POST)),
        ROUTE(EXACT, "/a", BIT(GET)),     ROUTE(EXACT, "/a", BIT(POST) | BIT(PUT)),
        ROUTE(PREFIX, "/a", BIT(DELETE)),
    };
    const unsigned all = get | BIT(POST) | BIT(PUT);
    expect(rows, "/a", GET, 2, all);
    expect(rows, "/a", HEAD, 2, all);
    expect(rows, "/a", POST, 1, all);
    expect(rows, "/a", PUT, 3, all);
    expect(rows, "/a", DELETE, NONE, all);
    expect(rows, "/a", OPTIONS, NONE, all);
    expect(rows, "/a/b", DELETE, 4, BIT(DELETE) | BIT(OPTIONS));
}

/* RFC 9110 9.3.7: OPTIONS is answered by core, unless a row names it. */
static void rfc9110_9_3_7_options(void **state)
{
    (void)state;
    static const struct linnet_route rows[] = {
        ROUTE(EXACT, "/a", BIT(OPTIONS)),
        ROUTE(EXACT, "/b", BIT(PATCH)),
    };
    expect(rows, "/a", OPTIONS, 0, BIT(OPTIONS));
    expect(rows, "/b", OPTIONS, NONE, BIT(PATCH) | BIT(OPTIONS));
    const struct ln_route_table table = {.routes = rows, .count = 2};
    assert_int_equal(ln_route_methods(&table), BIT(PATCH) | BIT(OPTIONS));
}

/* S0-8: more literal segments, then the whole path, then typed before string, then what is open. */
static void s0_8_precedence_of_patterns(void **state)
{
    (void)state;
    static const struct linnet_route rows[] = {
        ROUTE(PATTERN, "/led/{id:uint}", BIT(GET)),
        ROUTE(PATTERN, "/led/{name}", BIT(GET)),
        ROUTE(EXACT, "/led/7", BIT(GET)),
        ROUTE(PATTERN, "/led/{any:rest}", BIT(GET)),
        ROUTE(PREFIX, "/led", BIT(GET)),
        ROUTE(PATTERN, "/{room}/{id:uint}", BIT(GET)),
        ROUTE(PATTERN, "/{room}/on", BIT(GET)),
        ROUTE(DEFAULT, "", BIT(GET)),
    };
    static const struct linnet_route reversed[] = {
        ROUTE(DEFAULT, "", BIT(GET)),
        ROUTE(PATTERN, "/{room}/on", BIT(GET)),
        ROUTE(PATTERN, "/{room}/{id:uint}", BIT(GET)),
        ROUTE(PREFIX, "/led", BIT(GET)),
        ROUTE(PATTERN, "/led/{any:rest}", BIT(GET)),
        ROUTE(EXACT, "/led/7", BIT(GET)),
        ROUTE(PATTERN, "/led/{name}", BIT(GET)),
        ROUTE(PATTERN, "/led/{id:uint}", BIT(GET)),
    };
#define EXPECT_BOTH(literal, row)         \
    expect(rows, literal, GET, row, get); \
    expect(reversed, literal, GET, 7 - (row), get)
    EXPECT_BOTH("/led/7", 2);
    EXPECT_BOTH("/led/8", 0);
    EXPECT_BOTH("/led/18446744073709551616", 1);
    EXPECT_BOTH("/led/red", 1);
    EXPECT_BOTH("/led/", 3);
    EXPECT_BOTH("/led/red/on", 3);
    EXPECT_BOTH("/led", 4);
    EXPECT_BOTH("/fan/3", 5);
    EXPECT_BOTH("/fan/on", 6);
    EXPECT_BOTH("/fan/off", 7);
    EXPECT_BOTH("/ledX", 7);
#undef EXPECT_BOTH
}

/* RFC 9110 15.5.6: Allow names all rows of the best resource, written as they like. */
static void rfc9110_15_5_6_methods_of_one_pattern(void **state)
{
    (void)state;
    static const struct linnet_route rows[] = {
        ROUTE(PATTERN, "/led/{id:uint}", BIT(GET)),
        ROUTE(PATTERN, "/led/{number:uint}", BIT(PUT)),
        ROUTE(PATTERN, "/led/{name}", BIT(DELETE)),
    };
    expect(rows, "/led/1", GET, 0, get | BIT(PUT));
    expect(rows, "/led/1", PUT, 1, get | BIT(PUT));
    expect(rows, "/led/1", DELETE, NONE, get | BIT(PUT));
    expect(rows, "/led/x", DELETE, 2, BIT(DELETE) | BIT(OPTIONS));
    expect(rows, "/led/x", GET, NONE, BIT(DELETE) | BIT(OPTIONS));
}

static int find_at(const struct linnet_route *rows, size_t count, struct linnet_span host)
{
    const struct ln_route_table table = {.routes = rows, .count = count};
    const struct ln_route_match match =
        ln_route_find(&table, host, LINNET_SPAN("/x"), LINNET_METHOD_GET);
    return match.route == NULL ? NONE : (int)(match.route - rows);
}

/* RFC 9110 4.2.3: a host in any case, whatever the port; it comes before everything else.
 * RFC 3986 3.2.2: brackets keep an address together. */
static void rfc9110_4_2_3_hosts(void **state)
{
    (void)state;
    static const struct linnet_route rows[] = {
        {.kind = LINNET_ROUTE_EXACT, .path = LINNET_SPAN_INIT("/x"), .methods = BIT(GET)},
        {.kind = LINNET_ROUTE_DEFAULT, .host = LINNET_SPAN_INIT("A.Example"), .methods = BIT(GET)},
        {.kind = LINNET_ROUTE_DEFAULT, .host = LINNET_SPAN_INIT("[::1]"), .methods = BIT(GET)},
        {.kind = LINNET_ROUTE_DEFAULT, .host = LINNET_SPAN_INIT("10.0.0.1"), .methods = BIT(GET)},
        {.kind = LINNET_ROUTE_PREFIX,
         .path = LINNET_SPAN_INIT("/"),
         .host = LINNET_SPAN_INIT("c"),
         .methods = BIT(GET)},
    };
    assert_int_equal(find_at(rows, 5, LINNET_SPAN("a.example")), 1);
    assert_int_equal(find_at(rows, 5, LINNET_SPAN("a.EXAMPLE:8080")), 1);
    assert_int_equal(find_at(rows, 5, LINNET_SPAN("a.example:")), 1);
    assert_int_equal(find_at(rows, 5, LINNET_SPAN("b.example")), 0);
    assert_int_equal(find_at(rows, 5, LINNET_SPAN("x.a.example")), 0);
    assert_int_equal(find_at(rows, 5, LINNET_SPAN("")), 0);
    assert_int_equal(find_at(rows, 5, LINNET_SPAN("[::1]")), 2);
    assert_int_equal(find_at(rows, 5, LINNET_SPAN("[::1]:80")), 2);
    assert_int_equal(find_at(rows, 5, LINNET_SPAN("10.0.0.1")), 3);
    assert_int_equal(find_at(rows, 5, LINNET_SPAN("10.0.0.1:80")), 3);
    assert_int_equal(find_at(rows, 5, LINNET_SPAN("C:80")), 4);
    assert_int_equal(find_at(rows + 1, 4, LINNET_SPAN("b")), NONE);
    assert_int_equal(find_at(rows + 1, 1, LINNET_SPAN("b")), NONE);
    assert_int_equal(find_at(rows + 1, 1, LINNET_SPAN("a.example")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s0_8_precedence_of_patterns),
        cmocka_unit_test(rfc9110_15_5_6_methods_of_one_pattern),
        cmocka_unit_test(rfc9110_4_2_3_hosts),
        cmocka_unit_test(s1_1_prefix_by_segment),
        cmocka_unit_test(without_a_default_there_is_nothing),
        cmocka_unit_test(a_prefix_that_ends_with_a_slash),
        cmocka_unit_test(precedence_does_not_depend_on_order),
        cmocka_unit_test(rfc9110_15_5_6_methods_of_one_resource),
        cmocka_unit_test(rfc9110_9_3_7_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
