/* A wall that everybody writes on and everybody sees at once: server-sent events, on
 * http://127.0.0.1:8080/ or where its argument says.
 *
 *     GET  /events    what was written, and what is being written
 *     POST /say       writes: curl -d 'Hello!' http://127.0.0.1:8080/say
 *
 * A topic keeps its latest events in a ring, each once, and sends them to as many readers as it has
 * places for. Who reads costs no buffer while nothing is written. Who reads too slowly is dropped
 * when the ring overwrites what he has not had; browsers come again by themselves and say what they
 * had last. */
#include <signal.h>
#include <stdio.h>

#include <linnet/linnet.h>

enum {
    READERS = 200,
    RING_LEN = 16 * 1024,
    WORDS_LEN_MAX = 500,
    WRITERS = 16, /* at one time */
};

static uint8_t ring[RING_LEN];
static struct linnet_subscriber readers[READERS];
static struct linnet_topic topic;
static struct linnet_server *server;
static volatile sig_atomic_t stopping;

static void events(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                   struct linnet_span data)
{
    (void)context, (void)data;
    if (event == LINNET_EVENT_FINAL) {
        (void)!linnet_topic_subscribe(&topic, exchange);
    }
}

static void say(void *context, struct linnet_exchange *exchange, struct linnet_span words)
{
    (void)context;
    const bool said = words.len > 0 && linnet_topic_publish(&topic, (struct linnet_span){NULL, 0},
                                                            words) == LINNET_ERROR_NONE;
    (void)!linnet_reply_status(exchange,
                               said ? LINNET_STATUS_NO_CONTENT : LINNET_STATUS_BAD_REQUEST);
}

static void page(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                 struct linnet_span data)
{
    static const struct linnet_reply reply = {
        .status = LINNET_STATUS_OK,
        .media_type = LINNET_SPAN_INIT("text/html; charset=utf-8"),
        .body = LINNET_BODY_LEND,
        .bytes = LINNET_SPAN_INIT(
            "<!doctype html>\n<html lang=en><title>The wall</title>\n<h1>The wall</h1>\n"
            "<form><input name=words required aria-label='What to say'>\n"
            "<button>Say</button></form>\n<ol></ol>\n<script>\n"
            "new EventSource('events').onmessage = (event) => {\n"
            "    const line = document.createElement('li');\n"
            "    line.textContent = event.data;\n"
            "    document.querySelector('ol').prepend(line);\n"
            "};\n"
            "document.querySelector('form').onsubmit = (event) => {\n"
            "    event.preventDefault();\n"
            "    fetch('say', { method: 'POST', body: event.target.words.value });\n"
            "    event.target.reset();\n"
            "};\n"
            "</script></html>\n"),
    };
    (void)context, (void)data;
    if (event == LINNET_EVENT_FINAL) {
        (void)!linnet_reply(exchange, &reply);
    }
}

static uint8_t arriving[WRITERS * WORDS_LEN_MAX];
static struct linnet_gather saying = {
    .function = say, .room = {arriving, sizeof arriving}, .body_len_max = WORDS_LEN_MAX};

static const struct linnet_route routes[] = {
    {.kind = LINNET_ROUTE_EXACT,
     .path = LINNET_SPAN_INIT("/"),
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
     .handler = page},
    {.kind = LINNET_ROUTE_EXACT,
     .path = LINNET_SPAN_INIT("/events"),
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
     .handler = events},
    {.kind = LINNET_ROUTE_EXACT,
     .path = LINNET_SPAN_INIT("/say"),
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_POST),
     .handler = linnet_gather_handle,
     .context = &saying},
};

static void stop(int number)
{
    (void)number;
    stopping = 1;
    linnet_server_stop(server);
}

/* A server that is told to stop finishes what was begun; events have no end but this one. */
static enum linnet_error run(void)
{
    enum linnet_error error = LINNET_ERROR_NONE;
    while (error == LINNET_ERROR_NONE && linnet_server_is_running(server)) {
        error = linnet_server_turn(server, -1);
        if (stopping != 0) {
            linnet_topic_end(&topic);
        }
    }
    return error;
}

/* Listens there, says where that is, and serves until a signal. */
static enum linnet_error serve(const char *where)
{
    struct linnet_address address;
    char text[LINNET_ADDRESS_TEXT_MAX];
    const struct sigaction action = {.sa_handler = stop};
    const enum linnet_error error = linnet_server_listen(server, where, &address);
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    linnet_address_print(text, &address);
    (void)printf("http://%s/\n", text);
    (void)fflush(stdout);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    return run();
}

int main(int argc, char **argv)
{
    char message[256] = "";
    struct linnet_limits limits;
    const struct linnet_topic_config wall = {.ring = {ring, sizeof ring},
                                             .subscribers = readers,
                                             .subscriber_count = READERS,
                                             .retry_ms = 1000,
                                             .heartbeat_ms = 15000,
                                             .replay = true};
    linnet_limits_default(&limits);
    limits.connections = 2 * READERS;
    limits.inputs = WRITERS;
    limits.outputs = WRITERS;
    const struct linnet_server_config config = {.routes = routes,
                                                .route_count = sizeof routes / sizeof routes[0],
                                                .limits = &limits,
                                                .message = message,
                                                .message_len = sizeof message};
    linnet_topic_init(&topic, &wall);
    enum linnet_error error = linnet_server_open(&config, NULL, 0, &server);
    if (error == LINNET_ERROR_NONE) {
        error = serve(argc > 1 ? argv[1] : "127.0.0.1:8080");
        linnet_server_close(server);
    }
    if (error != LINNET_ERROR_NONE) {
        (void)fprintf(stderr, "events: %s (%s)\n", message, linnet_error_text(error));
    }
    return error == LINNET_ERROR_NONE ? 0 : 1;
}
