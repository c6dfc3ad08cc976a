/* The hook before routing: does it see each request once, and does its answer stand for all? */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <linnet/linnet.h>
#include <linnet/test.h>

enum { ANSWER_MAX = 8192 };

static struct {
    unsigned arrived;
    unsigned begun;
    unsigned finals;
    unsigned aborts;
    size_t data_len;
    bool refuses;
    bool limits;
    struct linnet_rate_entry entries[LINNET_RATE_WAYS];
    struct linnet_rate rate;
} it;

static void handle(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                   struct linnet_span data)
{
    (void)context;
    it.begun += event == LINNET_EVENT_BEGIN ? 1U : 0U;
    it.aborts += event == LINNET_EVENT_ABORT ? 1U : 0U;
    it.data_len += data.len;
    if (event == LINNET_EVENT_FINAL) {
        it.finals++;
        assert_int_equal(linnet_reply_text(exchange, LINNET_STATUS_OK, LINNET_SPAN("handled")),
                         LINNET_ERROR_NONE);
    }
}

static const struct linnet_route routes[] = {
    {.kind = LINNET_ROUTE_EXACT,
     .path = LINNET_SPAN_INIT("/"),
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET) | LINNET_METHOD_BIT(LINNET_METHOD_POST),
     .handler = handle}};

static bool is_welcome(const struct linnet_exchange *exchange)
{
    struct linnet_span content;
    struct linnet_credentials who;
    uint8_t bytes[64];
    return linnet_exchange_field(exchange, LINNET_SPAN("Authorization"), &content) &&
           linnet_authorization_basic(content, (struct linnet_room){bytes, sizeof bytes}, &who) ==
               LINNET_ERROR_NONE &&
           linnet_secret_equal(who.name, LINNET_SPAN("Aladdin")) &&
           linnet_secret_equal(who.password, LINNET_SPAN("open sesame"));
}

static void arrived(void *context, struct linnet_exchange *exchange)
{
    static const struct linnet_address nowhere;
    assert_ptr_equal(context, &it);
    assert_memory_equal(linnet_exchange_peer(exchange), &nowhere, sizeof nowhere);
    assert_int_equal(linnet_exchange_parameter_count(exchange), 0);
    it.arrived++;
    if (it.refuses && !is_welcome(exchange)) {
        assert_int_equal(linnet_reply_unauthorized(exchange, LINNET_SPAN("the lamp")),
                         LINNET_ERROR_NONE);
        assert_int_equal(linnet_reply_status(exchange, LINNET_STATUS_OK), LINNET_ERROR_INVALID);
    } else if (it.limits) {
        const uint64_t wait_ms = linnet_rate_take(&it.rate, linnet_exchange_peer(exchange),
                                                  linnet_exchange_time(exchange));
        if (wait_ms > 0) {
            assert_int_equal(linnet_reply_retry(exchange, LINNET_STATUS_TOO_MANY_REQUESTS, wait_ms),
                             LINNET_ERROR_NONE);
        }
    }
}

/* All that a client with these requests receives, ending with a zero. */
static const char *answers_to(const char *requests, bool refuses, bool limits)
{
    static uint8_t bytes[ANSWER_MAX];
    struct linnet_limits few;
    struct linnet_server *server;
    struct linnet_span answer;
    memset(&it, 0, sizeof it);
    it.refuses = refuses;
    it.limits = limits;
    it.rate = (struct linnet_rate){
        .entries = it.entries, .entry_count = LINNET_RATE_WAYS, .interval_ms = 3599001, .burst = 2};
    linnet_limits_default(&few);
    few.body_len_max = 100;
    few.discard_len_max = 20;
    const struct linnet_server_config config = {
        .routes = routes,
        .route_count = 1,
        .limits = &few,
        .hooks = {.arrived = arrived, .context = &it},
    };
    assert_int_equal(linnet_server_open(&config, NULL, 0, &server), LINNET_ERROR_NONE);
    assert_int_equal(linnet_test_request(
                         server, (struct linnet_span){(const uint8_t *)requests, strlen(requests)},
                         (struct linnet_room){bytes, sizeof bytes - 1}, &answer),
                     LINNET_ERROR_NONE);
    bytes[answer.len] = 0;
    linnet_server_close(server);
    return (const char *)bytes;
}

