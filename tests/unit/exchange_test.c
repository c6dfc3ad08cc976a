/* Does a handler hear BEGIN, DATA and one of FINAL and ABORT, and does it read its request? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/exchange/exchange.h"
#include "tests/lib/assertion.h"
#include "tests/lib/parsed_head.h"

static char heard[256];
static const struct linnet_hooks no_hooks;

static void note_event(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                       struct linnet_span data)
{
    static const char *const names[] = {"begin", "data", "final", "abort", "resume"};
    const size_t len = strlen(heard);
    assert_ptr_equal(context, heard);
    snprintf(heard + len, sizeof heard - len, "%s(%.*s) at %d|", names[event], (int)data.len,
             (const char *)data.data, (int)linnet_exchange_time(exchange).monotonic_ms);
}

static struct linnet_time at(uint64_t now_ms)
{
    return (struct linnet_time){now_ms, LINNET_NO_WALL_CLOCK};
}

static struct linnet_exchange new_exchange(void)
{
    heard[0] = '\0';
    return (struct linnet_exchange){
        .handler = note_event, .context = heard, .state = LN_EXCHANGE_NEW};
}

static void deliveries_in_their_order(void **state)
{
    (void)state;
    struct linnet_exchange exchange = new_exchange();
    exchange.request.body_len = LINNET_LEN_UNKNOWN;
    ln_exchange_arrive(&exchange, &no_hooks, at(1));
    ln_exchange_begin(&exchange, at(1));
    ln_exchange_data(&exchange, LINNET_SPAN("ab"), at(2));
    ln_exchange_data(&exchange, LINNET_SPAN("c"), at(3));
    exchange.body_received = 3;
    ln_exchange_final(&exchange, at(4));
    assert_string_equal(heard, "begin() at 1|data(ab) at 2|data(c) at 3|final() at 4|");
    assert_int_equal(linnet_exchange_request(&exchange)->body_len, 3);
    exchange.state = LN_EXCHANGE_ANSWERED;
    ln_exchange_abort(&exchange, at(5));
    assert_string_equal(heard, "begin() at 1|data(ab) at 2|data(c) at 3|final() at 4|");
    assert_int_equal(exchange.state, LN_EXCHANGE_ENDED);
}

/* Behind a FINAL without an answer it is resumed, and hears when there will be none. */
static void waiting_for_an_answer(void **state)
{
    (void)state;
    struct linnet_exchange exchange = new_exchange();
    assert_false(ln_exchange_can_resume(&exchange));
    ln_exchange_arrive(&exchange, &no_hooks, at(1));
    ln_exchange_begin(&exchange, at(1));
    assert_true(ln_exchange_can_resume(&exchange));
    ln_exchange_final(&exchange, at(2));
    assert_true(ln_exchange_can_resume(&exchange));
    ln_exchange_resume(&exchange, at(3));
    ln_exchange_resume(&exchange, at(4));
    ln_exchange_abort(&exchange, at(5));
    assert_string_equal(heard,
                        "begin() at 1|final() at 2|resume() at 3|resume() at 4|abort() at 5|");
    assert_false(ln_exchange_can_resume(&exchange));
    expect_assertion(ln_exchange_resume(&exchange, at(6)));
}

/* An answer before FINAL ends it, unless the handler reads on. */
static void reading_on_or_not(void **state)
{
    (void)state;
    struct linnet_exchange exchange = new_exchange();
    ln_exchange_arrive(&exchange, &no_hooks, at(1));
    ln_exchange_begin(&exchange, at(1));
    exchange.status = LINNET_STATUS_OK;
    ln_exchange_move(&exchange, LN_EXCHANGE_ON_REPLY);
    assert_true(ln_exchange_has_ended(&exchange));
    assert_false(ln_exchange_can_resume(&exchange));
    exchange.reads_on = true;
    assert_false(ln_exchange_has_ended(&exchange));
    assert_true(ln_exchange_can_resume(&exchange));
    assert_int_equal(ln_exchange_data(&exchange, LINNET_SPAN("ab"), at(2)), 0);
    ln_exchange_final(&exchange, at(3));
    assert_true(ln_exchange_has_ended(&exchange));
}

/* Who has answered in BEGIN hears ABORT where there is no content, too. */
static void an_early_answer_without_content(void **state)
{
    (void)state;
    struct linnet_exchange exchange = new_exchange();
    ln_exchange_arrive(&exchange, &no_hooks, at(1));
    ln_exchange_begin(&exchange, at(1));
    ln_exchange_move(&exchange, LN_EXCHANGE_ON_REPLY);
    ln_exchange_final(&exchange, at(1));
    assert_string_equal(heard, "begin() at 1|abort() at 1|");
    assert_int_equal(exchange.state, LN_EXCHANGE_ANSWERED);

    exchange = new_exchange();
    exchange.reads_on = true;
    ln_exchange_arrive(&exchange, &no_hooks, at(1));
    ln_exchange_begin(&exchange, at(1));
    ln_exchange_move(&exchange, LN_EXCHANGE_ON_REPLY);
    ln_exchange_final(&exchange, at(2));
    assert_string_equal(heard, "begin() at 1|final() at 2|");
}

