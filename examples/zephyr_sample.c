/* The HTTP server sample of Zephyr 1.7, as a program of Linnet's library: its URLs, its pages, its
 * console log, and none of its faults.
 *
 *     zephyr_sample [ADDRESS...]        on http://127.0.0.1:8080/ where there is none
 *
 * /headers shows the fields, the method and the URL of a request, and the machine; so do
 * /headers/ and all below. /index.html works. /status/400, /status/403 and /status/404 show the
 * writers of those answers. Any other URL is a "soft" 404: it says 404 Not Found with status 200.
 *
 * All memory is one array, as on a microcontroller. The page of /headers always fits: a head has at
 * most HEAD_MAX bytes, each of them becomes at most six when it is escaped, a field line adds less
 * than 16, and PAGE_FRAME_MAX holds the rest. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <linnet/linnet.h>

enum {
    CONNECTIONS = 16,
    BUFFERS = 4,
    HEAD_MAX = 1024,
    FIELDS_MAX = 32,
    PAGE_FRAME_MAX = 1024,
    PAGE_MAX = 6 * HEAD_MAX + 16 * FIELDS_MAX + PAGE_FRAME_MAX,
    MEMORY_LEN = 128 * 1024,
};

#if defined(__arm__) || defined(__aarch64__)
#    define ARCHITECTURE "arm"
#elif defined(__x86_64__) || defined(__i386__)
#    define ARCHITECTURE "x86"
#else
#    define ARCHITECTURE "unknown"
#endif

#define PAGE_BEGIN "<html><head><title>Zephyr HTTP Server</title></head><body>"
#define PAGE_END   "</body></html>\n"

static uint8_t memory[MEMORY_LEN];
static struct linnet_server *running;

/* ---- the writers: one for each kind of answer ------------------------------------------------ */

static void write_page(struct linnet_exchange *exchange, enum linnet_status status,
                       enum linnet_body body, struct linnet_span page)
{
    const struct linnet_reply reply = {.status = status,
                                       .media_type = LINNET_SPAN("text/html; charset=utf-8"),
                                       .body = body,
                                       .bytes = page};
    if (linnet_reply(exchange, &reply) != LINNET_ERROR_NONE) {
        (void)!linnet_reply_status(exchange, LINNET_STATUS_INTERNAL_SERVER_ERROR);
    }
}

static void write_200(struct linnet_exchange *exchange, enum linnet_body body,
                      struct linnet_span page)
{
    write_page(exchange, LINNET_STATUS_OK, body, page);
}

static void write_400(struct linnet_exchange *exchange)
{
    write_page(exchange, LINNET_STATUS_BAD_REQUEST, LINNET_BODY_LEND,
               LINNET_SPAN(PAGE_BEGIN "<h1><center>400 Bad Request</center></h1>" PAGE_END));
}

static void write_403(struct linnet_exchange *exchange)
{
    write_page(exchange, LINNET_STATUS_FORBIDDEN, LINNET_BODY_LEND,
               LINNET_SPAN(PAGE_BEGIN "<h1><center>403 Forbidden</center></h1>" PAGE_END));
}

static const struct linnet_span not_found =
    LINNET_SPAN_INIT(PAGE_BEGIN "<h1><center>404 Not Found</center></h1>" PAGE_END);

static void write_404(struct linnet_exchange *exchange)
{
    write_page(exchange, LINNET_STATUS_NOT_FOUND, LINNET_BODY_LEND, not_found);
}

static void write_soft_404(struct linnet_exchange *exchange)
{
    write_200(exchange, LINNET_BODY_LEND, not_found);
}

/* ---- the pages ------------------------------------------------------------------------------- */

static void index_page(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                       struct linnet_span data)
{
    (void)context;
    (void)data;
    if (event == LINNET_EVENT_FINAL) {
        write_200(exchange, LINNET_BODY_LEND,
                  LINNET_SPAN(PAGE_BEGIN "<h1><center>It Works!</center></h1>" PAGE_END));
    }
}

/* Fields, method and URL are the client's: they are escaped. */
static void put_request(struct linnet_text *text, const struct linnet_exchange *exchange)
{
    const struct linnet_request *request = linnet_exchange_request(exchange);
    struct linnet_span name;
    struct linnet_span content;
    linnet_text_put(text, LINNET_SPAN(PAGE_BEGIN "<h1>Zephyr HTTP server</h1>"
                                                 "<h2>HTTP Header Fields</h2><ul>"));
    for (size_t i = 0; linnet_exchange_field_at(exchange, i, &name, &content); i++) {
        linnet_text_put(text, LINNET_SPAN("<li>"));
        linnet_text_put_html(text, name);
        linnet_text_put(text, LINNET_SPAN(": "));
        linnet_text_put_html(text, content);
        linnet_text_put(text, LINNET_SPAN("</li>"));
    }
    linnet_text_put(text, LINNET_SPAN("</ul><h2>HTTP Method: "));
    linnet_text_put_html(text, request->method_name);
    linnet_text_put(text, LINNET_SPAN("</h2><h2>URL: "));
    linnet_text_put_html(text, request->target);
    linnet_text_put(text, LINNET_SPAN("</h2><h2>Server: " ARCHITECTURE "</h2>" PAGE_END));
}

