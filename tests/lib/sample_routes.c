/* Routes with every kind of answer. */
#include "tests/lib/sample_routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linnet/route.h>

#include "tests/lib/simulated_contract.h"

enum {
    NOTES_MAX = 64,
    ECHO_LEN_MAX = 1000,
};

/* What an exchange has received, by its address. */
struct note {
    const struct linnet_exchange *exchange;
    size_t len;
    uint8_t content[ECHO_LEN_MAX];
};

static struct note notes[NOTES_MAX];
static uint8_t bytes[SAMPLE_FILE_LEN];

uint8_t sample_byte(size_t i)
{
    return (uint8_t)('a' + i % 26);
}

static struct note *note_of(const struct linnet_exchange *exchange)
{
    for (size_t i = 0; i < NOTES_MAX; i++) {
        if (notes[i].exchange == exchange) {
            return &notes[i];
        }
    }
    return NULL;
}

static void append_log(struct sample_routes *sample, struct linnet_span text)
{
    simulated_must(text.len < SAMPLE_LOG_LEN_MAX - sample->log_len, "the log of a test is short");
    if (text.len > 0) {
        memcpy(sample->log + sample->log_len, text.data, text.len);
    }
    sample->log_len += text.len;
    sample->log[sample->log_len] = '\0';
}

static void begin_note(struct sample_routes *sample, const struct linnet_exchange *exchange)
{
    struct note *note = note_of(NULL);
    simulated_must(note != NULL && note_of(exchange) == NULL, "BEGIN comes once");
    note->exchange = exchange;
    note->len = 0;
    sample->running++;
    append_log(sample, LINNET_SPAN("begin "));
    append_log(sample, linnet_exchange_request(exchange)->path);
    append_log(sample, LINNET_SPAN("\n"));
}

static void add_data(struct sample_routes *sample, const struct linnet_exchange *exchange,
                     struct note *note, struct linnet_span data)
{
    simulated_must(data.len > 0, "DATA has content");
    if (sample->log_of == exchange) {
        sample->log_len--;
    } else {
        append_log(sample, LINNET_SPAN("data "));
    }
    append_log(sample, data);
    append_log(sample, LINNET_SPAN("\n"));
    const size_t room = ECHO_LEN_MAX - note->len;
    const size_t len = data.len < room ? data.len : room;
    memcpy(note->content + note->len, data.data, len);
    note->len += len;
}

/* Writes the log, and checks the order of the calls. */
static void note_event(struct sample_routes *sample, const struct linnet_exchange *exchange,
                       enum linnet_event event, struct linnet_span data)
{
    if (event == LINNET_EVENT_BEGIN) {
        begin_note(sample, exchange);
        sample->log_of = NULL;
        return;
    }
    struct note *note = note_of(exchange);
    simulated_must(note != NULL, "nothing comes before BEGIN or behind FINAL and ABORT");
    if (event == LINNET_EVENT_DATA) {
        add_data(sample, exchange, note, data);
        sample->log_of = exchange;
        return;
    }
    append_log(sample,
               event == LINNET_EVENT_FINAL ? LINNET_SPAN("final\n") : LINNET_SPAN("abort\n"));
    sample->log_of = NULL;
    sample->running--;
    note->exchange = NULL;
}

static void must_reply(struct linnet_exchange *exchange, const struct linnet_reply *reply)
{
    simulated_must(linnet_reply(exchange, reply) == LINNET_ERROR_NONE, "the reply is taken");
}

static void reply_copy(struct linnet_exchange *exchange, struct linnet_span content)
{
    const struct linnet_reply reply = {.status = LINNET_STATUS_OK,
                                       .media_type = LINNET_SPAN("text/plain"),
                                       .body = LINNET_BODY_COPY,
                                       .bytes = content};
    must_reply(exchange, &reply);
}

static void hello(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                  struct linnet_span data)
{
    note_event(context, exchange, event, data);
    if (event == LINNET_EVENT_FINAL) {
        reply_copy(exchange, LINNET_SPAN("hello"));
    }
}

