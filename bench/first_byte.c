/* From the start of a server to the first byte of its first answer.
 *
 * usage: bench-first-byte CORE PORT PATH PROGRAM [ARGUMENT]...
 *
 * Starts the program on that core, tries to connect to 127.0.0.1 every 50 microseconds, sends one
 * request and prints the microseconds until its answer begins. Then it ends the program. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/fail.h"
#include "bench/load_request.h"

enum {
    REQUEST_LEN = 142,
    STEP_US = 50,
    LIMIT_US = 10000000, /* to the first byte, and then to the end of the program */
};

static uint64_t now_us(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000u + (uint64_t)time.tv_nsec / 1000u;
}

static void wait_step(void)
{
    const struct timespec step = {.tv_nsec = STEP_US * 1000L};
    (void)nanosleep(&step, NULL);
}

static pid_t start(int core, char **command)
{
    const pid_t child = fork();
    if (child < 0) {
        fail("fork");
    }
    if (child == 0) {
        cpu_set_t cores;
        CPU_ZERO(&cores);
        CPU_SET((unsigned)core, &cores);
        (void)sched_setaffinity(0, sizeof cores, &cores);
        (void)dup2(STDERR_FILENO, STDOUT_FILENO);
        (void)execvp(command[0], command);
        fail("cannot start %s", command[0]);
    }
    return child;
}

/* TERM, and KILL when that is not enough. */
static void stop(pid_t child)
{
    (void)kill(child, SIGTERM);
    const uint64_t end = now_us() + LIMIT_US;
    while (waitpid(child, NULL, WNOHANG) == 0) {
        if (now_us() > end) {
            (void)kill(child, SIGKILL);
        }
        wait_step();
    }
}

static int connect_until(uint16_t port, uint64_t end)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    while (now_us() < end) {
        const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(descriptor, (const struct sockaddr *)&address, sizeof address) == 0) {
            return descriptor;
        }
        (void)close(descriptor);
        wait_step();
    }
    return -1;
}

int main(int count, char **arguments)
{
    char request[LOAD_REQUEST_LEN_MAX + 1];
    char byte = 0;
    if (count < 5) {
        (void)fputs("usage: bench-first-byte CORE PORT PATH PROGRAM [ARGUMENT]...\n", stderr);
        return 2;
    }
    const int core = (int)strtol(arguments[1], NULL, 10);
    const uint16_t port = (uint16_t)strtoul(arguments[2], NULL, 10);
    load_request_build(request, REQUEST_LEN, arguments[3], port, false);

    const uint64_t begin = now_us();
    const pid_t child = start(core, arguments + 4);
    const int descriptor = connect_until(port, begin + LIMIT_US);
    const struct timeval limit = {.tv_sec = LIMIT_US / 1000000};
    (void)setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    const bool answered = descriptor >= 0 &&
                          send(descriptor, request, REQUEST_LEN, MSG_NOSIGNAL) == REQUEST_LEN &&
                          recv(descriptor, &byte, 1, 0) == 1 && byte == 'H';
    const uint64_t end = now_us();
    (void)close(descriptor);
    stop(child);
    if (!answered) {
        fail("no answer from %s", arguments[4]);
    }
    (void)printf("%llu\n", (unsigned long long)(end - begin));
    return 0;
}
