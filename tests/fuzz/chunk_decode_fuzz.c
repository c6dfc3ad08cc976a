/* Invariant: one piece, byte by byte and any split in two give the same content and the same end;
 * what is encoded again in one chunk decodes to the same content.
 *
 * The first byte picks the split, the second the leniencies and how tight the limits are; the rest
 * is the body. */
#include <stdlib.h>
#include <string.h>

#include "core/base/number.h"
#include "tests/lib/chunk_subject.h"

enum { BODY_LEN_MAX = 8192 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

/* Offers the bytes in memory of exactly their length, so that AddressSanitizer sees the end. */
static void offer(struct chunk_subject *subject, const uint8_t *data, size_t len)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    must(copy != NULL);
    memcpy(copy, data, len);
    chunk_subject_offer(subject, (struct linnet_span){copy, len});
    free(copy);
}

static void compare(const struct chunk_subject *a, const struct chunk_subject *b)
{
    must(a->parse == b->parse);
    must(a->taken == b->taken);
    must(a->decode.refusal.status == b->decode.refusal.status);
    must(a->decode.refusal.reason == b->decode.refusal.reason);
    must(a->decode.phase == b->decode.phase);
    must(a->decode.remaining == b->decode.remaining);
    must(a->content_len == b->content_len);
    must(memcmp(a->content, b->content, a->content_len) == 0);
}

/* The content in one chunk. */
static void check_again(const struct chunk_subject *whole)
{
    static struct chunk_subject again;
    static uint8_t memory[BODY_LEN_MAX + 64];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){memory, sizeof memory});
    if (whole->content_len > 0) {
        ln_number_put_hex(&cursor, whole->content_len);
        ln_cursor_put_span(&cursor, LINNET_SPAN("\r\n"));
        ln_cursor_put(&cursor, whole->content, whole->content_len);
        ln_cursor_put_span(&cursor, LINNET_SPAN("\r\n"));
    }
    ln_cursor_put_span(&cursor, LINNET_SPAN("0\r\n\r\n"));
    must(!cursor.overflow);
    chunk_subject_begin(&again, &chunk_subject_limits);
    offer(&again, memory, cursor.len);
    must(again.parse == LN_PARSE_COMPLETE);
    must(again.taken == cursor.len);
    must(again.content_len == whole->content_len);
    must(memcmp(again.content, whole->content, whole->content_len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct chunk_subject whole;
    static struct chunk_subject split;
    if (size < 2 || size > BODY_LEN_MAX) {
        return 0;
    }
    const uint8_t *body = data + 2;
    size_t len = size - 2;
    bool tight = (data[1] & 8) != 0;
    struct ln_chunk_limits limits = {
        .extension_len_max = tight ? 10 : 4096,
        .trailer_len_max = tight ? 10 : 4096,
        .leniencies = data[1] & 7U,
    };
    chunk_subject_begin(&whole, &limits);
    offer(&whole, body, len);
    size_t at = data[0] % (len + 1);
    chunk_subject_begin(&split, &limits);
    offer(&split, body, at);
    offer(&split, body + at, len - at);
    compare(&whole, &split);
    chunk_subject_begin(&split, &limits);
    for (size_t i = 0; i < len; i++) {
        offer(&split, body + i, 1);
    }
    if (len > 0) {
        compare(&whole, &split);
    }
    if (whole.parse == LN_PARSE_COMPLETE) {
        check_again(&whole);
    } else if (whole.parse == LN_PARSE_MORE) {
        must(whole.taken == len);
    } else {
        must(whole.decode.refusal.status == 400 || whole.decode.refusal.status == 413);
    }
    return 0;
}
