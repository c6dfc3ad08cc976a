/* A chunked body as the subject of a feed. */
#include "tests/lib/chunk_subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct ln_chunk_limits chunk_subject_limits = {
    .extension_len_max = 1000,
    .trailer_len_max = 1000,
    .leniencies = 0,
};

static void must(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "chunk_subject: %s\n", what);
        abort();
    }
}

void chunk_subject_begin(struct chunk_subject *subject, const struct ln_chunk_limits *limits)
{
    subject->limits = *limits;
    memset(&subject->decode, 0xEE, sizeof subject->decode);
    ln_chunk_decode_init(&subject->decode);
    subject->parse = LN_PARSE_MORE;
    subject->taken = 0;
    subject->content_len = 0;
}

void chunk_subject_offer(struct chunk_subject *subject, struct linnet_span bytes)
{
    size_t at = 0;
    for (;;) {
        struct linnet_span rest = {bytes.data + at, bytes.len - at};
        struct linnet_span content = {NULL, SIZE_MAX};
        size_t taken = SIZE_MAX;
        subject->parse =
            ln_chunk_decode_next(&subject->decode, rest, &subject->limits, &taken, &content);
        must(taken <= rest.len, "took more than there was");
        must(content.len <= taken, "more content than was taken");
        if (content.len > 0) {
            must(content.data >= rest.data && content.data + content.len == rest.data + taken,
                 "content lies elsewhere");
            must(content.len <= sizeof subject->content - subject->content_len, "too much");
            memcpy(subject->content + subject->content_len, content.data, content.len);
            subject->content_len += content.len;
        }
        at += taken;
        subject->taken += taken;
        if (subject->parse != LN_PARSE_MORE || at == bytes.len) {
            break;
        }
        must(content.len > 0, "stopped without content");
    }
}

static void begin(void *context)
{
    struct chunk_subject *subject = context;
    struct ln_chunk_limits limits = subject->limits;
    chunk_subject_begin(subject, &limits);
}

static void offer(void *context, struct linnet_span bytes, size_t fresh)
{
    struct linnet_span part = {bytes.data + fresh, bytes.len - fresh};
    chunk_subject_offer(context, part);
}

static const char *result(void *context)
{
    struct chunk_subject *subject = context;
    char *text = subject->text;
    size_t room = sizeof subject->text;
    if (subject->parse == LN_PARSE_MORE) {
        snprintf(text, room, "more|");
    } else if (subject->parse == LN_PARSE_COMPLETE) {
        snprintf(text, room, "complete %zu|", subject->taken);
    } else {
        struct linnet_span reason = ln_close_reason_name(subject->decode.refusal.reason);
        snprintf(text, room, "refused %d %.*s|", (int)subject->decode.refusal.status,
                 (int)reason.len, (const char *)reason.data);
    }
    size_t at = strlen(text);
    for (size_t i = 0; i < subject->content_len; i++) {
        uint8_t byte = subject->content[i];
        bool visible = byte >= 0x20 && byte < 0x7F;
        at += (size_t)(visible ? snprintf(text + at, room - at, "%c", byte)
                               : snprintf(text + at, room - at, "\\x%02X", byte));
    }
    return text;
}

const char *chunk_subject_feed(struct linnet_span bytes, const struct ln_chunk_limits *limits)
{
    static struct chunk_subject subject;
    subject.limits = *limits;
    struct feed_subject feed = {&subject, begin, offer, result};
    return feed_every_way(&feed, bytes);
}
