/* The clients: one thread, level-triggered epoll.
 *
 * A client is a connection with a number of requests, sent one by one or several at once, whole or
 * in pieces, and an end (SOAK_ENDS) for the last of them. It is in one of these states; where it
 * ends, the next one begins in its place, until all requests have been asked.
 *
 *   SENDING  its requests are not sent to their end
 *   READING  answers are owed
 *   GOING    it goes away at the next turn
 *   ENDING   all is answered; the server is to end the connection */
#include "tests/soak/soak_run.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench/fail.h"
#include "tests/soak/soak_answer.h"

enum {
    EVENTS_PER_TURN = 64,
    RECEIVE_LEN = 64 * 1024,
    SLOW_RECEIVE_LEN = 4096, /* of those who read slowly, in a turn */
    SLOW_SOCKET_LEN = 32 * 1024,
    STALL_MS = 20000, /* no event for so long: the server hangs */
    BURST_MAX = 6,    /* requests sent at once */
    CONNECTION_REQUESTS_MAX = 8,
    BREAK_LEN_MAX = 120000, /* received of an answer before it is broken off */
    SLOW_OF_THOUSAND = 10,
    PIECES_OF_HUNDRED = 10, /* requests that are sent in pieces */
    BURST_OF_HUNDRED = 30,
};

const char *const soak_end_classes[SOAK_END_COUNT] = {
#define SOAK_END_CLASS(id, class, meaning) class,
    SOAK_ENDS(SOAK_END_CLASS)
#undef SOAK_END_CLASS
};

enum client_state {
    CLIENT_SENDING,
    CLIENT_READING,
    CLIENT_GOING,
    CLIENT_ENDING,
};

struct client {
    enum client_state state;
    int descriptor;  /* -1: none */
    uint32_t events; /* what epoll was told */
    bool slow;
    enum soak_end last; /* how its last request ends */
    enum soak_end end;  /* how those of this burst end */
    unsigned left;      /* requests not yet asked */
    unsigned answered;  /* of this burst */
    unsigned count;     /* of this burst */
    size_t sent;        /* of this burst */
    size_t burst_len;
    size_t piece_len;    /* sent in a turn, at most */
    uint64_t break_left; /* bytes until an answer is broken off */
    enum soak_ask asks[BURST_MAX];
    struct soak_answer answer;
    char burst[BURST_MAX * SOAK_REQUEST_LEN_MAX];
};

struct run {
    const struct soak_options *options;
    struct soak_result *result;
    struct client *clients;
    unsigned working;
    int epoll;
    uint64_t begun; /* requests */
    uint64_t random;
    char received[RECEIVE_LEN];
};

static uint64_t now_ns(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* The generator splitmix64: every seed is a good one. */
static uint64_t draw(struct run *run)
{
    uint64_t value = run->random += 0x9E3779B97F4A7C15u;
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9u;
    value = (value ^ value >> 27) * 0x94D049BB133111EBu;
    return value ^ value >> 31;
}

static uint64_t draw_below(struct run *run, uint64_t bound)
{
    return draw(run) % bound;
}

static void watch(struct run *run, struct client *client, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = client};
    if (events != client->events) {
        const int operation = client->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
        if (epoll_ctl(run->epoll, operation, client->descriptor, &event) != 0) {
            fail("epoll_ctl");
        }
        client->events = events;
    }
}

