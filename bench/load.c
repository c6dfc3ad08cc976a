/* The load generator of `make bench`: fixed request bytes, whole answers, fixed memory.
 *
 * It asks only 127.0.0.1, checks the status and the length of every answer, and prints one line of
 * JSON. A wrong answer, a connection ended unasked or a server that hangs ends it with code 1.
 *
 * With --steps it stops twice, so that somebody can look at the server in between: it prints "open"
 * when all connections are there and waits for a byte on standard input, and once more behind its
 * line of JSON, before it closes them. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/fail.h"
#include "bench/load_request.h"
#include "bench/load_run.h"

enum {
    DURATION_MS_MAX = 600000,
    REQUESTS_MAX = 100000000,
};

static const char help[] =
    "Usage: bench-load --port PORT [OPTION]...\n"
    "  --path PATH          what is asked for (default: /)\n"
    "  --mode MODE          keep, close or idle (default: keep)\n"
    "  --connections N      at one time (default: 64)\n"
    "  --idle N             more of them, which say nothing (keep, --steps)\n"
    "  --steps              stop when they are open, and when done (keep)\n"
    "  --pipeline N         requests sent together (default: 1)\n"
    "  --request-len N      bytes of a request (default: 142)\n"
    "  --requests N         end after so many requests, or\n"
    "  --duration-ms N      after so long (default: 500)\n"
    "  --status N           of every answer (default: 200)\n"
    "  --content-len N      of every answer (default: as the first)\n";

static const struct option long_options[] = {
    {"port", required_argument, NULL, 'p'},     {"path", required_argument, NULL, 'u'},
    {"mode", required_argument, NULL, 'm'},     {"connections", required_argument, NULL, 'c'},
    {"pipeline", required_argument, NULL, 'b'}, {"request-len", required_argument, NULL, 'l'},
    {"requests", required_argument, NULL, 'n'}, {"duration-ms", required_argument, NULL, 't'},
    {"status", required_argument, NULL, 's'},   {"content-len", required_argument, NULL, 'w'},
    {"idle", required_argument, NULL, 'i'},     {"steps", no_argument, NULL, 'o'},
    {"help", no_argument, NULL, 'h'},           {NULL, 0, NULL, 0},
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

static enum load_mode mode_named(const char *name)
{
    static const char *const names[] = {
        [LOAD_MODE_KEEP] = "keep", [LOAD_MODE_CLOSE] = "close", [LOAD_MODE_IDLE] = "idle"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            return (enum load_mode)i;
        }
    }
    fail("\"%.40s\" is no mode", name);
}

static void take_option(int option, struct load_options *options)
{
    switch (option) {
    case 'p':
        options->port = (uint16_t)number(optarg, 1, 65535);
        break;
    case 'u':
        options->path = optarg;
        break;
    case 'm':
        options->mode = mode_named(optarg);
        break;
    case 'c':
        options->connections = (unsigned)number(optarg, 1, LOAD_CONNECTIONS_MAX);
        break;
    case 'i':
        options->idle = (unsigned)number(optarg, 0, LOAD_CONNECTIONS_MAX);
        break;
    case 'o':
        options->steps = true;
        break;
    case 'b':
        options->pipeline = (unsigned)number(optarg, 1, LOAD_PIPELINE_MAX);
        break;
    case 'l':
        options->request_len = (size_t)number(optarg, 1, LOAD_REQUEST_LEN_MAX);
        break;
    case 'n':
        options->requests = number(optarg, 1, REQUESTS_MAX);
        break;
    case 't':
        options->duration_ms = number(optarg, 1, DURATION_MS_MAX);
        break;
    case 's':
        options->status = (unsigned)number(optarg, 100, 599);
        break;
    case 'w':
        options->content_len = (int64_t)number(optarg, 0, INT64_MAX);
        break;
    default:
        (void)fputs(help, stderr);
        exit(2);
    }
}

/* Whether the options go together. */
static bool agrees(const struct load_options *options)
{
    return options->connections + options->idle <= LOAD_CONNECTIONS_MAX &&
           (options->idle == 0 || options->steps) &&
           (!options->steps || options->mode == LOAD_MODE_KEEP);
}

static void print_result(const struct load_result *result)
{
    const struct load_histogram *latency = &result->latency;
    (void)printf("{\"requests\": %llu, \"errors\": 0, \"reconnects\": %llu, \"lost\": %llu, "
                 "\"bytes\": %llu, \"elapsed_ns\": %llu, \"p50_ns\": %llu, \"p99_ns\": %llu, "
                 "\"p999_ns\": %llu}\n",
                 (unsigned long long)result->requests, (unsigned long long)result->reconnects,
                 (unsigned long long)result->lost, (unsigned long long)result->bytes,
                 (unsigned long long)result->elapsed_ns,
                 (unsigned long long)load_histogram_rank(latency, 500),
                 (unsigned long long)load_histogram_rank(latency, 990),
                 (unsigned long long)load_histogram_rank(latency, 999));
}

int main(int count, char **arguments)
{
    static struct load_result result;
    struct load_options options = {
        .mode = LOAD_MODE_KEEP,
        .path = "/",
        .request_len = 142,
        .connections = 64,
        .pipeline = 1,
        .status = 200,
        .content_len = -1,
    };
    int option;
    while ((option = getopt_long(count, arguments, "", long_options, NULL)) != -1) {
        take_option(option, &options);
    }
    if (optind < count || options.port == 0 || !agrees(&options)) {
        (void)fputs(help, stderr);
        return 2;
    }
    if (options.requests == 0 && options.duration_ms == 0) {
        options.duration_ms = 500;
    }
    load_run(&options, &result);
    print_result(&result);
    if (options.steps) {
        load_run_hold();
    }
    return 0;
}
