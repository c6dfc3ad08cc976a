/* A server of the library: memory, routes, listeners, turns, stopping, and two at once. */
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <linnet/linnet.h>
#include <linnet/test.h>

#include "tests/lib/library_server.h"

enum {
    ANSWER_MAX = 4096,
    MESSAGE_MAX = 256,
};

static char message[MESSAGE_MAX];

/* Answers with the text that its context is. */
static void say(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                struct linnet_span data)
{
    const char *text = context;
    (void)data;
    if (event == LINNET_EVENT_FINAL) {
        assert_int_equal(
            linnet_reply_text(exchange, LINNET_STATUS_OK,
                              (struct linnet_span){(const uint8_t *)text, strlen(text)}),
            LINNET_ERROR_NONE);
    }
}

static char first_text[] = "first";
static char second_text[] = "second";

static const struct linnet_route first_routes[] = {{.kind = LINNET_ROUTE_DEFAULT,
                                                    .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
                                                    .handler = say,
                                                    .context = first_text}};
static const struct linnet_route second_routes[] = {
    {.kind = LINNET_ROUTE_DEFAULT,
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
     .handler = say,
     .context = second_text}};

static struct linnet_server_config config_of(const struct linnet_route *routes)
{
    memset(message, 0, sizeof message);
    return (struct linnet_server_config){
        .routes = routes, .route_count = 1, .message = message, .message_len = sizeof message};
}

static struct linnet_server *open_server(const struct linnet_route *routes)
{
    const struct linnet_server_config config = config_of(routes);
    struct linnet_server *server;
    assert_int_equal(linnet_server_open(&config, NULL, 0, &server), LINNET_ERROR_NONE);
    return server;
}

#define GET_AND_CLOSE "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

/* Turns until the server has closed it; returns the bytes that came. */
static size_t receive_all(struct linnet_server *server, int client, char *bytes, size_t len)
{
    size_t used = 0;
    for (;;) {
        const ssize_t received =
            recv(client, bytes + used, len - used, server == NULL ? 0 : MSG_DONTWAIT);
        if (received == 0) {
            bytes[used] = 0;
            return used;
        }
        if (received > 0) {
            used += (size_t)received;
            assert_true(used < len);
        } else {
            assert_non_null(server);
            assert_int_equal(linnet_server_turn(server, 1000), LINNET_ERROR_NONE);
        }
    }
}

