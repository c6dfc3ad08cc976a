/* The least that answers over TLS cost: the handshake by OpenSSL over sockets, and the same bytes
 * for whatever is read. No HTTP, no limits, no deadlines; as many connections as it has numbers.
 *
 *     bench-tls-floor PORT ANSWER-FILE CERTIFICATE KEY */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/fail.h"

enum {
    ANSWER_LEN_MAX = 131072,
    DESCRIPTORS_MAX = 4096,
    EVENTS = 64,
};

static char answer[ANSWER_LEN_MAX];
static size_t answer_len;
static SSL *connections[DESCRIPTORS_MAX];
static int waiting;

static void watch(int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    if (epoll_ctl(waiting, EPOLL_CTL_ADD, descriptor, &event) != 0) {
        fail("epoll_ctl");
    }
}

static int listen_on(uint16_t port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int one = 1;
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    (void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (listener < 0 || bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, DESCRIPTORS_MAX) != 0) {
        fail("cannot listen on port %u", port);
    }
    return listener;
}

static SSL_CTX *make_context(const char *certificate, const char *key)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL || SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
        fail("OpenSSL refuses the certificate");
    }
    (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return context;
}

static void serve(int descriptor)
{
    char question[16384];
    SSL *ssl = connections[descriptor];
    for (;;) {
        const int count = SSL_read(ssl, question, sizeof question);
        if (count > 0) {
            (void)SSL_write(ssl, answer, (int)answer_len);
        } else if (SSL_get_error(ssl, count) == SSL_ERROR_WANT_READ) {
            return;
        } else {
            (void)SSL_shutdown(ssl);
            SSL_free(ssl);
            connections[descriptor] = NULL;
            (void)close(descriptor);
            return;
        }
    }
}

static void accept_one(int listener, SSL_CTX *context)
{
    const int one = 1;
    const int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (descriptor < 0 || descriptor >= DESCRIPTORS_MAX) {
        return;
    }
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    connections[descriptor] = SSL_new(context);
    if (connections[descriptor] == NULL || SSL_set_fd(connections[descriptor], descriptor) != 1) {
        fail("SSL_new");
    }
    SSL_set_accept_state(connections[descriptor]);
    watch(descriptor);
    serve(descriptor);
}

int main(int count, char **arguments)
{
    struct epoll_event events[EVENTS];
    if (count != 5) {
        fail("usage: bench-tls-floor PORT ANSWER-FILE CERTIFICATE KEY");
    }
    FILE *file = fopen(arguments[2], "re");
    if (file == NULL) {
        fail("no answer at %s", arguments[2]);
    }
    answer_len = fread(answer, 1, sizeof answer, file);
    (void)fclose(file);
    (void)sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    SSL_CTX *context = make_context(arguments[3], arguments[4]);
    const int listener = listen_on((uint16_t)strtoul(arguments[1], NULL, 10));
    waiting = epoll_create1(0);
    watch(listener);
    for (;;) {
        const int found = epoll_wait(waiting, events, EVENTS, -1);
        for (int i = 0; i < found; i++) {
            if (events[i].data.fd == listener) {
                accept_one(listener, context);
            } else {
                serve(events[i].data.fd);
            }
        }
    }
}
