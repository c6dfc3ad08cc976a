/* Counters of a server of the library, and small clients of it. */
#include "tests/lib/library_server.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include <linnet/linnet.h>
#include <linnet/test.h>

enum { ANSWER_MAX = 4096 };

uint64_t server_counter(const struct linnet_server *server, const char *name)
{
    struct linnet_counter counter;
    for (size_t i = 0; linnet_server_counter(server, i, &counter); i++) {
        if (strcmp(counter.name, name) == 0) {
            return counter.value;
        }
    }
    fail_msg("there is no counter %s", name);
    return 0;
}

void assert_server_says(struct linnet_server *server, const char *text)
{
    uint8_t bytes[ANSWER_MAX];
    struct linnet_span answer;
    assert_int_equal(linnet_test_request(server, LINNET_SPAN("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                                         (struct linnet_room){bytes, sizeof bytes}, &answer),
                     LINNET_ERROR_NONE);
    assert_true(answer.len > strlen(text));
    assert_memory_equal(answer.data, "HTTP/1.1 200 ", 13);
    assert_memory_equal(answer.data + answer.len - strlen(text), text, strlen(text));
}

int connect_to(const struct linnet_address *address)
{
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(address->port)};
    memcpy(&where.sin_addr, address->ip + 12, 4);
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(client >= 0);
    assert_int_equal(connect(client, (struct sockaddr *)&where, sizeof where), 0);
    return client;
}

void send_text(int client, const char *text)
{
    assert_int_equal(send(client, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}