static void assert_served(struct linnet_server *server, const struct linnet_address *address,
                          const char *text)
{
    char bytes[ANSWER_MAX];
    const int client = connect_to(address);
    send_text(client, GET_AND_CLOSE);
    (void)receive_all(server, client, bytes, sizeof bytes);
    assert_non_null(strstr(bytes, text));
    (void)close(client);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static struct linnet_limits few(void)
{
    struct linnet_limits limits;
    linnet_limits_default(&limits);
    limits.connections = 4;
    limits.inputs = 2;
    limits.outputs = 2;
    return limits;
}

static void a_block_of_the_callers(void **state)
{
    (void)state;
    const struct linnet_limits limits = few();
    struct linnet_server_config config = config_of(first_routes);
    config.limits = &limits;
    const size_t len = linnet_server_memory_len(&config);
    assert_true(len > 0);
    uint8_t *block = malloc(len + 2);
    struct linnet_server *server;
    for (size_t skip = 0; skip < 2; skip++) {
        memset(block, 0xA5, len + 2); /* it may hold anything, and lie anywhere */
        assert_int_equal(linnet_server_open(&config, block + skip, len, &server),
                         LINNET_ERROR_NONE);
        assert_true((uint8_t *)server >= block + skip);
        assert_server_says(server, "first");
        linnet_server_close(server);
        assert_int_equal(block[skip + len], 0xA5);
    }
    assert_int_equal(linnet_server_open(&config, block, len - 1, &server), LINNET_ERROR_TOO_LARGE);
    assert_non_null(strstr(message, "linnet_server_memory_len"));
    free(block);
}

/* What a small device has room for, and one of the larger requests that it is to answer. */
static void a_server_in_64_kib(void **state)
{
    (void)state;
    static uint8_t block[64 * 1024];
    struct linnet_limits limits = few();
    struct linnet_server_config config = config_of(first_routes);
    struct linnet_server *server;
    limits.connections = 8;
    limits.input_len = 2048;
    limits.head_len_max = 1920;
    limits.request_line_len_max = 512;
    limits.path_len_max = 256;
    limits.field_count_max = 32;
    limits.reply_head_len_max = 512;
    limits.copy_len_max = 1024;
    limits.output_len = 2048;
    limits.note_len = 64;
    config.limits = &limits;
    assert_true(linnet_server_memory_len(&config) <= sizeof block);
    assert_int_equal(linnet_server_open(&config, block, sizeof block, &server), LINNET_ERROR_NONE);
    assert_server_says(server, "first");
    linnet_server_close(server);
}

static void what_cannot_be_opened(void **state)
{
    (void)state;
    static const struct linnet_route twice[] = {
        {.kind = LINNET_ROUTE_DEFAULT, .methods = 1, .handler = say},
        {.kind = LINNET_ROUTE_DEFAULT, .methods = 1, .handler = say},
    };
    struct linnet_limits limits = few();
    struct linnet_server_config config = config_of(twice);
    struct linnet_server *server;
    config.route_count = 2;
    assert_int_equal(linnet_server_open(&config, NULL, 0, &server), LINNET_ERROR_INVALID);
    assert_string_equal(message, "route 0 (default) and route 1 (default): both could answer the "
                                 "same request, with equal right.");
    config = config_of(first_routes);
    config.driver = "pigeon";
    assert_int_equal(linnet_server_open(&config, NULL, 0, &server), LINNET_ERROR_NOT_FOUND);
    assert_string_equal(message, "there is no driver \"pigeon\".");
    assert_int_equal(linnet_server_memory_len(&config), 0);
    config = config_of(first_routes);
    limits.connections = 0;
    config.limits = &limits;
    config.message_len = 8; /* words that do not fit are cut */
    assert_int_equal(linnet_server_open(&config, NULL, 0, &server), LINNET_ERROR_INVALID);
    assert_string_equal(message, "connect");
    config.message = NULL;
    assert_int_equal(linnet_server_open(&config, NULL, 0, &server), LINNET_ERROR_INVALID);
}

/* ---- two at once ----------------------------------------------------------------------------- */

static void two_servers_in_one_process(void **state)
{
    (void)state;
    struct linnet_address addresses[2];
    struct linnet_server *first = open_server(first_routes);
    struct linnet_server *second = open_server(second_routes);
    assert_int_equal(linnet_server_listen(first, "127.0.0.1:0", &addresses[0]), LINNET_ERROR_NONE);
    assert_int_equal(linnet_server_listen(second, "127.0.0.1:0", &addresses[1]), LINNET_ERROR_NONE);
    assert_served(first, &addresses[0], "\r\n\r\nfirst");
    assert_served(second, &addresses[1], "\r\n\r\nsecond");
    assert_served(second, &addresses[1], "\r\n\r\nsecond");
    assert_int_equal(server_counter(first, "connections_opened"), 1);
    assert_int_equal(server_counter(second, "connections_opened"), 2);
    linnet_server_close(first);
    assert_served(second, &addresses[1], "\r\n\r\nsecond");
    linnet_server_close(second);
}

/* Each in a thread of its own, from opening to closing. */
static void *live(void *context)
{
    const struct linnet_route *routes = context;
    const struct linnet_server_config config = {.routes = routes, .route_count = 1};
    struct linnet_server *server;
    struct linnet_address address;
    assert_int_equal(linnet_server_open(&config, NULL, 0, &server), LINNET_ERROR_NONE);
    assert_int_equal(linnet_server_listen(server, "127.0.0.1:0", &address), LINNET_ERROR_NONE);
    for (unsigned i = 0; i < 100; i++) {
        assert_served(server, &address,
                      routes == first_routes ? "\r\n\r\nfirst" : "\r\n\r\nsecond");
    }
    assert_int_equal(server_counter(server, "connections_opened"), 100);
    linnet_server_close(server);
    return NULL;
}

static void two_servers_in_two_threads(void **state)
{
    (void)state;
    pthread_t threads[2];
    assert_int_equal(pthread_create(&threads[0], NULL, live, (void *)(uintptr_t)first_routes), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, live, (void *)(uintptr_t)second_routes), 0);
    assert_int_equal(pthread_join(threads[0], NULL), 0);
    assert_int_equal(pthread_join(threads[1], NULL), 0);
}

