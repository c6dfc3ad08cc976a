/* Invariant: every scanner, one piece, byte by byte and any split in two give the same head or the
 * same refusal; what is complete is made of well-formed parts that lie inside it.
 *
 * The first byte picks the split, the second the leniencies and how tight the limits are; the rest
 * is the head. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/character.h"
#include "core/http1/framing.h"
#include "core/http1/host.h"
#include "core/http1/request_head.h"
#include "tests/lib/processor.h"

enum {
    LINES_MAX = 16,
    HEAD_LEN_MAX = 4096,
};

struct outcome {
    enum ln_parse parse;
    struct ln_request_head head;
    struct ln_field_line lines[LINES_MAX];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static void begin(struct outcome *outcome)
{
    memset(outcome, 0, sizeof *outcome);
    ln_request_head_init(&outcome->head, outcome->lines);
}

/* Offers the bytes in memory of exactly their length, so that AddressSanitizer sees the end. */
static void offer(struct outcome *outcome, struct linnet_span bytes, size_t len,
                  const struct ln_scan *scan, const struct ln_request_head_limits *limits)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    must(copy != NULL);
    memcpy(copy, bytes.data, len);
    outcome->parse =
        ln_request_head_parse(&outcome->head, (struct linnet_span){copy, len}, scan, limits);
    free(copy);
}

static void compare(const struct outcome *a, const struct outcome *b)
{
    must(a->parse == b->parse);
    must(a->head.resume == b->head.resume);
    must(a->head.refusal.status == b->head.refusal.status);
    must(a->head.refusal.reason == b->head.refusal.reason);
    if (a->parse != LN_PARSE_COMPLETE) {
        return;
    }
    must(a->head.len == b->head.len);
    must(a->head.method == b->head.method);
    must(a->head.method_begin == b->head.method_begin);
    must(a->head.method_len == b->head.method_len);
    must(a->head.target_begin == b->head.target_begin);
    must(a->head.target_len == b->head.target_len);
    must(a->head.minor_version == b->head.minor_version);
    must(a->head.field_count == b->head.field_count);
    must(a->head.fields_seen == b->head.fields_seen);
    for (size_t i = 0; i < a->head.field_count; i++) {
        const struct ln_field_line *one = &a->lines[i];
        const struct ln_field_line *two = &b->lines[i];
        must(one->name_begin == two->name_begin);
        must(one->name_len == two->name_len);
        must(one->content_begin == two->content_begin);
        must(one->content_len == two->content_len);
        must(one->field == two->field);
    }
}

static bool is_all(struct linnet_span bytes, size_t begin_at, size_t len, unsigned classes)
{
    must(begin_at + len <= bytes.len);
    for (size_t i = 0; i < len; i++) {
        if (!ln_character_is(bytes.data[begin_at + i], classes)) {
            return false;
        }
    }
    return true;
}

static void check_complete(const struct outcome *outcome, struct linnet_span bytes)
{
    const struct ln_request_head *head = &outcome->head;
    must(head->len <= bytes.len);
    must(head->resume == head->len);
    must(bytes.data[head->len - 1] == '\n');
    bytes.len = head->len;
    must(head->method_len > 0 && head->target_len > 0);
    must(is_all(bytes, head->method_begin, head->method_len, LN_CHARACTER_TOKEN));
    must(is_all(bytes, head->target_begin, head->target_len, LN_CHARACTER_TARGET));
    for (size_t i = 0; i < head->field_count; i++) {
        const struct ln_field_line *line = &outcome->lines[i];
        must(line->name_len > 0);
        must(is_all(bytes, line->name_begin, line->name_len, LN_CHARACTER_TOKEN));
        must(bytes.data[line->name_begin + line->name_len] == ':');
        must(is_all(bytes, line->content_begin, line->content_len, LN_CHARACTER_CONTENT));
        if (line->content_len > 0) {
            must(bytes.data[line->content_begin] > ' ');
            must(bytes.data[line->content_begin + line->content_len - 1] > ' ');
        }
    }
    static struct ln_host_memory memory;
    struct linnet_span host;
    struct ln_refusal refusal;
    struct ln_framing framing;
    if (!ln_host_check(head, bytes, 0, ln_scan_for(processor_bits()), &memory, &host, &refusal)) {
        must(refusal.status == LINNET_STATUS_BAD_REQUEST);
    }
    if (ln_framing_decide(head, bytes, &framing, &refusal)) {
        must((framing.kind == LN_FRAMING_LENGTH) == (framing.len > 0));
    } else {
        must(refusal.status >= 400 && refusal.reason != LN_CLOSE_NONE);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    struct linnet_span bytes = {data + 2, size - 2};
    bool tight = (data[1] & 8) != 0;
    struct ln_request_head_limits limits = {
        .request_line_len_max = tight ? 40 : 2048,
        .head_len_max = tight ? 120 : HEAD_LEN_MAX,
        .field_count_max = tight ? 3 : LINES_MAX,
        .empty_lines_max = 2,
        .leniencies = data[1] & 7U,
    };
    const struct ln_scan *rows[8];
    size_t count = processor_rows(rows, 8);
    struct outcome first = {.parse = LN_PARSE_MORE};
    for (size_t i = 0; i < count; i++) {
        struct outcome whole;
        begin(&whole);
        offer(&whole, bytes, bytes.len, rows[i], &limits);
        if (i == 0) {
            first = whole;
            first.head.lines = first.lines;
        }
        compare(&first, &whole);
        struct outcome split;
        size_t at = bytes.len == 0 ? 0 : data[0] % (bytes.len + 1);
        begin(&split);
        offer(&split, bytes, at, rows[i], &limits);
        offer(&split, bytes, bytes.len, rows[i], &limits);
        compare(&first, &split);
        begin(&split);
        for (size_t len = 0; len <= bytes.len; len++) {
            offer(&split, bytes, len, rows[i], &limits);
        }
        compare(&first, &split);
    }
    if (first.parse == LN_PARSE_COMPLETE) {
        check_complete(&first, bytes);
    } else if (first.parse == LN_PARSE_MORE) {
        must(first.head.resume == bytes.len);
        must(bytes.len < limits.head_len_max);
    } else {
        must(first.head.refusal.status >= 400 && first.head.refusal.reason != LN_CLOSE_NONE);
    }
    return 0;
}