static void go(struct client *client, bool reset)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};
    if (reset) {
        (void)setsockopt(client->descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    (void)close(client->descriptor);
    client->descriptor = -1;
}

/* ---- asking -------------------------------------------------------------------------------- */

static enum soak_ask draw_ask(struct run *run, const struct client *client)
{
    switch (client->end) {
    case SOAK_END_ANSWER:
        return draw_below(run, 2) == 0 ? SOAK_HUGE : SOAK_MEMORY;
    case SOAK_END_HEAD:
    case SOAK_END_HEAD_LEFT:
        return SOAK_TINY; /* all of it is head */
    default:
        return client->slow ? draw_below(run, 2) == 0 ? SOAK_FILE : SOAK_MEMORY
                            : soak_ask_draw(draw(run));
    }
}

static bool is_request(enum soak_end end)
{
    return end < SOAK_END_HEAD;
}

/* The next requests of the client, as bytes to send. */
static void write_burst(struct run *run, struct client *client)
{
    const bool is_whole = client->last == SOAK_END_WHOLE;
    const unsigned whole = is_whole ? client->left : client->left - 1;
    client->end = whole > 0 ? SOAK_END_WHOLE : client->last;
    client->count = 1;
    if (whole > 1 && draw_below(run, 100) < BURST_OF_HUNDRED) {
        const unsigned most = whole < BURST_MAX ? whole : BURST_MAX;
        client->count = 1 + (unsigned)draw_below(run, most);
    }
    client->left -= client->count;
    client->answered = 0;
    client->sent = 0;
    client->burst_len = 0;
    client->break_left = 1 + draw_below(run, BREAK_LEN_MAX);
    /* Of those who stay to the end, half ask the server to close, half close themselves. */
    const bool close =
        client->left == 0 && client->end == SOAK_END_WHOLE && draw_below(run, 2) == 0;
    for (unsigned i = 0; i < client->count; i++) {
        client->asks[i] = draw_ask(run, client);
        client->burst_len +=
            soak_ask_write(client->burst + client->burst_len, client->asks[i],
                           soak_end_classes[client->end], close && i + 1 == client->count);
    }
    if (client->end == SOAK_END_SILENT) {
        client->burst_len = 0;
    } else if (!is_request(client->end)) {
        client->burst_len = 1 + draw_below(run, client->burst_len - 1);
    }
    client->piece_len = client->burst_len;
    if (client->burst_len > 0 && draw_below(run, 100) < PIECES_OF_HUNDRED) {
        client->piece_len = 1 + draw_below(run, client->burst_len);
    }
}

static void sent_all(struct run *run, struct client *client)
{
    switch (client->end) {
    case SOAK_END_HALF:
        (void)shutdown(client->descriptor, SHUT_WR);
        client->state = CLIENT_READING;
        watch(run, client, EPOLLIN);
        break;
    case SOAK_END_WHOLE:
    case SOAK_END_ANSWER:
        client->state = CLIENT_READING;
        watch(run, client, EPOLLIN);
        break;
    default:
        client->state = CLIENT_GOING;
        watch(run, client, EPOLLOUT);
        break;
    }
}

static void push(struct run *run, struct client *client)
{
    const size_t rest = client->burst_len - client->sent;
    const size_t piece = rest < client->piece_len ? rest : client->piece_len;
    if (piece > 0) {
        const ssize_t count = send(client->descriptor, client->burst + client->sent, piece,
                                   MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno != EAGAIN) {
            fail("a request could not be sent");
        }
        client->sent += count < 0 ? 0 : (size_t)count;
    }
    if (client->sent == client->burst_len) {
        sent_all(run, client);
    } else {
        client->state = CLIENT_SENDING;
        watch(run, client, EPOLLIN | EPOLLOUT);
    }
}

static void ask(struct run *run, struct client *client)
{
    write_burst(run, client);
    if (is_request(client->end)) {
        run->begun += client->count;
    }
    if (client->end != SOAK_END_WHOLE) {
        run->result->ends[client->end]++;
    }
    push(run, client);
}

/* ---- coming and going ------------------------------------------------------------------------ */

static void connect_client(const struct run *run, struct client *client)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons(run->options->port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int one = 1;
    const int slow_len = SLOW_SOCKET_LEN;
    client->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->descriptor < 0) {
        fail("socket");
    }
    (void)setsockopt(client->descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (client->slow) {
        (void)setsockopt(client->descriptor, SOL_SOCKET, SO_RCVBUF, &slow_len, sizeof slow_len);
    }
    if (connect(client->descriptor, (const struct sockaddr *)&address, sizeof address) != 0) {
        fail("cannot connect to port %u", run->options->port);
    }
}

/* The next client in that place, if there is anything left to ask. */
static void begin(struct run *run, struct client *client)
{
    if (run->begun >= run->options->requests) {
        run->working--;
        return;
    }
    const uint64_t wanted = run->options->requests - run->begun;
    const uint64_t most = wanted < CONNECTION_REQUESTS_MAX ? wanted : CONNECTION_REQUESTS_MAX;
    memset(client, 0, offsetof(struct client, answer.head));
    client->left = 1 + (unsigned)draw_below(run, most);
    client->slow = draw_below(run, 1000) < SLOW_OF_THOUSAND;
    client->last = SOAK_END_WHOLE;
    if (draw_below(run, 100) < run->options->aborting) {
        client->last = (enum soak_end)(1 + draw_below(run, SOAK_END_COUNT - 1));
    }
    run->result->connections++;
    connect_client(run, client);
    ask(run, client);
}

static void next(struct run *run, struct client *client, bool reset)
{
    go(client, reset);
    begin(run, client);
}

/* ---- answers --------------------------------------------------------------------------------- */

static void answered_all(struct run *run, struct client *client)
{
    if (client->answer.closes || client->end == SOAK_END_HALF) {
        if (client->left > 0) {
            errno = 0;
            fail("the server ends a connection unasked");
        }
        client->state = CLIENT_ENDING;
    } else if (client->left > 0) {
        ask(run, client);
    } else {
        next(run, client, false);
    }
}

/* Takes bytes of answers; false: the client has broken off. */
static bool take(struct run *run, struct client *client, size_t len)
{
    const char *data = run->received;
    while (len > 0) {
        bool whole;
        if (client->answered == client->count) {
            errno = 0;
            fail("%zu bytes that nobody asked for", len);
        }
        const enum soak_ask ask = client->asks[client->answered];
        const size_t taken = soak_answer_take(&client->answer, ask, data, len, &whole);
        data += taken;
        len -= taken;
        if (client->end == SOAK_END_ANSWER) {
            if (taken >= client->break_left) {
                return false;
            }
            client->break_left -= taken;
        }
        if (whole) {
            client->answered++;
            run->result->statuses[soak_ask_row(ask)->status]++;
            run->result->ends[SOAK_END_WHOLE] += client->end == SOAK_END_WHOLE;
        }
    }
    return true;
}

static void receive(struct run *run, struct client *client)
{
    const size_t most = client->slow ? SLOW_RECEIVE_LEN : RECEIVE_LEN;
    const ssize_t count = recv(client->descriptor, run->received, most, MSG_DONTWAIT);
    if (count < 0) {
        if (errno == EAGAIN) {
            return;
        }
        fail("an answer could not be received; %u of %u have come, class %s", client->answered,
             client->count, soak_end_classes[client->end]);
    }
    if (count == 0) {
        errno = 0;
        if (client->state != CLIENT_ENDING) {
            fail("the server ended a connection; %u of %u answers have come, class %s",
                 client->answered, client->count, soak_end_classes[client->end]);
        }
        next(run, client, false);
        return;
    }
    run->result->bytes += (uint64_t)count;
    if (!take(run, client, (size_t)count)) {
        next(run, client, true);
    } else if (client->answered == client->count && client->state == CLIENT_READING) {
        answered_all(run, client);
    }
}

static void serve(struct run *run, struct client *client, uint32_t events)
{
    if (client->state == CLIENT_GOING) {
        next(run, client, client->end == SOAK_END_ASKED || client->end == SOAK_END_HEAD);
    } else if (client->state == CLIENT_SENDING && (events & EPOLLOUT) != 0) {
        push(run, client);
    } else {
        receive(run, client);
    }
}

void soak_run(const struct soak_options *options, struct soak_result *result)
{
    static struct run run;
    struct epoll_event events[EVENTS_PER_TURN];
    run = (struct run){.options = options, .result = result, .random = options->seed};
    run.clients = calloc(options->clients, sizeof *run.clients);
    run.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (run.clients == NULL || run.epoll < 0) {
        fail("no memory, or no epoll");
    }
    const uint64_t start_ns = now_ns();
    run.working = options->clients;
    for (unsigned i = 0; i < options->clients; i++) {
        begin(&run, &run.clients[i]);
    }
    while (run.working > 0) {
        const int count = epoll_wait(run.epoll, events, EVENTS_PER_TURN, STALL_MS);
        if (count < 0 && errno != EINTR) {
            fail("epoll_wait");
        }
        if (count == 0) {
            errno = 0;
            fail("nothing happened for %d ms; %u clients wait", STALL_MS, run.working);
        }
        for (int i = 0; i < count; i++) {
            serve(&run, events[i].data.ptr, events[i].events);
        }
    }
    result->elapsed_ns = now_ns() - start_ns;
    free(run.clients);
    (void)close(run.epoll);
}
