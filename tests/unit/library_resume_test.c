/* Does a server hear every resume of other threads, whatever their order, and none of the dead? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linnet/linnet.h>

enum {
    WAITING = 1000,
    THREADS = 4,
    DESCRIPTORS = 2 * WAITING + 100,
    STREAM_PIECES = 200,
    WAIT_S = 60,
};

/* What the threads share. */
static struct {
    struct linnet_server *server;
    struct linnet_address address;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct linnet_token tokens[WAITING];
    unsigned waiting;
    unsigned answers[WAITING]; /* written by a thread before it resumes, read by the handler */
    atomic_uint resumed;
} shared = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static unsigned number_of(const struct linnet_exchange *exchange)
{
    uint64_t number;
    assert_true(
        linnet_exchange_parameter_uint(exchange, LINNET_SPAN("n"), 0, WAITING - 1, &number));
    return (unsigned)number;
}

static void suspend(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                    struct linnet_span data)
{
    (void)context;
    (void)data;
    const unsigned number = event == LINNET_EVENT_ABORT ? 0 : number_of(exchange);
    if (event == LINNET_EVENT_FINAL) {
        pthread_mutex_lock(&shared.lock);
        shared.tokens[number] = linnet_exchange_token(exchange);
        shared.waiting++;
        pthread_cond_broadcast(&shared.changed);
        pthread_mutex_unlock(&shared.lock);
    } else if (event == LINNET_EVENT_RESUME) {
        uint8_t bytes[32];
        struct linnet_text text = linnet_text_over((struct linnet_room){bytes, sizeof bytes});
        linnet_text_put_decimal(&text, shared.answers[number]);
        assert_int_equal(
            linnet_reply_written(exchange, LINNET_STATUS_OK, LINNET_SPAN("text/plain"), &text),
            LINNET_ERROR_NONE);
    }
}

/* A stream that gives what a thread has counted, and waits for the thread. */
static struct counted {
    struct linnet_stream stream;
    atomic_uint count; /* by the thread */
    unsigned given;
    bool done;
} counted;

static enum linnet_pulled pull_counted(struct linnet_stream *stream, struct linnet_pull *pull)
{
    struct counted *own = (struct counted *)stream;
    const unsigned count = atomic_load_explicit(&own->count, memory_order_relaxed);
    while (own->given < count && pull->len < pull->room.len) {
        pull->room.data[pull->len++] = 'x';
        own->given++;
    }
    return own->given == STREAM_PIECES ? LINNET_PULLED_END : LINNET_PULLED_LATER;
}

static void counted_is_done(struct linnet_stream *stream, bool complete)
{
    ((struct counted *)stream)->done = complete;
}

static const struct linnet_stream_operations counted_operations = {.pull = pull_counted,
                                                                   .done = counted_is_done};

static void stream(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                   struct linnet_span data)
{
    (void)context;
    (void)data;
    if (event == LINNET_EVENT_FINAL) {
        counted.stream = (struct linnet_stream){.operations = &counted_operations};
        assert_int_equal(linnet_reply_stream(exchange, LINNET_SPAN("text/plain"), &counted.stream),
                         LINNET_ERROR_NONE);
        pthread_mutex_lock(&shared.lock);
        shared.tokens[0] = linnet_exchange_token(exchange);
        shared.waiting++;
        pthread_cond_broadcast(&shared.changed);
        pthread_mutex_unlock(&shared.lock);
    }
}

static const struct linnet_route routes[] = {
    {.kind = LINNET_ROUTE_PATTERN,
     .path = LINNET_SPAN_INIT("/wait/{n:uint}"),
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
     .handler = suspend},
    {.kind = LINNET_ROUTE_EXACT,
     .path = LINNET_SPAN_INIT("/stream"),
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
     .handler = stream},
};

/* false: this system does not have what the driver needs. */
static bool open_server(const char *driver)
{
    struct linnet_limits limits;
    char message[256] = "";
    linnet_limits_default(&limits);
    limits.connections = WAITING + 10;
    limits.inputs = WAITING + 10;
    limits.outputs = WAITING + 10;
    limits.listen_backlog = 4096;
    limits.accepts_per_turn = 64;
    const struct linnet_server_config config = {.routes = routes,
                                                .route_count = sizeof routes / sizeof routes[0],
                                                .limits = &limits,
                                                .driver = driver,
                                                .message = message,
                                                .message_len = sizeof message};
    const enum linnet_error error = linnet_server_open(&config, NULL, 0, &shared.server);
    if (error == LINNET_ERROR_UNSUPPORTED && strcmp(driver, "uring") == 0) {
        return false;
    }
    assert_int_equal(error, LINNET_ERROR_NONE);
    assert_int_equal(linnet_server_listen(shared.server, "127.0.0.1:0", &shared.address),
                     LINNET_ERROR_NONE);
    shared.waiting = 0;
    atomic_store(&shared.resumed, 0);
    alarm(WAIT_S);
    return true;
}

static int connect_client(void)
{
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(shared.address.port)};
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memcpy(&where.sin_addr, shared.address.ip + 12, 4);
    assert_int_equal(connect(client, (struct sockaddr *)&where, sizeof where), 0);
    return client;
}

static void ask(int client, const char *path)
{
    char request[64];
    const int len = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    assert_int_equal(send(client, request, (size_t)len, MSG_NOSIGNAL), len);
}

