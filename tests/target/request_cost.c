/* Instructions of one keep-alive request on a Cortex-M3: head in, answer out, by the worker alone.
 *
 * To be run with QEMU's -icount shift=0: an instruction then takes a nanosecond of the board's
 * time, and its clock counts instructions; nothing else makes it vary. Prints one number. */
#include <stdio.h>

#include <linnet/worker_config.h>

#include "examples/zephyr_pages.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SYSTICK_CONTROL   REGISTER(0xE000E010)
#define SYSTICK_RELOAD    REGISTER(0xE000E014)
#define SYSTICK_VALUE     REGISTER(0xE000E018)

enum { REQUESTS = 100, CLOCK_MHZ = 25, SYSTICK_MAX = 0xFFFFFF };

static uint8_t memory[32 * 1024];

static const struct linnet_route routes[] = {ZEPHYR_ROUTES};

static const char request[] = "GET /index.html HTTP/1.1\r\n"
                              "Host: 10.7.0.2\r\n"
                              "User-Agent: curl/7.88.1\r\n"
                              "Accept: */*\r\n"
                              "\r\n";

static bool serve(struct linnet_worker *worker, uint32_t connection, struct linnet_time time)
{
    struct linnet_room room;
    struct linnet_output output;
    uint64_t len = 0;
    if (!linnet_worker_input(worker, connection, &room, time)) {
        return false;
    }
    for (size_t i = 0; i < sizeof request - 1; i++) {
        room.data[i] = (uint8_t)request[i];
    }
    linnet_worker_received(worker, connection, sizeof request - 1, time);
    linnet_worker_output(worker, connection, 0, &output);
    for (unsigned i = 0; i < output.span_count; i++) {
        len += output.spans[i].len;
    }
    linnet_worker_taken(worker, connection, len, time);
    linnet_worker_released(worker, connection, len, time);
    linnet_worker_tick(worker, time);
    while (linnet_worker_ready(worker, time) != LINNET_NO_CONNECTION) {
    }
    return len > 100;
}

int main(void)
{
    struct linnet_limits limits;
    struct linnet_worker *worker;
    const struct linnet_time time = {.monotonic_ms = 1000, .unix_s = LINNET_NO_WALL_CLOCK};
    const struct linnet_connection_info info = {.listener = 0};
    linnet_limits_default(&limits);
    limits.connections = 1;
    limits.inputs = 1;
    limits.input_len = 2048;
    limits.head_len_max = 1024;
    limits.request_line_len_max = 512;
    limits.path_len_max = 256;
    limits.outputs = 1;
    limits.output_len = 8192;
    const struct linnet_worker_config config = {.limits = &limits,
                                                .routes = routes,
                                                .route_count = sizeof routes / sizeof routes[0],
                                                .now_ms = time.monotonic_ms};
    if (linnet_worker_init(&config, memory, sizeof memory, &worker) != LINNET_ERROR_NONE) {
        puts("no memory");
        return 1;
    }
    const uint32_t connection = linnet_worker_open(worker, &info, time);
    bool good = serve(worker, connection, time);
    SYSTICK_CONTROL = 4;
    SYSTICK_RELOAD = SYSTICK_MAX;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = 5;
    const uint32_t begin = SYSTICK_VALUE;
    for (int i = 0; i < REQUESTS; i++) {
        good = serve(worker, connection, time) && good;
    }
    const uint32_t clocks = (begin - SYSTICK_VALUE) & SYSTICK_MAX;
    printf("%lu\n", (unsigned long)clocks * (1000 / CLOCK_MHZ) / REQUESTS);
    return good ? 0 : 1;
}
