/* Do drivers that wait for readiness take as many listeners as they say, at any time? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/table/limit.h"
#include "core/worker/worker.h"
#include "drivers/driver_rows.h"
#include "drivers/system/system_clock.h"
#include "drivers/system/system_socket.h"
#include "tests/lib/sample_routes.h"

#define GET_HELLO "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"

enum {
    CONNECTIONS = 4,
    TURNS_MAX = 100,
    TURN_MS = 100,
};

static struct sample_routes sample;
static struct linnet_limits limits;
static const struct linnet_driver_operations *operations;
static struct linnet_driver *driver;
static struct linnet_worker *worker;
static void *driver_memory;
static void *worker_memory;
static struct {
    int descriptor;
    uint16_t port;
} listeners[LINNET_LISTENERS_MAX + 1];

static void *taken(size_t len)
{
    const size_t rounded = (len + 63) & ~(size_t)63;
    void *memory = aligned_alloc(64, rounded);
    assert_non_null(memory);
    memset(memory, 0, rounded);
    return memory;
}

static void listen_anywhere(unsigned i)
{
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof where;
    const int made = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_true(made >= 0);
    assert_int_equal(bind(made, (const struct sockaddr *)&where, len), 0);
    assert_int_equal(listen(made, CONNECTIONS), 0);
    assert_int_equal(getsockname(made, (struct sockaddr *)&where, &len), 0);
    listeners[i].descriptor = made;
    listeners[i].port = where.sin_port;
}

static void begin(void **state)
{
    operations = *state;
    simulated_limits(&limits);
    limits.connections = CONNECTIONS;
    limits.inputs = CONNECTIONS;
    limits.outputs = CONNECTIONS;
    sample_routes_init(&sample);
    const struct ln_worker_config config = {.limits = &limits,
                                            .routes = sample.routes,
                                            .route_count = sample.count,
                                            .now_ms = ln_system_time().monotonic_ms};
    const struct ln_worker_memory terms = ln_worker_memory(&limits);
    worker_memory = taken(ln_worker_memory_len(&terms));
    worker = ln_worker_init(worker_memory, &config);
    driver_memory = taken(operations->memory_len(&limits));
    const struct linnet_driver_config driver_config = {
        .worker = worker, .limits = &limits, .memory = driver_memory};
    assert_int_equal(operations->open(&driver_config, &driver), LINNET_ERROR_NONE);
    for (unsigned i = 0; i <= LINNET_LISTENERS_MAX; i++) {
        listen_anywhere(i);
    }
}

static void end(void)
{
    linnet_worker_stop(worker, ln_system_time());
    for (unsigned i = 0; i < TURNS_MAX && linnet_worker_open_count(worker) > 0; i++) {
        assert_int_equal(operations->turn(driver, 0), LINNET_ERROR_NONE);
    }
    operations->close(driver);
    for (unsigned i = 0; i <= LINNET_LISTENERS_MAX; i++) {
        (void)close(listeners[i].descriptor);
    }
    free(driver_memory);
    free(worker_memory);
}

static enum linnet_error add(unsigned i)
{
    return operations->listener_add(driver, listeners[i].descriptor);
}

static int connect_to(unsigned i)
{
    const struct sockaddr_in where = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                      .sin_port = listeners[i].port};
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(client >= 0);
    assert_int_equal(connect(client, (const struct sockaddr *)&where, sizeof where), 0);
    return client;
}

/* Asks, and takes turns until the answer is there. */
static void is_answered(int client)
{
    char answer[512] = "";
    ssize_t len = -1;
    const size_t asked = sizeof GET_HELLO - 1;
    assert_int_equal(send(client, GET_HELLO, asked, MSG_NOSIGNAL), (ssize_t)asked);
    for (unsigned i = 0; i < TURNS_MAX && len < 0; i++) {
        assert_int_equal(operations->turn(driver, TURN_MS), LINNET_ERROR_NONE);
        len = recv(client, answer, sizeof answer, MSG_DONTWAIT);
    }
    assert_true(len > 12);
    assert_memory_equal(answer, "HTTP/1.1 200", 12);
}

static void as_many_listeners_as_there_may_be(void **state)
{
    begin(state);
    for (unsigned i = 0; i < LINNET_LISTENERS_MAX; i++) {
        assert_int_equal(add(i), LINNET_ERROR_NONE);
    }
    assert_int_equal(add(LINNET_LISTENERS_MAX), LINNET_ERROR_TOO_LARGE);
    const unsigned some[] = {0, LINNET_LISTENERS_MAX - 2, LINNET_LISTENERS_MAX - 1};
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        const int client = connect_to(some[i]);
        is_answered(client);
        (void)close(client);
    }
    end();
}

static void a_listener_among_clients(void **state)
{
    int clients[CONNECTIONS];
    begin(state);
    assert_int_equal(add(0), LINNET_ERROR_NONE);
    for (unsigned i = 0; i < CONNECTIONS - 1; i++) {
        clients[i] = connect_to(0);
        is_answered(clients[i]);
    }
    assert_int_equal(add(1), LINNET_ERROR_NONE);
    clients[CONNECTIONS - 1] = connect_to(1);
    for (unsigned i = CONNECTIONS; i > 0; i--) {
        is_answered(clients[i - 1]);
    }
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        (void)close(clients[i]);
    }
    end();
}

static void none_while_they_are_paused(void **state)
{
    begin(state);
    assert_int_equal(add(0), LINNET_ERROR_NONE);
    operations->listeners_pause(driver);
    const int client = connect_to(0);
    assert_int_equal(operations->turn(driver, 0), LINNET_ERROR_NONE);
    assert_int_equal(linnet_worker_open_count(worker), 0);
    operations->listeners_resume(driver);
    is_answered(client);
    (void)close(client);
    end();
}

#define TEST_BY(test, row)                                                              \
    {                                                                                   \
        .name = #test " by " #row, .test_func = (test), .initial_state = (void *)&(row) \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_BY(as_many_listeners_as_there_may_be, ln_driver_epoll),
        TEST_BY(as_many_listeners_as_there_may_be, ln_driver_poll),
        TEST_BY(a_listener_among_clients, ln_driver_epoll),
        TEST_BY(a_listener_among_clients, ln_driver_poll),
        TEST_BY(none_while_they_are_paused, ln_driver_epoll),
        TEST_BY(none_while_they_are_paused, ln_driver_poll),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
