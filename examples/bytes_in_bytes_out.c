/* HTTP without a socket: the bytes of requests from a file or standard input, the bytes of the
 * answers on standard output.
 *
 *     printf 'GET / HTTP/1.1\r\nHost: here\r\n\r\n' | bytes_in_bytes_out
 *
 * This is what a driver does, for one connection and without waiting: the same calls serve a UART,
 * a radio or a TCP stack of one's own. Nothing here but reading, writing and the clock is a call of
 * the system, and nothing is allocated. */
#include <stdio.h>
#include <time.h>

#include <linnet/linnet.h>

enum { MEMORY_LEN = 64 * 1024 };

static uint8_t memory[MEMORY_LEN];

static void greet(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                  struct linnet_span data)
{
    (void)context;
    (void)data;
    if (event == LINNET_EVENT_FINAL) {
        (void)!linnet_reply_text(exchange, LINNET_STATUS_OK, LINNET_SPAN("Hello, bytes\n"));
    }
}

static const struct linnet_route routes[] = {{.kind = LINNET_ROUTE_EXACT,
                                              .path = LINNET_SPAN_INIT("/"),
                                              .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
                                              .handler = greet}};

static struct linnet_time now(void)
{
    struct timespec since_boot;
    clock_gettime(CLOCK_MONOTONIC, &since_boot);
    return (struct linnet_time){
        .monotonic_ms = (uint64_t)since_boot.tv_sec * 1000 + (uint64_t)since_boot.tv_nsec / 1000000,
        .unix_s = LINNET_NO_WALL_CLOCK, /* no Date then, and the same output every time */
    };
}

/* Reads what there is into the worker's own memory. false: it does not want any now. */
static bool receive(struct linnet_worker *worker, uint32_t connection, FILE *from)
{
    struct linnet_room room;
    if (!linnet_worker_input(worker, connection, &room, now())) {
        return false;
    }
    const size_t len = fread(room.data, 1, room.len, from);
    linnet_worker_received(worker, connection, len, now());
    if (len == 0) {
        linnet_worker_receive_end(worker, connection, now());
    }
    return true;
}

static void write_out(struct linnet_worker *worker, uint32_t connection)
{
    struct linnet_output output;
    uint64_t len = 0;
    linnet_worker_output(worker, connection, 0, &output);
    for (unsigned i = 0; i < output.span_count; i++) {
        fwrite(output.spans[i].data, 1, output.spans[i].len, stdout);
        len += output.spans[i].len;
    }
    linnet_worker_sent(worker, connection, len, now());
}

/* From the first byte to the end of the connection. */
static void converse(struct linnet_worker *worker, FILE *from)
{
    const struct linnet_connection_info info = {.listener = 0};
    const uint32_t connection = linnet_worker_open(worker, &info, now());
    unsigned state = linnet_worker_state(worker, connection);
    while ((state & LINNET_CLOSED) == 0) {
        if ((state & LINNET_HAS_OUTPUT) != 0) {
            write_out(worker, connection);
        } else if ((state & LINNET_WANTS_INPUT) != 0) {
            (void)receive(worker, connection, from);
        }
        linnet_worker_tick(worker, now());
        while (linnet_worker_ready(worker, now()) != LINNET_NO_CONNECTION) {
        }
        state = linnet_worker_state(worker, connection);
    }
    linnet_worker_close(worker, connection);
}

int main(int argc, char **argv)
{
    struct linnet_limits limits;
    struct linnet_worker *worker;
    linnet_limits_default(&limits);
    limits.connections = 1;
    limits.inputs = 1;
    limits.outputs = 1;
    const struct linnet_worker_config config = {.limits = &limits,
                                                .routes = routes,
                                                .route_count = sizeof routes / sizeof routes[0],
                                                .now_ms = now().monotonic_ms};
    const enum linnet_error error = linnet_worker_init(&config, memory, sizeof memory, &worker);
    FILE *from = argc > 1 ? fopen(argv[1], "rb") : stdin;
    if (error != LINNET_ERROR_NONE || from == NULL) {
        fprintf(stderr, "%s: %s\n", argc > 1 ? argv[1] : "worker", linnet_error_text(error));
        return 1;
    }
    converse(worker, from);
    linnet_worker_end(worker);
    return fflush(stdout) == 0 ? 0 : 1;
}
