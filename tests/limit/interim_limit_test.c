/* Does an interim answer leave room for the answer, to the byte: n - 1 and n taken, n + 1 not? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/table/limit.h"
#include "tests/lib/simulated_driver.h"

static struct linnet_limits limits;
static size_t link_len;
static enum linnet_error outcome;
static uint8_t text[8192];

static void hint(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                 struct linnet_span data)
{
    (void)context;
    (void)data;
    if (event == LINNET_EVENT_FINAL) {
        const struct linnet_field link = {LINNET_SPAN("Link"), {text, link_len}};
        const struct linnet_reply reply = {.status = LINNET_STATUS_OK,
                                           .body = LINNET_BODY_COPY,
                                           .bytes = {text, (size_t)limits.copy_len_max}};
        outcome = linnet_reply_interim(exchange, LINNET_STATUS_EARLY_HINTS, &link, 1);
        assert_int_equal(linnet_reply(exchange, &reply), LINNET_ERROR_NONE);
    }
}

static const struct linnet_route route = {
    .kind = LINNET_ROUTE_DEFAULT,
    .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
    .handler = hint,
};

/* An interim answer of that many bytes in all. */
static enum linnet_error try(size_t len)
{
    const size_t frame = strlen("HTTP/1.1 103 Early Hints\r\nLink: \r\n\r\n");
    const struct simulated_driver_config config = {
        .limits = &limits, .routes = &route, .route_count = 1};
    struct simulated_driver *driver = simulated_driver_open(&config);
    struct simulated_peer *peer = simulated_connect(driver);
    link_len = len - frame;
    simulated_send(peer, LINNET_SPAN("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    simulated_run(driver);
    assert_non_null(strstr(simulated_text(peer), "HTTP/1.1 200 OK"));
    simulated_driver_close(driver);
    return outcome;
}

static int begin(void **state)
{
    (void)state;
    memset(text, 'a', sizeof text);
    simulated_limits(&limits);
    limits.reply_head_len_max = 512;
    limits.copy_len_max = 1024;
    return 0;
}

static void room_is_left_for_the_answer(void **state)
{
    (void)state;
    const size_t kept = 512 + 1024 + LN_INTERIM_LEN_MAX;
    limits.output_len = kept + 200;
    const size_t room = ln_connection_output_len(&limits) - sizeof(struct ln_output);
    const size_t most = room - kept;
    assert_int_equal(try(most - 1), LINNET_ERROR_NONE);
    assert_int_equal(try(most), LINNET_ERROR_NONE);
    assert_int_equal(try(most + 1), LINNET_ERROR_TOO_LARGE);
}

static void a_head_is_a_head(void **state)
{
    (void)state;
    limits.output_len = 8192;
    assert_int_equal(try(511), LINNET_ERROR_NONE);
    assert_int_equal(try(512), LINNET_ERROR_NONE);
    assert_int_equal(try(513), LINNET_ERROR_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(room_is_left_for_the_answer, begin),
        cmocka_unit_test_setup(a_head_is_a_head, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
