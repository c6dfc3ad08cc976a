/* The multipart parser as text. */
#include "tests/lib/multipart_subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/guard.h"

enum { ROOM_LEN_MAX = 1024 };

static void must(bool good, const char *what)
{
    if (!good) {
        (void)fprintf(stderr, "multipart subject: %s\n", what);
        abort();
    }
}

static void append(struct multipart_subject *subject, struct linnet_span bytes)
{
    must(bytes.len < MULTIPART_SUBJECT_TEXT_MAX - subject->text_len, "the text is short");
    if (bytes.len > 0) {
        memcpy(subject->text + subject->text_len, bytes.data, bytes.len);
    }
    subject->text_len += bytes.len;
    subject->text[subject->text_len] = '\0';
}

static void append_part(struct multipart_subject *subject, const struct linnet_multipart_part *part)
{
    append(subject, part->name);
    must(part->has_filename || part->filename.len == 0, "no file, no name of one");
    if (part->has_filename) {
        append(subject, LINNET_SPAN(" file "));
        append(subject, part->filename);
    }
    append(subject, LINNET_SPAN(" ("));
    append(subject, part->media_type);
    append(subject, LINNET_SPAN(")|"));
}

/* A DATA that is stopped must not depend on cuts, so it is stopped at its first piece. */
static bool note(void *context, enum linnet_multipart_event event,
                 const struct linnet_multipart_part *part, struct linnet_span data)
{
    struct multipart_subject *subject = context;
    must((event == LINNET_MULTIPART_DATA) == (data.len > 0), "DATA has bytes, the others none");
    must((event == LINNET_MULTIPART_FINISH) == (part == NULL), "FINISH has no part");
    must(subject->stop_at == 0 || subject->calls < subject->stop_at, "STOPPED is the end");
    if (event == LINNET_MULTIPART_DATA && subject->in_data) {
        append(subject, data);
        return true;
    }
    if (subject->in_data) {
        append(subject, LINNET_SPAN("|"));
    }
    subject->in_data = event == LINNET_MULTIPART_DATA;
    subject->calls++;
    const bool is_last = subject->calls == subject->stop_at;
    switch (event) {
    case LINNET_MULTIPART_BEGIN:
        append(subject, LINNET_SPAN("begin "));
        append_part(subject, part);
        break;
    case LINNET_MULTIPART_DATA:
        append(subject, LINNET_SPAN("data "));
        append(subject, is_last ? (struct linnet_span){NULL, 0} : data);
        break;
    case LINNET_MULTIPART_END:
        append(subject, LINNET_SPAN("end|"));
        break;
    case LINNET_MULTIPART_FINISH:
        append(subject, LINNET_SPAN("finish|"));
        break;
    }
    return !is_last;
}

static const char *fault_name(enum linnet_multipart_fault fault)
{
    static const char *const names[] = {
#define NAME(name, status, text) #name,
        LINNET_MULTIPART_FAULTS(NAME)
#undef NAME
    };
    return names[fault];
}

/* The parser feeds on memory that ends with each piece. */
static enum linnet_multipart_fault feed_all(struct multipart_subject *subject,
                                            struct linnet_multipart *multipart, struct guard *guard,
                                            size_t cut, size_t piece_len)
{
    enum linnet_multipart_fault fault = LINNET_MULTIPART_NONE;
    size_t at = 0;
    while (at < subject->body.len) {
        size_t len = at < cut ? cut - at : piece_len;
        if (len > subject->body.len - at) {
            len = subject->body.len - at;
        }
        const struct linnet_span piece = {subject->body.data + at, len};
        const unsigned calls = subject->calls;
        const bool was_bad = fault != LINNET_MULTIPART_NONE;
        const enum linnet_multipart_fault next =
            linnet_multipart_feed(multipart, guard_put(guard, piece));
        must(!was_bad || next == fault, "a fault stays");
        must(!was_bad || subject->calls == calls, "nothing is called behind a fault");
        fault = next;
        at += len;
    }
    const enum linnet_multipart_fault last = linnet_multipart_finish(multipart);
    must(fault == LINNET_MULTIPART_NONE || last == fault, "a fault stays to the end");
    return last;
}

const char *multipart_subject_feed(struct multipart_subject *subject, size_t cut, size_t piece_len)
{
    must(subject->head_len <= ROOM_LEN_MAX, "so large a room is not here");
    must(piece_len > 0, "pieces have bytes");
    struct guard heads = guard_open(ROOM_LEN_MAX);
    struct guard pieces = guard_open(subject->body.len);
    struct linnet_multipart multipart;
    const struct linnet_multipart_config config = {
        .content_type = subject->content_type,
        .head = guard_room(&heads, subject->head_len),
        .part_count_max = subject->part_count_max,
        .function = note,
        .context = subject,
    };
    subject->calls = 0;
    subject->in_data = false;
    subject->text_len = 0;
    subject->text[0] = '\0';
    enum linnet_multipart_fault fault = linnet_multipart_init(&multipart, &config);
    const enum linnet_multipart_fault first = fault;
    fault = feed_all(subject, &multipart, &pieces, cut, piece_len);
    must(first == LINNET_MULTIPART_NONE || first == fault, "what begins badly stays so");
    if (subject->in_data) {
        append(subject, LINNET_SPAN("|"));
    }
    const char *name = fault_name(fault);
    append(subject, (struct linnet_span){(const uint8_t *)name, strlen(name)});
    guard_close(&heads);
    guard_close(&pieces);
    return subject->text;
}
