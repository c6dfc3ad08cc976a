/* A device with a temperature, eight lights and a firmware, on http://127.0.0.1:8080/ or where told:
 *
 *     device_gateway FOLDER [ADDRESS]
 *
 *     GET  /                   a page that shows the temperature live
 *     GET  /api/temperature    {"celsius":21.5}
 *     GET  /api/led/3          on or off
 *     POST /api/led/3          on or off, as the content (a synchronous route: called once)
 *     PUT  /hash               the SHA-256 of content of any size (an asynchronous one)
 *     POST /firmware           a form with a file "firmware", which becomes FOLDER/firmware.bin
 *     GET  /events             the temperature whenever it changes
 *     GET  /metrics            all counters, for Prometheus
 *
 * It serves five clients by seven descriptors: these five, a listener, and one to be woken by; the
 * driver poll needs no other. A firmware that arrives needs one more, or is told 503. A sixth
 * client takes the place of the one that has been idle the longest, or waits. All memory is in this
 * file. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linnet/linnet.h>
#include <nettle/sha2.h>

enum {
    CLIENTS = 5,
    LISTENING = 3, /* to events: others find a place still */
    LEDS = 8,
    TICK_MS = 500,
    METRIC_LEN_MAX = 512,
    MEMORY_LEN = 96 * 1024,
};

static uint8_t memory[MEMORY_LEN];
static struct linnet_server *server;
static volatile sig_atomic_t stopping;

static void reply_written(struct linnet_exchange *exchange, struct linnet_span media_type,
                          const struct linnet_text *text)
{
    if (linnet_reply_written(exchange, LINNET_STATUS_OK, media_type, text) != LINNET_ERROR_NONE) {
        (void)!linnet_reply_status(exchange, LINNET_STATUS_INTERNAL_SERVER_ERROR);
    }
}

/* ---- the temperature: asked for, and told ---------------------------------------------------- */

static int64_t tenths = 200; /* of a degree Celsius */
static uint8_t ring[1024];
static struct linnet_subscriber listeners[LISTENING];
static struct linnet_topic topic;

static void put_temperature(struct linnet_text *text)
{
    linnet_text_put_signed(text, tenths / 10);
    linnet_text_put_byte(text, '.');
    linnet_text_put_decimal(text, (uint64_t)(tenths % 10));
}

/* The sensor of a device that has none: up to 29.9 degrees and then from 20 again. */
static void measure(void)
{
    uint8_t bytes[24];
    struct linnet_text text = linnet_text_over((struct linnet_room){bytes, sizeof bytes});
    struct linnet_span data;
    tenths = tenths < 299 ? tenths + 1 : 200;
    put_temperature(&text);
    if (linnet_text_finish(&text, &data) == LINNET_ERROR_NONE) {
        (void)!linnet_topic_publish(&topic, LINNET_SPAN("temperature"), data);
    }
}

static void temperature(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                        struct linnet_span data)
{
    uint8_t bytes[48];
    struct linnet_text text = linnet_text_over((struct linnet_room){bytes, sizeof bytes});
    (void)context, (void)data;
    if (event == LINNET_EVENT_FINAL) {
        linnet_text_put(&text, LINNET_SPAN("{\"celsius\":"));
        put_temperature(&text);
        linnet_text_put(&text, LINNET_SPAN("}\n"));
        reply_written(exchange, LINNET_SPAN("application/json"), &text);
    }
}

static void events(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                   struct linnet_span data)
{
    (void)context, (void)data;
    if (event == LINNET_EVENT_FINAL) {
        (void)!linnet_topic_subscribe(&topic, exchange);
    }
}

/* ---- the lights: a synchronous route --------------------------------------------------------- */

static bool leds[LEDS];

/* The number in the path; false: it was answered that there is no such light. */
static bool led_of(struct linnet_exchange *exchange, uint64_t *id)
{
    if (linnet_exchange_parameter_uint(exchange, LINNET_SPAN("id"), 0, LEDS - 1, id)) {
        return true;
    }
    (void)!linnet_reply_status(exchange, LINNET_STATUS_NOT_FOUND);
    return false;
}

