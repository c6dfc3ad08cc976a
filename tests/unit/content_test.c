/* Is a representation answered as RFC 9110 13 and 14 say: the whole, a part, or no content? */
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

/* 2020-09-13 12:26:40. */
#define CHANGED_UNIX_S INT64_C(1600000000)
#define CHANGED        "Sun, 13 Sep 2020 12:26:40 GMT"
#define BEFORE         "Sun, 13 Sep 2020 12:26:39 GMT"

#define VALIDATORS "|ETag: \"v1\"|Last-Modified: " CHANGED
#define WHOLE      "200 26 from 0" VALIDATORS "|Accept-Ranges: bytes"
#define PART(range, len, from) \
    "206 " #len " from " #from VALIDATORS "|Content-Range: bytes " range "/26"
#define UNCHANGED "304" VALIDATORS
#define FAILED    "412 page"

static char text[1024];
static const uint8_t alphabet[] = "abcdefghijklmnopqrstuvwxyz";
static struct linnet_representation representation;
static int64_t now_unix_s;

/* The answer as text: status, content, fields. */
static enum linnet_error note_reply(struct linnet_exchange *exchange,
                                    const struct linnet_reply *reply)
{
    (void)exchange;
    int len = snprintf(text, sizeof text, "%d", (int)reply->status);
    if (reply->body == LINNET_BODY_SOURCE) {
        len += snprintf(text + len, sizeof text - (size_t)len, " %d from %d", (int)reply->len,
                        (int)reply->offset);
    } else if (reply->media_type.len == sizeof "text/html; charset=utf-8" - 1) {
        len += snprintf(text + len, sizeof text - (size_t)len, " page");
    } else if (reply->body == LINNET_BODY_LEND) {
        len += snprintf(text + len, sizeof text - (size_t)len, " %d from %d", (int)reply->bytes.len,
                        (int)(reply->bytes.data - alphabet));
    }
    if (reply->prepared != NULL) {
        len += snprintf(text + len, sizeof text - (size_t)len, " prepared");
    }
    for (size_t i = 0; i < reply->field_count; i++) {
        const struct linnet_field *field = &reply->fields[i];
        len += snprintf(text + len, sizeof text - (size_t)len, "|%.*s: %.*s", (int)field->name.len,
                        (const char *)field->name.data, (int)field->content.len,
                        (const char *)field->content.data);
    }
    return LINNET_ERROR_NONE;
}

static const struct ln_exchange_sink sink = {.reply = note_reply};

static const char *answer(struct linnet_span bytes)
{
    struct parsed_head parsed;
    parsed_head_init(&parsed, bytes);
    struct linnet_exchange exchange = {
        .request = {.method = (enum linnet_method)parsed.head.method},
        .sink = &sink,
        .head = bytes.data,
        .lines = parsed.lines,
        .line_count = parsed.head.field_count,
        .fields_seen = parsed.head.fields_seen,
        .state = LN_EXCHANGE_THINKING,
        .time = {.unix_s = now_unix_s},
    };
    text[0] = '\0';
    assert_int_equal(linnet_reply_representation(&exchange, &representation), LINNET_ERROR_NONE);
    return text;
}

#define expect(method, lines, expected)                                                        \
    assert_string_equal(answer(LINNET_SPAN(method " / HTTP/1.1\r\nHost: a\r\n" lines "\r\n")), \
                        expected)

static int begin(void **state)
{
    (void)state;
    now_unix_s = CHANGED_UNIX_S + 1000;
    representation = (struct linnet_representation){
        .media_type = LINNET_SPAN("text/plain"),
        .entity_tag = LINNET_SPAN("\"v1\""),
        .last_modified_unix_s = CHANGED_UNIX_S,
        .bytes = {alphabet, 26},
    };
    return 0;
}

static void rfc9110_8_8_validators(void **state)
{
    (void)state;
    expect("GET", "", WHOLE);
    expect("HEAD", "", WHOLE);
    representation.entity_tag = (struct linnet_span){NULL, 0};
    expect("GET", "", "200 26 from 0|Last-Modified: " CHANGED "|Accept-Ranges: bytes");
    expect("GET", "If-None-Match: \"v1\"\r\n",
           "200 26 from 0|Last-Modified: " CHANGED "|Accept-Ranges: bytes");
    representation.last_modified_unix_s = LINNET_NO_WALL_CLOCK;
    expect("GET", "", "200 26 from 0|Accept-Ranges: bytes");
    expect("GET", "If-Modified-Since: " CHANGED "\r\n", "200 26 from 0|Accept-Ranges: bytes");
}

