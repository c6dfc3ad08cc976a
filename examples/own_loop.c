/* Linnet in a loop of one's own: an epoll that waits for Linnet's descriptor, a timer, and signals.
 *
 *     own_loop [ADDRESS]        answers with how often the timer has ticked; Ctrl-C ends it
 *
 * The server lives in memory of the program's own, which is as large as its limits make it. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <linnet/linnet.h>

enum {
    TICK_MS = 100,
    ANSWER_MAX = 64,
    MEMORY_LEN = 512 * 1024,
};

static uint8_t memory[MEMORY_LEN];
static uint64_t ticks; /* one thread, so the handler may read it */

static void tell(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                 struct linnet_span data)
{
    const uint64_t *count = context;
    uint8_t bytes[ANSWER_MAX];
    struct linnet_reply reply = {.status = LINNET_STATUS_OK,
                                 .media_type = LINNET_SPAN("text/plain; charset=utf-8"),
                                 .body = LINNET_BODY_COPY};
    (void)data;
    if (event != LINNET_EVENT_FINAL) {
        return;
    }
    struct linnet_text text = linnet_text_over((struct linnet_room){bytes, sizeof bytes});
    linnet_text_put_decimal(&text, *count);
    linnet_text_put(&text, LINNET_SPAN(" ticks\n"));
    if (linnet_text_finish(&text, &reply.bytes) != LINNET_ERROR_NONE ||
        linnet_reply(exchange, &reply) != LINNET_ERROR_NONE) {
        (void)!linnet_reply_status(exchange, LINNET_STATUS_INTERNAL_SERVER_ERROR);
    }
}

static const struct linnet_route routes[] = {{.kind = LINNET_ROUTE_DEFAULT,
                                              .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
                                              .handler = tell,
                                              .context = &ticks}};

static int open_timer(void)
{
    const struct itimerspec interval = {.it_interval = {.tv_nsec = TICK_MS * 1000000L},
                                        .it_value = {.tv_nsec = TICK_MS * 1000000L}};
    const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    return timer >= 0 && timerfd_settime(timer, 0, &interval, NULL) == 0 ? timer : -1;
}

static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int watch(int loop, int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = descriptor}};
    return epoll_ctl(loop, EPOLL_CTL_ADD, descriptor, &event);
}

/* Until Linnet has finished what was begun when a signal came. */
static enum linnet_error loop_until_done(int loop, int timer, int signals,
                                         struct linnet_server *server)
{
    enum linnet_error error = LINNET_ERROR_NONE;
    while (error == LINNET_ERROR_NONE && linnet_server_is_running(server)) {
        struct epoll_event event = {.data = {.fd = -1}};
        struct signalfd_siginfo signal;
        uint64_t count;
        (void)epoll_wait(loop, &event, 1, (int)linnet_server_wait_ms(server));
        if (event.data.fd == timer && read(timer, &count, sizeof count) == sizeof count) {
            ticks += count;
        }
        if (event.data.fd == signals && read(signals, &signal, sizeof signal) == sizeof signal) {
            linnet_server_stop(server);
        }
        /* Also when its descriptor was silent: a deadline may be due. It does not wait. */
        error = linnet_server_turn(server, 0);
    }
    return error;
}

int main(int argc, char **argv)
{
    char message[256] = "";
    char where[LINNET_ADDRESS_TEXT_MAX];
    struct linnet_limits limits;
    struct linnet_server *server;
    struct linnet_address address;
    linnet_limits_default(&limits);
    limits.connections = 64;
    limits.inputs = 8;
    limits.outputs = 8;
    const struct linnet_server_config config = {
        .routes = routes,
        .route_count = sizeof routes / sizeof routes[0],
        .limits = &limits,
        .message = message,
        .message_len = sizeof message,
    };
    if (linnet_server_open(&config, memory, sizeof memory, &server) != LINNET_ERROR_NONE) {
        fprintf(stderr, "%s (%zu bytes are needed)\n", message, linnet_server_memory_len(&config));
        return 1;
    }
    const int loop = epoll_create1(EPOLL_CLOEXEC);
    const int timer = open_timer();
    const int signals = open_signals();
    enum linnet_error error =
        linnet_server_listen(server, argc > 1 ? argv[1] : "127.0.0.1:8080", &address);
    if (error == LINNET_ERROR_NONE && watch(loop, timer) == 0 && watch(loop, signals) == 0 &&
        watch(loop, linnet_server_descriptor(server)) == 0) {
        linnet_address_print(where, &address);
        printf("http://%s/\n", where);
        fflush(stdout);
        error = loop_until_done(loop, timer, signals, server);
    }
    if (error != LINNET_ERROR_NONE) {
        fprintf(stderr, "%s\n", message[0] != 0 ? message : linnet_error_text(error));
    }
    linnet_server_close(server);
    printf("%" PRIu64 " ticks\n", ticks);
    return error == LINNET_ERROR_NONE ? 0 : 1;
}
