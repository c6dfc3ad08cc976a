/* Is a handler called once with its whole content, and is every piece of the room given back? */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <linnet/linnet.h>
#include <linnet/test.h>

enum {
    ANSWER_MAX = 8192,
    BODY_LEN_MAX = 8,
};

static char seen[256];
static unsigned calls;
static bool waits; /* the next call does not answer */
static struct linnet_gather gather;
static uint8_t memory[2 * BODY_LEN_MAX];

static void note_body(void *context, struct linnet_exchange *exchange, struct linnet_span body)
{
    assert_ptr_equal(context, seen);
    assert_string_equal(linnet_exchange_kept(exchange), "kept");
    const size_t len = strlen(seen);
    (void)snprintf(seen + len, sizeof seen - len, "%.*s|", (int)body.len,
                   body.len > 0 ? (const char *)body.data : "");
    calls++;
    if (waits) {
        waits = false;
        linnet_exchange_resume(exchange);
        return;
    }
    assert_int_equal(linnet_reply_status(exchange, LINNET_STATUS_NO_CONTENT), LINNET_ERROR_NONE);
}

static void arrived(void *context, struct linnet_exchange *exchange)
{
    static char kept[] = "kept";
    (void)context;
    assert_null(linnet_exchange_kept(exchange));
    linnet_exchange_keep(exchange, kept);
}

static const struct linnet_route routes[] = {
    {.kind = LINNET_ROUTE_DEFAULT,
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET) | LINNET_METHOD_BIT(LINNET_METHOD_POST),
     .body_len_max = 1000,
     .handler = linnet_gather_handle,
     .context = &gather}};

static int begin(void **state)
{
    (void)state;
    memset(seen, 0, sizeof seen);
    calls = 0;
    gather = (struct linnet_gather){.function = note_body,
                                    .context = seen,
                                    .room = {memory, sizeof memory},
                                    .body_len_max = BODY_LEN_MAX};
    return 0;
}

