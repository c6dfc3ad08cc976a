/* The pages of the Zephyr sample: writers, one for each kind of answer, and what they write. */
#include "zephyr_pages.h"

#include <string.h>

#include <linnet/stream.h>
#include <linnet/text.h>

enum { CHUNK_MAX = 256 };

#if defined(__arm__) || defined(__aarch64__)
#    define ARCHITECTURE "arm"
#elif defined(__x86_64__) || defined(__i386__)
#    define ARCHITECTURE "x86"
#else
#    define ARCHITECTURE "unknown"
#endif

#define PAGE_BEGIN "<html><head><title>Zephyr HTTP Server</title></head><body>"
#define PAGE_END   "</body></html>\n"

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

void zephyr_index_page(void *context, struct linnet_exchange *exchange, enum linnet_event event,
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

void zephyr_headers_page(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                         struct linnet_span data)
{
    static uint8_t bytes[ZEPHYR_PAGE_MAX]; /* one thread, and the answer is copied at once */
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

#if ZEPHYR_CHUNKED_PAGES > 0

/* The same page in chunks, as the sample sends all of its pages: it is written whole, for the
 * fields are there in the handler's calls only, and then pulled piece by piece. */
struct chunked_page {
    struct linnet_stream stream; /* the first member: one is the other */
    bool taken;
    size_t sent;
    struct linnet_span page; /* over the bytes */
    uint8_t bytes[ZEPHYR_PAGE_MAX];
};

static struct chunked_page chunked_pages[ZEPHYR_CHUNKED_PAGES];

static enum linnet_pulled pull_page(struct linnet_stream *stream, struct linnet_pull *pull)
{
    struct chunked_page *own = (struct chunked_page *)stream;
    size_t len = own->page.len - own->sent;
    len = len < CHUNK_MAX ? len : CHUNK_MAX;
    len = len < pull->room.len ? len : pull->room.len;
    memcpy(pull->room.data, own->page.data + own->sent, len);
    own->sent += len;
    pull->len = len;
    return own->sent == own->page.len ? LINNET_PULLED_END : LINNET_PULLED_MORE;
}

static void leave_page(struct linnet_stream *stream, bool complete)
{
    (void)complete;
    ((struct chunked_page *)stream)->taken = false;
}

void zephyr_chunked_page(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                         struct linnet_span data)
{
    static const struct linnet_stream_operations operations = {.pull = pull_page,
                                                               .done = leave_page};
    struct chunked_page *own = chunked_pages;
    (void)context;
    (void)data;
    if (event != LINNET_EVENT_FINAL) {
        return;
    }
    while (own < chunked_pages + ZEPHYR_CHUNKED_PAGES && own->taken) {
        own++;
    }
    if (own == chunked_pages + ZEPHYR_CHUNKED_PAGES) {
        (void)!linnet_reply_status(exchange, LINNET_STATUS_SERVICE_UNAVAILABLE);
        return;
    }
    struct linnet_text text = linnet_text_over((struct linnet_room){own->bytes, ZEPHYR_PAGE_MAX});
    put_request(&text, exchange);
    own->stream = (struct linnet_stream){.operations = &operations};
    own->sent = 0;
    if (linnet_text_finish(&text, &own->page) != LINNET_ERROR_NONE) {
        write_400(exchange);
    } else {
        own->taken = linnet_reply_stream(exchange, LINNET_SPAN("text/html; charset=utf-8"),
                                         &own->stream) == LINNET_ERROR_NONE;
    }
}

#endif

struct zephyr_writer zephyr_bad_request = {write_400};
struct zephyr_writer zephyr_forbidden = {write_403};
struct zephyr_writer zephyr_missing = {write_404};
struct zephyr_writer zephyr_soft_missing = {write_soft_404};

void zephyr_written_page(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                         struct linnet_span data)
{
    const struct zephyr_writer *writer = context;
    (void)data;
    if (event == LINNET_EVENT_FINAL) {
        writer->write(exchange);
    }
}