/* ---- by every driver, to the end ------------------------------------------------------------- */

struct visit {
    struct linnet_server *server;
    struct linnet_address address;
};

static void *visit_and_stop(void *context)
{
    const struct visit *visit = context;
    char bytes[ANSWER_MAX];
    const int client = connect_to(&visit->address);
    send_text(client, GET_AND_CLOSE);
    (void)receive_all(NULL, client, bytes, sizeof bytes);
    assert_non_null(strstr(bytes, "\r\n\r\nfirst"));
    (void)close(client);
    linnet_server_stop(visit->server);
    linnet_server_stop(visit->server); /* changes nothing */
    return NULL;
}

static void every_driver_runs_until_another_thread_stops_it(void **state)
{
    (void)state;
    unsigned served = 0;
    for (size_t i = 0; linnet_drivers()[i] != NULL; i++) {
        struct linnet_server_config config = config_of(first_routes);
        struct visit visit;
        pthread_t thread;
        config.driver = linnet_drivers()[i]->name;
        const enum linnet_error error = linnet_server_open(&config, NULL, 0, &visit.server);
        if (error == LINNET_ERROR_UNSUPPORTED) {
            assert_true(message[0] != 0); /* it makes processes or threads */
            continue;
        }
        assert_int_equal(error, LINNET_ERROR_NONE);
        served++;
        assert_int_equal(linnet_server_listen(visit.server, "127.0.0.1:0", &visit.address),
                         LINNET_ERROR_NONE);
        assert_true(linnet_server_is_running(visit.server));
        assert_int_equal(pthread_create(&thread, NULL, visit_and_stop, &visit), 0);
        assert_int_equal(linnet_server_run(visit.server), LINNET_ERROR_NONE);
        assert_false(linnet_server_is_running(visit.server));
        assert_int_equal(pthread_join(thread, NULL), 0);
        linnet_server_close(visit.server);
    }
    assert_true(served >= 3);
}

static void a_drain_finishes_what_was_begun(void **state)
{
    (void)state;
    char bytes[ANSWER_MAX];
    struct linnet_address address;
    struct linnet_server *server = open_server(first_routes);
    assert_int_equal(linnet_server_listen(server, "127.0.0.1:0", &address), LINNET_ERROR_NONE);
    const int client = connect_to(&address);
    send_text(client, "GET / HTTP/1.1\r\n");
    while (server_counter(server, "bytes_received") == 0) {
        assert_int_equal(linnet_server_turn(server, 1000), LINNET_ERROR_NONE);
    }
    linnet_server_stop(server);
    assert_int_equal(linnet_server_wait_ms(server), 0);
    assert_int_equal(linnet_server_turn(server, 0), LINNET_ERROR_NONE);
    assert_true(linnet_server_is_running(server));
    send_text(client, "Host: a\r\n\r\n");
    (void)receive_all(server, client, bytes, sizeof bytes);
    assert_non_null(strstr(bytes, "\r\n\r\nfirst"));
    (void)close(client);
    while (linnet_server_is_running(server)) {
        assert_int_equal(linnet_server_turn(server, 1000), LINNET_ERROR_NONE);
    }
    /* Nobody is accepted any more. */
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(address.port)};
    memcpy(&where.sin_addr, address.ip + 12, 4);
    const int late = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(late, (struct sockaddr *)&where, sizeof where), -1);
    (void)close(late);
    assert_int_equal(linnet_server_turn(server, -1), LINNET_ERROR_NONE); /* does not wait */
    linnet_server_close(server);
}

