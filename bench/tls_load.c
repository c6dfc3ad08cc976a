/* A load over TLS 1.3: a request by each of the kept connections, then all their answers; or one by
 * a new connection and a whole handshake.
 *
 *     bench-tls-load PORT PATH keep|new SECONDS CONNECTIONS
 *
 * Prints how many requests were answered. The suite and the curve are the same for all servers. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench/fail.h"
#include "bench/load_request.h"

enum {
    ANSWER_LEN_MAX = 131072,
    REQUEST_LEN = 142,
    CONNECTIONS_MAX = 1024,
};

static char answer[ANSWER_LEN_MAX + 1];
static char question[LOAD_REQUEST_LEN_MAX + 1];

static SSL *open_connection(SSL_CTX *context, uint16_t port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int one = 1;
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0 ||
        connect(descriptor, (const struct sockaddr *)&address, sizeof address) != 0) {
        fail("cannot connect to port %u", port);
    }
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    SSL *ssl = SSL_new(context);
    if (ssl == NULL || SSL_set_fd(ssl, descriptor) != 1 || SSL_connect(ssl) != 1) {
        fail("the handshake with port %u failed", port);
    }
    return ssl;
}

static void close_connection(SSL *ssl)
{
    const int descriptor = SSL_get_fd(ssl);
    (void)SSL_shutdown(ssl);
    SSL_free(ssl);
    (void)close(descriptor);
}

/* The length of a whole answer, once its head is there; 0 before. */
static size_t answer_len(size_t received)
{
    answer[received] = 0;
    const char *end = strstr(answer, "\r\n\r\n");
    const char *field = strcasestr(answer, "\r\ncontent-length:");
    if (end == NULL || field == NULL || field > end) {
        return 0;
    }
    return (size_t)(end + 4 - answer) + strtoul(field + sizeof "\r\ncontent-length:" - 1, NULL, 10);
}

static void ask(SSL *ssl)
{
    if (SSL_write(ssl, question, REQUEST_LEN) != REQUEST_LEN) {
        fail("a request could not be sent");
    }
}

static void hear(SSL *ssl)
{
    size_t received = 0;
    size_t len = 0;
    while (len == 0 || received < len) {
        size_t count = 0;
        if (SSL_read_ex(ssl, answer + received, ANSWER_LEN_MAX - received, &count) != 1) {
            fail("an answer ended after %zu bytes", received);
        }
        received += count;
        len = len == 0 ? answer_len(received) : len;
    }
    if (strncmp(answer, "HTTP/1.1 200 ", sizeof "HTTP/1.1 200 " - 1) != 0) {
        fail("an answer that is not 200: %.40s", answer);
    }
}

static void visit(SSL_CTX *context, uint16_t port)
{
    SSL *ssl = open_connection(context, port);
    ask(ssl);
    hear(ssl);
    close_connection(ssl);
}

static void visit_all(SSL *const *connections, unsigned long count)
{
    for (unsigned long i = 0; i < count; i++) {
        ask(connections[i]);
    }
    for (unsigned long i = 0; i < count; i++) {
        hear(connections[i]);
    }
}

static double now_s(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static SSL_CTX *make_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context == NULL || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") != 1 ||
        SSL_CTX_set1_groups_list(context, "X25519") != 1) {
        fail("OpenSSL refuses its settings");
    }
    return context;
}

int main(int count, char **arguments)
{
    static SSL *connections[CONNECTIONS_MAX];
    if (count != 6) {
        fail("usage: bench-tls-load PORT PATH keep|new SECONDS CONNECTIONS");
    }
    const uint16_t port = (uint16_t)strtoul(arguments[1], NULL, 10);
    const bool keep = strcmp(arguments[3], "keep") == 0;
    const unsigned long wanted = keep ? strtoul(arguments[5], NULL, 10) : 0;
    SSL_CTX *context = make_context();
    unsigned long requests = 0;
    if (wanted > CONNECTIONS_MAX) {
        fail("at most %d connections", CONNECTIONS_MAX);
    }
    load_request_build(question, REQUEST_LEN, arguments[2], port, false);
    for (unsigned long i = 0; i < wanted; i++) {
        connections[i] = open_connection(context, port);
    }
    visit_all(connections, wanted);
    /* Who measures begins here, and ends when the line is printed. */
    (void)puts("ready");
    (void)fflush(stdout);
    (void)getchar();
    const double end_s = now_s() + strtod(arguments[4], NULL);
    while (now_s() < end_s) {
        if (keep) {
            visit_all(connections, wanted);
            requests += wanted;
        } else {
            visit(context, port);
            requests++;
        }
    }
    (void)printf("%lu\n", requests);
    (void)fflush(stdout);
    (void)getchar();
    return 0;
}
