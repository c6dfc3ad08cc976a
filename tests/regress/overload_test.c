/* The 503 for want of an output buffer was given without a line in the log, was not counted among
 * the answers, and had content even for HEAD. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/lib/sample_routes.h"

struct told {
    unsigned overloaded;
};

static void answered(void *context, const struct linnet_answer_record *record)
{
    struct told *told = context;
    told->overloaded += record->status == LINNET_STATUS_SERVICE_UNAVAILABLE ? 1 : 0;
}

static struct sample_routes sample;

/* One connection sends slowly and has the only output buffer; a second one asks, and waits. */
static struct simulated_peer *overload(struct simulated_driver **driver, struct told *told,
                                       struct linnet_span request)
{
    struct linnet_limits limits;
    simulated_limits(&limits);
    limits.connections = 2;
    limits.inputs = 2;
    limits.outputs = 1;
    limits.wait_ms = 1000;
    sample_routes_init(&sample);
    const struct simulated_driver_config config = {
        .limits = &limits,
        .routes = sample.routes,
        .route_count = sample.count,
        .hooks = {.answered = answered, .context = told},
    };
    *driver = simulated_driver_open(&config);
    sample_routes_bind(&sample, *driver);
    struct simulated_peer *slow = simulated_connect(*driver);
    slow->window = 100;
    simulated_send(slow, LINNET_SPAN("GET /memory HTTP/1.1\r\nHost: a\r\n\r\n"));
    simulated_run(*driver);
    struct simulated_peer *peer = simulated_connect(*driver);
    simulated_send(peer, request);
    simulated_advance(*driver, 1100);
    assert_memory_equal(peer->received, "HTTP/1.1 503 ", 13);
    return peer;
}

static void a_503_is_logged_and_counted(void **state)
{
    (void)state;
    struct simulated_driver *driver;
    struct told told = {0};
    (void)overload(&driver, &told, LINNET_SPAN("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_int_equal(told.overloaded, 1);
    assert_int_equal(ln_worker_counters(driver->worker)->answers_5xx, 1);
    sample_driver_close(&sample, driver);
}

/* RFC 9110 9.3.2: an answer to HEAD has no content. */
static void rfc9110_9_3_2_head_has_no_content(void **state)
{
    (void)state;
    struct simulated_driver *driver;
    struct told told = {0};
    struct simulated_peer *peer =
        overload(&driver, &told, LINNET_SPAN("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
    const char *end = strstr(simulated_text(peer), "\r\n\r\n");
    assert_non_null(end);
    assert_string_equal(end, "\r\n\r\n");
    sample_driver_close(&sample, driver);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_503_is_logged_and_counted),
        cmocka_unit_test(rfc9110_9_3_2_head_has_no_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
