/* The load: one thread, level-triggered epoll.
 *
 * A peer is FREE (no socket), CONNECTING, BUSY (answers are owed), ENDING (answered; the server is
 * to end the connection) or RESTING (answered; nothing more to ask). Only CONNECTING peers and
 * those whose request did not leave in one piece wait for room to send.
 *
 * Idle connections, and with steps all of them, are opened one after the other: each is asked once
 * and rests before the next one is opened. So they are accepted and served, whatever a server puts
 * off until the first byte, before anything is counted.
 *
 * The latency of an answer is counted from the sending of its burst. */
#include "bench/load_run.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench/fail.h"
#include "bench/load_answer.h"
#include "bench/load_request.h"

enum {
    EVENTS_PER_TURN = 256,
    RECEIVE_LEN = 256 * 1024,
    STALL_MS = 20000,     /* no event for so long: the server hangs */
    HOLD_MS = 60000,      /* what waits to be told goes on after this in any case */
    OPENING_AT_ONCE = 64, /* connections that are opened in order and not answered yet */
};

enum peer_state {
    PEER_FREE,
    PEER_CONNECTING,
    PEER_BUSY,
    PEER_ENDING,
    PEER_RESTING,
};

struct peer {
    enum peer_state state;
    int descriptor;
    bool waits_room;  /* epoll was told to say when more can be sent */
    unsigned owed;    /* answers */
    size_t sent;      /* of this burst */
    uint64_t sent_ns; /* when the burst began */
    struct load_answer answer;
};

struct run {
    const struct load_options *options;
    struct load_result *result;
    struct load_expected expected;
    struct peer *peers;
    unsigned total;   /* peers, with the idle ones, which are the last */
    unsigned opened;  /* peers that had a socket, counted once */
    unsigned working; /* peers that are neither free nor resting */
    int epoll;
    bool opening;     /* in order; each is asked once */
    bool started;     /* requests may be sent */
    uint64_t begun;   /* requests sent */
    uint64_t end_ns;  /* no new request after this; 0: by count */
    size_t burst_len; /* of all requests of a burst */
    char *burst;
    char *received;
};

static uint64_t now_ns(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void watch(const struct run *run, struct peer *peer, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = peer};
    if (epoll_ctl(run->epoll, operation, peer->descriptor, &event) != 0) {
        fail("epoll_ctl");
    }
}

static void watch_room(const struct run *run, struct peer *peer, bool waits)
{
    if (waits != peer->waits_room) {
        watch(run, peer, EPOLL_CTL_MOD, waits ? EPOLLIN | EPOLLOUT : EPOLLIN);
        peer->waits_room = waits;
    }
}

static bool more_wanted(const struct run *run, uint64_t now)
{
    const struct load_options *options = run->options;
    if (run->opening) {
        return false;
    }
    return options->requests > 0 ? run->begun < options->requests : now < run->end_ns;
}

static void rest(struct run *run, struct peer *peer)
{
    peer->state = PEER_RESTING;
    run->working--;
}

static void push(struct run *run, struct peer *peer)
{
    const ssize_t count =
        send(peer->descriptor, run->burst + peer->sent, run->burst_len - peer->sent, MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) {
        fail("a request could not be sent");
    }
    const size_t len = count < 0 ? 0 : (size_t)count;
    peer->sent += len;
    peer->state = PEER_BUSY;
    watch_room(run, peer, peer->sent < run->burst_len);
}

static void ask(struct run *run, struct peer *peer)
{
    peer->owed = run->options->pipeline;
    peer->sent = 0;
    peer->sent_ns = now_ns();
    run->begun += peer->owed;
    push(run, peer);
}

