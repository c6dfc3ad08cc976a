/* The HTTP server sample of Zephyr 1.7, as a program of Linnet's library: its URLs, its pages, its
 * console log, and none of its faults.
 *
 *     zephyr_sample [ADDRESS...]        on http://127.0.0.1:8080/ where there is none
 *
 * The pages are those of zephyr_pages.c. All memory is one array, as on a microcontroller. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <linnet/linnet.h>

#include "zephyr_pages.h"

enum {
    CONNECTIONS = 16,
    BUFFERS = 4,
    MEMORY_LEN = 128 * 1024,
};

static uint8_t memory[MEMORY_LEN];
static struct linnet_server *running;

static const struct linnet_route routes[] = {ZEPHYR_ROUTES};

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
    limits.head_len_max = ZEPHYR_HEAD_MAX;
    limits.request_line_len_max = ZEPHYR_HEAD_MAX / 2;
    limits.path_len_max = ZEPHYR_HEAD_MAX / 4;
    limits.field_count_max = ZEPHYR_FIELDS_MAX;
    limits.input_len = 2 * ZEPHYR_HEAD_MAX;
    limits.reply_head_len_max = 512;
    limits.copy_len_max = ZEPHYR_PAGE_MAX;
    limits.output_len = ZEPHYR_PAGE_MAX + 1024;
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
