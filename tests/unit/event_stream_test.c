/* Do events reach everybody who listens, once and in order, and nobody else for long? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include <linnet/event_stream.h>

#include "tests/lib/simulated_driver.h"

#define GET        "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define BEHIND(id) "GET / HTTP/1.1\r\nHost: a\r\nLast-Event-ID: " id "\r\n\r\n"
#define HEAD                                                                                \
    "HTTP/1.1 200 OK\r\nDate: *\r\nTransfer-Encoding: chunked\r\nContent-Type: text/event-" \
    "stream\r\nCache-Control: no-store\r\n\r\n"

enum {
    RING_LEN = 200,
    SUBSCRIBERS = 3,
};

static uint8_t ring[RING_LEN];
static struct linnet_subscriber subscribers[SUBSCRIBERS];
static struct linnet_topic topic;
static struct linnet_topic_config config;
static struct linnet_limits limits;
static struct simulated_driver *driver;

static void listen_to(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                      struct linnet_span data)
{
    (void)context;
    (void)data;
    if (event == LINNET_EVENT_FINAL) {
        assert_int_equal(linnet_topic_subscribe(&topic, exchange), LINNET_ERROR_NONE);
    }
}

static const struct linnet_route route = {
    .kind = LINNET_ROUTE_DEFAULT,
    .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
    .handler = listen_to,
};

static int begin(void **state)
{
    (void)state;
    simulated_limits(&limits);
    limits.connections = 8;
    limits.outputs = 4;
    config = (struct linnet_topic_config){
        .ring = {ring, sizeof ring}, .subscribers = subscribers, .subscriber_count = SUBSCRIBERS};
    return 0;
}

static void open_driver(struct simulated_way way)
{
    const struct simulated_driver_config settings = {
        .limits = &limits, .routes = &route, .route_count = 1, .way = way};
    linnet_topic_init(&topic, &config);
    driver = simulated_driver_open(&settings);
}

static struct simulated_peer *ask(const char *request)
{
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, (struct linnet_span){(const uint8_t *)request, strlen(request)});
    simulated_run(driver);
    return peer;
}

static void publish(const char *type, const char *data)
{
    assert_int_equal(
        linnet_topic_publish(&topic, (struct linnet_span){(const uint8_t *)type, strlen(type)},
                             (struct linnet_span){(const uint8_t *)data, strlen(data)}),
        LINNET_ERROR_NONE);
    simulated_run(driver);
}

/* What came behind the head, out of its chunks. */
static const char *events_of(const struct simulated_peer *peer)
{
    static char text[1 << 16];
    const char *received = simulated_text(peer);
    size_t len = 0;
    assert_memory_equal(received, HEAD, sizeof HEAD - 1);
    const char *at = received + sizeof HEAD - 1;
    while (*at != '\0') {
        unsigned size;
        int digits;
        assert_int_equal(sscanf(at, "%x\r\n%n", &size, &digits), 1);
        memcpy(text + len, at + digits, size);
        len += size;
        at += (size_t)digits + size;
        assert_memory_equal(at, "\r\n", 2);
        at += 2;
    }
    text[len] = '\0';
    return text;
}

static void everybody_hears_every_event(void **state)
{
    (void)state;
    open_driver((struct simulated_way){.take_max = 0});
    struct simulated_peer *one = ask(GET);
    publish("", "first");
    struct simulated_peer *two = ask(GET);
    publish("kind", "second");
    publish("", "a\nb\r\nc\rd\n");
    publish("", "");
    assert_string_equal(events_of(one), "id: 1\ndata: first\n\n"
                                        "id: 2\nevent: kind\ndata: second\n\n"
                                        "id: 3\ndata: a\ndata: b\ndata: c\ndata: d\ndata: \n\n"
                                        "id: 4\ndata: \n\n");
    assert_string_equal(events_of(two), "id: 2\nevent: kind\ndata: second\n\n"
                                        "id: 3\ndata: a\ndata: b\ndata: c\ndata: d\ndata: \n\n"
                                        "id: 4\ndata: \n\n");
    assert_int_equal(topic.subscribed, 2);
    simulated_driver_close(driver);
    assert_int_equal(topic.subscribed, 0);
}

/* Nobody who listens holds a buffer while there is nothing to hear. */
static void listening_costs_a_record(void **state)
{
    (void)state;
    limits.inputs = 1;
    limits.outputs = 1;
    open_driver((struct simulated_way){.take_max = 7});
    struct simulated_peer *peers[SUBSCRIBERS];
    for (size_t i = 0; i < SUBSCRIBERS; i++) {
        peers[i] = ask(GET);
        assert_int_equal(ln_pool_used(&driver->worker->inputs), 0);
        assert_int_equal(ln_pool_used(&driver->worker->outputs), 0);
        assert_int_equal(ln_pool_used(&driver->worker->exchanges), 0);
        assert_int_equal(simulated_state(driver, peers[i]) & LINNET_HOLDS_INPUT, 0);
    }
    for (unsigned i = 0; i < 5; i++) {
        publish("", "to all, by one buffer");
        assert_int_equal(ln_pool_used(&driver->worker->outputs), 0);
    }
    for (size_t i = 0; i < SUBSCRIBERS; i++) {
        assert_int_equal(strlen(events_of(peers[i])),
                         5 * strlen("id: 1\ndata: to all, by one buffer\n\n"));
    }
    simulated_driver_close(driver);
}