static void wait_for(unsigned waiting)
{
    pthread_mutex_lock(&shared.lock);
    while (shared.waiting < waiting) {
        pthread_cond_wait(&shared.changed, &shared.lock);
    }
    pthread_mutex_unlock(&shared.lock);
}

/* Resumes every THREADS-th token, in an order of its own, some twice, and a dead one beside. */
static void *resume_some(void *argument)
{
    const unsigned first = *(const unsigned *)argument;
    unsigned order[WAITING];
    unsigned count = 0;
    unsigned seed = first + 1;
    for (unsigned i = first; i < WAITING; i += THREADS) {
        order[count++] = i;
    }
    for (unsigned i = count; i > 1; i--) {
        const unsigned other = (unsigned)rand_r(&seed) % i;
        const unsigned swapped = order[i - 1];
        order[i - 1] = order[other];
        order[other] = swapped;
    }
    for (unsigned i = 0; i < count; i++) {
        const unsigned number = order[i];
        shared.answers[number] = number * 7;
        linnet_resume(shared.server, shared.tokens[number]);
        if (i > 0) {
            linnet_resume(shared.server, shared.tokens[order[i - 1]]);
        }
    }
    return NULL;
}

static void check_answer(int client, unsigned number)
{
    char answer[1024];
    char expected[32];
    size_t len = 0;
    snprintf(expected, sizeof expected, "\r\n\r\n%u", number * 7);
    const size_t expected_len = strlen(expected);
    while (len < expected_len || memcmp(answer + len - expected_len, expected, expected_len) != 0) {
        const ssize_t got = recv(client, answer + len, sizeof answer - 1 - len, 0);
        assert_true(got > 0);
        len += (size_t)got;
    }
    answer[len] = '\0';
    assert_memory_equal(answer, "HTTP/1.1 200 OK", 15);
}

static void *talk(void *unused)
{
    static int clients[WAITING];
    unsigned numbers[THREADS];
    pthread_t threads[THREADS];
    (void)unused;
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < WAITING; i++) {
            char path[32];
            snprintf(path, sizeof path, "/wait/%u", i);
            clients[i] = round == 0 ? connect_client() : clients[i];
            ask(clients[i], path);
        }
        wait_for((round + 1) * WAITING);
        for (unsigned i = 0; i < THREADS; i++) {
            numbers[i] = i;
            assert_int_equal(pthread_create(&threads[i], NULL, resume_some, &numbers[i]), 0);
        }
        for (unsigned i = 0; i < WAITING; i++) {
            check_answer(clients[i], i);
        }
        for (unsigned i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
        }
    }
    for (unsigned i = 0; i < WAITING; i++) {
        close(clients[i]);
        linnet_resume(shared.server, shared.tokens[i]); /* of the dead */
    }
    linnet_server_stop(shared.server);
    return NULL;
}

static void serve_while(void *(*client)(void *))
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, client, NULL), 0);
    assert_int_equal(linnet_server_run(shared.server), LINNET_ERROR_NONE);
    pthread_join(thread, NULL);
    linnet_server_close(shared.server);
    alarm(0);
}

static void a_thousand_that_wait(void **state)
{
    (void)state;
    static const char *const drivers[] = {"epoll", "poll", "uring"};
    const struct rlimit descriptors = {DESCRIPTORS, DESCRIPTORS};
    if (setrlimit(RLIMIT_NOFILE, &descriptors) != 0) {
        skip();
    }
    for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++) {
        if (open_server(drivers[i])) {
            serve_while(talk);
        }
    }
}

static void *feed_stream(void *unused)
{
    char answer[8192];
    size_t len = 0;
    (void)unused;
    const int client = connect_client();
    ask(client, "/stream");
    wait_for(1);
    for (unsigned i = 0; i < STREAM_PIECES; i++) {
        atomic_fetch_add_explicit(&counted.count, 1, memory_order_relaxed);
        linnet_resume(shared.server, shared.tokens[0]);
    }
    while (len < 5 || memcmp(answer + len - 5, "0\r\n\r\n", 5) != 0) {
        const ssize_t got = recv(client, answer + len, sizeof answer - len, 0);
        assert_true(got > 0);
        len += (size_t)got;
    }
    size_t pieces = 0;
    for (size_t i = 0; i < len; i++) {
        pieces += answer[i] == 'x';
    }
    assert_int_equal(pieces, STREAM_PIECES + 1); /* and that of text/plain */
    close(client);
    linnet_server_stop(shared.server);
    return NULL;
}

static void a_stream_that_another_thread_feeds(void **state)
{
    (void)state;
    static const char *const drivers[] = {"epoll", "poll", "uring", "blocking"};
    for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++) {
        memset(&counted, 0, sizeof counted);
        if (open_server(drivers[i])) {
            serve_while(feed_stream);
            assert_true(counted.done);
        }
    }
}

static void *talk_alone(void *unused)
{
    (void)unused;
    const int client = connect_client();
    ask(client, "/wait/3");
    wait_for(1);
    shared.answers[3] = 21;
    linnet_resume(shared.server, shared.tokens[3]);
    check_answer(client, 3);
    close(client);
    linnet_server_stop(shared.server);
    return NULL;
}

/* Where one client is served at a time, one waits at a time. */
static void by_the_driver_that_blocks(void **state)
{
    (void)state;
    assert_true(open_server("blocking"));
    serve_while(talk_alone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_that_wait),
        cmocka_unit_test(a_stream_that_another_thread_feeds),
        cmocka_unit_test(by_the_driver_that_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
