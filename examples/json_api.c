/* A to-do list that browsers can use, on http://127.0.0.1:8080/ or where its argument says.
 *
 *     GET    /api/items          {"items":[{"id":1,"title":"Buy milk","done":false}]}
 *     POST   /api/items          {"title":"Buy milk"}                   201, with its Location
 *     GET    /api/items/1        {"id":1,"title":"Buy milk","done":false}
 *     PUT    /api/items/1        {"title":"Buy milk","done":true}       200
 *     DELETE /api/items/1                                               204
 *
 * What cannot be done is answered by a status alone: 404 (no such item), 409 (the list is full),
 * 413 (more than BODY_LEN_MAX), 415 (it does not call itself JSON, which also keeps forms of other
 * sites out), 422 (no JSON, or none that makes sense here).
 *
 * Everything has a largest size, so everything fits: JSON is read by a parser that knows the two
 * members of an item and nothing else, into a struct, and written by Linnet's text, which escapes.
 * The items live in an array of one thread; when the program ends they are gone. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <linnet/linnet.h>

enum {
    ITEMS = 50,
    TITLE_LEN_MAX = 100,
    BODY_LEN_MAX = 1024,
    BODIES = 16, /* that can arrive at one time */
    /* A byte of a title is at most six when it is escaped; the members' names, a number of 20
     * digits and "false" are less than 64. */
    ITEM_LEN_MAX = 6 * TITLE_LEN_MAX + 64,
    LIST_LEN_MAX = ITEMS * ITEM_LEN_MAX + 16,
};

struct item {
    uint64_t id; /* from 1 on; 0: the place is free */
    uint8_t title[TITLE_LEN_MAX];
    size_t title_len;
    bool done;
};

static struct item items[ITEMS];
static uint64_t last_id;
static struct linnet_server *server;

/* ---- JSON in --------------------------------------------------------------------------------- */

/* object = "{" [ member *( "," member ) ] "}"
 * member = string ":" ( string / "true" / "false" )        with blanks between all of these
 *
 * Each function takes what it names off the front, or says false. */
struct json {
    const uint8_t *at;
    const uint8_t *end;
};

static void skip_blanks(struct json *json)
{
    while (json->at < json->end && memchr(" \t\r\n", *json->at, 4) != NULL) {
        json->at++;
    }
}

static bool take(struct json *json, const char *text)
{
    const size_t len = strlen(text);
    skip_blanks(json);
    if ((size_t)(json->end - json->at) < len || memcmp(json->at, text, len) != 0) {
        return false;
    }
    json->at += len;
    return true;
}

/* The four digits of "\uXXXX". */
static bool take_unit(struct json *json, uint32_t *unit)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    *unit = 0;
    if (json->end - json->at < 4) {
        return false;
    }
    for (unsigned i = 0; i < 4; i++) {
        const char *digit = memchr(digits, *json->at++, sizeof digits - 1);
        if (digit == NULL) {
            return false;
        }
        *unit = *unit << 4 | ((uint32_t)(digit - digits) & 15);
    }
    return true;
}

static void put_utf8(struct linnet_text *text, uint32_t code)
{
    if (code < 0x80) {
        linnet_text_put_byte(text, (uint8_t)code);
        return;
    }
    if (code < 0x800) {
        linnet_text_put_byte(text, (uint8_t)(0xC0 | code >> 6));
    } else if (code < 0x10000) {
        linnet_text_put_byte(text, (uint8_t)(0xE0 | code >> 12));
        linnet_text_put_byte(text, (uint8_t)(0x80 | (code >> 6 & 0x3F)));
    } else {
        linnet_text_put_byte(text, (uint8_t)(0xF0 | code >> 18));
        linnet_text_put_byte(text, (uint8_t)(0x80 | (code >> 12 & 0x3F)));
        linnet_text_put_byte(text, (uint8_t)(0x80 | (code >> 6 & 0x3F)));
    }
    linnet_text_put_byte(text, (uint8_t)(0x80 | (code & 0x3F)));
}

