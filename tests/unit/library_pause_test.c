/* S0-4: a handler that takes its content a byte at a time, with a pause behind each: is no byte
 * lost and none doubled, however the content was framed? */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <linnet/linnet.h>
#include <linnet/test.h>

enum { ANSWER_MAX = 4096 };

static char taken[256];
static unsigned pauses;

static void nibble(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                   struct linnet_span data)
{
    const size_t len = strlen(taken);
    (void)context;
    if (event == LINNET_EVENT_DATA) {
        (void)snprintf(taken + len, sizeof taken - len, "%c", data.data[0]);
        pauses++;
        linnet_exchange_pause(exchange, data.len - 1);
        linnet_exchange_resume(exchange);
    } else if (event == LINNET_EVENT_FINAL) {
        (void)snprintf(taken + len, sizeof taken - len, "|");
        assert_int_equal(linnet_reply_status(exchange, LINNET_STATUS_NO_CONTENT),
                         LINNET_ERROR_NONE);
    }
    assert_int_not_equal(event, LINNET_EVENT_ABORT);
}

static const struct linnet_route routes[] = {{.kind = LINNET_ROUTE_DEFAULT,
                                              .methods = LINNET_METHOD_BIT(LINNET_METHOD_POST),
                                              .body_len_max = 100,
                                              .handler = nibble}};

static void s0_4_no_byte_is_lost_or_doubled(void **state)
{
    (void)state;
    static const char requests[] =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789"
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "1\r\na\r\n9\r\nbcdefghij\r\n2\r\nkl\r\n0\r\n\r\n"
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nz";
    uint8_t bytes[ANSWER_MAX];
    struct linnet_span answer;
    struct linnet_server *server;
    const struct linnet_server_config config = {.routes = routes, .route_count = 1};
    assert_int_equal(linnet_server_open(&config, NULL, 0, &server), LINNET_ERROR_NONE);
    assert_int_equal(
        linnet_test_request(server,
                            (struct linnet_span){(const uint8_t *)requests, sizeof requests - 1},
                            (struct linnet_room){bytes, sizeof bytes - 1}, &answer),
        LINNET_ERROR_NONE);
    assert_string_equal(taken, "0123456789|abcdefghijkl|z|");
    assert_int_equal(pauses, 23);
    linnet_server_close(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(s0_4_no_byte_is_lost_or_doubled)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
