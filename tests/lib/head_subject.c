/* A request head as the subject of a feed. */
#include "tests/lib/head_subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/table/method.h"
#include "tests/lib/processor.h"

const struct ln_request_head_limits head_subject_limits = {
    .request_line_len_max = 8000,
    .head_len_max = 16000,
    .field_count_max = HEAD_SUBJECT_LINES_MAX,
    .empty_lines_max = 2,
    .leniencies = 0,
};

static void begin(void *context)
{
    struct head_subject *subject = context;
    memset(subject->lines, 0xEE, sizeof subject->lines);
    memset(&subject->head, 0xEE, sizeof subject->head);
    ln_request_head_init(&subject->head, subject->lines);
    subject->parse = LN_PARSE_MORE;
    snprintf(subject->text, sizeof subject->text, "more");
}

/* Appends bytes to the text, those that are not visible as \xHH. */
static void append(struct head_subject *subject, const uint8_t *data, size_t len)
{
    size_t at = strlen(subject->text);
    for (size_t i = 0; i < len && at + 5 < sizeof subject->text; i++) {
        char *end = subject->text + at;
        size_t room = sizeof subject->text - at;
        bool visible = data[i] >= 0x20 && data[i] < 0x7F;
        at += (size_t)(visible ? snprintf(end, room, "%c", data[i])
                               : snprintf(end, room, "\\x%02X", data[i]));
    }
}

static void append_text(struct head_subject *subject, const char *text)
{
    append(subject, (const uint8_t *)text, strlen(text));
}

/* What of the head is known before its bytes are overwritten: name and content by themselves. */
static void write_complete(struct head_subject *subject, const uint8_t *data)
{
    const struct ln_request_head *head = &subject->head;
    snprintf(subject->text, sizeof subject->text, "complete %u: ", (unsigned)head->len);
    append(subject, data + head->method_begin, head->method_len);
    append_text(subject, " ");
    append(subject, data + head->target_begin, head->target_len);
    append_text(subject, head->minor_version == 0 ? " HTTP/1.0" : " HTTP/1.1");
    struct linnet_span method = {data + head->method_begin, head->method_len};
    if (head->method != ln_method_find(method)) {
        append_text(subject, " wrong-method");
    }
    for (size_t i = 0; i < head->field_count; i++) {
        const struct ln_field_line *line = &head->lines[i];
        struct linnet_span name = {data + line->name_begin, line->name_len};
        append_text(subject, "|");
        append(subject, name.data, name.len);
        append_text(subject, "=");
        append(subject, data + line->content_begin, line->content_len);
        if (line->field != ln_field_find(name) || (head->fields_seen & (1U << line->field)) == 0) {
            append_text(subject, " wrong-field");
        }
        /* An empty content stands at the line end, wherever its whitespace was split. */
        if (line->content_len == 0 && data[line->content_begin] != '\r' &&
            data[line->content_begin] != '\n') {
            append_text(subject, " wrong-begin");
        }
    }
}

static void offer(void *context, struct linnet_span bytes, size_t fresh)
{
    struct head_subject *subject = context;
    struct ln_request_head *head = &subject->head;
    (void)fresh;
    /* The bytes of lines that were read are not needed to go on; the guard owns the memory. */
    static uint8_t hidden[1 << 17];
    size_t hide = head->line_begin < bytes.len ? head->line_begin : bytes.len;
    uint8_t *memory = (uint8_t *)(uintptr_t)bytes.data;
    if (hide > sizeof hidden) {
        abort();
    }
    memcpy(hidden, memory, hide);
    memset(memory, '\0', hide);
    subject->parse = ln_request_head_parse(head, bytes, subject->scan, &subject->limits);
    memcpy(memory, hidden, hide);
    if (subject->parse == LN_PARSE_COMPLETE) {
        write_complete(subject, bytes.data);
    } else if (subject->parse == LN_PARSE_REFUSED) {
        struct linnet_span reason = ln_close_reason_name(head->refusal.reason);
        snprintf(subject->text, sizeof subject->text, "refused %d %.*s", (int)head->refusal.status,
                 (int)reason.len, (const char *)reason.data);
    } else if (head->resume != bytes.len) {
        snprintf(subject->text, sizeof subject->text, "more, but stopped early");
    }
}

static const char *result(void *context)
{
    return ((const struct head_subject *)context)->text;
}

const char *head_subject_feed(struct linnet_span bytes, const struct ln_request_head_limits *limits)
{
    static struct head_subject subject;
    static char first[HEAD_SUBJECT_TEXT_LEN_MAX];
    struct feed_subject feed = {&subject, begin, offer, result};
    const struct ln_scan *rows[8];
    size_t count = processor_rows(rows, 8);
    subject.limits = *limits;
    for (size_t i = 0; i < count; i++) {
        subject.scan = rows[i];
        const char *text = feed_every_way(&feed, bytes);
        if (i == 0) {
            snprintf(first, sizeof first, "%s", text);
        } else if (strcmp(first, text) != 0) {
            fprintf(stderr, "%s: %s\n%s: %s\n", rows[0]->name, first, rows[i]->name, text);
            abort();
        }
    }
    return first;
}

const char *head_subject_whole(struct head_subject *subject, struct linnet_span bytes)
{
    begin(subject);
    static uint8_t memory[1 << 17];
    if (bytes.len > sizeof memory) {
        abort();
    }
    memcpy(memory, bytes.data, bytes.len);
    offer(subject, (struct linnet_span){memory, bytes.len}, 0);
    return subject->text;
}
