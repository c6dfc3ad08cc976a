/* The request of a run: the fields of a browser, and a cookie that fills it to an exact length. */
#ifndef LN_BENCH_LOAD_REQUEST_H
#define LN_BENCH_LOAD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LOAD_REQUEST_LEN_MAX = 4096,
};

/* Writes exactly `len` bytes to `dst`, which holds LOAD_REQUEST_LEN_MAX and one more. With `close`
 * the request asks for the end of its connection. Fails loudly when `len` is too little for the
 * path, or too much. */
void load_request_build(char *dst, size_t len, const char *path, uint16_t port, bool close);

#endif
