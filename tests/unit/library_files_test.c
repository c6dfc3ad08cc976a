/* The files of a folder in a server of the library: prefix, what is hidden, memory, SIGPIPE. */
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include <linnet/linnet.h>
#include <linnet/test.h>

enum {
    ANSWER_MAX = 8192,
    LARGE_LEN = 64 * 1024 * 1024,
};

static struct linnet_files files;
static const struct linnet_route under_static[] = {{.kind = LINNET_ROUTE_PREFIX,
                                                    .path = LINNET_SPAN_INIT("/static"),
                                                    .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
                                                    .handler = linnet_files_handle,
                                                    .context = &files}};
static const struct linnet_route everywhere[] = {{.kind = LINNET_ROUTE_DEFAULT,
                                                  .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
                                                  .handler = linnet_files_handle,
                                                  .context = &files}};

static char folder[] = "/tmp/linnet-library-XXXXXX";

static void write_file(const char *name, const char *text, off_t len)
{
    const int above = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int file = openat(above, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    if (len > 0) {
        assert_int_equal(ftruncate(file, len), 0);
    }
    (void)close(file);
    (void)close(above);
}

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    write_file("index.html", "the index", 0);
    write_file("hello.txt", "hello", 0);
    write_file(".secret", "hidden", 0);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"index.html", "hello.txt", ".secret", "large"};
    const int above = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)unlinkat(above, names[i], 0);
    }
    (void)close(above);
    return rmdir(folder);
}

static struct linnet_server *open_server(const struct linnet_route *routes)
{
    const struct linnet_server_config config = {.routes = routes, .route_count = 1};
    struct linnet_server *server;
    assert_int_equal(linnet_server_open(&config, NULL, 0, &server), LINNET_ERROR_NONE);
    return server;
}

static void open_files(const char *prefix)
{
    const struct linnet_files_config config = {.folder = folder,
                                               .prefix = {(const uint8_t *)prefix, strlen(prefix)}};
    assert_int_equal(linnet_files_open(&files, &config, NULL, 0), LINNET_ERROR_NONE);
}

/* The answer begins so, and ends so. */
static void assert_answer(struct linnet_server *server, const char *path, const char *begin,
                          const char *within)
{
    uint8_t bytes[ANSWER_MAX];
    char request[256] = "GET ";
    struct linnet_span answer;
    strncat(request, path, sizeof request - 1 - strlen(request));
    strncat(request, " HTTP/1.1\r\nHost: a\r\n\r\n", sizeof request - 1 - strlen(request));
    assert_int_equal(
        linnet_test_request(server, (struct linnet_span){(const uint8_t *)request, strlen(request)},
                            (struct linnet_room){bytes, sizeof bytes - 1}, &answer),
        LINNET_ERROR_NONE);
    bytes[answer.len] = 0;
    assert_memory_equal(bytes, "HTTP/1.1 ", 9);
    assert_memory_equal(bytes + 9, begin, strlen(begin));
    assert_non_null(strstr((char *)bytes, within));
}

static void below_a_prefix(void **state)
{
    (void)state;
    struct linnet_server *server = open_server(under_static);
    open_files("/static");
    assert_answer(server, "/static/hello.txt", "200", "\r\n\r\nhello");
    assert_answer(server, "/static/hello.txt", "200", "\r\n\r\nhello"); /* from the cache */
    assert_answer(server, "/static/", "200", "\r\n\r\nthe index");
    assert_answer(server, "/static", "301", "\r\nLocation: /static/\r\n");
    assert_answer(server, "/static/.secret", "404", "");
    assert_answer(server, "/static/../hello.txt", "404", "");
    assert_answer(server, "/static/%2e%2e/hello.txt", "404", "");
    assert_answer(server, "/hello.txt", "404", "");
    assert_answer(server, "/statichello.txt", "404", "");
    linnet_server_close(server);
    linnet_files_close(&files);
}

static void everywhere_without_one(void **state)
{
    (void)state;
    struct linnet_server *server = open_server(everywhere);
    open_files("");
    assert_answer(server, "/hello.txt", "200", "\r\n\r\nhello");
    assert_answer(server, "/", "200", "\r\n\r\nthe index");
    linnet_server_close(server);
    linnet_files_close(&files);
}

static void a_route_with_another_prefix(void **state)
{
    (void)state;
    struct linnet_server *server = open_server(everywhere);
    open_files("/static");
    assert_answer(server, "/", "404", "");
    assert_answer(server, "/other/hello.txt", "404", "");
    assert_answer(server, "/static/hello.txt", "200", "\r\n\r\nhello");
    linnet_server_close(server);
    linnet_files_close(&files);
}