static void a_drain_ends_on_time(void **state)
{
    (void)state;
    struct linnet_limits limits = few();
    struct linnet_server_config config = config_of(first_routes);
    struct linnet_address address;
    struct linnet_server *server;
    limits.drain_ms = 10;
    config.limits = &limits;
    assert_int_equal(linnet_server_open(&config, NULL, 0, &server), LINNET_ERROR_NONE);
    assert_int_equal(linnet_server_listen(server, "127.0.0.1:0", &address), LINNET_ERROR_NONE);
    const int client = connect_to(&address);
    send_text(client, "GET / HTTP/1.1\r\n");
    while (server_counter(server, "bytes_received") == 0) {
        assert_int_equal(linnet_server_turn(server, 1000), LINNET_ERROR_NONE);
    }
    linnet_server_stop(server);
    assert_int_equal(linnet_server_run(server), LINNET_ERROR_NONE);
    assert_int_equal(server_counter(server, "closed_for_stopped"), 1);
    (void)close(client);
    linnet_server_close(server);
}

static void close_ends_who_is_connected(void **state)
{
    (void)state;
    char byte;
    struct linnet_address address;
    struct linnet_server *server = open_server(first_routes);
    assert_int_equal(linnet_server_listen(server, "127.0.0.1:0", &address), LINNET_ERROR_NONE);
    const int client = connect_to(&address);
    send_text(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    while (server_counter(server, "answers_2xx") == 0) {
        assert_int_equal(linnet_server_turn(server, 1000), LINNET_ERROR_NONE);
    }
    linnet_server_close(server);
    while (recv(client, &byte, 1, 0) > 0) {
    }
    (void)close(client);
}

static int readable_within(int descriptor, int ms)
{
    struct pollfd one = {.fd = descriptor, .events = POLLIN};
    return poll(&one, 1, ms);
}

/* In a loop that turns when the descriptor is readable, and only then, a request is answered. */
static void serve_by_descriptor(struct linnet_server *server)
{
    struct linnet_address address;
    const int descriptor = linnet_server_descriptor(server);
    assert_int_equal(linnet_server_listen(server, "127.0.0.1:0", &address), LINNET_ERROR_NONE);
    assert_int_equal(readable_within(descriptor, 0), 0);
    const int client = connect_to(&address);
    send_text(client, "GET / HTTP/1.1\r\n");
    while (server_counter(server, "bytes_received") < strlen("GET / HTTP/1.1\r\n")) {
        assert_int_equal(readable_within(descriptor, -1), 1);
        assert_int_equal(linnet_server_turn(server, 0), LINNET_ERROR_NONE);
    }
    assert_int_equal(readable_within(descriptor, 0), 0);
    /* What is due by the clock shows at no descriptor. */
    assert_true(linnet_server_wait_ms(server) > 0);
    assert_true(linnet_server_wait_ms(server) <= 1000);
    send_text(client, "Host: a\r\n\r\n");
    while (server_counter(server, "answers_2xx") == 0) {
        assert_int_equal(readable_within(descriptor, -1), 1);
        assert_int_equal(linnet_server_turn(server, 0), LINNET_ERROR_NONE);
    }
    assert_int_equal(server_counter(server, "answers_2xx"), 1);
    linnet_server_stop(server);
    assert_int_equal(readable_within(descriptor, -1), 1);
    (void)close(client);
    assert_int_equal(linnet_server_run(server), LINNET_ERROR_NONE);
}

static void the_descriptor_tells_when_a_turn_is_due(void **state)
{
    (void)state;
    unsigned served = 0;
    for (size_t i = 0; linnet_drivers()[i] != NULL; i++) {
        struct linnet_server_config config = config_of(first_routes);
        struct linnet_server *server;
        config.driver = linnet_drivers()[i]->name;
        if ((linnet_drivers()[i]->capabilities & LINNET_DRIVER_DESCRIPTOR) == 0 ||
            linnet_server_open(&config, NULL, 0, &server) == LINNET_ERROR_UNSUPPORTED) {
            continue;
        }
        serve_by_descriptor(server);
        linnet_server_close(server);
        served++;
    }
    assert_true(served >= 1);
}

/* A head that does not come ends its connection by the clock, in a loop that only waits as told. */
static void deadlines_are_kept_in_a_loop_of_ones_own(void **state)
{
    (void)state;
    struct linnet_limits limits = few();
    struct linnet_server_config config = config_of(first_routes);
    struct linnet_address address;
    struct linnet_server *server;
    limits.head_ms = 50;
    limits.linger_ms = 10;
    config.limits = &limits;
    assert_int_equal(linnet_server_open(&config, NULL, 0, &server), LINNET_ERROR_NONE);
    assert_int_equal(linnet_server_listen(server, "127.0.0.1:0", &address), LINNET_ERROR_NONE);
    const int client = connect_to(&address);
    send_text(client, "GET / HTTP/1.1\r\n");
    while (server_counter(server, "closed_for_timeout-head") == 0) {
        const int64_t wait_ms = linnet_server_wait_ms(server);
        assert_true(wait_ms >= 0 && wait_ms <= 1000);
        (void)readable_within(linnet_server_descriptor(server), (int)wait_ms);
        assert_int_equal(linnet_server_turn(server, 0), LINNET_ERROR_NONE);
        (void)recv(client, message, sizeof message, MSG_DONTWAIT);
    }
    (void)close(client);
    linnet_server_close(server);
}

static void wake_ends_a_wait(void **state)
{
    (void)state;
    struct linnet_server *server = open_server(first_routes);
    linnet_server_wake(server);
    /* Would wait for ever; ctest would end it. */
    assert_int_equal(linnet_server_turn(server, -1), LINNET_ERROR_NONE);
    assert_true(linnet_server_is_running(server));
    linnet_server_close(server);
}

/* ---- listeners ------------------------------------------------------------------------------- */

static void an_adopted_listener_stays_its_owners(void **state)
{
    (void)state;
    int listening = 0;
    socklen_t len = sizeof listening;
    struct linnet_address address;
    struct linnet_server *server = open_server(first_routes);
    const struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&where, sizeof where), 0);
    assert_int_equal(linnet_server_adopt(server, listener, &address), LINNET_ERROR_INVALID);
    assert_non_null(strstr(message, "no listening stream socket"));
    assert_int_equal(linnet_server_adopt(server, STDIN_FILENO, &address), LINNET_ERROR_INVALID);
    assert_int_equal(listen(listener, 4), 0);
    assert_int_equal(linnet_server_adopt(server, listener, &address), LINNET_ERROR_NONE);
    assert_served(server, &address, "\r\n\r\nfirst");
    linnet_server_stop(server);
    assert_int_equal(linnet_server_run(server), LINNET_ERROR_NONE);
    linnet_server_close(server);
    assert_int_equal(getsockopt(listener, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len), 0);
    assert_int_equal(listening, 1);
    (void)close(listener);
}

