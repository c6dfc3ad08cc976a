/* Is a reply refused that would split an answer or take the place of what Linnet writes itself? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/exchange/exchange.h"
#include "core/table/status.h"
#include "tests/lib/assertion.h"

/* What the sink was given, and what it is to say. */
static struct {
    unsigned count;
    enum linnet_status status;
    enum linnet_body body;
    struct linnet_span media_type;
    struct linnet_span bytes;
    struct linnet_field field; /* the first, or empty */
    unsigned interim;
    enum linnet_error error;
} told;

static enum linnet_error note_reply(struct linnet_exchange *exchange,
                                    const struct linnet_reply *reply)
{
    (void)exchange;
    told.count++;
    told.status = reply->status;
    told.body = reply->body;
    told.media_type = reply->media_type;
    told.bytes = reply->bytes;
    told.field = reply->field_count > 0 ? reply->fields[0] : (struct linnet_field){.name = {0}};
    return told.error;
}

static enum linnet_error note_interim(struct linnet_exchange *exchange, enum linnet_status status,
                                      const struct linnet_field *fields, size_t field_count)
{
    (void)exchange;
    (void)fields;
    (void)field_count;
    told.interim++;
    told.status = status;
    return told.error;
}

static const struct ln_exchange_sink sink = {.reply = note_reply, .interim = note_interim};

static struct linnet_exchange begin(void)
{
    memset(&told, 0, sizeof told);
    return (struct linnet_exchange){.sink = &sink, .state = LN_EXCHANGE_THINKING};
}

static enum linnet_error reply_with(struct linnet_span name, struct linnet_span content)
{
    struct linnet_exchange exchange = begin();
    const struct linnet_field fields[] = {
        {LINNET_SPAN("X-First"), LINNET_SPAN("sound")},
        {name, content},
    };
    const struct linnet_reply reply = {
        .status = LINNET_STATUS_OK, .fields = fields, .field_count = 2};
    const enum linnet_error error = linnet_reply(&exchange, &reply);
    assert_int_equal(told.count, error == LINNET_ERROR_NONE);
    assert_int_equal(exchange.status, error == LINNET_ERROR_NONE ? 200 : 0);
    return error;
}

/* At every place of a content that is looked at in larger pieces. */
static void rfc9110_5_5_no_control_byte_anywhere(void **state)
{
    (void)state;
    uint8_t content[25];
    for (unsigned byte = 0; byte < 256; byte++) {
        const bool sound = byte == '\t' || (byte >= 0x20 && byte != 0x7F);
        for (size_t at = 0; at < sizeof content; at++) {
            memset(content, at % 2 == 0 ? 0xFF : '!', sizeof content);
            content[at] = (uint8_t)byte;
            assert_int_equal(
                reply_with(LINNET_SPAN("X"), (struct linnet_span){content, sizeof content}),
                sound ? LINNET_ERROR_NONE : LINNET_ERROR_INVALID);
        }
    }
}

static void rfc9110_5_5_no_control_byte_in_content(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        const uint8_t content[] = {'a', (uint8_t)byte, 'b'};
        const bool sound = byte == '\t' || (byte >= 0x20 && byte != 0x7F);
        for (size_t begin_at = 0; begin_at < 2; begin_at++) {
            for (size_t end = 2; end <= 3; end++) {
                const struct linnet_span span = {content + begin_at, end - begin_at};
                assert_int_equal(reply_with(LINNET_SPAN("X"), span),
                                 sound ? LINNET_ERROR_NONE : LINNET_ERROR_INVALID);
            }
        }
    }
    assert_int_equal(reply_with(LINNET_SPAN("X"), LINNET_SPAN("a\r\nSet-Cookie: b")),
                     LINNET_ERROR_INVALID);
    assert_int_equal(reply_with(LINNET_SPAN("X"), (struct linnet_span){NULL, 0}),
                     LINNET_ERROR_NONE);
}

static void rfc9110_5_1_a_name_is_a_token(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        const uint8_t name[] = {'X', (uint8_t)byte, 'Y'};
        const bool token = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                           (byte >= '0' && byte <= '9') ||
                           (byte != 0 && strchr("!#$%&'*+-.^_`|~", (int)byte) != NULL);
        assert_int_equal(reply_with((struct linnet_span){name, 3}, LINNET_SPAN("a")),
                         token ? LINNET_ERROR_NONE : LINNET_ERROR_INVALID);
    }
    assert_int_equal(reply_with(LINNET_SPAN(""), LINNET_SPAN("a")), LINNET_ERROR_INVALID);
}

