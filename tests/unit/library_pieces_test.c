/* Requests without a socket that arrive in pieces, and what a fuzz target does with an input. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <linnet/linnet.h>
#include <linnet/test.h>

enum { ANSWER_MAX = 2048 };

/* What the handler was given. */
struct seen {
    unsigned begins;
    unsigned finals;
    unsigned aborts;
    size_t longest_piece;
    size_t len;
    uint8_t body[64];
};

static void see(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                struct linnet_span data)
{
    struct seen *seen = context;
    seen->begins += event == LINNET_EVENT_BEGIN;
    seen->finals += event == LINNET_EVENT_FINAL;
    seen->aborts += event == LINNET_EVENT_ABORT;
    if (event == LINNET_EVENT_DATA) {
        assert_true(seen->len + data.len <= sizeof seen->body);
        memcpy(seen->body + seen->len, data.data, data.len);
        seen->len += data.len;
        seen->longest_piece = data.len > seen->longest_piece ? data.len : seen->longest_piece;
    } else if (event == LINNET_EVENT_FINAL) {
        assert_int_equal(linnet_reply_text(exchange, LINNET_STATUS_OK, LINNET_SPAN("seen")),
                         LINNET_ERROR_NONE);
    }
}

static struct linnet_server *open_server(struct linnet_route *route, struct seen *seen)
{
    *route = (struct linnet_route){.kind = LINNET_ROUTE_DEFAULT,
                                   .methods = LINNET_METHOD_BIT(LINNET_METHOD_POST),
                                   .body_len_max = sizeof seen->body,
                                   .handler = see,
                                   .context = seen};
    const struct linnet_server_config config = {.routes = route, .route_count = 1};
    struct linnet_server *server;
    assert_int_equal(linnet_server_open(&config, NULL, 0, &server), LINNET_ERROR_NONE);
    return server;
}

static const char request[] =
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nConnection: close\r\n\r\n0123456789";

static void pieces_are_no_longer_than_asked_for(void **state)
{
    (void)state;
    struct linnet_route route;
    for (size_t piece_len = 1; piece_len < sizeof request; piece_len++) {
        struct seen seen = {.begins = 0};
        uint8_t bytes[ANSWER_MAX];
        struct linnet_span answer;
        struct linnet_server *server = open_server(&route, &seen);
        assert_int_equal(
            linnet_test_request_in_pieces(server, (struct linnet_span){NULL, 0}, piece_len,
                                          (struct linnet_room){bytes, sizeof bytes}, &answer),
            LINNET_ERROR_NONE);
        assert_int_equal(answer.len, 0);
        assert_int_equal(linnet_test_request_in_pieces(
                             server,
                             (struct linnet_span){(const uint8_t *)request, sizeof request - 1},
                             piece_len, (struct linnet_room){bytes, sizeof bytes}, &answer),
                         LINNET_ERROR_NONE);
        assert_memory_equal(answer.data, "HTTP/1.1 200 OK\r\n", 17);
        assert_memory_equal(answer.data + answer.len - 4, "seen", 4);
        assert_int_equal(seen.begins, 1);
        assert_int_equal(seen.finals, 1);
        assert_int_equal(seen.aborts, 0);
        assert_int_equal(seen.len, 10);
        assert_memory_equal(seen.body, "0123456789", 10);
        assert_true(seen.longest_piece <= piece_len);
        linnet_server_close(server);
    }
}

static void a_piece_has_a_byte(void **state)
{
    (void)state;
    struct seen seen = {.begins = 0};
    struct linnet_route route;
    uint8_t bytes[ANSWER_MAX];
    struct linnet_span answer = {NULL, 1};
    struct linnet_server *server = open_server(&route, &seen);
    assert_int_equal(linnet_test_request_in_pieces(server, LINNET_SPAN("x"), 0,
                                                   (struct linnet_room){bytes, sizeof bytes},
                                                   &answer),
                     LINNET_ERROR_INVALID);
    assert_int_equal(answer.len, 0);
    linnet_server_close(server);
}

/* The input of a fuzz target: the byte that says how, and so many bytes of the request. */
static struct seen fuzz(uint8_t how, size_t len)
{
    struct seen seen = {.begins = 0};
    struct linnet_route route;
    uint8_t input[sizeof request];
    struct linnet_server *server = open_server(&route, &seen);
    input[0] = how;
    memcpy(input + 1, request, len);
    assert_int_equal(linnet_test_fuzz(server, input, len + 1), 0);
    linnet_server_close(server);
    return seen;
}

static void the_first_byte_says_how_it_arrives(void **state)
{
    (void)state;
    struct seen seen = fuzz(0, sizeof request - 1);
    assert_int_equal(seen.finals, 1);
    assert_int_equal(seen.longest_piece, 10);
    seen = fuzz(3, sizeof request - 1);
    assert_int_equal(seen.finals, 1);
    assert_true(seen.longest_piece <= 3);
    assert_int_equal(seen.len, 10);
}

/* With the request broken off at every byte: one FINAL or one ABORT for each BEGIN. */
static void who_vanishes_is_told_of_once(void **state)
{
    (void)state;
    unsigned aborts = 0;
    for (size_t len = 0; len < sizeof request; len++) {
        const struct seen ends = fuzz(0, len);
        const struct seen leaves = fuzz(0x80, len);
        assert_int_equal(ends.finals + ends.aborts, ends.begins);
        assert_int_equal(leaves.finals + leaves.aborts, leaves.begins);
        assert_true(leaves.begins <= 1);
        aborts += leaves.aborts;
    }
    assert_int_equal(aborts, 10); /* behind the head, and before the last byte of the body */
}

static void an_empty_input_is_nothing(void **state)
{
    (void)state;
    struct seen seen = {.begins = 0};
    struct linnet_route route;
    struct linnet_server *server = open_server(&route, &seen);
    assert_int_equal(linnet_test_fuzz(server, NULL, 0), 0);
    assert_int_equal(seen.begins, 0);
    linnet_server_close(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_no_longer_than_asked_for),
        cmocka_unit_test(a_piece_has_a_byte),
        cmocka_unit_test(the_first_byte_says_how_it_arrives),
        cmocka_unit_test(who_vanishes_is_told_of_once),
        cmocka_unit_test(an_empty_input_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
