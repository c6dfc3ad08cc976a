/* UTF-8, character by character: RFC 3629 4. */
#ifndef LN_BASE_UTF8_H
#define LN_BASE_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include <linnet/span.h>

struct ln_utf8 {
    uint32_t value; /* the code point; U+FFFD if not well-formed */
    size_t len;     /* 1 to 4; if not well-formed, the bytes that one U+FFFD stands for, 1 to 3 */
    bool well_formed;
};

/* The first character of `bytes`, which must not be empty. */
struct ln_utf8 ln_utf8_first(struct linnet_span bytes);

#endif