static void what_linnet_writes_itself_is_reserved(void **state)
{
    (void)state;
    static const struct linnet_span reserved[] = {
        LINNET_SPAN_INIT("Connection"),        LINNET_SPAN_INIT("connection"),
        LINNET_SPAN_INIT("Content-Length"),    LINNET_SPAN_INIT("CONTENT-LENGTH"),
        LINNET_SPAN_INIT("Content-Type"),      LINNET_SPAN_INIT("Date"),
        LINNET_SPAN_INIT("Keep-Alive"),        LINNET_SPAN_INIT("Transfer-Encoding"),
        LINNET_SPAN_INIT("transfer-encoding"), LINNET_SPAN_INIT("Upgrade"),
    };
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        assert_int_equal(reply_with(reserved[i], LINNET_SPAN("a")), LINNET_ERROR_INVALID);
    }
    assert_int_equal(reply_with(LINNET_SPAN("Dates"), LINNET_SPAN("a")), LINNET_ERROR_NONE);
    assert_int_equal(reply_with(LINNET_SPAN("ETag"), LINNET_SPAN("\"a\"")), LINNET_ERROR_NONE);
}

static void the_media_type_is_a_field_too(void **state)
{
    (void)state;
    struct linnet_exchange exchange = begin();
    struct linnet_reply reply = {.status = LINNET_STATUS_OK,
                                 .media_type = LINNET_SPAN("text/html\r\nX: y")};
    assert_int_equal(linnet_reply(&exchange, &reply), LINNET_ERROR_INVALID);
    reply.media_type = LINNET_SPAN("text/html");
    assert_int_equal(linnet_reply(&exchange, &reply), LINNET_ERROR_NONE);
}

static void a_status_is_final(void **state)
{
    (void)state;
    const int wrong[] = {0, 100, 101, 103, 199, 600, 1000};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct linnet_exchange exchange = begin();
        const struct linnet_reply reply = {.status = (enum linnet_status)wrong[i]};
        assert_int_equal(linnet_reply(&exchange, &reply), LINNET_ERROR_INVALID);
        assert_int_equal(told.count, 0);
    }
}

static void a_source_is_given_where_it_is_needed(void **state)
{
    (void)state;
    struct linnet_exchange exchange = begin();
    const struct linnet_reply reply = {
        .status = LINNET_STATUS_OK, .body = LINNET_BODY_SOURCE, .len = 5};
    assert_int_equal(linnet_reply(&exchange, &reply), LINNET_ERROR_INVALID);
}

static void an_exchange_is_answered_once(void **state)
{
    (void)state;
    struct linnet_exchange exchange = begin();
    const struct linnet_reply reply = {.status = LINNET_STATUS_OK};
    assert_int_equal(linnet_reply(&exchange, &reply), LINNET_ERROR_NONE);
    assert_int_equal(linnet_reply(&exchange, &reply), LINNET_ERROR_INVALID);
    assert_int_equal(told.count, 1);
    assert_int_equal(exchange.state, LN_EXCHANGE_ANSWERED);
}

static void behind_too_large_another_reply_may_follow(void **state)
{
    (void)state;
    struct linnet_exchange exchange = begin();
    const struct linnet_reply reply = {.status = LINNET_STATUS_OK};
    told.error = LINNET_ERROR_TOO_LARGE;
    assert_int_equal(linnet_reply(&exchange, &reply), LINNET_ERROR_TOO_LARGE);
    assert_int_equal(exchange.status, LINNET_STATUS_NONE);
    told.error = LINNET_ERROR_NONE;
    assert_int_equal(linnet_reply_status(&exchange, LINNET_STATUS_INTERNAL_SERVER_ERROR),
                     LINNET_ERROR_NONE);
    assert_int_equal(exchange.status, 500);
}

static void a_page_of_the_server(void **state)
{
    (void)state;
    struct linnet_exchange exchange = begin();
    assert_int_equal(linnet_reply_status(&exchange, LINNET_STATUS_NOT_FOUND), LINNET_ERROR_NONE);
    assert_int_equal(told.status, 404);
    assert_int_equal(told.body, LINNET_BODY_LEND);
    assert_ptr_equal(told.bytes.data, ln_status_row(LINNET_STATUS_NOT_FOUND)->page.data);
    assert_int_equal(told.media_type.len, sizeof "text/html; charset=utf-8" - 1);
    exchange = begin();
    assert_int_equal(linnet_reply_status(&exchange, LINNET_STATUS_NO_CONTENT), LINNET_ERROR_NONE);
    assert_int_equal(told.body, LINNET_BODY_NONE);
    assert_int_equal(told.media_type.len, 0);
    exchange = begin();
    expect_assertion(linnet_reply_status(&exchange, (enum linnet_status)299) == LINNET_ERROR_NONE);
}