static void early(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                  struct linnet_span data)
{
    note_event(context, exchange, event, data);
    if (event == LINNET_EVENT_BEGIN) {
        reply_copy(exchange, LINNET_SPAN("early"));
    }
}

static void at_data(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                    struct linnet_span data)
{
    const bool first = event == LINNET_EVENT_DATA && note_of(exchange)->len == 0;
    note_event(context, exchange, event, data);
    if (first) {
        reply_copy(exchange, LINNET_SPAN("data"));
    }
}

static void echo(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                 struct linnet_span data)
{
    struct note *note = note_of(exchange);
    note_event(context, exchange, event, data);
    if (event == LINNET_EVENT_FINAL) {
        reply_copy(exchange, (struct linnet_span){note->content, note->len});
    }
}

/* As `span` in a printf. */
#define TEXT(span) (int)(span).len, (const char *)(span).data

static void show_request(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                         struct linnet_span data)
{
    note_event(context, exchange, event, data);
    if (event == LINNET_EVENT_FINAL) {
        char text[256];
        const struct linnet_request *request = linnet_exchange_request(exchange);
        const int len = snprintf(text, sizeof text, "%.*s %.*s %.*s %.*s 1.%u",
                                 TEXT(request->method_name), TEXT(request->path),
                                 TEXT(request->query), TEXT(request->host), request->minor_version);
        const struct linnet_span content = {(const uint8_t *)text, (size_t)len};
        reply_copy(exchange, len < (int)sizeof text ? content : LINNET_SPAN("long"));
    }
}

static void close_behind(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                         struct linnet_span data)
{
    note_event(context, exchange, event, data);
    if (event == LINNET_EVENT_FINAL) {
        const struct linnet_reply reply = {.status = LINNET_STATUS_OK, .close = true};
        must_reply(exchange, &reply);
    }
}

static void nothing(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                    struct linnet_span data)
{
    note_event(context, exchange, event, data);
    if (event == LINNET_EVENT_FINAL) {
        simulated_must(linnet_reply_status(exchange, LINNET_STATUS_NO_CONTENT) == LINNET_ERROR_NONE,
                       "the reply is taken");
    }
}

static void lend(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                 struct linnet_span data)
{
    struct sample_routes *sample = context;
    note_event(sample, exchange, event, data);
    if (event == LINNET_EVENT_FINAL) {
        const bool held = linnet_exchange_request(exchange)->path.len > sizeof "/lend" - 1;
        const struct linnet_reply reply = {.status = LINNET_STATUS_OK,
                                           .body = LINNET_BODY_LEND,
                                           .bytes = {bytes, SAMPLE_LEND_LEN},
                                           .source = held ? &sample->held.source : NULL};
        must_reply(exchange, &reply);
    }
}

static void reply_source(struct linnet_exchange *exchange, struct simulated_source *source)
{
    const struct linnet_reply reply = {.status = LINNET_STATUS_OK,
                                       .body = LINNET_BODY_SOURCE,
                                       .source = &source->source,
                                       .len = SAMPLE_FILE_LEN};
    must_reply(exchange, &reply);
}

static void memory(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                   struct linnet_span data)
{
    struct sample_routes *sample = context;
    note_event(sample, exchange, event, data);
    if (event == LINNET_EVENT_FINAL) {
        reply_source(exchange, &sample->memory);
    }
}

static void file(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                 struct linnet_span data)
{
    struct sample_routes *sample = context;
    note_event(sample, exchange, event, data);
    if (event == LINNET_EVENT_FINAL) {
        reply_source(exchange, &sample->file);
    }
}