/* What stands behind a backslash. */
static bool take_escape(struct json *json, struct linnet_text *text)
{
    static const char names[] = "\"\\/bfnrt";
    static const char bytes[] = "\"\\/\b\f\n\r\t";
    uint32_t code;
    uint32_t low;
    if (json->at == json->end) {
        return false;
    }
    const uint8_t escape = *json->at++;
    const char *name = memchr(names, escape, sizeof names - 1);
    if (name != NULL) {
        linnet_text_put_byte(text, (uint8_t)bytes[name - names]);
        return true;
    }
    if (escape != 'u' || !take_unit(json, &code) || (code >= 0xDC00 && code < 0xE000)) {
        return false;
    }
    if (code >= 0xD800 && code < 0xDC00) { /* the first half of a pair */
        if (json->end - json->at < 2 || json->at[0] != '\\' || json->at[1] != 'u') {
            return false;
        }
        json->at += 2;
        if (!take_unit(json, &low) || low < 0xDC00 || low >= 0xE000) {
            return false;
        }
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    put_utf8(text, code);
    return true;
}

/* A string, decoded into the room; false also when it does not fit. */
static bool take_string(struct json *json, struct linnet_room room, size_t *len)
{
    struct linnet_text text = linnet_text_over(room);
    struct linnet_span span;
    if (!take(json, "\"")) {
        return false;
    }
    while (json->at < json->end && *json->at != '"') {
        const uint8_t byte = *json->at++;
        if (byte < ' ' || (byte == '\\' && !take_escape(json, &text))) {
            return false;
        }
        if (byte != '\\') {
            linnet_text_put_byte(&text, byte);
        }
    }
    if (!take(json, "\"") || linnet_text_finish(&text, &span) != LINNET_ERROR_NONE) {
        return false;
    }
    *len = span.len;
    return true;
}

static bool take_member(struct json *json, struct item *item, bool *has_done)
{
    uint8_t name[8];
    size_t len;
    if (!take_string(json, (struct linnet_room){name, sizeof name}, &len) || !take(json, ":")) {
        return false;
    }
    if (len == 5 && memcmp(name, "title", 5) == 0) {
        return take_string(json, (struct linnet_room){item->title, TITLE_LEN_MAX},
                           &item->title_len);
    }
    if (len == 4 && memcmp(name, "done", 4) == 0) {
        *has_done = true;
        item->done = take(json, "true");
        return item->done || take(json, "false");
    }
    return false;
}

/* An item with a title that is not empty, and nothing behind it. */
static bool read_item(struct linnet_span body, struct item *item, bool *has_done)
{
    struct json json = {body.data, body.data + body.len};
    *item = (struct item){.id = 0};
    *has_done = false;
    if (!take(&json, "{")) {
        return false;
    }
    do {
        if (!take_member(&json, item, has_done)) {
            return false;
        }
    } while (take(&json, ","));
    const bool ends = take(&json, "}");
    skip_blanks(&json);
    return ends && json.at == json.end && item->title_len > 0;
}

/* ---- JSON out -------------------------------------------------------------------------------- */

static void put_item(struct linnet_text *text, const struct item *item)
{
    linnet_text_put(text, LINNET_SPAN("{\"id\":"));
    linnet_text_put_decimal(text, item->id);
    linnet_text_put(text, LINNET_SPAN(",\"title\":\""));
    linnet_text_put_json(text, (struct linnet_span){item->title, item->title_len});
    linnet_text_put(text, item->done ? LINNET_SPAN("\",\"done\":true}")
                                     : LINNET_SPAN("\",\"done\":false}"));
}

static void reply_json(struct linnet_exchange *exchange, enum linnet_status status,
                       const struct linnet_text *text, const struct linnet_field *field)
{
    struct linnet_reply reply = {.status = status,
                                 .media_type = LINNET_SPAN("application/json"),
                                 .fields = field,
                                 .field_count = field != NULL ? 1 : 0,
                                 .body = LINNET_BODY_COPY};
    if (linnet_text_finish(text, &reply.bytes) != LINNET_ERROR_NONE ||
        linnet_reply(exchange, &reply) != LINNET_ERROR_NONE) {
        (void)!linnet_reply_status(exchange, LINNET_STATUS_INTERNAL_SERVER_ERROR);
    }
}

static void reply_item(struct linnet_exchange *exchange, enum linnet_status status,
                       const struct item *item)
{
    uint8_t bytes[ITEM_LEN_MAX];
    uint8_t path[48];
    struct linnet_text text = linnet_text_over((struct linnet_room){bytes, sizeof bytes});
    struct linnet_text location = linnet_text_over((struct linnet_room){path, sizeof path});
    struct linnet_field field = {.name = LINNET_SPAN("Location")};
    put_item(&text, item);
    linnet_text_put(&location, LINNET_SPAN("/api/items/"));
    linnet_text_put_decimal(&location, item->id);
    (void)!linnet_text_finish(&location, &field.content);
    reply_json(exchange, status, &text, status == LINNET_STATUS_CREATED ? &field : NULL);
}

/* ---- the handlers ---------------------------------------------------------------------------- */

/* The item that {id} names, or NULL. `id` 0 finds a free place. */
static struct item *find_item(uint64_t id)
{
    for (size_t i = 0; i < ITEMS; i++) {
        if (items[i].id == id) {
            return &items[i];
        }
    }
    return NULL;
}

static struct item *item_of(struct linnet_exchange *exchange)
{
    uint64_t id = 0;
    struct item *item = NULL;
    if (linnet_exchange_parameter_uint(exchange, LINNET_SPAN("id"), 1, UINT64_MAX, &id)) {
        item = find_item(id);
    }
    if (item == NULL) {
        (void)!linnet_reply_status(exchange, LINNET_STATUS_NOT_FOUND);
    }
    return item;
}

static bool says_json(const struct linnet_exchange *exchange)
{
    static const struct linnet_span json = LINNET_SPAN_INIT("application/json");
    struct linnet_span type;
    return linnet_exchange_field(exchange, LINNET_SPAN("Content-Type"), &type) &&
           type.len >= json.len &&
           strncasecmp((const char *)type.data, (const char *)json.data, json.len) == 0 &&
           (type.len == json.len || type.data[json.len] == ';' || type.data[json.len] == ' ');
}

/* The item that the client sent; false: it was answered what is wrong. */
static bool item_sent(struct linnet_exchange *exchange, struct linnet_span body, struct item *item,
                      bool needs_done)
{
    bool has_done;
    if (!says_json(exchange)) {
        (void)!linnet_reply_status(exchange, LINNET_STATUS_UNSUPPORTED_MEDIA_TYPE);
        return false;
    }
    if (!read_item(body, item, &has_done) || (needs_done && !has_done)) {
        (void)!linnet_reply_status(exchange, LINNET_STATUS_UNPROCESSABLE_CONTENT);
        return false;
    }
    return true;
}

static void add(void *context, struct linnet_exchange *exchange, struct linnet_span body)
{
    struct item sent;
    struct item *item = find_item(0);
    (void)context;
    if (!item_sent(exchange, body, &sent, false)) {
        return;
    }
    if (item == NULL) {
        (void)!linnet_reply_status(exchange, LINNET_STATUS_CONFLICT);
        return;
    }
    *item = sent;
    item->id = ++last_id;
    reply_item(exchange, LINNET_STATUS_CREATED, item);
}

static void change(void *context, struct linnet_exchange *exchange, struct linnet_span body)
{
    struct item sent;
    struct item *item = item_of(exchange);
    (void)context;
    if (item != NULL && item_sent(exchange, body, &sent, true)) {
        sent.id = item->id;
        *item = sent;
        reply_item(exchange, LINNET_STATUS_OK, item);
    }
}

static void list(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                 struct linnet_span data)
{
    static uint8_t bytes[LIST_LEN_MAX]; /* one thread, and the answer is copied at once */
    struct linnet_text text = linnet_text_over((struct linnet_room){bytes, sizeof bytes});
    const char *between = "";
    (void)context, (void)data;
    if (event != LINNET_EVENT_FINAL) {
        return;
    }
    linnet_text_put(&text, LINNET_SPAN("{\"items\":["));
    for (size_t i = 0; i < ITEMS; i++) {
        if (items[i].id != 0) {
            linnet_text_put(&text, (struct linnet_span){(const uint8_t *)between, strlen(between)});
            put_item(&text, &items[i]);
            between = ",";
        }
    }
    linnet_text_put(&text, LINNET_SPAN("]}"));
    reply_json(exchange, LINNET_STATUS_OK, &text, NULL);
}

static void show(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                 struct linnet_span data)
{
    (void)context, (void)data;
    const struct item *item = event == LINNET_EVENT_FINAL ? item_of(exchange) : NULL;
    if (item != NULL) {
        reply_item(exchange, LINNET_STATUS_OK, item);
    }
}

static void erase(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                  struct linnet_span data)
{
    (void)context, (void)data;
    struct item *item = event == LINNET_EVENT_FINAL ? item_of(exchange) : NULL;
    if (item != NULL) {
        item->id = 0;
        (void)!linnet_reply_status(exchange, LINNET_STATUS_NO_CONTENT);
    }
}

/* ---- the page -------------------------------------------------------------------------------- */

struct asset {
    struct linnet_span media_type;
    struct linnet_span bytes;
};

static const struct asset page = {
    LINNET_SPAN_INIT("text/html; charset=utf-8"),
    LINNET_SPAN_INIT("<!doctype html>\n<html lang=en><title>To do</title>\n<h1>To do</h1>\n"
                     "<form><input name=title maxlength=100 required aria-label='What to do'>\n"
                     "<button>Add</button></form>\n"
                     "<ul></ul><p role=status></p>\n<script src=app.js></script></html>\n")};

static const struct asset script = {
    LINNET_SPAN_INIT("text/javascript; charset=utf-8"),
    LINNET_SPAN_INIT(
        "'use strict';\n"
        "const form = document.querySelector('form');\n"
        "const list = document.querySelector('ul');\n"
        "const status = document.querySelector('p');\n"
        "\n"
        "async function ask(method, path, item) {\n"
        "    const answer = await fetch('api/items' + path, {\n"
        "        method,\n"
        "        headers: item ? { 'Content-Type': 'application/json' } : {},\n"
        "        body: item && JSON.stringify(item),\n"
        "    });\n"
        "    status.textContent = answer.ok ? '' : answer.status + ' ' + answer.statusText;\n"
        "    return answer;\n"
        "}\n"
        "\n"
        "function line({ id, title, done }) {\n"
        "    const box = Object.assign(document.createElement('input'), "
        "{ type: 'checkbox', checked: done });\n"
        "    const text = Object.assign(document.createElement('label'), { textContent: title });\n"
        "    const remove = Object.assign(document.createElement('button'), "
        "{ textContent: 'Remove' });\n"
        "    box.onchange = () => ask('PUT', '/' + id, { title, done: box.checked }).then(show);\n"
        "    remove.onclick = () => ask('DELETE', '/' + id).then(show);\n"
        "    const row = document.createElement('li');\n"
        "    text.prepend(box);\n"
        "    row.append(text, ' ', remove);\n"
        "    return row;\n"
        "}\n"
        "\n"
        "async function show() {\n"
        "    const { items } = await (await fetch('api/items')).json();\n"
        "    list.replaceChildren(...items.map(line));\n"
        "}\n"
        "\n"
        "form.onsubmit = async (event) => {\n"
        "    event.preventDefault();\n"
        "    const answer = await ask('POST', '', { title: form.title.value });\n"
        "    if (answer.ok) form.reset();\n"
        "    show();\n"
        "};\n"
        "show();\n")};

static void give(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                 struct linnet_span data)
{
    /* Whatever somebody writes into the list, nothing but our own script runs. */
    static const struct linnet_field policy = {LINNET_SPAN_INIT("Content-Security-Policy"),
                                               LINNET_SPAN_INIT("default-src 'self'")};
    const struct asset *asset = context;
    (void)data;
    if (event == LINNET_EVENT_FINAL) {
        const struct linnet_reply reply = {.status = LINNET_STATUS_OK,
                                           .media_type = asset->media_type,
                                           .fields = &policy,
                                           .field_count = 1,
                                           .body = LINNET_BODY_LEND,
                                           .bytes = asset->bytes};
        (void)!linnet_reply(exchange, &reply);
    }
}

/* ---- the program ----------------------------------------------------------------------------- */

static uint8_t bodies[BODIES * BODY_LEN_MAX];
static struct linnet_gather adding = {
    .function = add, .room = {bodies, sizeof bodies / 2}, .body_len_max = BODY_LEN_MAX};
static struct linnet_gather changing = {.function = change,
                                        .room = {bodies + sizeof bodies / 2, sizeof bodies / 2},
                                        .body_len_max = BODY_LEN_MAX};

#define LIST LINNET_ROUTE_EXACT, .path = LINNET_SPAN_INIT("/api/items")
#define ITEM LINNET_ROUTE_PATTERN, .path = LINNET_SPAN_INIT("/api/items/{id:uint}")
#define GET  LINNET_METHOD_BIT(LINNET_METHOD_GET)

static const struct linnet_route routes[] = {
    {.kind = LINNET_ROUTE_EXACT,
     .path = LINNET_SPAN_INIT("/"),
     .methods = GET,
     .handler = give,
     .context = (void *)&page},
    {.kind = LINNET_ROUTE_EXACT,
     .path = LINNET_SPAN_INIT("/app.js"),
     .methods = GET,
     .handler = give,
     .context = (void *)&script},
    {.kind = LIST, .methods = GET, .handler = list},
    {.kind = LIST,
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_POST),
     .handler = linnet_gather_handle,
     .context = &adding},
    {.kind = ITEM, .methods = GET, .handler = show},
    {.kind = ITEM,
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_PUT),
     .handler = linnet_gather_handle,
     .context = &changing},
    {.kind = ITEM, .methods = LINNET_METHOD_BIT(LINNET_METHOD_DELETE), .handler = erase},
};

static void stop(int number)
{
    (void)number;
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
    return linnet_server_run(server);
}

int main(int argc, char **argv)
{
    char message[256] = "";
    struct linnet_limits limits;
    linnet_limits_default(&limits);
    limits.connections = 256;
    limits.inputs = BODIES / 2;
    limits.outputs = BODIES / 2;
    limits.copy_len_max = LIST_LEN_MAX;
    limits.output_len = LIST_LEN_MAX + 4096;
    const struct linnet_server_config config = {.routes = routes,
                                                .route_count = sizeof routes / sizeof routes[0],
                                                .limits = &limits,
                                                .message = message,
                                                .message_len = sizeof message};
    enum linnet_error error = linnet_server_open(&config, NULL, 0, &server);
    if (error == LINNET_ERROR_NONE) {
        error = serve(argc > 1 ? argv[1] : "127.0.0.1:8080");
        linnet_server_close(server);
    }
    if (error != LINNET_ERROR_NONE) {
        (void)fprintf(stderr, "json_api: %s (%s)\n", message, linnet_error_text(error));
    }
    return error == LINNET_ERROR_NONE ? 0 : 1;
}