static void abort_instead_of_final(void **state)
{
    (void)state;
    struct linnet_exchange exchange = new_exchange();
    ln_exchange_arrive(&exchange, &no_hooks, at(1));
    ln_exchange_begin(&exchange, at(1));
    ln_exchange_abort(&exchange, at(2));
    assert_string_equal(heard, "begin() at 1|abort() at 2|");
    exchange = new_exchange();
    ln_exchange_abort(&exchange, at(2));
    assert_string_equal(heard, "");
    assert_int_equal(exchange.state, LN_EXCHANGE_ENDED);
}

static void without_a_handler_nothing_is_called(void **state)
{
    (void)state;
    struct linnet_exchange exchange = new_exchange();
    exchange.handler = NULL;
    ln_exchange_arrive(&exchange, &no_hooks, at(1));
    ln_exchange_begin(&exchange, at(1));
    ln_exchange_data(&exchange, LINNET_SPAN("a"), at(2));
    ln_exchange_final(&exchange, at(3));
    assert_string_equal(heard, "");
}

static void what_is_illegal_is_stopped(void **state)
{
    (void)state;
    struct linnet_exchange exchange = new_exchange();
    expect_assertion(ln_exchange_data(&exchange, LINNET_SPAN("a"), at(1)));
    expect_assertion(ln_exchange_final(&exchange, at(1)));
    expect_assertion(ln_exchange_begin(&exchange, at(1)));
    ln_exchange_arrive(&exchange, &no_hooks, at(1));
    expect_assertion(ln_exchange_arrive(&exchange, &no_hooks, at(1)));
    ln_exchange_begin(&exchange, at(1));
    expect_assertion(ln_exchange_data(&exchange, LINNET_SPAN(""), at(1)));
    ln_exchange_final(&exchange, at(1));
    expect_assertion(ln_exchange_final(&exchange, at(1)));
    expect_assertion(ln_exchange_data(&exchange, LINNET_SPAN("a"), at(1)));
}

#define HEAD                                                                                    \
    "GET / HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nIf-None-Match: \"a\"\r\nX-Empty:\r\nx-one: 2\r\n" \
    "If-None-Match: \"b\"\r\n\r\n"

/* An exchange over the fields of HEAD. */
static struct linnet_exchange read_fields(struct parsed_head *parsed)
{
    parsed_head_init(parsed, LINNET_SPAN(HEAD));
    return (struct linnet_exchange){
        .head = parsed->bytes.data,
        .lines = parsed->lines,
        .line_count = parsed->head.field_count,
        .fields_seen = parsed->head.fields_seen,
    };
}

static void assert_span(struct linnet_span span, const char *expected)
{
    assert_int_equal(span.len, strlen(expected));
    assert_memory_equal(span.data, expected, span.len);
}

static void fields_by_number(void **state)
{
    (void)state;
    struct parsed_head parsed;
    struct linnet_exchange exchange = read_fields(&parsed);
    struct linnet_span name;
    struct linnet_span content;
    assert_int_equal(linnet_exchange_field_count(&exchange), 6);
    assert_true(linnet_exchange_field_at(&exchange, 0, &name, &content));
    assert_span(name, "Host");
    assert_span(content, "a");
    assert_true(linnet_exchange_field_at(&exchange, 4, &name, &content));
    assert_span(name, "x-one");
    assert_span(content, "2");
    assert_false(linnet_exchange_field_at(&exchange, 6, &name, &content));
    expect_assertion(ln_exchange_line_content(&exchange, 6).len);
}

/* RFC 9110 5.1: by name in any case, the first one. */
static void rfc9110_5_1_fields_by_name(void **state)
{
    (void)state;
    struct parsed_head parsed;
    struct linnet_exchange exchange = read_fields(&parsed);
    struct linnet_span content;
    assert_true(linnet_exchange_field(&exchange, LINNET_SPAN("X-ONE"), &content));
    assert_span(content, "1");
    assert_true(linnet_exchange_field(&exchange, LINNET_SPAN("x-empty"), &content));
    assert_int_equal(content.len, 0);
    assert_false(linnet_exchange_field(&exchange, LINNET_SPAN("X-On"), &content));
    assert_false(linnet_exchange_field(&exchange, LINNET_SPAN(""), &content));
}

static void known_fields_are_counted_beyond_the_capacity(void **state)
{
    (void)state;
    struct parsed_head parsed;
    struct linnet_exchange exchange = read_fields(&parsed);
    struct linnet_span contents[2] = {{NULL, 0}, {NULL, 0}};
    assert_int_equal(ln_exchange_known_fields(&exchange, LN_FIELD_IF_NONE_MATCH, contents, 1), 2);
    assert_span(contents[0], "\"a\"");
    assert_null(contents[1].data);
    assert_int_equal(ln_exchange_known_fields(&exchange, LN_FIELD_IF_NONE_MATCH, contents, 2), 2);
    assert_span(contents[1], "\"b\"");
    assert_int_equal(ln_exchange_known_fields(&exchange, LN_FIELD_RANGE, contents, 2), 0);
    expect_assertion(ln_exchange_known_fields(&exchange, LN_FIELD_COUNT, contents, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deliveries_in_their_order),
        cmocka_unit_test(waiting_for_an_answer),
        cmocka_unit_test(reading_on_or_not),
        cmocka_unit_test(an_early_answer_without_content),
        cmocka_unit_test(abort_instead_of_final),
        cmocka_unit_test(without_a_handler_nothing_is_called),
        cmocka_unit_test(what_is_illegal_is_stopped),
        cmocka_unit_test(fields_by_number),
        cmocka_unit_test(rfc9110_5_1_fields_by_name),
        cmocka_unit_test(known_fields_are_counted_beyond_the_capacity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