static void page(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                 struct linnet_span data)
{
    struct sample_routes *sample = context;
    note_event(sample, exchange, event, data);
    if (event == LINNET_EVENT_FINAL) {
        const bool is_file = linnet_exchange_request(exchange)->path.len > sizeof "/page" - 1;
        const struct linnet_representation representation = {
            .media_type = LINNET_SPAN("text/plain"),
            .entity_tag = LINNET_SPAN("\"v1\""),
            .last_modified_unix_s = 1600000000,
            .source = is_file ? &sample->file.source : NULL,
            .bytes = {is_file ? NULL : bytes, is_file ? 0 : 26},
            .len = SAMPLE_FILE_LEN,
        };
        simulated_must(linnet_reply_representation(exchange, &representation) == LINNET_ERROR_NONE,
                       "the reply is taken");
    }
}

static void copy(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                 struct linnet_span data)
{
    note_event(context, exchange, event, data);
    if (event == LINNET_EVENT_FINAL) {
        size_t len = 0;
        const struct linnet_span query = linnet_exchange_request(exchange)->query;
        for (size_t i = 0; i < query.len && i < 5; i++) {
            len = len * 10 + (size_t)(query.data[i] - '0') % 10;
        }
        static uint8_t content[100000];
        for (size_t i = 0; i < len; i++) {
            content[i] = sample_byte(i);
        }
        const struct linnet_reply reply = {
            .status = LINNET_STATUS_OK, .body = LINNET_BODY_COPY, .bytes = {content, len}};
        const enum linnet_error error = linnet_reply(exchange, &reply);
        simulated_must(error == LINNET_ERROR_NONE || error == LINNET_ERROR_TOO_LARGE,
                       "a sound reply is taken or too large");
        if (error != LINNET_ERROR_NONE) {
            simulated_must(linnet_reply_status(exchange, LINNET_STATUS_INTERNAL_SERVER_ERROR) ==
                               LINNET_ERROR_NONE,
                           "behind TOO_LARGE another reply may follow");
        }
    }
}

/* Says which of eight it is. */
static void led(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                struct linnet_span data)
{
    note_event(context, exchange, event, data);
    if (event != LINNET_EVENT_FINAL) {
        return;
    }
    uint64_t id = 0;
    if (!linnet_exchange_parameter_uint(exchange, LINNET_SPAN("id"), 0, 7, &id)) {
        simulated_must(linnet_reply_status(exchange, LINNET_STATUS_NOT_FOUND) == LINNET_ERROR_NONE,
                       "the reply is taken");
        return;
    }
    const uint8_t content[] = {'l', 'e', 'd', ' ', (uint8_t)('0' + id)};
    reply_copy(exchange, (struct linnet_span){content, sizeof content});
}

static void tell(void *context, const char *line)
{
    append_log(context, (struct linnet_span){(const uint8_t *)line, strlen(line)});
    ((struct sample_routes *)context)->log_of = NULL;
}

/* As note_event, but a handler that does not answer in FINAL is called again. */
static void act(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                struct linnet_span data)
{
    struct sample_routes *sample = context;
    if (event == LINNET_EVENT_BEGIN || event == LINNET_EVENT_ABORT) {
        note_event(sample, exchange, event, data);
        sample_act(&sample->acts, exchange, event, data);
        return;
    }
    struct note *note = note_of(exchange);
    simulated_must(note != NULL, "nothing comes before BEGIN or behind the last call");
    if (event == LINNET_EVENT_FINAL) {
        tell(sample, "final\n");
    }
    sample_act(&sample->acts, exchange, event, data);
    if (event == LINNET_EVENT_DATA && exchange->untaken < data.len) {
        data.len -= exchange->untaken;
        note_event(sample, exchange, event, data);
    }
    if (exchange->state == LN_EXCHANGE_ANSWERED) {
        sample->running--;
        note->exchange = NULL;
    }
}

#define BIT(method) (1U << LINNET_METHOD_##method)