/* A reply before BEGIN or in ABORT is a bug of whoever gives it. */
static void only_a_living_exchange_is_answered(void **state)
{
    (void)state;
    const struct linnet_reply reply = {.status = LINNET_STATUS_OK};
    struct linnet_exchange exchange = begin();
    exchange.state = LN_EXCHANGE_NEW;
    expect_assertion(linnet_reply(&exchange, &reply) == LINNET_ERROR_NONE);
    exchange.state = LN_EXCHANGE_ENDED;
    expect_assertion(linnet_reply(&exchange, &reply) == LINNET_ERROR_NONE);
    exchange.state = LN_EXCHANGE_RECEIVING;
    assert_int_equal(linnet_reply(&exchange, &reply), LINNET_ERROR_NONE);
    assert_int_equal(exchange.state, LN_EXCHANGE_EARLY);
}

static struct linnet_prepared prepared;
static uint8_t lines[128];

static enum linnet_error prepare(const struct linnet_reply *reply, size_t room_len)
{
    return linnet_prepare(reply, (struct linnet_room){lines, room_len}, &prepared);
}

static void prepared_lines_are_those_of_an_answer(void **state)
{
    (void)state;
    static const char expected[] =
        "Content-Type: text/plain\r\nContent-Length: 3\r\nETag: \"x\"\r\n\r\n";
    const struct linnet_field tag = {LINNET_SPAN("ETag"), LINNET_SPAN("\"x\"")};
    const struct linnet_reply reply = {
        .status = LINNET_STATUS_OK,
        .media_type = LINNET_SPAN("text/plain"),
        .fields = &tag,
        .field_count = 1,
        .body = LINNET_BODY_LEND,
        .bytes = LINNET_SPAN("abc"),
    };
    assert_int_equal(prepare(&reply, sizeof expected - 1), LINNET_ERROR_NONE);
    assert_int_equal(prepared.lines.len, sizeof expected - 1);
    assert_memory_equal(prepared.lines.data, expected, sizeof expected - 1);
    assert_int_equal(prepared.body_len, 3);
    assert_int_equal(prepare(&reply, sizeof expected - 2), LINNET_ERROR_TOO_LARGE);
}

/* The promise of linnet_reply holds when the fields are written, once. */
static void what_would_split_an_answer_is_not_prepared(void **state)
{
    (void)state;
    const struct linnet_field split = {LINNET_SPAN("X"), LINNET_SPAN("long enough\r\nY: b")};
    const struct linnet_field own = {LINNET_SPAN("content-length"), LINNET_SPAN("1")};
    struct linnet_reply reply = {.status = LINNET_STATUS_OK, .fields = &split, .field_count = 1};
    assert_int_equal(prepare(&reply, sizeof lines), LINNET_ERROR_INVALID);
    reply.fields = &own;
    assert_int_equal(prepare(&reply, sizeof lines), LINNET_ERROR_INVALID);
    reply.field_count = 0;
    reply.media_type = LINNET_SPAN("text/plain\x7F");
    assert_int_equal(prepare(&reply, sizeof lines), LINNET_ERROR_INVALID);
}

static void prepared_lines_stand_for_all_others(void **state)
{
    (void)state;
    struct linnet_reply reply = {
        .status = LINNET_STATUS_OK, .body = LINNET_BODY_LEND, .bytes = LINNET_SPAN("abc")};
    assert_int_equal(prepare(&reply, sizeof lines), LINNET_ERROR_NONE);
    reply.prepared = &prepared;
    assert_int_equal(prepare(&reply, sizeof lines), LINNET_ERROR_INVALID);
    struct linnet_exchange exchange = begin();
    reply.media_type = LINNET_SPAN("text/plain");
    assert_int_equal(linnet_reply(&exchange, &reply), LINNET_ERROR_INVALID);
    reply.media_type.len = 0;
    reply.bytes = LINNET_SPAN("abcd");
    assert_int_equal(linnet_reply(&exchange, &reply), LINNET_ERROR_INVALID);
    reply.bytes = LINNET_SPAN("abc");
    /* RFC 9110 8.6: 204 says no length. */
    reply.status = LINNET_STATUS_NO_CONTENT;
    assert_int_equal(linnet_reply(&exchange, &reply), LINNET_ERROR_INVALID);
    reply.status = LINNET_STATUS_OK;
    assert_int_equal(linnet_reply(&exchange, &reply), LINNET_ERROR_NONE);
    assert_int_equal(told.count, 1);
}

