/* A complete request head for tests of what is decided from one. */
#include "tests/lib/parsed_head.h"

#include <stdio.h>
#include <stdlib.h>

void parsed_head_init(struct parsed_head *parsed, struct linnet_span bytes)
{
    static const struct ln_request_head_limits limits = {
        .request_line_len_max = 8000,
        .head_len_max = 16000,
        .field_count_max = PARSED_HEAD_LINES_MAX,
    };
    parsed->bytes = bytes;
    ln_request_head_init(&parsed->head, parsed->lines);
    if (ln_request_head_parse(&parsed->head, bytes, ln_scan_for(0), &limits) != LN_PARSE_COMPLETE) {
        fprintf(stderr, "not a complete head: %.*s\n", (int)bytes.len, (const char *)bytes.data);
        abort();
    }
}