static void show_led(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                     struct linnet_span data)
{
    uint64_t id;
    (void)context, (void)data;
    if (event == LINNET_EVENT_FINAL && led_of(exchange, &id)) {
        (void)!linnet_reply_text(exchange, LINNET_STATUS_OK,
                                 leds[id] ? LINNET_SPAN("on\n") : LINNET_SPAN("off\n"));
    }
}

static void switch_led(void *context, struct linnet_exchange *exchange, struct linnet_span body)
{
    uint64_t id;
    (void)context;
    if (!led_of(exchange, &id)) {
        return;
    }
    const bool on = body.len == 2 && memcmp(body.data, "on", 2) == 0;
    if (!on && (body.len != 3 || memcmp(body.data, "off", 3) != 0)) {
        (void)!linnet_reply_status(exchange, LINNET_STATUS_BAD_REQUEST);
        return;
    }
    leds[id] = on;
    (void)!linnet_reply_status(exchange, LINNET_STATUS_NO_CONTENT);
}

/* ---- the hash: an asynchronous route --------------------------------------------------------- */

static void put_digest(struct linnet_text *text, struct sha256_ctx *sha256)
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(sha256, sizeof digest, digest);
    linnet_text_put_hex_bytes(text, (struct linnet_span){digest, sizeof digest});
    linnet_text_put_byte(text, '\n');
}

static struct hashing {
    bool used;
    struct sha256_ctx sha256;
} hashings[CLIENTS];

static void begin_hash(struct linnet_exchange *exchange)
{
    struct hashing *hashing = hashings;
    while (hashing->used) { /* there is one for each client */
        hashing++;
    }
    hashing->used = true;
    sha256_init(&hashing->sha256);
    linnet_exchange_keep(exchange, hashing);
}

static void hash(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                 struct linnet_span data)
{
    struct hashing *hashing = linnet_exchange_kept(exchange);
    uint8_t bytes[80];
    struct linnet_text text = linnet_text_over((struct linnet_room){bytes, sizeof bytes});
    (void)context;
    switch (event) {
    case LINNET_EVENT_BEGIN:
        begin_hash(exchange);
        break;
    case LINNET_EVENT_DATA:
        sha256_update(&hashing->sha256, data.len, data.data);
        break;
    case LINNET_EVENT_FINAL:
        put_digest(&text, &hashing->sha256);
        reply_written(exchange, LINNET_SPAN("text/plain"), &text);
        hashing->used = false;
        break;
    default: /* ABORT */
        hashing->used = false;
        break;
    }
}

/* ---- the firmware: a form with a file, one at a time ----------------------------------------- */

static const char firmware_name[] = "firmware.bin";
static const char arriving_name[] = "firmware.arriving";

static struct {
    bool used;
    bool written; /* all of it is in the file */
    int file;
    struct sha256_ctx sha256;
    struct linnet_multipart form;
    uint8_t part_head[256];
} firmware;

/* Whatever a client calls his file, there is one name on the disk. */
static bool take_part(void *context, enum linnet_multipart_event event,
                      const struct linnet_multipart_part *part, struct linnet_span data)
{
    static const struct linnet_span name = LINNET_SPAN_INIT("firmware");
    (void)context;
    if (event == LINNET_MULTIPART_FINISH || !part->has_filename || part->name.len != name.len ||
        memcmp(part->name.data, name.data, name.len) != 0) {
        return true;
    }
    switch (event) {
    case LINNET_MULTIPART_BEGIN:
        return !firmware.written;
    case LINNET_MULTIPART_DATA:
        sha256_update(&firmware.sha256, data.len, data.data);
        return write(firmware.file, data.data, data.len) == (ssize_t)data.len;
    default:
        firmware.written = fdatasync(firmware.file) == 0;
        return firmware.written;
    }
}