/* RFC 9110 8.8.2.1: what was changed in the future was changed now. */
static void rfc9110_8_8_2_1_no_date_in_the_future(void **state)
{
    (void)state;
    representation.last_modified_unix_s = CHANGED_UNIX_S + 5000;
    now_unix_s = CHANGED_UNIX_S;
    expect("GET", "", WHOLE);
    expect("GET", "If-Modified-Since: " CHANGED "\r\n", UNCHANGED);
    now_unix_s = LINNET_NO_WALL_CLOCK;
    representation.last_modified_unix_s = CHANGED_UNIX_S;
    expect("GET", "", WHOLE);
    expect("GET", "If-Modified-Since: " CHANGED "\r\n", UNCHANGED);
}

static void rfc9110_13_1_conditions(void **state)
{
    (void)state;
    expect("GET", "If-None-Match: \"v1\"\r\n", UNCHANGED);
    expect("HEAD", "If-None-Match: *\r\n", UNCHANGED);
    expect("GET", "If-None-Match: \"v0\"\r\nIf-None-Match: \"v1\"\r\n", UNCHANGED);
    expect("GET", "If-None-Match: \"v0\"\r\n", WHOLE);
    expect("GET", "If-Modified-Since: " CHANGED "\r\n", UNCHANGED);
    expect("GET", "If-Modified-Since: " BEFORE "\r\n", WHOLE);
    expect("GET", "If-Match: \"v1\"\r\n", WHOLE);
    expect("GET", "If-Match: \"v0\"\r\n", FAILED);
    expect("GET", "If-Unmodified-Since: " CHANGED "\r\n", WHOLE);
    expect("GET", "If-Unmodified-Since: " BEFORE "\r\n", FAILED);
}

/* RFC 9110 13.2.2: the tag replaces the date, and a failed precondition comes first. */
static void rfc9110_13_2_2_order(void **state)
{
    (void)state;
    expect("GET", "If-None-Match: \"v0\"\r\nIf-Modified-Since: " CHANGED "\r\n", WHOLE);
    expect("GET", "If-Match: \"v1\"\r\nIf-Unmodified-Since: " BEFORE "\r\n", WHOLE);
    expect("GET", "If-Match: \"v0\"\r\nIf-None-Match: \"v1\"\r\n", FAILED);
    expect("GET", "If-None-Match: \"v1\"\r\nRange: bytes=0-0\r\n", UNCHANGED);
}

/* RFC 9110 5.3: a date that stands twice says nothing. */
static void rfc9110_5_3_a_date_stands_once(void **state)
{
    (void)state;
    expect("GET", "If-Modified-Since: " CHANGED "\r\nIf-Modified-Since: " CHANGED "\r\n", WHOLE);
    expect("GET", "If-Modified-Since: yesterday\r\n", WHOLE);
}

/* RFC 6585 5: more lines of tags than are looked at are answered 431. */
static void rfc6585_5_too_many_lines(void **state)
{
    (void)state;
#define LINE  "If-None-Match: \"x\"\r\n"
#define SEVEN LINE LINE LINE LINE LINE LINE LINE
    expect("GET", SEVEN "If-None-Match: \"v1\"\r\n", UNCHANGED);
    expect("GET", SEVEN LINE, WHOLE);
    expect("GET", SEVEN LINE LINE, "431 page");
#undef LINE
#define LINE "If-Match: \"v1\"\r\n"
    expect("GET", SEVEN LINE, WHOLE);
    expect("GET", SEVEN LINE LINE, "431 page");
#undef LINE
#undef SEVEN
}

static void rfc9110_14_2_ranges(void **state)
{
    (void)state;
    expect("GET", "Range: bytes=0-0\r\n", PART("0-0", 1, 0));
    expect("GET", "Range: bytes=3-5\r\n", PART("3-5", 3, 3));
    expect("GET", "Range: bytes=20-\r\n", PART("20-25", 6, 20));
    expect("GET", "Range: bytes=20-1000\r\n", PART("20-25", 6, 20));
    expect("GET", "Range: bytes=-5\r\n", PART("21-25", 5, 21));
    expect("GET", "Range: bytes=26-\r\n", "416|Content-Range: bytes */26");
    expect("GET", "Range: bytes=0-1,3-4\r\n", WHOLE);
    expect("GET", "Range: lines=0-1\r\n", WHOLE);
    expect("GET", "Range: bytes=0-1\r\nRange: bytes=0-1\r\n", WHOLE);
    expect("HEAD", "Range: bytes=0-1\r\n", WHOLE);
}

