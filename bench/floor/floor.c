/* The floor's loop: accept, read, find the ends of heads, send the answer as often.
 *
 * usage: bench-floor memory|file PORT ANSWER_FILE [close]
 *
 * It is no server: it believes that every byte before an empty line is a request for its one
 * answer. With `close` it ends a connection after an answer. Level-triggered epoll, one thread, no
 * timers. SIGTERM ends it. */
#include "bench/floor/floor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/fail.h"

enum {
    DESCRIPTORS_MAX = 20000,
    EVENTS_PER_TURN = 256,
    READ_LEN = 65536,
    TAIL_LEN = 3, /* of an empty line that the last read cut */
    REPEATED_MAX = 64,
    REPEATED_LEN_MAX = 1 << 18,
};

struct peer {
    uint64_t owed; /* bytes of answers */
    uint32_t at;   /* in the answer */
    uint8_t tail_len;
    bool waits_room;
    char tail[TAIL_LEN];
};

struct floor {
    struct floor_answer answer;
    floor_send *send;
    bool closes;
    int epoll;
    int listener;
    struct peer peers[DESCRIPTORS_MAX];
    char input[TAIL_LEN + READ_LEN];
};

static void watch(const struct floor *floor, int operation, int descriptor, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = descriptor};
    if (epoll_ctl(floor->epoll, operation, descriptor, &event) != 0) {
        fail("epoll_ctl");
    }
}

static void load_answer_file(struct floor_answer *answer, const char *path)
{
    struct stat facts;
    answer->descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (answer->descriptor < 0 || fstat(answer->descriptor, &facts) != 0 || facts.st_size <= 0) {
        fail("no answer in %s", path);
    }
    answer->len = (size_t)facts.st_size;
    size_t count = REPEATED_LEN_MAX / answer->len;
    count = count < 1 ? 1 : count > REPEATED_MAX ? REPEATED_MAX : count;
    answer->repeated_len = count * answer->len;
    answer->repeated = malloc(answer->repeated_len);
    if (answer->repeated == NULL) {
        fail("no memory for %zu bytes", answer->repeated_len);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t done = 0; done < answer->len;) {
            const ssize_t got = pread(answer->descriptor, answer->repeated + i * answer->len + done,
                                      answer->len - done, (off_t)done);
            if (got <= 0) {
                fail("cannot read %s", path);
            }
            done += (size_t)got;
        }
    }
    const char *end = memmem(answer->repeated, answer->len, "\r\n\r\n", 4);
    if (end == NULL) {
        fail("no head in %s", path);
    }
    answer->head_len = (size_t)(end - answer->repeated) + 4;
}

static void listen_on(struct floor *floor, uint16_t port)
{
    const int one = 1;
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    floor->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    (void)setsockopt(floor->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(floor->listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(floor->listener, 4096) != 0) {
        fail("cannot listen on port %u", port);
    }
    floor->epoll = epoll_create1(EPOLL_CLOEXEC);
    watch(floor, EPOLL_CTL_ADD, floor->listener, EPOLLIN);
}

static void accept_all(struct floor *floor)
{
    const int one = 1;
    for (;;) {
        const int descriptor = accept4(floor->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) {
            return;
        }
        if (descriptor >= DESCRIPTORS_MAX) {
            fail("more than %d descriptors", DESCRIPTORS_MAX);
        }
        (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        floor->peers[descriptor] = (struct peer){0};
        watch(floor, EPOLL_CTL_ADD, descriptor, EPOLLIN);
    }
}

/* How many heads end in the bytes that were read; what may begin an empty line is kept. */
static unsigned count_heads(struct floor *floor, struct peer *peer, size_t len)
{
    char *from = floor->input + TAIL_LEN - peer->tail_len;
    char *const end = floor->input + TAIL_LEN + len;
    unsigned count = 0;
    memcpy(from, peer->tail, peer->tail_len);
    /* memchr, which the C library does 32 bytes at a time; its memmem goes byte by byte. */
    for (char *at = from; (at = memchr(at, '\r', (size_t)(end - at))) != NULL; at++) {
        if (end - at >= 4 && memcmp(at, "\r\n\r\n", 4) == 0) {
            count++;
            at += 3;
            from = at + 1;
        }
    }
    const size_t left = (size_t)(end - from);
    peer->tail_len = (uint8_t)(left < TAIL_LEN ? left : TAIL_LEN);
    memcpy(peer->tail, end - peer->tail_len, peer->tail_len);
    return count;
}

static void send_owed(struct floor *floor, int descriptor)
{
    struct peer *peer = &floor->peers[descriptor];
    while (peer->owed > 0) {
        const int64_t count = floor->send(&floor->answer, descriptor, peer->at, peer->owed);
        if (count < 0 && errno != EAGAIN) {
            (void)close(descriptor);
            return;
        }
        if (count < 0) {
            break;
        }
        peer->owed -= (uint64_t)count;
        peer->at = (uint32_t)((peer->at + (uint64_t)count) % floor->answer.len);
    }
    if (peer->owed == 0 && floor->closes) {
        (void)close(descriptor);
    } else if (peer->waits_room != (peer->owed > 0)) {
        peer->waits_room = peer->owed > 0;
        watch(floor, EPOLL_CTL_MOD, descriptor, peer->waits_room ? EPOLLOUT : EPOLLIN);
    }
}

static void serve(struct floor *floor, int descriptor)
{
    struct peer *peer = &floor->peers[descriptor];
    const ssize_t count = recv(descriptor, floor->input + TAIL_LEN, READ_LEN, 0);
    if (count <= 0) {
        if (count == 0 || errno != EAGAIN) {
            (void)close(descriptor);
        }
        return;
    }
    const unsigned heads = count_heads(floor, peer, (size_t)count);
    if (heads > 0) {
        peer->owed += heads * (uint64_t)floor->answer.len;
        send_owed(floor, descriptor);
    }
}

_Noreturn static void run(struct floor *floor)
{
    struct epoll_event events[EVENTS_PER_TURN];
    for (;;) {
        const int count = epoll_wait(floor->epoll, events, EVENTS_PER_TURN, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == floor->listener) {
                accept_all(floor);
            } else if ((events[i].events & EPOLLOUT) != 0) {
                send_owed(floor, events[i].data.fd);
            } else {
                serve(floor, events[i].data.fd);
            }
        }
    }
}

int main(int count, char **arguments)
{
    static struct floor floor;
    if (count < 4 || count > 5) {
        (void)fputs("usage: bench-floor memory|file PORT ANSWER_FILE [close]\n", stderr);
        return 2;
    }
    floor.send = strcmp(arguments[1], "memory") == 0 ? floor_memory_send : floor_file_send;
    floor.closes = count == 5;
    load_answer_file(&floor.answer, arguments[3]);
    listen_on(&floor, (uint16_t)strtoul(arguments[2], NULL, 10));
    run(&floor);
}