static void s1_2_a_soft_page(void **state)
{
    (void)state;
    struct linnet_exchange exchange = begin();
    assert_int_equal(linnet_reply_soft(&exchange, LINNET_STATUS_NOT_FOUND), LINNET_ERROR_NONE);
    assert_int_equal(told.status, LINNET_STATUS_OK);
    assert_ptr_equal(told.bytes.data, ln_status_row(LINNET_STATUS_NOT_FOUND)->page.data);
}

static void rfc9110_10_2_2_a_redirect_says_where(void **state)
{
    (void)state;
    for (unsigned status = 200; status < 600; status++) {
        struct linnet_exchange exchange = begin();
        const bool redirects =
            status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
        assert_int_equal(
            linnet_reply_redirect(&exchange, (enum linnet_status)status, LINNET_SPAN("/elsewhere")),
            redirects ? LINNET_ERROR_NONE : LINNET_ERROR_INVALID);
        assert_int_equal(told.count, redirects);
        if (redirects) {
            /* RFC 9110 10.2.2 */
            assert_memory_equal(told.field.name.data, "Location", 8);
            assert_memory_equal(told.field.content.data, "/elsewhere", 10);
        }
    }
    struct linnet_exchange exchange = begin();
    assert_int_equal(
        linnet_reply_redirect(&exchange, LINNET_STATUS_FOUND, LINNET_SPAN("/a\r\nX-Evil: 1")),
        LINNET_ERROR_INVALID);
    assert_int_equal(
        linnet_reply_redirect(&exchange, LINNET_STATUS_FOUND, (struct linnet_span){NULL, 0}),
        LINNET_ERROR_INVALID);
    assert_int_equal(told.count, 0);
}

static void written_text_is_copied_or_too_large(void **state)
{
    (void)state;
    uint8_t bytes[4];
    struct linnet_exchange exchange = begin();
    struct linnet_text text = linnet_text_over((struct linnet_room){bytes, sizeof bytes});
    linnet_text_put(&text, LINNET_SPAN("abcd"));
    assert_int_equal(
        linnet_reply_written(&exchange, LINNET_STATUS_OK, LINNET_SPAN("text/plain"), &text),
        LINNET_ERROR_NONE);
    assert_int_equal(told.body, LINNET_BODY_COPY);
    assert_int_equal(told.bytes.len, 4);
    exchange = begin();
    linnet_text_put_byte(&text, 'e');
    assert_int_equal(
        linnet_reply_written(&exchange, LINNET_STATUS_OK, LINNET_SPAN("text/plain"), &text),
        LINNET_ERROR_TOO_LARGE);
    assert_int_equal(told.count, 0);
}

static void rfc9110_15_2_what_may_be_interim(void **state)
{
    (void)state;
    const struct linnet_field sound = {LINNET_SPAN("Link"), LINNET_SPAN("</a>")};
    const struct linnet_field evil = {LINNET_SPAN("Link"), LINNET_SPAN("</a>\r\n\r\n")};
    struct linnet_exchange exchange = begin();
    exchange.request.minor_version = 1;
    for (unsigned status = 100; status < 600; status++) {
        assert_int_equal(linnet_reply_interim(&exchange, (enum linnet_status)status, &sound, 1),
                         status == 103 ? LINNET_ERROR_NONE : LINNET_ERROR_INVALID);
    }
    assert_int_equal(told.interim, 1);
    assert_int_equal(linnet_reply_interim(&exchange, LINNET_STATUS_EARLY_HINTS, &evil, 1),
                     LINNET_ERROR_INVALID);
    exchange.request.minor_version = 0; /* RFC 9110 15.2 */
    assert_int_equal(linnet_reply_interim(&exchange, LINNET_STATUS_EARLY_HINTS, &sound, 1),
                     LINNET_ERROR_NONE);
    assert_int_equal(told.interim, 1);
    exchange.status = LINNET_STATUS_OK;
    assert_int_equal(linnet_reply_interim(&exchange, LINNET_STATUS_EARLY_HINTS, &sound, 1),
                     LINNET_ERROR_INVALID);
}