static void who_comes_back_gets_what_it_missed(void **state)
{
    (void)state;
    open_driver((struct simulated_way){.take_max = 1});
    for (int number = '1'; number <= '5'; number++) {
        publish("", (char[]){(char)number, '\0'});
    }
    assert_string_equal(events_of(ask(BEHIND("3"))), "id: 4\ndata: 4\n\nid: 5\ndata: 5\n\n");
    assert_string_equal(events_of(ask(BEHIND("5"))), "");
    assert_string_equal(events_of(ask(BEHIND("0"))), "id: 1\ndata: 1\n\nid: 2\ndata: 2\n\n"
                                                     "id: 3\ndata: 3\n\nid: 4\ndata: 4\n\n"
                                                     "id: 5\ndata: 5\n\n");
    simulated_driver_close(driver);
}

/* Numbers that grow from run to run: nothing is missed by who was there in the run before. */
static void a_number_of_an_earlier_run_gets_the_whole_ring(void **state)
{
    (void)state;
    config.first_number = 1000;
    open_driver((struct simulated_way){.take_max = 0});
    publish("", "new");
    publish("", "newer");
    assert_string_equal(events_of(ask(BEHIND("2"))),
                        "id: 1000\ndata: new\n\nid: 1001\ndata: newer\n\n");
    assert_string_equal(events_of(ask(BEHIND("999"))),
                        "id: 1000\ndata: new\n\nid: 1001\ndata: newer\n\n");
    assert_string_equal(events_of(ask(BEHIND("1000"))), "id: 1001\ndata: newer\n\n");
    simulated_driver_close(driver);
}

/* Of another life, or no number at all: all there is. */
static void an_unknown_id_gets_the_whole_ring(void **state)
{
    (void)state;
    static const char *const ids[] = {BEHIND("6"), BEHIND("18446744073709551615"),
                                      BEHIND("18446744073709551616"), BEHIND("x")};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        open_driver((struct simulated_way){.take_max = 0});
        for (unsigned k = 0; k < 5; k++) {
            publish("", "e");
        }
        assert_int_equal(strlen(events_of(ask(ids[i]))), 5 * strlen("id: 1\ndata: e\n\n"));
        simulated_driver_close(driver);
    }
}

static void replay_begins_with_the_ring(void **state)
{
    (void)state;
    config.replay = true;
    config.retry_ms = 2500;
    open_driver((struct simulated_way){.take_max = 0});
    publish("", "old");
    assert_string_equal(events_of(ask(GET)), "retry: 2500\n\nid: 1\ndata: old\n\n");
    simulated_driver_close(driver);
}

/* The ring goes around many times; n - 1, n and n + 1 bytes of an event. */
static void the_ring_goes_around(void **state)
{
    (void)state;
    char data[RING_LEN];
    const size_t frame = 4 + strlen("id: 1\ndata: \n\n");
    open_driver((struct simulated_way){.take_max = 0});
    memset(data, 'x', sizeof data);
    for (size_t len = RING_LEN - frame - 1; len <= RING_LEN - frame + 1; len++) {
        const struct linnet_span span = {(uint8_t *)data, len};
        topic.next = topic.first = 5; /* a number of one digit each time */
        topic.begin = topic.end;
        assert_int_equal(linnet_topic_publish(&topic, LINNET_SPAN(""), span),
                         len <= RING_LEN - frame ? LINNET_ERROR_NONE : LINNET_ERROR_TOO_LARGE);
    }
    topic.first = topic.next;
    topic.begin = topic.end;
    struct simulated_peer *peer = ask(GET);
    size_t expected = 0;
    for (unsigned i = 0; i < 100; i++) {
        const struct linnet_span span = {(uint8_t *)data, i % 90};
        char head[32];
        expected +=
            (size_t)snprintf(head, sizeof head, "id: %u\ndata: \n\n", (unsigned)topic.next) +
            span.len;
        assert_int_equal(linnet_topic_publish(&topic, LINNET_SPAN(""), span), LINNET_ERROR_NONE);
        assert_true(topic.end - topic.begin <= RING_LEN);
        simulated_run(driver);
    }
    assert_int_equal(strlen(events_of(peer)), expected);
    assert_int_equal(topic.dropped, 0);
    simulated_driver_close(driver);
}

