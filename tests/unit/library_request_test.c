/* Requests without a socket, counters and hooks of a server of the library. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <linnet/linnet.h>
#include <linnet/test.h>

#include "tests/lib/library_server.h"

enum { ANSWER_MAX = 4096 };

static void say(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                struct linnet_span data)
{
    (void)context;
    (void)data;
    if (event == LINNET_EVENT_FINAL) {
        assert_int_equal(linnet_reply_text(exchange, LINNET_STATUS_OK, LINNET_SPAN("first")),
                         LINNET_ERROR_NONE);
    }
}

static const struct linnet_route routes[] = {{.kind = LINNET_ROUTE_DEFAULT,
                                              .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
                                              .handler = say}};

static struct linnet_server *open_server(struct linnet_hooks hooks)
{
    const struct linnet_server_config config = {.routes = routes, .route_count = 1, .hooks = hooks};
    struct linnet_server *server;
    assert_int_equal(linnet_server_open(&config, NULL, 0, &server), LINNET_ERROR_NONE);
    return server;
}

/* ---- counters, and requests without a socket ------------------------------------------------- */

static void counters_have_names_of_their_own(void **state)
{
    (void)state;
    struct linnet_counter one;
    struct linnet_counter other;
    struct linnet_server *server = open_server((struct linnet_hooks){.opened = NULL});
    size_t count = 0;
    for (; linnet_server_counter(server, count, &one); count++) {
        assert_true(strlen(one.name) > 0 && strlen(one.meaning) > 0);
        for (size_t i = 0; i < count; i++) {
            assert_true(linnet_server_counter(server, i, &other));
            assert_string_not_equal(one.name, other.name);
        }
    }
    assert_true(count > 50);
    assert_server_says(server, "first");
    assert_int_equal(server_counter(server, "requests"), 1);
    assert_int_equal(server_counter(server, "answers_2xx"), 1);
    assert_int_equal(server_counter(server, "closed_for_peer-closed"), 1);
    assert_int_equal(server_counter(server, "slots_now"), 0);
    assert_int_equal(server_counter(server, "slots_most"), 1);
    linnet_server_close(server);
}

static void several_requests_without_a_socket(void **state)
{
    (void)state;
    uint8_t bytes[ANSWER_MAX];
    struct linnet_span answer;
    struct linnet_server *server = open_server((struct linnet_hooks){.opened = NULL});
    const struct linnet_span two =
        LINNET_SPAN("GET / HTTP/1.1\r\nHost: a\r\n\r\nno HTTP at all\r\n\r\n");
    assert_int_equal(
        linnet_test_request(server, two, (struct linnet_room){bytes, sizeof bytes - 1}, &answer),
        LINNET_ERROR_NONE);
    bytes[answer.len] = 0;
    assert_memory_equal(bytes, "HTTP/1.1 200 OK\r\n", 17);
    assert_non_null(strstr((char *)bytes, "HTTP/1.1 400 Bad Request\r\n"));
    const size_t len = answer.len;
    assert_int_equal(linnet_test_request(server, two, (struct linnet_room){bytes, len}, &answer),
                     LINNET_ERROR_NONE);
    assert_int_equal(
        linnet_test_request(server, two, (struct linnet_room){bytes, len - 1}, &answer),
        LINNET_ERROR_TOO_LARGE);
    assert_int_equal(answer.len, len - 1);
    assert_int_equal(linnet_test_request(server, (struct linnet_span){NULL, 0},
                                         (struct linnet_room){bytes, len}, &answer),
                     LINNET_ERROR_NONE);
    assert_int_equal(answer.len, 0);
    linnet_server_close(server);
}

static void not_while_a_client_is_connected(void **state)
{
    (void)state;
    uint8_t bytes[ANSWER_MAX];
    struct linnet_span answer;
    struct linnet_address address;
    struct linnet_server *server = open_server((struct linnet_hooks){.opened = NULL});
    assert_int_equal(linnet_server_listen(server, "127.0.0.1:0", &address), LINNET_ERROR_NONE);
    const int client = connect_to(&address);
    send_text(client, "G"); /* who says nothing is not accepted at once */
    while (server_counter(server, "slots_now") == 0) {
        assert_int_equal(linnet_server_turn(server, 1000), LINNET_ERROR_NONE);
    }
    assert_int_equal(linnet_test_request(server, LINNET_SPAN("x"),
                                         (struct linnet_room){bytes, sizeof bytes}, &answer),
                     LINNET_ERROR_INVALID);
    (void)close(client);
    linnet_server_close(server);
}

/* ---- the budget ------------------------------------------------------------------------------ */

static size_t budget_of(const struct linnet_server_config *config, const char *name)
{
    struct linnet_budget_term term;
    size_t sum = 0;
    for (size_t i = 0; linnet_budget(config, i, &term); i++) {
        assert_true(strlen(term.name) > 0 && strlen(term.meaning) > 0);
        sum += name == NULL || strcmp(term.name, name) == 0 ? term.len : 0;
    }
    return sum;
}

static void a_budget_adds_up(void **state)
{
    (void)state;
    struct linnet_limits limits;
    struct linnet_server_config config = {.routes = routes, .route_count = 1, .limits = &limits};
    linnet_limits_default(&limits);
    limits.inputs = 8;
    assert_int_equal(budget_of(&config, NULL), linnet_server_memory_len(&config));
    const size_t inputs_len = budget_of(&config, "inputs");
    assert_int_equal(inputs_len, limits.inputs * limits.input_len);
    limits.inputs /= 2;
    assert_int_equal(budget_of(&config, "inputs"), inputs_len / 2);
    assert_int_equal(budget_of(&config, NULL), linnet_server_memory_len(&config));
    limits.inputs = 0;
    assert_int_equal(budget_of(&config, NULL), 0);
}

/* ---- hooks ----------------------------------------------------------------------------------- */

struct seen {
    unsigned opened;
    unsigned answered;
};

static void see_opened(void *context, const struct linnet_connection_info *info)
{
    struct seen *seen = context;
    assert_int_equal(info->listener, 0);
    seen->opened++;
}

static void see_answered(void *context, const struct linnet_answer_record *record)
{
    struct seen *seen = context;
    assert_int_equal(seen->opened, 1);
    assert_int_equal(record->status, LINNET_STATUS_OK);
    seen->answered++;
}

static void hooks_are_told(void **state)
{
    (void)state;
    struct seen seen = {.opened = 0};
    struct linnet_server *server = open_server(
        (struct linnet_hooks){.opened = see_opened, .answered = see_answered, .context = &seen});
    assert_server_says(server, "first");
    assert_int_equal(seen.opened, 1);
    assert_int_equal(seen.answered, 1);
    linnet_server_close(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_have_names_of_their_own),
        cmocka_unit_test(several_requests_without_a_socket),
        cmocka_unit_test(not_while_a_client_is_connected),
        cmocka_unit_test(a_budget_adds_up),
        cmocka_unit_test(hooks_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