void sample_routes_init(struct sample_routes *sample)
{
    static const struct linnet_route rows[] = {
#define EXACT(literal, allowed, function) \
    {.kind = LINNET_ROUTE_EXACT,          \
     .path = LINNET_SPAN_INIT(literal),   \
     .methods = (allowed),                \
     .handler = (function)}
        EXACT("/hello", BIT(GET) | BIT(POST) | BIT(PUT) | BIT(DELETE), hello),
        EXACT("/echo", BIT(POST) | BIT(PUT) | BIT(PATCH) | BIT(OPTIONS), echo),
        EXACT("/request", BIT(GET) | BIT(POST), show_request),
        EXACT("/early", BIT(GET) | BIT(POST), early),
        EXACT("/data", BIT(POST), at_data),
        EXACT("/close", BIT(GET), close_behind),
        EXACT("/nothing", BIT(GET) | BIT(DELETE), nothing),
        EXACT("/lend", BIT(GET), lend),
        EXACT("/lend-held", BIT(GET), lend),
        EXACT("/memory", BIT(GET), memory),
        EXACT("/file", BIT(GET), file),
        EXACT("/page", BIT(GET), page),
        EXACT("/page-file", BIT(GET), page),
        EXACT("/small", BIT(POST), echo),
        EXACT("/copy", BIT(GET), copy),
        EXACT("/act", BIT(GET) | BIT(POST), act),
        EXACT("/act/timed", BIT(GET) | BIT(POST), act),
        {.kind = LINNET_ROUTE_PREFIX,
         .path = LINNET_SPAN_INIT("/tree"),
         .methods = BIT(GET),
         .handler = hello},
#define PATTERN(literal, allowed, function) \
    {.kind = LINNET_ROUTE_PATTERN,          \
     .path = LINNET_SPAN_INIT(literal),     \
     .methods = (allowed),                  \
     .handler = (function)}
        PATTERN("/led/{id:uint}", BIT(GET), led),
        PATTERN("/led/{number:uint}", BIT(PUT), nothing),
#undef PATTERN
#undef EXACT
    };
    _Static_assert(sizeof rows / sizeof rows[0] == SAMPLE_ROUTES_MAX, "the table is full");
    memset(sample, 0, sizeof *sample);
    memset(notes, 0, sizeof notes);
    memcpy(sample->routes, rows, sizeof rows);
    sample->count = SAMPLE_ROUTES_MAX;
    for (size_t i = 0; i < sample->count; i++) {
        sample->routes[i].context = sample;
        if (sample->routes[i].path.len == sizeof "/small" - 1 &&
            memcmp(sample->routes[i].path.data, "/small", 6) == 0) {
            sample->routes[i].body_len_max = 10;
        }
        if (sample->routes[i].path.len == sizeof "/act/timed" - 1 &&
            memcmp(sample->routes[i].path.data, "/act/timed", 10) == 0) {
            sample->routes[i].time_ms_max = 1000;
        }
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = sample_byte(i);
    }
}

void sample_routes_bind(struct sample_routes *sample, struct simulated_driver *driver)
{
    const struct linnet_span content = {bytes, sizeof bytes};
    simulated_source_init(driver, &sample->memory, content, false);
    simulated_source_init(driver, &sample->file, content, true);
    simulated_source_init(driver, &sample->held, content, false);
    sample->acts.worker = driver->worker;
    sample->acts.tell = tell;
    sample->acts.context = sample;
}

struct simulated_driver *sample_driver_open(struct sample_routes *sample,
                                            const struct linnet_limits *limits,
                                            struct simulated_way way, unsigned leniencies)
{
    sample_routes_init(sample);
    const struct simulated_driver_config config = {
        .limits = limits,
        .routes = sample->routes,
        .route_count = sample->count,
        .way = way,
        .leniencies = leniencies,
    };
    struct simulated_driver *driver = simulated_driver_open(&config);
    sample_routes_bind(sample, driver);
    return driver;
}

void sample_driver_close(struct sample_routes *sample, struct simulated_driver *driver)
{
    simulated_driver_close(driver);
    simulated_must(sample->running == 0, "of FINAL and ABORT exactly one comes");
    simulated_must(sample->acts.streaming == 0, "every stream hears of its end");
}
