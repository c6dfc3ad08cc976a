/* Building the request: as many fields as leave room for the cookie, in this order. */
#include "bench/load_request.h"

#include <stdio.h>
#include <string.h>

#include "bench/fail.h"

#define COOKIE_BEGIN "Cookie: s="
#define COOKIE_END   "\r\n\r\n"

static const char *const fields[] = {
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8\r\n",
    "Accept-Language: en-US,en;q=0.5\r\n",
    "Accept-Encoding: gzip, deflate, br\r\n",
    "Referer: http://localhost/index.html\r\n",
    "Upgrade-Insecure-Requests: 1\r\n",
    "Sec-Fetch-Dest: document\r\n",
    "Sec-Fetch-Mode: navigate\r\n",
    "Sec-Fetch-Site: same-origin\r\n",
    "Sec-Fetch-User: ?1\r\n",
    "sec-ch-ua-mobile: ?0\r\n",
    "sec-ch-ua-platform: \"Linux\"\r\n",
    "DNT: 1\r\n",
};

void load_request_build(char *dst, size_t len, const char *path, uint16_t port, bool close)
{
    /* One letter of the cookie is the least that fills. */
    const size_t reserved = strlen(COOKIE_BEGIN) + 1 + strlen(COOKIE_END);
    if (len > LOAD_REQUEST_LEN_MAX) {
        fail("a request of %zu bytes; %d is the most", len, LOAD_REQUEST_LEN_MAX);
    }
    const int begin =
        snprintf(dst, LOAD_REQUEST_LEN_MAX + 1, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s", path,
                 port, close ? "Connection: close\r\n" : "");
    if (begin < 0 || (size_t)begin + reserved > len) {
        fail("%zu bytes do not hold a request for %.200s", len, path);
    }
    size_t used = (size_t)begin;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const size_t field_len = strlen(fields[i]);
        if (used + field_len + reserved <= len) {
            memcpy(dst + used, fields[i], field_len);
            used += field_len;
        }
    }
    memcpy(dst + used, COOKIE_BEGIN, strlen(COOKIE_BEGIN));
    used += strlen(COOKIE_BEGIN);
    const size_t end = len - strlen(COOKIE_END);
    for (; used < end; used++) {
        dst[used] = "0123456789abcdef"[used % 16];
    }
    memcpy(dst + end, COOKIE_END, strlen(COOKIE_END));
    dst[len] = '\0';
}