static unsigned count_of(const char *text, const char *part)
{
    unsigned count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define GET_ALADDIN \
    "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"
#define OK           "HTTP/1.1 200 OK\r\n"
#define UNAUTHORIZED "HTTP/1.1 401 Unauthorized\r\n"

static void what_it_lets_pass_goes_on(void **state)
{
    (void)state;
    const char *answers =
        answers_to(GET "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                       "GET /no HTTP/1.1\r\nHost: a\r\n\r\n",
                   false, false);
    assert_int_equal(it.arrived, 3); /* also where there is no route */
    assert_int_equal(it.begun, 2);
    assert_int_equal(it.finals, 2);
    assert_int_equal(it.data_len, 3);
    assert_int_equal(count_of(answers, OK), 2);
    assert_int_equal(count_of(answers, "HTTP/1.1 404 "), 1);
}

/* RFC 9110 11.6.1: 401 comes with WWW-Authenticate. The connection goes on. */
static void its_answer_stands(void **state)
{
    (void)state;
    const char *answers = answers_to(GET GET_ALADDIN GET, true, false);
    assert_int_equal(it.arrived, 3);
    assert_int_equal(it.begun, 1);
    assert_int_equal(it.finals, 1);
    assert_int_equal(count_of(answers, UNAUTHORIZED), 2);
    assert_int_equal(count_of(answers, "\r\nWWW-Authenticate: Basic realm=\"the lamp\", "
                                       "charset=\"UTF-8\"\r\n"),
                     2);
    assert_int_equal(count_of(answers, OK), 1);
    assert_int_equal(count_of(answers, "Connection: close"), 0);
}

static void content_behind_its_answer_is_dropped(void **state)
{
    (void)state;
    const char *answers = answers_to("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                                     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                                     "\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n" GET_ALADDIN,
                                     true, false);
    assert_int_equal(it.arrived, 3);
    assert_int_equal(it.begun, 1);
    assert_int_equal(it.aborts, 0); /* no handler heard of it, so none hears the end of it */
    assert_int_equal(it.data_len, 0);
    assert_int_equal(count_of(answers, UNAUTHORIZED), 2);
    assert_int_equal(count_of(answers, OK), 1);
}

/* By the rule for every early answer: more than discard_len_max is not worth reading. */
static void too_much_to_drop_ends_the_connection(void **state)
{
    (void)state;
    const char *answers = answers_to("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n"
                                     "12345678901234567890"
                                     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 21\r\n\r\n"
                                     "123456789012345678901" GET_ALADDIN,
                                     true, false);
    assert_int_equal(it.arrived, 2);
    assert_int_equal(it.begun, 0);
    assert_int_equal(count_of(answers, UNAUTHORIZED), 2);
    assert_int_equal(count_of(answers, "Connection: close"), 1);
}

/* RFC 9110 10.1.1: the final answer instead of 100 (Continue). */
static void a_client_that_asked_first_is_not_told_to_continue(void **state)
{
    (void)state;
    const char *answers = answers_to("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                                     "Expect: 100-continue\r\n\r\n",
                                     true, false);
    assert_int_equal(it.arrived, 1);
    assert_int_equal(count_of(answers, "HTTP/1.1 100 "), 0);
    assert_int_equal(count_of(answers, UNAUTHORIZED), 1);
}

/* Nobody learns from 404, 405, 413 or 501 what is there before it is known who asks. */
static void it_comes_before_every_other_answer(void **state)
{
    (void)state;
    const char *answers = answers_to("GET /no HTTP/1.1\r\nHost: a\r\n\r\n"
                                     "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n"
                                     "BREW / HTTP/1.1\r\nHost: a\r\n\r\n"
                                     "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"
                                     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n",
                                     true, false);
    assert_int_equal(it.arrived, 5);
    assert_int_equal(count_of(answers, UNAUTHORIZED), 5);
    assert_int_equal(count_of(answers, "HTTP/1.1 "), 5);
}

static void what_is_no_http_never_arrives(void **state)
{
    (void)state;
    const char *answers = answers_to("GET / HTTP/1.1\r\n\r\n", true, false);
    assert_int_equal(it.arrived, 0);
    assert_int_equal(count_of(answers, "HTTP/1.1 400 "), 1);
    answers = answers_to("no HTTP\r\n\r\n", true, false);
    assert_int_equal(it.arrived, 0);
    assert_int_equal(count_of(answers, "HTTP/1.1 400 "), 1);
}

static void head_has_no_content(void **state)
{
    (void)state;
    const char *answers = answers_to("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", true, false);
    assert_int_equal(count_of(answers, UNAUTHORIZED), 1);
    assert_memory_equal(answers + strlen(answers) - 4, "\r\n\r\n", 4);
}

/* RFC 9110 10.2.3: 429 with when to come again, in whole seconds, rounded up. */
static void too_many_requests_are_told_when_to_come_again(void **state)
{
    (void)state;
    const char *answers = answers_to(GET GET GET, false, true);
    assert_int_equal(it.begun, 2);
    assert_int_equal(count_of(answers, OK), 2);
    assert_int_equal(count_of(answers, "HTTP/1.1 429 Too Many Requests\r\n"), 1);
    assert_int_equal(count_of(answers, "\r\nRetry-After: 3600\r\n"), 1);
}

static void try_realms(void *context, struct linnet_exchange *exchange)
{
    uint8_t realm[65];
    (void)context;
    memset(realm, 'r', sizeof realm);
    assert_int_equal(linnet_reply_unauthorized(exchange, LINNET_SPAN("a\"b")),
                     LINNET_ERROR_INVALID);
    assert_int_equal(linnet_reply_unauthorized(exchange, LINNET_SPAN("a\\b")),
                     LINNET_ERROR_INVALID);
    assert_int_equal(linnet_reply_unauthorized(exchange, LINNET_SPAN("a\r\nb")),
                     LINNET_ERROR_INVALID);
    assert_int_equal(linnet_reply_unauthorized(exchange, (struct linnet_span){realm, 65}),
                     LINNET_ERROR_INVALID);
    assert_int_equal(linnet_reply_unauthorized(exchange, (struct linnet_span){realm, 64}),
                     LINNET_ERROR_NONE);
}

static void realms_that_would_need_escaping_are_refused(void **state)
{
    uint8_t bytes[ANSWER_MAX];
    struct linnet_server *server;
    struct linnet_span answer;
    (void)state;
    const struct linnet_server_config config = {
        .routes = routes, .route_count = 1, .hooks = {.arrived = try_realms}};
    assert_int_equal(linnet_server_open(&config, NULL, 0, &server), LINNET_ERROR_NONE);
    assert_int_equal(linnet_test_request(server, LINNET_SPAN(GET),
                                         (struct linnet_room){bytes, sizeof bytes}, &answer),
                     LINNET_ERROR_NONE);
    assert_memory_equal(answer.data, UNAUTHORIZED, strlen(UNAUTHORIZED));
    linnet_server_close(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_lets_pass_goes_on),
        cmocka_unit_test(its_answer_stands),
        cmocka_unit_test(content_behind_its_answer_is_dropped),
        cmocka_unit_test(too_much_to_drop_ends_the_connection),
        cmocka_unit_test(a_client_that_asked_first_is_not_told_to_continue),
        cmocka_unit_test(it_comes_before_every_other_answer),
        cmocka_unit_test(what_is_no_http_never_arrives),
        cmocka_unit_test(head_has_no_content),
        cmocka_unit_test(too_many_requests_are_told_when_to_come_again),
        cmocka_unit_test(realms_that_would_need_escaping_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
