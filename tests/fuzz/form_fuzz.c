/* Invariant: pairs lie inside the bytes and in their order; a part decodes to no more bytes than
 * it has, the same at any room that suffices and in place, equals its own decoding, and comes back
 * when that is percent-encoded and decoded again.
 *
 * The first byte is the length of a room; the rest is the form. */
#include <stdlib.h>
#include <string.h>

#include <linnet/form.h>
#include <linnet/text.h>

#include "core/base/span.h"

enum { FORM_LEN_MAX = 512 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

/* Where the span ends, which begins behind `last` and holds no `mark`. An empty one is nowhere. */
static const uint8_t *follow(const uint8_t *last, struct linnet_span span, uint8_t mark)
{
    if (span.len == 0) {
        return last;
    }
    must(span.data >= last);
    must(memchr(span.data, mark, span.len) == NULL);
    return span.data + span.len;
}

static void check_part(struct linnet_span raw, size_t tight)
{
    uint8_t memory[FORM_LEN_MAX];
    uint8_t again[FORM_LEN_MAX];
    uint8_t encoded[3 * FORM_LEN_MAX];
    struct linnet_span decoded;
    struct linnet_span other;
    must(linnet_form_decode(raw, (struct linnet_room){memory, raw.len}, &decoded) ==
         LINNET_ERROR_NONE);
    must(decoded.len <= raw.len);
    must(linnet_form_equal(raw, decoded));
    const bool fits = decoded.len <= tight;
    must((linnet_form_decode(raw, (struct linnet_room){again, tight}, &other) ==
          LINNET_ERROR_NONE) == fits);
    must(!fits || ln_span_equal(decoded, other));
    struct linnet_text text = linnet_text_over((struct linnet_room){encoded, sizeof encoded});
    linnet_text_put_percent(&text, decoded);
    must(linnet_text_finish(&text, &other) == LINNET_ERROR_NONE);
    must(linnet_form_decode(other, (struct linnet_room){encoded, sizeof encoded}, &other) ==
         LINNET_ERROR_NONE);
    must(ln_span_equal(decoded, other));
    struct linnet_span value;
    must(raw.len == 0 || linnet_form_find(raw, LINNET_SPAN("?"), (struct linnet_room){again, 0},
                                          &value) != LINNET_ERROR_INVALID);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > FORM_LEN_MAX) {
        return 0;
    }
    uint8_t *copy = malloc(size);
    must(copy != NULL);
    memcpy(copy, data + 1, size - 1);
    struct linnet_span rest = {copy, size - 1};
    const uint8_t *last = copy;
    struct linnet_form_pair pair;
    while (linnet_form_next(&rest, &pair)) {
        last = follow(last, pair.name, '=');
        last = follow(last, pair.value, '&');
        must(last <= copy + size - 1);
        check_part(pair.name, data[0]);
        check_part(pair.value, data[0]);
    }
    must(rest.len == 0);
    must(memcmp(copy, data + 1, size - 1) == 0);
    free(copy);
    return 0;
}
