/* Are trailers bounded to the byte and by number: n - 1 and n sent, n + 1 not? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/lib/simulated_driver.h"

enum { HEAD_LEN_MAX = 512 };

static struct linnet_limits limits;
static size_t content_len; /* of each trailer */
static size_t trailer_count;
static uint8_t text[HEAD_LEN_MAX];
static struct linnet_stream stream;

static enum linnet_pulled end_at_once(struct linnet_stream *own, struct linnet_pull *pull)
{
    (void)own;
    (void)pull;
    return LINNET_PULLED_END;
}

static bool give(struct linnet_stream *own, size_t index, struct linnet_field *field)
{
    (void)own;
    *field = (struct linnet_field){LINNET_SPAN("X"), {text, content_len}};
    return index < trailer_count;
}

static const struct linnet_stream_operations operations = {.pull = end_at_once, .trailer = give};

static void answer(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                   struct linnet_span data)
{
    (void)context;
    (void)data;
    if (event == LINNET_EVENT_FINAL) {
        stream = (struct linnet_stream){.operations = &operations, .trailers = LINNET_SPAN("X")};
        assert_int_equal(linnet_reply_stream(exchange, LINNET_SPAN("text/plain"), &stream),
                         LINNET_ERROR_NONE);
    }
}

static const struct linnet_route route = {
    .kind = LINNET_ROUTE_DEFAULT,
    .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
    .handler = answer,
};

/* How many trailers of that length arrive. */
static size_t ask(size_t count, size_t len)
{
    const struct simulated_driver_config config = {
        .limits = &limits, .routes = &route, .route_count = 1};
    simulated_limits(&limits);
    limits.reply_head_len_max = HEAD_LEN_MAX;
    limits.output_len = 2048;
    limits.copy_len_max = 512;
    memset(text, 'a', sizeof text);
    trailer_count = count;
    content_len = len;
    struct simulated_driver *driver = simulated_driver_open(&config);
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, LINNET_SPAN("GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n"));
    simulated_run(driver);
    const char *at = strstr(simulated_text(peer), "\r\n0\r\n");
    assert_non_null(at);
    size_t found = 0;
    while ((at = strstr(at, "\nX: ")) != NULL) {
        found++;
        at++;
    }
    simulated_driver_close(driver);
    return found;
}

static void by_bytes(void **state)
{
    (void)state;
    const size_t most = HEAD_LEN_MAX - strlen("0\r\nX: \r\n\r\n");
    assert_int_equal(ask(1, most - 1), 1);
    assert_int_equal(ask(1, most), 1);
    assert_int_equal(ask(1, most + 1), 0);
}

static void by_number(void **state)
{
    (void)state;
    assert_int_equal(ask(LINNET_TRAILERS_MAX - 1, 1), LINNET_TRAILERS_MAX - 1);
    assert_int_equal(ask(LINNET_TRAILERS_MAX, 1), LINNET_TRAILERS_MAX);
    assert_int_equal(ask(LINNET_TRAILERS_MAX + 1, 1), LINNET_TRAILERS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_bytes), cmocka_unit_test(by_number)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