static enum linnet_pulled pull_nothing(struct linnet_stream *stream, struct linnet_pull *pull)
{
    (void)stream;
    (void)pull;
    return LINNET_PULLED_END;
}

static void a_stream_answers_one_request_at_a_time(void **state)
{
    (void)state;
    static const struct linnet_stream_operations operations = {.pull = pull_nothing};
    struct linnet_stream stream = {.operations = &operations};
    struct linnet_exchange exchange = begin();
    assert_int_equal(linnet_reply_stream(&exchange, LINNET_SPAN("text/plain"), NULL),
                     LINNET_ERROR_INVALID);
    stream.channel = &exchange; /* it is answering */
    assert_int_equal(linnet_reply_stream(&exchange, LINNET_SPAN("text/plain"), &stream),
                     LINNET_ERROR_INVALID);
    stream.channel = NULL;
    stream.trailers = LINNET_SPAN("X-A\r\nX-Evil: 1");
    assert_int_equal(linnet_reply_stream(&exchange, LINNET_SPAN("text/plain"), &stream),
                     LINNET_ERROR_INVALID);
    stream.trailers = LINNET_SPAN("X-A");
    uint8_t room[100];
    struct linnet_prepared written;
    const struct linnet_reply unsized = {.status = LINNET_STATUS_OK,
                                         .body = LINNET_BODY_STREAM,
                                         .stream = &stream,
                                         .len = LINNET_LEN_UNKNOWN};
    assert_int_equal(linnet_prepare(&unsized, (struct linnet_room){room, sizeof room}, &written),
                     LINNET_ERROR_INVALID);
    assert_int_equal(linnet_reply_stream(&exchange, LINNET_SPAN("text/plain"), &stream),
                     LINNET_ERROR_NONE);
    assert_int_equal(told.count, 1);
}

/* Every pair of announced or not, sound or not, allowed there or not. */
static void rfc9110_6_5_1_what_may_be_a_trailer(void **state)
{
    (void)state;
    static const char *const never[] = {
        "Content-Length", "Transfer-Encoding", "Host",     "Trailer",
        "Set-Cookie",     "content-encoding",  "Location", "Date"};
    const struct linnet_field digest = {LINNET_SPAN("Content-Digest"), LINNET_SPAN("x")};
    assert_true(ln_trailer_is_sound(&digest, LINNET_SPAN("X-A, content-digest")));
    assert_false(ln_trailer_is_sound(&digest, LINNET_SPAN("X-A")));
    assert_false(ln_trailer_is_sound(&digest, (struct linnet_span){NULL, 0}));
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        const struct linnet_span name = {(const uint8_t *)never[i], strlen(never[i])};
        const struct linnet_field field = {name, LINNET_SPAN("x")};
        assert_false(ln_trailer_is_sound(&field, name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s1_2_a_soft_page),
        cmocka_unit_test(rfc9110_10_2_2_a_redirect_says_where),
        cmocka_unit_test(written_text_is_copied_or_too_large),
        cmocka_unit_test(rfc9110_15_2_what_may_be_interim),
        cmocka_unit_test(a_stream_answers_one_request_at_a_time),
        cmocka_unit_test(rfc9110_6_5_1_what_may_be_a_trailer),
        cmocka_unit_test(rfc9110_5_5_no_control_byte_in_content),
        cmocka_unit_test(rfc9110_5_5_no_control_byte_anywhere),
        cmocka_unit_test(rfc9110_5_1_a_name_is_a_token),
        cmocka_unit_test(what_linnet_writes_itself_is_reserved),
        cmocka_unit_test(the_media_type_is_a_field_too),
        cmocka_unit_test(a_status_is_final),
        cmocka_unit_test(a_source_is_given_where_it_is_needed),
        cmocka_unit_test(an_exchange_is_answered_once),
        cmocka_unit_test(behind_too_large_another_reply_may_follow),
        cmocka_unit_test(a_page_of_the_server),
        cmocka_unit_test(only_a_living_exchange_is_answered),
        cmocka_unit_test(prepared_lines_are_those_of_an_answer),
        cmocka_unit_test(what_would_split_an_answer_is_not_prepared),
        cmocka_unit_test(prepared_lines_stand_for_all_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