static void what_cannot_be_opened(void **state)
{
    (void)state;
    struct linnet_limits limits;
    struct linnet_files_config config = {.folder = "/no/such/folder"};
    assert_int_equal(linnet_files_open(&files, &config, NULL, 0), LINNET_ERROR_NOT_FOUND);
    config.folder = folder;
    config.prefix = LINNET_SPAN("/static/");
    assert_int_equal(linnet_files_open(&files, &config, NULL, 0), LINNET_ERROR_INVALID);
    config.prefix = LINNET_SPAN("static");
    assert_int_equal(linnet_files_open(&files, &config, NULL, 0), LINNET_ERROR_INVALID);
    config.prefix = LINNET_SPAN("/static");
    const size_t len = linnet_files_memory_len(&config);
    uint8_t *block = malloc(len);
    assert_int_equal(linnet_files_open(&files, &config, block, len - 1), LINNET_ERROR_TOO_LARGE);
    assert_int_equal(linnet_files_open(&files, &config, block, len), LINNET_ERROR_NONE);
    linnet_files_close(&files);
    free(block);
    linnet_limits_default(&limits);
    limits.files = 0;
    config.limits = &limits;
    assert_int_equal(linnet_files_memory_len(&config), 0);
    assert_int_equal(linnet_files_open(&files, &config, NULL, 0), LINNET_ERROR_INVALID);
}

/* ---- a client that leaves in the middle of a file -------------------------------------------- */

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

/* Asks for the large file and leaves when some of it was sent, with a reset where there is one. */
static void leave_early(struct linnet_server *server, int client)
{
    static const char request[] = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
    const struct linger at_once = {.l_onoff = 1};
    const uint64_t closed = counter_of(server, "connections_closed");
    const uint64_t sent = counter_of(server, "bytes_sent");
    assert_int_equal(send(client, request, sizeof request - 1, 0), sizeof request - 1);
    while (counter_of(server, "bytes_sent") == sent) {
        assert_int_equal(linnet_server_turn(server, 1000), LINNET_ERROR_NONE);
    }
    assert_int_equal(setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    (void)close(client);
    while (counter_of(server, "connections_closed") == closed) {
        assert_int_equal(linnet_server_turn(server, 1000), LINNET_ERROR_NONE);
    }
}

static void assert_signals_are_untouched(void)
{
    sigset_t mask;
    sigset_t pending;
    struct sigaction action;
    assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
    assert_ptr_equal(action.sa_handler, SIG_DFL);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &mask), 0);
    assert_int_equal(sigismember(&mask, SIGPIPE), 0);
    assert_int_equal(sigpending(&pending), 0);
    assert_int_equal(sigismember(&pending, SIGPIPE), 0);
}

static void who_leaves_early_ends_no_program(void **state)
{
    (void)state;
    struct linnet_address address;
    struct linnet_server *server = open_server(everywhere);
    write_file("large", "", LARGE_LEN);
    open_files("");
    assert_int_equal(linnet_server_listen(server, "127.0.0.1:0", &address), LINNET_ERROR_NONE);
    for (unsigned i = 0; i < 20; i++) {
        struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(address.port)};
        memcpy(&where.sin_addr, address.ip + 12, 4);
        const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(client, (struct sockaddr *)&where, sizeof where), 0);
        leave_early(server, client);
    }
    assert_signals_are_untouched();
    linnet_server_close(server);
    linnet_files_close(&files);
}

/* The blocking driver looks at nothing before it writes, and whose unix socket is closed is told of
 * at once: this write is what SIGPIPE is for. */
static void a_signal_that_was_held_is_taken_away(void **state)
{
    (void)state;
    char listen_at[64] = "unix:";
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    const struct linnet_server_config config = {
        .routes = everywhere, .route_count = 1, .driver = "blocking"};
    struct linnet_server *server;
    strncat(listen_at, folder, sizeof listen_at - 1 - strlen(listen_at));
    strncat(listen_at, "/it.sock", sizeof listen_at - 1 - strlen(listen_at));
    memcpy(where.sun_path, listen_at + 5, strlen(listen_at) - 5);
    assert_int_equal(linnet_server_open(&config, NULL, 0, &server), LINNET_ERROR_NONE);
    write_file("large", "", LARGE_LEN);
    open_files("");
    assert_int_equal(linnet_server_listen(server, listen_at, NULL), LINNET_ERROR_NONE);
    const int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(client, (struct sockaddr *)&where, sizeof where), 0);
    leave_early(server, client);
    assert_signals_are_untouched();
    linnet_server_close(server);
    linnet_files_close(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(below_a_prefix),
        cmocka_unit_test(everywhere_without_one),
        cmocka_unit_test(a_route_with_another_prefix),
        cmocka_unit_test(what_cannot_be_opened),
        cmocka_unit_test(who_leaves_early_ends_no_program),
        cmocka_unit_test(a_signal_that_was_held_is_taken_away),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