static void who_is_too_slow_is_dropped(void **state)
{
    (void)state;
    open_driver((struct simulated_way){.take_max = 0});
    struct simulated_peer *slow = ask(GET);
    struct simulated_peer *fast = ask(GET);
    slow->window = 0;
    for (unsigned i = 0; i < 100; i++) {
        publish("", "some text that fills the ring");
    }
    assert_int_equal(topic.subscribed, 2);
    slow->window = UINT64_MAX;
    simulated_run(driver);
    assert_int_equal(topic.dropped, 1);
    assert_int_equal(topic.subscribed, 1);
    const char *text = simulated_text(slow);
    assert_string_equal(text + strlen(text) - 5, "0\r\n\r\n"); /* a clean end: it comes again */
    assert_non_null(strstr(events_of(fast), "id: 100\n"));
    simulated_driver_close(driver);
}

static void places_are_bounded_and_come_back(void **state)
{
    (void)state;
    open_driver((struct simulated_way){.take_max = 0});
    struct simulated_peer *peers[SUBSCRIBERS];
    for (size_t i = 0; i < SUBSCRIBERS; i++) {
        peers[i] = ask(GET);
        (void)events_of(peers[i]);
    }
    assert_non_null(strstr(simulated_text(ask(GET)), "503 Service Unavailable"));
    assert_int_equal(topic.turned_away, 1);
    simulated_end(peers[1]);
    simulated_run(driver);
    assert_int_equal(topic.subscribed, SUBSCRIBERS - 1);
    (void)events_of(ask(GET));
    simulated_driver_close(driver);
}

static void heartbeats_when_nothing_else_was_sent(void **state)
{
    (void)state;
    config.heartbeat_ms = 1000;
    open_driver((struct simulated_way){.take_max = 0});
    struct simulated_peer *peer = ask(GET);
    simulated_advance(driver, 900);
    assert_string_equal(events_of(peer), "");
    simulated_advance(driver, 200);
    assert_string_equal(events_of(peer), ":\n\n");
    simulated_advance(driver, 500);
    publish("", "e");
    simulated_advance(driver, 900);
    assert_string_equal(events_of(peer), ":\n\nid: 1\ndata: e\n\n");
    simulated_advance(driver, 200);
    assert_string_equal(events_of(peer), ":\n\nid: 1\ndata: e\n\n:\n\n");
    simulated_advance(driver, 100000); /* it may be silent for as long as it likes */
    assert_false(peer->closed);
    simulated_driver_close(driver);
}

static void the_end_of_a_topic_ends_every_answer(void **state)
{
    (void)state;
    open_driver((struct simulated_way){.take_max = 0});
    struct simulated_peer *peer = ask(GET);
    assert_int_equal(linnet_topic_publish(&topic, LINNET_SPAN(""), LINNET_SPAN("last")),
                     LINNET_ERROR_NONE);
    linnet_topic_end(&topic);
    simulated_run(driver);
    const char *text = simulated_text(peer);
    assert_non_null(strstr(text, "data: last\n\n"));
    assert_string_equal(text + strlen(text) - 5, "0\r\n\r\n");
    assert_int_equal(topic.subscribed, 0);
    assert_memory_equal(simulated_text(ask(GET)), "HTTP/1.1 204 ", 13);
    assert_int_equal(linnet_topic_publish(&topic, LINNET_SPAN(""), LINNET_SPAN("no")),
                     LINNET_ERROR_INVALID);
    simulated_driver_close(driver);
}

static void a_type_cannot_split_an_event(void **state)
{
    (void)state;
    open_driver((struct simulated_way){.take_max = 0});
    static const struct linnet_span types[] = {LINNET_SPAN_INIT("a\nb"), LINNET_SPAN_INIT("a\r"),
                                               LINNET_SPAN_INIT("\0")};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        assert_int_equal(linnet_topic_publish(&topic, types[i], LINNET_SPAN("x")),
                         LINNET_ERROR_INVALID);
    }
    assert_int_equal(topic.end, 0);
    simulated_driver_close(driver);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(everybody_hears_every_event, begin),
        cmocka_unit_test_setup(listening_costs_a_record, begin),
        cmocka_unit_test_setup(a_number_of_an_earlier_run_gets_the_whole_ring, begin),
        cmocka_unit_test_setup(who_comes_back_gets_what_it_missed, begin),
        cmocka_unit_test_setup(an_unknown_id_gets_the_whole_ring, begin),
        cmocka_unit_test_setup(replay_begins_with_the_ring, begin),
        cmocka_unit_test_setup(the_ring_goes_around, begin),
        cmocka_unit_test_setup(who_is_too_slow_is_dropped, begin),
        cmocka_unit_test_setup(places_are_bounded_and_come_back, begin),
        cmocka_unit_test_setup(heartbeats_when_nothing_else_was_sent, begin),
        cmocka_unit_test_setup(the_end_of_a_topic_ends_every_answer, begin),
        cmocka_unit_test_setup(a_type_cannot_split_an_event, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