static void a_unix_socket_is_removed(void **state)
{
    (void)state;
    char folder[] = "/tmp/linnet-library-XXXXXX";
    char where[64] = "unix:";
    struct linnet_address address;
    char text[LINNET_ADDRESS_TEXT_MAX];
    struct linnet_server *server = open_server(first_routes);
    assert_non_null(mkdtemp(folder));
    strncat(where, folder, sizeof where - 1 - strlen(where));
    strncat(where, "/it.sock", sizeof where - 1 - strlen(where));
    assert_int_equal(linnet_server_listen(server, where, &address), LINNET_ERROR_NONE);
    assert_int_equal(access(where + 5, F_OK), 0);
    linnet_address_print(text, &address);
    assert_string_equal(text, "unix:");
    linnet_server_close(server);
    assert_int_equal(access(where + 5, F_OK), -1);
    assert_int_equal(rmdir(folder), 0);
}

static void where_one_cannot_listen(void **state)
{
    (void)state;
    char where[LINNET_ADDRESS_TEXT_MAX];
    char path[200] = "unix:/";
    struct linnet_address address;
    struct linnet_server *server = open_server(first_routes);
    struct linnet_server *other = open_server(second_routes);
    assert_int_equal(linnet_server_listen(other, "127.0.0.1:0", &address), LINNET_ERROR_NONE);
    linnet_address_print(where, &address);
    message[0] = 0;
    assert_int_equal(linnet_server_listen(server, where, NULL), LINNET_ERROR_ADDRESS_IN_USE);
    assert_non_null(strstr(message, where));
    assert_non_null(strstr(message, "already in use"));
    assert_int_equal(linnet_server_listen(server, "127.0.0.1:70000", NULL), LINNET_ERROR_INVALID);
    assert_non_null(strstr(message, "from 0 to 65535"));
    assert_int_equal(linnet_server_listen(server, "unix:", NULL), LINNET_ERROR_INVALID);
    assert_int_equal(linnet_server_listen(server, "unix:/no/such/folder/x", NULL),
                     LINNET_ERROR_NOT_FOUND);
    assert_int_equal(linnet_server_listen(server, "192.0.2.1:0", NULL),
                     LINNET_ERROR_ADDRESS_NOT_HERE);
    /* A path of a unix socket: 107 bytes, and a zero. The folder is not there, so none is made. */
    memset(path + 6, 'x', 106);
    path[6 + 105] = '/';
    assert_int_equal(linnet_server_listen(server, path, NULL), LINNET_ERROR_NOT_FOUND);
    path[6 + 106] = 'x';
    assert_int_equal(linnet_server_listen(server, path, NULL), LINNET_ERROR_TOO_LARGE);
    linnet_server_close(server);
    linnet_server_close(other);
}

