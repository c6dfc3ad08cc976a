/* A complete request head for tests of what is decided from one. */
#ifndef LN_TESTS_LIB_PARSED_HEAD_H
#define LN_TESTS_LIB_PARSED_HEAD_H

#include "core/http1/request_head.h"

enum { PARSED_HEAD_LINES_MAX = 32 };

struct parsed_head {
    struct ln_request_head head;
    struct ln_field_line lines[PARSED_HEAD_LINES_MAX];
    struct linnet_span bytes;
};

/* Parses a head that must be complete; the bytes stay the caller's. */
void parsed_head_init(struct parsed_head *parsed, struct linnet_span bytes);

#endif