static const char *answers_to(const char *requests)
{
    static uint8_t bytes[ANSWER_MAX];
    struct linnet_server *server;
    struct linnet_span answer;
    struct linnet_limits limits;
    linnet_limits_default(&limits);
    limits.discard_len_max = 1000;
    const struct linnet_server_config config = {
        .routes = routes, .route_count = 1, .limits = &limits, .hooks = {.arrived = arrived}};
    assert_int_equal(linnet_server_open(&config, NULL, 0, &server), LINNET_ERROR_NONE);
    assert_int_equal(linnet_test_request(
                         server, (struct linnet_span){(const uint8_t *)requests, strlen(requests)},
                         (struct linnet_room){bytes, sizeof bytes - 1}, &answer),
                     LINNET_ERROR_NONE);
    bytes[answer.len] = 0;
    linnet_server_close(server);
    assert_int_equal(gather.taken, 0); /* whatever happened */
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

#define GET           "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define SIZED(length) "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " length "\r\n\r\n"
#define CHUNKED       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

/* S0-2: once, with the whole body, however it was framed and cut. */
static void s0_2_once_with_the_whole_body(void **state)
{
    (void)state;
    const char *answers = answers_to(SIZED(
        "5") "hello" CHUNKED "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n" GET SIZED("0") CHUNKED "0\r\n\r\n");
    assert_string_equal(seen, "hello|abcd||||");
    assert_int_equal(calls, 5);
    assert_int_equal(count_of(answers, "HTTP/1.1 204 "), 5);
}

/* S0-5: at the limit, and one byte over it: 413 at once, or when it is seen. */
static void s0_5_more_than_the_piece_is_413(void **state)
{
    (void)state;
    const char *answers =
        answers_to(SIZED("7") "1234567" SIZED("8") "12345678" SIZED("9") "123456789" GET);
    assert_string_equal(seen, "1234567|12345678||");
    assert_int_equal(count_of(answers, "HTTP/1.1 413 "), 1);
    assert_int_equal(count_of(answers, "HTTP/1.1 204 "), 3);
    (void)begin(NULL);
    answers = answers_to(CHUNKED "7\r\n1234567\r\n1\r\n8\r\n0\r\n\r\n" CHUNKED
                                 "7\r\n1234567\r\n2\r\n89\r\n0\r\n\r\n" GET);
    assert_string_equal(seen, "12345678||");
    assert_int_equal(count_of(answers, "HTTP/1.1 413 "), 1);
}

/* A function that does not answer is called again when it is resumed, with the body still there. */
static void who_waits_has_its_body_still(void **state)
{
    (void)state;
    waits = true;
    const char *answers = answers_to(SIZED("5") "hello" SIZED("2") "ab");
    assert_string_equal(seen, "hello|hello|ab|");
    assert_int_equal(count_of(answers, "HTTP/1.1 204 "), 2);
}

static void a_client_that_leaves_gives_its_piece_back(void **state)
{
    (void)state;
    (void)answers_to(SIZED("5") "hel");
    assert_int_equal(calls, 0);
    (void)answers_to(CHUNKED "3\r\nabc\r\n");
    assert_int_equal(calls, 0);
}

static void no_piece_is_503(void **state)
{
    (void)state;
    gather.room.len = BODY_LEN_MAX - 1;
    const char *answers = answers_to(SIZED("1") "a" GET);
    assert_int_equal(count_of(answers, "HTTP/1.1 503 "), 1);
    assert_string_equal(seen, "|"); /* who has no content needs none */
    gather.room.len = BODY_LEN_MAX;
    answers = answers_to(SIZED("1") "a");
    assert_int_equal(count_of(answers, "HTTP/1.1 204 "), 1);
}

/* As many as there are pieces at one time, and one more. */
static void pieces_are_shared_out_one_to_each(void **state)
{
    (void)state;
    uint8_t one[4096];
    struct linnet_limits limits;
    struct linnet_worker *worker;
    static uint8_t block[1 << 19];
    linnet_limits_default(&limits);
    limits.connections = 4;
    limits.inputs = 4;
    limits.outputs = 4;
    limits.read_len = 0;
    const struct linnet_time time = {1, LINNET_NO_WALL_CLOCK};
    const struct linnet_worker_config config = {.limits = &limits,
                                                .routes = routes,
                                                .route_count = 1,
                                                .hooks = {.arrived = arrived},
                                                .now_ms = 1};
    assert_true(linnet_worker_memory_len(&limits) <= sizeof block);
    assert_int_equal(linnet_worker_init(&config, block, sizeof block, &worker), LINNET_ERROR_NONE);
    uint32_t clients[3];
    for (unsigned i = 0; i < 3; i++) {
        const struct linnet_connection_info info = {.listener = 0};
        struct linnet_room room;
        clients[i] = linnet_worker_open(worker, &info, time);
        assert_true(linnet_worker_input(worker, clients[i], &room, time));
        memcpy(room.data, SIZED("5") "hel", strlen(SIZED("5") "hel"));
        room.data[strlen(SIZED("5"))] = (uint8_t)('a' + i);
        linnet_worker_received(worker, clients[i], strlen(SIZED("5") "hel"), time);
    }
    assert_int_equal(gather.taken, 3);
    struct linnet_output output;
    linnet_worker_output(worker, clients[2], 0, &output);
    assert_true(output.span_count > 0);
    memcpy(one, output.spans[0].data, 13);
    assert_memory_equal(one, "HTTP/1.1 503 ", 13);
    for (unsigned i = 2; i-- > 0;) {
        struct linnet_room room;
        assert_true(linnet_worker_input(worker, clients[i], &room, time));
        memcpy(room.data, "lo", 2);
        linnet_worker_received(worker, clients[i], 2, time);
    }
    assert_string_equal(seen, "bello|aello|");
    assert_int_equal(gather.taken, 0);
    linnet_worker_stop(worker, time);
    for (unsigned i = 0; i < 3; i++) {
        linnet_worker_close(worker, clients[i]);
    }
    linnet_worker_end(worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(s0_2_once_with_the_whole_body, begin),
        cmocka_unit_test_setup(s0_5_more_than_the_piece_is_413, begin),
        cmocka_unit_test_setup(who_waits_has_its_body_still, begin),
        cmocka_unit_test_setup(a_client_that_leaves_gives_its_piece_back, begin),
        cmocka_unit_test_setup(no_piece_is_503, begin),
        cmocka_unit_test_setup(pieces_are_shared_out_one_to_each, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