static void as_many_listeners_as_there_may_be(void **state)
{
    (void)state;
    struct linnet_address address;
    struct linnet_server *server = open_server(first_routes);
    for (unsigned i = 0; i < LINNET_LISTENERS_MAX; i++) {
        assert_int_equal(linnet_server_listen(server, "127.0.0.1:0", &address), LINNET_ERROR_NONE);
    }
    assert_int_equal(linnet_server_listen(server, "127.0.0.1:0", NULL), LINNET_ERROR_TOO_LARGE);
    assert_non_null(strstr(message, "no more addresses"));
    assert_served(server, &address, "\r\n\r\nfirst");
    linnet_server_close(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_of_the_callers),
        cmocka_unit_test(a_server_in_64_kib),
        cmocka_unit_test(what_cannot_be_opened),
        cmocka_unit_test(two_servers_in_one_process),
        cmocka_unit_test(two_servers_in_two_threads),
        cmocka_unit_test(every_driver_runs_until_another_thread_stops_it),
        cmocka_unit_test(a_drain_finishes_what_was_begun),
        cmocka_unit_test(a_drain_ends_on_time),
        cmocka_unit_test(close_ends_who_is_connected),
        cmocka_unit_test(the_descriptor_tells_when_a_turn_is_due),
        cmocka_unit_test(deadlines_are_kept_in_a_loop_of_ones_own),
        cmocka_unit_test(wake_ends_a_wait),
        cmocka_unit_test(an_adopted_listener_stays_its_owners),
        cmocka_unit_test(a_unix_socket_is_removed),
        cmocka_unit_test(where_one_cannot_listen),
        cmocka_unit_test(as_many_listeners_as_there_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