static void rfc9110_13_1_5_if_range(void **state)
{
    (void)state;
    expect("GET", "Range: bytes=0-0\r\nIf-Range: \"v1\"\r\n", PART("0-0", 1, 0));
    expect("GET", "Range: bytes=0-0\r\nIf-Range: \"v0\"\r\n", WHOLE);
    expect("GET", "Range: bytes=0-0\r\nIf-Range: W/\"v1\"\r\n", WHOLE);
    expect("GET", "Range: bytes=0-0\r\nIf-Range: " CHANGED "\r\n", PART("0-0", 1, 0));
    expect("GET", "Range: bytes=0-0\r\nIf-Range: " BEFORE "\r\n", WHOLE);
    expect("GET", "Range: bytes=99-\r\nIf-Range: \"v0\"\r\n", WHOLE);
    expect("GET", "If-Range: \"v0\"\r\n", WHOLE);
}

static void of_a_source(void **state)
{
    (void)state;
    struct linnet_source source = {.descriptor = -1};
    representation.source = &source;
    representation.bytes = (struct linnet_span){NULL, 0};
    representation.len = 26;
    expect("GET", "", WHOLE);
    expect("GET", "Range: bytes=3-5\r\n", PART("3-5", 3, 3));
    expect("GET", "Range: bytes=26-\r\n", "416|Content-Range: bytes */26");
}

static void of_nothing(void **state)
{
    (void)state;
    representation.bytes.len = 0;
    expect("GET", "", "200 0 from 0" VALIDATORS "|Accept-Ranges: bytes");
    expect("GET", "Range: bytes=0-\r\n", "416|Content-Range: bytes */0");
    expect("GET", "Range: bytes=-5\r\n", "200 0 from 0" VALIDATORS "|Accept-Ranges: bytes");
}

static void other_methods_are_not_for_it(void **state)
{
    (void)state;
    struct linnet_exchange exchange = {.request = {.method = LINNET_METHOD_POST},
                                       .state = LN_EXCHANGE_THINKING};
    expect_assertion(linnet_reply_representation(&exchange, &representation) == LINNET_ERROR_NONE);
}

/* What is prepared is sent when the answer is the whole and its date is not to come. */
static void prepared_lines_are_used_where_they_are_right(void **state)
{
    (void)state;
    static uint8_t lines[256];
    static const char expected[] =
        "Content-Type: text/plain\r\nContent-Length: 26\r\n"
        "ETag: \"v1\"\r\nLast-Modified: " CHANGED "\r\nAccept-Ranges: bytes\r\n\r\n";
    struct linnet_prepared prepared;
    assert_int_equal(linnet_representation_prepare(
                         &representation, (struct linnet_room){lines, sizeof lines}, &prepared),
                     LINNET_ERROR_NONE);
    assert_int_equal(prepared.lines.len, sizeof expected - 1);
    assert_memory_equal(prepared.lines.data, expected, sizeof expected - 1);
    representation.prepared = &prepared;
    expect("GET", "", "200 26 from 0 prepared");
    expect("GET", "If-None-Match: \"v2\"\r\n", "200 26 from 0 prepared");
    expect("GET", "If-None-Match: \"v1\"\r\n", "304|ETag: \"v1\"|Last-Modified: " CHANGED);
    /* RFC 9110 8.8.2.1: by then it was changed in the future. */
    now_unix_s = CHANGED_UNIX_S;
    expect("GET", "", "200 26 from 0 prepared");
    now_unix_s = CHANGED_UNIX_S - 1;
    assert_null(strstr(answer(LINNET_SPAN("GET / HTTP/1.1\r\nHost: a\r\n\r\n")), "prepared"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(rfc9110_8_8_validators, begin),
        cmocka_unit_test_setup(rfc9110_8_8_2_1_no_date_in_the_future, begin),
        cmocka_unit_test_setup(rfc9110_13_1_conditions, begin),
        cmocka_unit_test_setup(rfc9110_13_2_2_order, begin),
        cmocka_unit_test_setup(rfc9110_5_3_a_date_stands_once, begin),
        cmocka_unit_test_setup(rfc6585_5_too_many_lines, begin),
        cmocka_unit_test_setup(rfc9110_14_2_ranges, begin),
        cmocka_unit_test_setup(rfc9110_13_1_5_if_range, begin),
        cmocka_unit_test_setup(of_a_source, begin),
        cmocka_unit_test_setup(of_nothing, begin),
        cmocka_unit_test_setup(other_methods_are_not_for_it, begin),
        cmocka_unit_test_setup(prepared_lines_are_used_where_they_are_right, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
