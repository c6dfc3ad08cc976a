/* The field lines of a request head, and the empty line that ends them.
 *
 *     field-line    = field-name ":" OWS field-value OWS              RFC 9112 5
 *     field-name    = token                                           RFC 9110 5.1
 *     field-value   = *( HTAB / SP / VCHAR / obs-text )               RFC 9110 5.5
 *
 * Line after line is read at once, as far as its bytes are there; a line that is cut short is left
 * in the phase that ran out of bytes, and finished by the next call from where it was. The entry of
 * the line that is being read is lines[field_count], which is counted when the line has ended.
 * While its content is read, content_len reaches from its first byte that is no whitespace to the
 * last such byte so far. */
#include "core/base/assert.h"
#include "core/base/character.h"
#include "core/base/scan_lines.h"
#include "core/http1/head_reader.h"

#include <string.h>

static bool bad_line(struct ln_head_reader reader, enum ln_close_reason reason)
{
    return ln_head_reader_refuse(reader, LINNET_STATUS_BAD_REQUEST, reason);
}

/* The empty line has begun: the LF at reader.at is next. */
static bool end_lines(struct ln_head_reader reader)
{
    if (!ln_head_reader_take_lf(&reader, LN_HEAD_END_LF)) {
        return false;
    }
    reader.head->phase = LN_HEAD_COMPLETE;
    reader.head->resume = (uint32_t)reader.at;
    reader.head->len = (uint32_t)reader.at;
    return false;
}

/* A name was scanned up to reader.at, where no colon is, or nothing more. */
static bool read_no_colon(struct ln_head_reader reader, size_t name_len)
{
    LN_ASSERT(name_len <= reader.at);
    if (reader.at == reader.len) {
        return ln_head_reader_pause(reader, LN_HEAD_NAME);
    }
    uint8_t byte = reader.data[reader.at];
    if (name_len == 0 && byte == '\n') {
        /* RFC 9112 2.2: a LF alone may be taken for a line end; by default we do not. */
        return ln_head_reader_allows_bare_lf(reader) ? end_lines(reader)
                                                     : bad_line(reader, LN_CLOSE_BAD_LINE_END);
    }
    if (name_len == 0 && (byte == ' ' || byte == '\t')) {
        /* RFC 9112 5.2: a line that begins with whitespace is a folded one; it is refused. */
        return bad_line(reader, LN_CLOSE_OBSOLETE_FOLD);
    }
    /* RFC 9110 5.1: a name is a token, so it is not empty. RFC 9112 5.1: nothing, whitespace least
     * of all, stands between it and the colon. */
    return bad_line(reader, LN_CLOSE_BAD_FIELD_NAME);
}

/* There is no entry for another line. */
static bool refuse_count(struct ln_head_reader reader)
{
    LN_ASSERT(reader.at < reader.len);
    LN_ASSERT(reader.head->field_count == reader.limits->field_count_max);
    if (!ln_character_is(reader.data[reader.at], LN_CHARACTER_TOKEN)) {
        return read_no_colon(reader, 0);
    }
    /* RFC 6585 5: more field lines than we keep are answered 431. */
    return ln_head_reader_refuse(reader, LINNET_STATUS_REQUEST_HEADER_FIELDS_TOO_LARGE,
                                 LN_CLOSE_TOO_MANY_FIELDS);
}

/* The name of the line is complete. */
static inline void take_name(struct ln_head_reader reader, struct ln_field_line *line, size_t begin,
                             size_t len)
{
    enum ln_field field = ln_field_find((struct linnet_span){reader.data + begin, len});
    line->name_len = (uint16_t)len;
    line->field = (uint8_t)field;
    reader.head->fields_seen |= 1U << field;
}

/* Another piece of the content, up to reader.at; the first unless there was one without
 * whitespace. */
static inline void take_content(struct ln_head_reader reader, struct ln_field_line *line,
                                size_t begin, bool first)
{
    /* RFC 9112 5.1: the whitespace before and behind the content is not part of it. */
    size_t end = reader.at;
    while (first && begin < end && ln_scan_is_whitespace(reader.data[begin])) {
        begin++;
    }
    while (begin < end && ln_scan_is_whitespace(reader.data[end - 1])) {
        end--;
    }
    if (first) {
        line->content_begin = (uint16_t)begin;
        line->content_len = (uint16_t)(end - begin);
    } else if (begin < end) {
        line->content_len = (uint16_t)(end - line->content_begin);
    }
}