static void begin_firmware(struct linnet_exchange *exchange)
{
    struct linnet_multipart_config config = {
        .head = {firmware.part_head, sizeof firmware.part_head},
        .part_count_max = 4,
        .function = take_part,
    };
    const int file =
        firmware.used
            ? -1
            : open(arriving_name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (file < 0) { /* another one is arriving, or no descriptor is free */
        (void)!linnet_reply_retry(exchange, LINNET_STATUS_SERVICE_UNAVAILABLE, 1000);
        return;
    }
    firmware.used = true;
    firmware.written = false;
    firmware.file = file;
    sha256_init(&firmware.sha256);
    linnet_exchange_keep(exchange, &firmware);
    (void)linnet_exchange_field(exchange, LINNET_SPAN("Content-Type"), &config.content_type);
    const enum linnet_multipart_fault fault = linnet_multipart_init(&firmware.form, &config);
    if (fault != LINNET_MULTIPART_NONE) {
        (void)!linnet_reply_status(exchange, linnet_multipart_status(fault));
    }
}

/* Complete: from now on it is the firmware. */
static void install_firmware(struct linnet_exchange *exchange)
{
    uint8_t bytes[80];
    struct linnet_text text = linnet_text_over((struct linnet_room){bytes, sizeof bytes});
    if (!firmware.written) {
        (void)!linnet_reply_status(exchange, LINNET_STATUS_UNPROCESSABLE_CONTENT);
    } else if (rename(arriving_name, firmware_name) != 0) {
        (void)!linnet_reply_status(exchange, LINNET_STATUS_INTERNAL_SERVER_ERROR);
    } else {
        put_digest(&text, &firmware.sha256);
        reply_written(exchange, LINNET_SPAN("text/plain"), &text);
    }
}

static void end_firmware(void)
{
    (void)close(firmware.file);
    (void)unlink(arriving_name); /* if it still has that name */
    firmware.used = false;
}

static void update(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                   struct linnet_span data)
{
    enum linnet_multipart_fault fault = LINNET_MULTIPART_NONE;
    (void)context;
    if (event == LINNET_EVENT_BEGIN) {
        begin_firmware(exchange);
        return;
    }
    if (linnet_exchange_kept(exchange) == NULL) {
        return; /* it was told to come again */
    }
    if (event == LINNET_EVENT_DATA) {
        fault = linnet_multipart_feed(&firmware.form, data);
    } else if (event == LINNET_EVENT_FINAL) {
        fault = linnet_multipart_finish(&firmware.form);
        if (fault == LINNET_MULTIPART_NONE) {
            install_firmware(exchange);
        }
    }
    if (fault != LINNET_MULTIPART_NONE) {
        (void)!linnet_reply_status(exchange, fault == LINNET_MULTIPART_STOPPED
                                                 ? LINNET_STATUS_INSUFFICIENT_STORAGE
                                                 : linnet_multipart_status(fault));
    }
    if (event != LINNET_EVENT_DATA) { /* FINAL, or ABORT */
        end_firmware();
    }
}

/* ---- the metrics: pulled, one counter after the other ---------------------------------------- */

static struct metrics {
    struct linnet_stream stream; /* the first member: one is the other */
    bool used;
    size_t index; /* of the next counter */
} metrics[CLIENTS];

static bool ends_with(const char *name, const char *end)
{
    const size_t len = strlen(name);
    return len >= strlen(end) && strcmp(name + len - strlen(end), end) == 0;
}

static void put_string(struct linnet_text *text, const char *string)
{
    linnet_text_put(text, (struct linnet_span){(const uint8_t *)string, strlen(string)});
}

/* A name that Prometheus takes: it knows no hyphens. What is now, or was most, may become less. */
static void put_metric(struct linnet_text *text, const struct linnet_counter *counter)
{
    char name[80] = "";
    const bool gauge = ends_with(counter->name, "_now") || ends_with(counter->name, "_most");
    (void)snprintf(name, sizeof name, "linnet_%s%s", counter->name, gauge ? "" : "_total");
    for (char *at = strchr(name, '-'); at != NULL; at = strchr(at, '-')) {
        *at = '_';
    }
    put_string(text, "# HELP ");
    put_string(text, name);
    linnet_text_put_byte(text, ' ');
    put_string(text, counter->meaning);
    put_string(text, "\n# TYPE ");
    put_string(text, name);
    put_string(text, gauge ? " gauge\n" : " counter\n");
    put_string(text, name);
    linnet_text_put_byte(text, ' ');
    linnet_text_put_decimal(text, counter->value);
    linnet_text_put_byte(text, '\n');
}

/* As many counters as fit for sure. */
static enum linnet_pulled pull_metrics(struct linnet_stream *stream, struct linnet_pull *pull)
{
    struct metrics *state = (struct metrics *)stream;
    struct linnet_text text = linnet_text_over(pull->room);
    struct linnet_counter counter;
    while (text.capacity - text.len >= METRIC_LEN_MAX) {
        if (!linnet_server_counter(server, state->index, &counter)) {
            pull->len = text.len;
            return LINNET_PULLED_END;
        }
        put_metric(&text, &counter);
        state->index++;
    }
    pull->len = text.len;
    return text.error == LINNET_ERROR_NONE ? LINNET_PULLED_MORE : LINNET_PULLED_FAILED;
}

static void end_metrics(struct linnet_stream *stream, bool complete)
{
    (void)complete;
    ((struct metrics *)stream)->used = false;
}

static void tell_metrics(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                         struct linnet_span data)
{
    static const struct linnet_stream_operations operations = {.pull = pull_metrics,
                                                               .done = end_metrics};
    struct metrics *state = metrics;
    (void)context, (void)data;
    if (event != LINNET_EVENT_FINAL) {
        return;
    }
    while (state->used) { /* there is one for each client */
        state++;
    }
    *state = (struct metrics){.stream = {.operations = &operations}, .used = true};
    if (linnet_reply_stream(exchange, LINNET_SPAN("text/plain; version=0.0.4; charset=utf-8"),
                            &state->stream) != LINNET_ERROR_NONE) {
        state->used = false;
    }
}

/* ---- the page -------------------------------------------------------------------------------- */

static void page(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                 struct linnet_span data)
{
    static const struct linnet_reply reply = {
        .status = LINNET_STATUS_OK,
        .media_type = LINNET_SPAN_INIT("text/html; charset=utf-8"),
        .body = LINNET_BODY_LEND,
        .bytes = LINNET_SPAN_INIT(
            "<!doctype html>\n<html lang=en><title>Device</title>\n<h1>Device</h1>\n"
            "<p>It is <output>...</output> &deg;C.\n"
            "<p><label><input type=checkbox> Light 0</label>\n"
            "<form action=/firmware method=post enctype=multipart/form-data>\n"
            "<p><label>Firmware: <input type=file name=firmware required></label>\n"
            "<button>Install</button></form>\n<script>\n"
            "new EventSource('events').addEventListener('temperature', (event) => {\n"
            "    document.querySelector('output').textContent = event.data;\n"
            "});\n"
            "const light = document.querySelector('[type=checkbox]');\n"
            "fetch('api/led/0').then((answer) => answer.text()).then((state) => {\n"
            "    light.checked = state.startsWith('on');\n"
            "});\n"
            "light.onchange = () => {\n"
            "    fetch('api/led/0', { method: 'POST', body: light.checked ? 'on' : 'off' });\n"
            "};\n"
            "</script></html>\n"),
    };
    (void)context, (void)data;
    if (event == LINNET_EVENT_FINAL) {
        (void)!linnet_reply(exchange, &reply);
    }
}

/* ---- the program ----------------------------------------------------------------------------- */

#define GET      LINNET_METHOD_BIT(LINNET_METHOD_GET)
#define AT(text) LINNET_ROUTE_EXACT, .path = LINNET_SPAN_INIT(text)
#define LED      LINNET_ROUTE_PATTERN, .path = LINNET_SPAN_INIT("/api/led/{id:uint}")

static uint8_t led_bodies[CLIENTS * 16];
static struct linnet_gather led_gather = {
    .function = switch_led, .room = {led_bodies, sizeof led_bodies}, .body_len_max = 16};

static const struct linnet_route routes[] = {
    {.kind = AT("/"), .methods = GET, .handler = page},
    {.kind = AT("/api/temperature"), .methods = GET, .handler = temperature},
    {.kind = AT("/events"), .methods = GET, .handler = events},
    {.kind = AT("/metrics"), .methods = GET, .handler = tell_metrics},
    {.kind = LED, .methods = GET, .handler = show_led},
    {.kind = LED,
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_POST),
     .handler = linnet_gather_handle,
     .context = &led_gather},
    {.kind = AT("/hash"),
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_PUT),
     .body_len_max = UINT64_MAX,
     .handler = hash},
    {.kind = AT("/firmware"),
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_POST),
     .body_len_max = 64 << 20,
     .handler = update},
};

