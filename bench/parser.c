/* The parser of request heads by itself, for callgrind to count.
 *
 * usage: bench-parser LENGTH TIMES head|whole
 * Parses a request of so many bytes so many times, with what this processor has: its head, or also
 * what target, Host and framing mean. What a request
 * costs is the difference of two runs with different TIMES. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/fail.h"
#include "bench/load_request.h"
#include "core/http1/framing.h"
#include "core/http1/host.h"
#include "core/http1/target.h"
#include "server/cpu.h"

enum {
    FIELDS_MAX = 100,
    PATH_LEN_MAX = 4096,
};

static struct ln_field_line lines[FIELDS_MAX];
static uint8_t path[PATH_LEN_MAX];
static struct ln_host_memory host_memory;

static const struct ln_request_head_limits limits = {
    .request_line_len_max = 8192,
    .head_len_max = 12288,
    .field_count_max = FIELDS_MAX,
    .empty_lines_max = 1,
};

/* The head, and with `whole` also what it means: target, host and framing. */
static bool parse(struct linnet_span bytes, const struct ln_scan *scan, bool whole)
{
    struct ln_request_head head;
    struct ln_target target;
    struct linnet_span host;
    struct ln_framing framing;
    struct ln_refusal refusal;
    ln_request_head_init(&head, lines);
    if (ln_request_head_parse(&head, bytes, scan, &limits) != LN_PARSE_COMPLETE) {
        return false;
    }
    const struct linnet_span raw = {bytes.data + head.target_begin, head.target_len};
    return !whole || (ln_target_parse(raw, (enum linnet_method)head.method, 0, scan,
                                      (struct linnet_room){path, sizeof path}, &target, &refusal) &&
                      ln_host_check(&head, bytes, 0, scan, &host_memory, &host, &refusal) &&
                      ln_framing_decide(&head, bytes, &framing, &refusal));
}

int main(int count, char **arguments)
{
    static char request[LOAD_REQUEST_LEN_MAX + 1];
    if (count != 4 || (strcmp(arguments[3], "head") != 0 && strcmp(arguments[3], "whole") != 0)) {
        fail("usage: bench-parser LENGTH TIMES head|whole");
    }
    const size_t len = strtoul(arguments[1], NULL, 10);
    const unsigned long times = strtoul(arguments[2], NULL, 10);
    const bool whole = strcmp(arguments[3], "whole") == 0;
    const struct ln_scan *scan = ln_scan_for(ln_cpu_bits());
    load_request_build(request, len, "/1k.html", 8080, false);
    for (unsigned long i = 0; i < times; i++) {
        if (!parse((struct linnet_span){(const uint8_t *)request, len}, scan, whole)) {
            fail("the request of %zu bytes is not taken", len);
        }
    }
    return EXIT_SUCCESS;
}
