/* A fuzz target for handlers of one's own: any bytes a client may send, in pieces of any length,
 * and a client that vanishes. The handler adds up numbers that are posted, one on each line.
 *
 *     clang -g -fsanitize=fuzzer,address handler_fuzz.c $(pkg-config --cflags --libs linnet)
 *     ./a.out -max_total_time=60 seeds/
 *
 * The first byte of an input says how it arrives (<linnet/test.h>); a seed begins with one. */
#include <stdlib.h>

#include <linnet/linnet.h>
#include <linnet/test.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { LINE_MAX = 8, ANSWER_MAX = 32 };

/* One request at a time is enough here; a server for more would keep one for each. */
static struct sum {
    uint64_t total;
    uint8_t line[LINE_MAX];
    size_t line_len;
    bool bad;
} sum;

static void end_line(void)
{
    uint64_t number = 0;
    for (size_t i = 0; i < sum.line_len; i++) {
        sum.bad = sum.bad || sum.line[i] < '0' || sum.line[i] > '9';
        number = number * 10 + sum.line[i] - '0';
    }
    sum.total += number;
    sum.line_len = 0;
}

static void add_data(struct linnet_span data)
{
    for (size_t i = 0; i < data.len && !sum.bad; i++) {
        if (data.data[i] == '\n') {
            end_line();
        } else if (sum.line_len == sizeof sum.line) {
            sum.bad = true;
        } else {
            sum.line[sum.line_len] = data.data[i];
            sum.line_len++;
        }
    }
}

static void answer(struct linnet_exchange *exchange)
{
    uint8_t bytes[ANSWER_MAX];
    struct linnet_reply reply = {.status = LINNET_STATUS_OK,
                                 .media_type = LINNET_SPAN("text/plain"),
                                 .body = LINNET_BODY_COPY};
    struct linnet_text text = linnet_text_over((struct linnet_room){bytes, sizeof bytes});
    linnet_text_put_decimal(&text, sum.total);
    if (sum.bad || linnet_text_finish(&text, &reply.bytes) != LINNET_ERROR_NONE ||
        linnet_reply(exchange, &reply) != LINNET_ERROR_NONE) {
        (void)!linnet_reply_status(exchange, LINNET_STATUS_BAD_REQUEST);
    }
}

static void add_up(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                   struct linnet_span data)
{
    (void)context;
    if (event == LINNET_EVENT_BEGIN) {
        sum = (struct sum){.total = 0};
    } else if (event == LINNET_EVENT_DATA) {
        add_data(data);
    } else if (event == LINNET_EVENT_FINAL) {
        answer(exchange);
    }
}

static const struct linnet_route routes[] = {{.kind = LINNET_ROUTE_EXACT,
                                              .path = LINNET_SPAN_INIT("/sum"),
                                              .methods = LINNET_METHOD_BIT(LINNET_METHOD_POST),
                                              .handler = add_up}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct linnet_server *server; /* one for all inputs: opening costs more than serving */
    const struct linnet_server_config config = {.routes = routes, .route_count = 1};
    if (server == NULL && linnet_server_open(&config, NULL, 0, &server) != LINNET_ERROR_NONE) {
        abort();
    }
    return linnet_test_fuzz(server, data, len);
}