/* The line end, or what stands where it should. When true, head->resume is behind it. */
static bool read_field_end(struct ln_head_reader reader)
{
    if (reader.at == reader.len) {
        return ln_head_reader_pause(reader, LN_HEAD_CONTENT);
    }
    uint8_t byte = reader.data[reader.at];
    if (byte == '\n' && !ln_head_reader_allows_bare_lf(reader)) {
        /* RFC 9112 2.2: a LF alone may be taken for a line end; by default we do not. */
        return bad_line(reader, LN_CLOSE_BAD_LINE_END);
    }
    if (byte != '\r' && byte != '\n') {
        /* RFC 9110 5.5: control bytes make a field invalid; it is refused, not repaired. */
        return bad_line(reader, LN_CLOSE_BAD_FIELD_CONTENT);
    }
    reader.at += byte == '\r' ? 1 : 0;
    if (!ln_head_reader_take_lf(&reader, LN_HEAD_LINE_LF)) {
        return false;
    }
    reader.head->resume = (uint32_t)reader.at;
    return true;
}

/* Reads the rest of a line whose first bytes came earlier; true when it has ended, and then
 * head->resume is behind it. */
static bool finish_line(struct ln_head_reader reader, struct ln_field_line *line)
{
    if (reader.head->phase == LN_HEAD_LINE_LF) {
        bool ended = ln_head_reader_take_lf(&reader, LN_HEAD_LINE_LF);
        reader.head->resume = (uint32_t)reader.at;
        return ended;
    }
    if (reader.head->phase == LN_HEAD_NAME) {
        reader.at += reader.scan->token(reader.data + reader.at, reader.len - reader.at);
        if (reader.at == reader.len || reader.data[reader.at] != ':' ||
            reader.at == line->name_begin) {
            return read_no_colon(reader, reader.at - line->name_begin);
        }
        take_name(reader, line, line->name_begin, reader.at - line->name_begin);
        reader.at++;
        line->content_len = 0;
    }
    size_t begin = reader.at;
    reader.at += reader.scan->content(reader.data + begin, reader.len - begin);
    take_content(reader, line, begin, line->content_len == 0);
    return read_field_end(reader);
}

/* Begins a line: false if it is the last one, which is empty, or cannot be kept. */
static inline bool begin_line(struct ln_head_reader *reader, struct ln_field_line *line)
{
    if (reader->at == reader->len) {
        return ln_head_reader_pause(*reader, LN_HEAD_LINE_START);
    }
    if (reader->data[reader->at] == '\r') {
        reader->at++;
        return end_lines(*reader);
    }
    if (reader->head->field_count == reader->limits->field_count_max) {
        return refuse_count(*reader);
    }
    line->name_begin = (uint16_t)reader->at;
    reader->head->phase = LN_HEAD_NAME;
    return true;
}

/* Reads the lines that are whole and as they should be, all at once. */
static inline void read_whole_lines(struct ln_head_reader *reader)
{
    struct ln_request_head *head = reader->head;
    struct ln_field_line *line = &head->lines[head->field_count];
    size_t left =
        reader->scan->field_lines(reader->data, reader->at, reader->len, line,
                                  reader->limits->field_count_max - head->field_count, &reader->at);
    head->field_count = (uint16_t)(head->field_count + left);
    uint32_t seen = 0;
    for (; left > 0; left--, line++) {
        const struct linnet_span name = {reader->data + line->name_begin, line->name_len};
        line->field = (uint8_t)ln_field_find(name);
        seen |= 1U << line->field;
    }
    head->fields_seen |= seen;
}

/* Reads line after line, until there is no more or no more to come. */
static inline void read_lines(struct ln_head_reader reader)
{
    struct ln_request_head *head = reader.head;
    if (head->phase == LN_HEAD_END_LF) {
        end_lines(reader);
        return;
    }
    if (head->phase == LN_HEAD_LINE_START) {
        read_whole_lines(&reader);
    }
    /* What is left is the last, empty line, or one that needs a closer look. */
    for (;;) {
        struct ln_field_line *line = &head->lines[head->field_count];
        if (head->phase == LN_HEAD_LINE_START && !begin_line(&reader, line)) {
            return;
        }
        if (!finish_line(reader, line)) {
            return;
        }
        head->field_count++;
        head->phase = LN_HEAD_LINE_START;
        reader.at = head->resume;
        read_whole_lines(&reader);
    }
}

enum ln_parse ln_field_line_read_all(struct ln_request_head *head, struct linnet_span bytes,
                                     const struct ln_scan *scan,
                                     const struct ln_request_head_limits *limits)
{
    LN_ASSERT(head->phase >= LN_HEAD_LINE_START);
    LN_ASSERT(head->phase < LN_HEAD_COMPLETE);
    read_lines(ln_head_reader_over(head, bytes, scan, limits));
    return ln_request_head_outcome(head, bytes.len, limits);
}