static void open_peer(struct run *run, struct peer *peer)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons(run->options->port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int one = 1;
    memset(peer, 0, offsetof(struct peer, answer.head));
    peer->state = PEER_CONNECTING;
    peer->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (peer->descriptor < 0) {
        fail("socket");
    }
    (void)setsockopt(peer->descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(peer->descriptor, (const struct sockaddr *)&address, sizeof address) != 0 &&
        errno != EINPROGRESS) {
        fail("cannot connect to port %u", run->options->port);
    }
    watch(run, peer, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
    peer->waits_room = true;
    run->working++;
}

static void open_next(struct run *run)
{
    if (run->opened < run->total) {
        open_peer(run, &run->peers[run->opened++]);
    }
}

static void connected(struct run *run, struct peer *peer)
{
    int error = 0;
    socklen_t len = sizeof error;
    (void)getsockopt(peer->descriptor, SOL_SOCKET, SO_ERROR, &error, &len);
    if (error != 0) {
        errno = error;
        fail("cannot connect to port %u", run->options->port);
    }
    if (!run->started) {
        watch_room(run, peer, false);
        rest(run, peer);
        return;
    }
    ask(run, peer);
}

/* The server has ended the connection, in order: a new one takes its place while more is wanted. */
static void ended(struct run *run, struct peer *peer)
{
    (void)close(peer->descriptor);
    peer->state = PEER_FREE;
    run->working--;
    if (more_wanted(run, now_ns())) {
        open_peer(run, peer);
    }
}

static void answered_all(struct run *run, struct peer *peer, uint64_t now)
{
    if (peer->answer.closes) {
        peer->state = PEER_ENDING;
    } else if (run->options->mode == LOAD_MODE_CLOSE) {
        errno = 0;
        fail("Connection: close was asked for and is not answered");
    } else if (more_wanted(run, now)) {
        ask(run, peer);
    } else {
        rest(run, peer);
        if (run->opening) {
            open_next(run);
        }
    }
}

static void take(struct run *run, struct peer *peer, size_t len, uint64_t now)
{
    const char *data = run->received;
    while (len > 0) {
        bool whole;
        if (peer->owed == 0) {
            errno = 0;
            fail("%zu bytes that nobody asked for: %.*s", len, len < 400 ? (int)len : 400, data);
        }
        const size_t taken = load_answer_take(&peer->answer, &run->expected, data, len, &whole);
        data += taken;
        len -= taken;
        if (whole) {
            peer->owed--;
            run->result->requests++;
            load_histogram_add(&run->result->latency, now - peer->sent_ns);
        }
    }
}

static void receive(struct run *run, struct peer *peer)
{
    const ssize_t count = recv(peer->descriptor, run->received, RECEIVE_LEN, 0);
    if (count < 0) {
        if (errno == EAGAIN) {
            return;
        }
        fail("an answer could not be received; %u are owed", peer->owed);
    }
    if (count == 0) {
        errno = 0;
        if (peer->owed > 0 || peer->state != PEER_ENDING) {
            fail("the server ended a connection unasked; %u answers are owed", peer->owed);
        }
        run->result->reconnects += run->options->mode == LOAD_MODE_KEEP;
        ended(run, peer);
        return;
    }
    const uint64_t now = now_ns();
    run->result->bytes += (uint64_t)count;
    take(run, peer, (size_t)count, now);
    if (peer->owed == 0) {
        answered_all(run, peer, now);
    }
}

static void turn(struct run *run)
{
    struct epoll_event events[EVENTS_PER_TURN];
    const int count = epoll_wait(run->epoll, events, EVENTS_PER_TURN, STALL_MS);
    if (count < 0 && errno != EINTR) {
        fail("epoll_wait");
    }
    if (count == 0) {
        errno = 0;
        fail("no answer for %d ms; %u connections wait", STALL_MS, run->working);
    }
    for (int i = 0; i < count; i++) {
        struct peer *peer = events[i].data.ptr;
        if (peer->state == PEER_CONNECTING) {
            connected(run, peer);
        } else if ((events[i].events & EPOLLOUT) != 0) {
            push(run, peer);
        } else {
            receive(run, peer);
        }
    }
}

/* Opens the first connections; kept ones are all there before the first request leaves. */
static void open_first(struct run *run)
{
    unsigned first = run->total;
    if (run->opening && first > OPENING_AT_ONCE) {
        first = OPENING_AT_ONCE;
    }
    run->started = run->opening || run->options->mode != LOAD_MODE_KEEP;
    for (unsigned i = 0; i < first; i++) {
        open_next(run);
    }
    while (!run->started && run->working > 0) {
        turn(run);
    }
}

static void ask_all(struct run *run)
{
    run->started = true;
    for (unsigned i = 0; i < run->options->connections; i++) {
        if (more_wanted(run, now_ns())) {
            run->working++;
            ask(run, &run->peers[i]);
        }
    }
}

void load_run_hold(void)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char byte;
    (void)fflush(stdout);
    if (poll(&input, 1, HOLD_MS) == 1) {
        (void)!read(STDIN_FILENO, &byte, sizeof byte);
    }
}

/* Every connection is there and rests; what came until now was no part of the measure. */
static void open_all(struct run *run)
{
    while (run->working > 0) {
        turn(run);
    }
    run->opening = false;
    run->begun = 0;
    memset(run->result, 0, sizeof *run->result);
    (void)puts("open");
    load_run_hold();
}

/* Those that the server has ended, from the given one on. */
static void count_lost(struct run *run, unsigned first)
{
    for (unsigned i = first; i < run->opened; i++) {
        const ssize_t count =
            recv(run->peers[i].descriptor, run->received, 1, MSG_PEEK | MSG_DONTWAIT);
        run->result->lost += !(count < 0 && errno == EAGAIN);
    }
}

void load_run(const struct load_options *options, struct load_result *result)
{
    struct run run = {
        .options = options,
        .result = result,
        .total = options->connections + options->idle,
        .opening = options->mode == LOAD_MODE_IDLE || options->steps,
        .expected = {.status = options->status, .content_len = options->content_len},
        .burst_len = options->request_len * options->pipeline,
    };
    run.peers = calloc(run.total, sizeof *run.peers);
    run.burst = malloc(run.burst_len + LOAD_REQUEST_LEN_MAX + 1);
    run.received = malloc(RECEIVE_LEN);
    run.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (run.peers == NULL || run.burst == NULL || run.received == NULL || run.epoll < 0) {
        fail("no memory, or no epoll");
    }
    for (unsigned i = 0; i < options->pipeline; i++) {
        load_request_build(run.burst + i * options->request_len, options->request_len,
                           options->path, options->port, options->mode == LOAD_MODE_CLOSE);
    }
    const uint64_t duration_ns = options->duration_ms * 1000000;
    run.end_ns = now_ns() + duration_ns;
    open_first(&run);
    if (options->steps) {
        open_all(&run);
    }
    const uint64_t start_ns = now_ns();
    if (options->mode == LOAD_MODE_KEEP) {
        run.end_ns = start_ns + duration_ns;
        ask_all(&run);
    }
    while (run.working > 0) {
        turn(&run);
    }
    result->elapsed_ns = now_ns() - start_ns;
    if (options->mode == LOAD_MODE_IDLE) {
        (void)puts("idle");
        load_run_hold();
        count_lost(&run, 0);
    } else if (options->idle > 0) {
        count_lost(&run, options->connections);
    }
    free(run.peers);
    free(run.burst);
    free(run.received);
    (void)close(run.epoll);
}