static void headers_page(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                         struct linnet_span data)
{
    static uint8_t bytes[PAGE_MAX]; /* one thread, and the answer is copied at once */
    struct linnet_text text = linnet_text_over((struct linnet_room){bytes, sizeof bytes});
    struct linnet_span page;
    (void)context;
    (void)data;
    if (event != LINNET_EVENT_FINAL) {
        return;
    }
    put_request(&text, exchange);
    if (linnet_text_finish(&text, &page) == LINNET_ERROR_NONE) {
        write_200(exchange, LINNET_BODY_COPY, page);
    } else {
        write_400(exchange);
    }
}

/* Answers by the writer that is its context. */
struct writer {
    void (*write)(struct linnet_exchange *exchange);
};

static struct writer bad_request = {write_400};
static struct writer forbidden = {write_403};
static struct writer missing = {write_404};
static struct writer soft_missing = {write_soft_404};

static void written_page(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                         struct linnet_span data)
{
    const struct writer *writer = context;
    (void)data;
    if (event == LINNET_EVENT_FINAL) {
        writer->write(exchange);
    }
}

/* ---- the URLs -------------------------------------------------------------------------------- */

enum { METHODS = LINNET_METHOD_BIT(LINNET_METHOD_GET) | LINNET_METHOD_BIT(LINNET_METHOD_POST) };

static const struct linnet_route routes[] = {
    {.kind = LINNET_ROUTE_PREFIX,
     .path = LINNET_SPAN_INIT("/headers"),
     .methods = METHODS,
     .handler = headers_page},
    {.kind = LINNET_ROUTE_EXACT,
     .path = LINNET_SPAN_INIT("/index.html"),
     .methods = METHODS,
     .handler = index_page},
    {.kind = LINNET_ROUTE_EXACT,
     .path = LINNET_SPAN_INIT("/status/400"),
     .methods = METHODS,
     .handler = written_page,
     .context = &bad_request},
    {.kind = LINNET_ROUTE_EXACT,
     .path = LINNET_SPAN_INIT("/status/403"),
     .methods = METHODS,
     .handler = written_page,
     .context = &forbidden},
    {.kind = LINNET_ROUTE_EXACT,
     .path = LINNET_SPAN_INIT("/status/404"),
     .methods = METHODS,
     .handler = written_page,
     .context = &missing},
    {.kind = LINNET_ROUTE_DEFAULT,
     .methods = METHODS,
     .handler = written_page,
     .context = &soft_missing},
};

/* ---- the console and the program ------------------------------------------------------------- */

static void log_client(void *context, const struct linnet_connection_info *info)
{
    char where[LINNET_ADDRESS_TEXT_MAX];
    (void)context;
    linnet_address_print(where, &info->peer);
    printf("client %s\n", where);
    fflush(stdout);
}

static void stop(int number)
{
    (void)number;
    linnet_server_stop(running);
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static struct linnet_limits small_limits(void)
{
    struct linnet_limits limits;
    linnet_limits_default(&limits);
    limits.connections = CONNECTIONS;
    limits.inputs = BUFFERS;
    limits.outputs = BUFFERS;
    limits.head_len_max = HEAD_MAX;
    limits.request_line_len_max = HEAD_MAX / 2;
    limits.path_len_max = HEAD_MAX / 4;
    limits.field_count_max = FIELDS_MAX;
    limits.input_len = 2 * HEAD_MAX;
    limits.reply_head_len_max = 512;
    limits.copy_len_max = PAGE_MAX;
    limits.output_len = PAGE_MAX + 1024;
    limits.note_len = 64;
    return limits;
}

static enum linnet_error listen_on(struct linnet_server *server, const char *where)
{
    char text[LINNET_ADDRESS_TEXT_MAX];
    struct linnet_address address;
    const enum linnet_error error = linnet_server_listen(server, where, &address);
    if (error == LINNET_ERROR_NONE) {
        linnet_address_print(text, &address);
        printf("listening on %s\n", text);
    }
    return error;
}

int main(int argc, char **argv)
{
    char message[256] = "";
    const struct linnet_limits limits = small_limits();
    const struct linnet_server_config config = {
        .routes = routes,
        .route_count = sizeof routes / sizeof routes[0],
        .limits = &limits,
        .hooks = {.opened = log_client},
        .message = message,
        .message_len = sizeof message,
    };
    enum linnet_error error = linnet_server_open(&config, memory, sizeof memory, &running);
    if (error != LINNET_ERROR_NONE) {
        fprintf(stderr, "%s (%zu bytes are needed)\n", message, linnet_server_memory_len(&config));
        return 1;
    }
    catch_signals();
    for (int i = 1; i < argc && error == LINNET_ERROR_NONE; i++) {
        error = listen_on(running, argv[i]);
    }
    if (argc == 1) {
        error = listen_on(running, "127.0.0.1:8080");
    }
    fflush(stdout);
    if (error == LINNET_ERROR_NONE) {
        error = linnet_server_run(running);
    }
    if (error != LINNET_ERROR_NONE) {
        fprintf(stderr, "%s\n", message[0] != 0 ? message : linnet_error_text(error));
    }
    linnet_server_close(running);
    return error == LINNET_ERROR_NONE ? 0 : 1;
}