static struct linnet_limits device_limits(void)
{
    struct linnet_limits limits;
    linnet_limits_default(&limits);
    limits.connections = CLIENTS;
    limits.inputs = CLIENTS;
    limits.input_len = 4096;
    limits.head_len_max = 2048;
    limits.request_line_len_max = 512;
    limits.path_len_max = 256;
    limits.field_count_max = 32;
    limits.outputs = CLIENTS;
    limits.output_len = 4096;
    limits.reply_head_len_max = 512;
    limits.copy_len_max = 1024;
    limits.note_len = 64;
    return limits;
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Turns of the server, and of the device: whoever has something to do by the clock says how long
 * the server may wait. */
static enum linnet_error run(void)
{
    enum linnet_error error = LINNET_ERROR_NONE;
    int64_t tick_ms = now_ms() + TICK_MS;
    while (error == LINNET_ERROR_NONE && linnet_server_is_running(server)) {
        const int64_t left_ms = tick_ms - now_ms();
        error = linnet_server_turn(server, left_ms > 0 ? left_ms : 0);
        if (now_ms() >= tick_ms) {
            measure();
            tick_ms += TICK_MS;
        }
        if (stopping != 0) {
            linnet_topic_end(&topic);
        }
    }
    return error;
}

static void stop(int number)
{
    (void)number;
    stopping = 1;
    linnet_server_stop(server);
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
    const struct linnet_limits limits = device_limits();
    const struct linnet_topic_config config_of_topic = {.ring = {ring, sizeof ring},
                                                        .subscribers = listeners,
                                                        .subscriber_count = LISTENING,
                                                        .retry_ms = 1000,
                                                        .heartbeat_ms = 15000};
    const struct linnet_server_config config = {.routes = routes,
                                                .route_count = sizeof routes / sizeof routes[0],
                                                .limits = &limits,
                                                .driver = "poll",
                                                .message = message,
                                                .message_len = sizeof message};
    if (argc < 2 || chdir(argv[1]) != 0) {
        (void)fprintf(stderr, "usage: device_gateway FOLDER [ADDRESS]\n");
        return 2;
    }
    linnet_topic_init(&topic, &config_of_topic);
    enum linnet_error error = linnet_server_open(&config, memory, sizeof memory, &server);
    if (error == LINNET_ERROR_NONE) {
        error = serve(argc > 2 ? argv[2] : "127.0.0.1:8080");
        linnet_server_close(server);
    }
    if (error != LINNET_ERROR_NONE) {
        (void)fprintf(stderr, "device_gateway: %s (%s)\n", message, linnet_error_text(error));
    }
    return error == LINNET_ERROR_NONE ? 0 : 1;
}
