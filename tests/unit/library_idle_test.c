/* S0-10: idle connections end on time, and what is counted can be read while it happens; by every
 * driver that a program of one's own can have. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <linnet/linnet.h>

enum {
    IDLE_MS = 100,
    LATEST_MS = 10000,
};

static void say(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                struct linnet_span data)
{
    (void)context;
    (void)data;
    if (event == LINNET_EVENT_FINAL) {
        assert_int_equal(linnet_reply_text(exchange, LINNET_STATUS_OK, LINNET_SPAN("said")),
                         LINNET_ERROR_NONE);
    }
}

static const struct linnet_route routes[] = {{.kind = LINNET_ROUTE_DEFAULT,
                                              .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
                                              .handler = say}};

static uint64_t now_ms(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t counter_of(const struct linnet_server *server, const char *name)
{
    struct linnet_counter counter;
    for (size_t i = 0; linnet_server_counter(server, i, &counter); i++) {
        if (strcmp(counter.name, name) == 0) {
            return counter.value;
        }
    }
    fail_msg("there is no counter %s", name);
    return 0;
}

static int connect_to(const struct linnet_address *address)
{
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(address->port)};
    memcpy(&where.sin_addr, address->ip + 12, 4);
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(client, (struct sockaddr *)&where, sizeof where), 0);
    return client;
}

/* Turns until that counter has that value. */
static void await_counter(struct linnet_server *server, const char *name, uint64_t value)
{
    const uint64_t latest_ms = now_ms() + LATEST_MS;
    while (counter_of(server, name) != value) {
        assert_true(now_ms() < latest_ms);
        assert_int_equal(linnet_server_turn(server, LATEST_MS), LINNET_ERROR_NONE);
    }
}

/* Turns until the client has something, or the end; returns how much. */
static size_t await_bytes(struct linnet_server *server, int client)
{
    char bytes[512];
    const uint64_t latest_ms = now_ms() + LATEST_MS;
    for (;;) {
        const ssize_t len = recv(client, bytes, sizeof bytes, MSG_DONTWAIT);
        if (len >= 0) {
            return (size_t)len;
        }
        assert_true(now_ms() < latest_ms);
        assert_int_equal(linnet_server_turn(server, 1), LINNET_ERROR_NONE);
    }
}

static void end_on_time(const char *driver)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    struct linnet_limits limits;
    struct linnet_server *server;
    struct linnet_address address;
    linnet_limits_default(&limits);
    limits.connections = 8;
    limits.inputs = 8;
    limits.outputs = 8;
    limits.idle_ms = IDLE_MS;
    const struct linnet_server_config config = {
        .routes = routes, .route_count = 1, .limits = &limits, .driver = driver};
    const enum linnet_error error = linnet_server_open(&config, NULL, 0, &server);
    if (error == LINNET_ERROR_UNSUPPORTED || error == LINNET_ERROR_SYSTEM) {
        return; /* this system has no such driver */
    }
    assert_int_equal(error, LINNET_ERROR_NONE);
    assert_int_equal(linnet_server_listen(server, "127.0.0.1:0", &address), LINNET_ERROR_NONE);
    const int client = connect_to(&address);
    assert_int_equal(send(client, request, sizeof request - 1, MSG_NOSIGNAL), sizeof request - 1);
    const uint64_t begun_ms = now_ms();
    await_counter(server, "answers_2xx", 1);
    assert_int_equal(counter_of(server, "slots_now"), 1);
    assert_int_equal(counter_of(server, "closed_for_timeout-idle"), 0);
    assert_true(await_bytes(server, client) > 0);
    await_counter(server, "closed_for_timeout-idle", 1);
    assert_true(now_ms() - begun_ms >= IDLE_MS);
    await_counter(server, "slots_now", 0);
    assert_int_equal(await_bytes(server, client), 0);
    (void)close(client);
    linnet_server_close(server);
}

static void s0_10_idle_connections_end_on_time_and_are_counted(void **state)
{
    (void)state;
    end_on_time("epoll");
    end_on_time("poll");
    end_on_time("uring");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s0_10_idle_connections_end_on_time_and_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
