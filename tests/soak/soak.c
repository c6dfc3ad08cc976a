/* The clients of `make soak`: a seeded mix of requests, and of ways to go away.
 *
 * Each answer is checked, byte by byte. It prints one line of JSON: what was asked, how it ended. A
 * wrong answer, a connection ended unasked or a server that hangs ends it with code 1. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/fail.h"
#include "tests/soak/soak_run.h"

static const char help[] = "Usage: soak --port PORT [OPTION]...\n"
                           "  --requests N   in all (default: 20000)\n"
                           "  --clients N    at one time (default: 100)\n"
                           "  --abort N      of a hundred clients (default: 10)\n"
                           "  --seed N       of everything that is drawn (default: 1)\n";

static const struct option long_options[] = {
    {"port", required_argument, NULL, 'p'},    {"requests", required_argument, NULL, 'n'},
    {"clients", required_argument, NULL, 'c'}, {"abort", required_argument, NULL, 'a'},
    {"seed", required_argument, NULL, 's'},    {NULL, 0, NULL, 0},
};

static uint64_t number(const char *text, uint64_t least, uint64_t most)
{
    char *end;
    errno = 0;
    const unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < least || value > most) {
        errno = 0;
        fail("\"%.40s\" is no number from %llu to %llu", text, (unsigned long long)least,
             (unsigned long long)most);
    }
    return value;
}

static void print_result(const struct soak_options *options, const struct soak_result *result)
{
    const char *comma = "";
    (void)printf("{\"seed\": %llu, \"connections\": %llu, \"bytes\": %llu, \"elapsed_ms\": %llu, "
                 "\"ends\": {",
                 (unsigned long long)options->seed, (unsigned long long)result->connections,
                 (unsigned long long)result->bytes,
                 (unsigned long long)(result->elapsed_ns / 1000000));
    for (unsigned i = 0; i < SOAK_END_COUNT; i++) {
        (void)printf("%s\"%s\": %llu", comma, soak_end_classes[i],
                     (unsigned long long)result->ends[i]);
        comma = ", ";
    }
    (void)printf("}, \"statuses\": {");
    comma = "";
    for (unsigned i = 0; i < sizeof result->statuses / sizeof result->statuses[0]; i++) {
        if (result->statuses[i] > 0) {
            (void)printf("%s\"%u\": %llu", comma, i, (unsigned long long)result->statuses[i]);
            comma = ", ";
        }
    }
    (void)puts("}}");
}

int main(int count, char **arguments)
{
    static struct soak_result result;
    struct soak_options options = {.clients = 100, .aborting = 10, .requests = 20000, .seed = 1};
    int option;
    while ((option = getopt_long(count, arguments, "", long_options, NULL)) != -1) {
        switch (option) {
        case 'p':
            options.port = (uint16_t)number(optarg, 1, UINT16_MAX);
            break;
        case 'n':
            options.requests = number(optarg, 1, UINT32_MAX);
            break;
        case 'c':
            options.clients = (unsigned)number(optarg, 1, SOAK_CLIENTS_MAX);
            break;
        case 'a':
            options.aborting = (unsigned)number(optarg, 0, 100);
            break;
        case 's':
            options.seed = number(optarg, 0, UINT64_MAX);
            break;
        default:
            (void)fputs(help, stderr);
            return 2;
        }
    }
    if (optind < count || options.port == 0) {
        (void)fputs(help, stderr);
        return 2;
    }
    soak_run(&options, &result);
    print_result(&options, &result);
    return 0;
}
