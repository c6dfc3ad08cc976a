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
#include "core/base/bits.h"
#include "core/base/character.h"
#include "core/http1/head_reader.h"

#include <string.h>

static bool bad_request(struct ln_head_reader reader, enum ln_close_reason reason)
{
    return ln_head_reader_refuse(reader, LINNET_STATUS_BAD_REQUEST, reason);
}

/* Of the bytes that a content may hold, only SP and HTAB are so low. */
static inline bool is_whitespace(uint8_t byte)
{
    return byte <= ' ';
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
                                                     : bad_request(reader, LN_CLOSE_BAD_LINE_END);
    }
    if (name_len == 0 && (byte == ' ' || byte == '\t')) {
        /* RFC 9112 5.2: a line that begins with whitespace is a folded one; it is refused. */
        return bad_request(reader, LN_CLOSE_OBSOLETE_FOLD);
    }
    /* RFC 9110 5.1: a name is a token, so it is not empty. RFC 9112 5.1: nothing, whitespace least
     * of all, stands between it and the colon. */
    return bad_request(reader, LN_CLOSE_BAD_FIELD_NAME);
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
    while (first && begin < end && is_whitespace(reader.data[begin])) {
        begin++;
    }
    while (begin < end && is_whitespace(reader.data[end - 1])) {
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
static bool read_line_end(struct ln_head_reader reader)
{
    if (reader.at == reader.len) {
        return ln_head_reader_pause(reader, LN_HEAD_CONTENT);
    }
    uint8_t byte = reader.data[reader.at];
    if (byte == '\n' && !ln_head_reader_allows_bare_lf(reader)) {
        /* RFC 9112 2.2: a LF alone may be taken for a line end; by default we do not. */
        return bad_request(reader, LN_CLOSE_BAD_LINE_END);
    }
    if (byte != '\r' && byte != '\n') {
        /* RFC 9110 5.5: control bytes make a field invalid; it is refused, not repaired. */
        return bad_request(reader, LN_CLOSE_BAD_FIELD_CONTENT);
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
        if (reader.at == reader.len || reader.data[reader.at] != ':') {
            return read_no_colon(reader, reader.at - line->name_begin);
        }
        take_name(reader, line, line->name_begin, reader.at - line->name_begin);
        reader.at++;
        line->content_len = 0;
    }
    size_t begin = reader.at;
    reader.at += reader.scan->content(reader.data + begin, reader.len - begin);
    take_content(reader, line, begin, line->content_len == 0);
    return read_line_end(reader);
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
    reader->head->line_begin = (uint32_t)reader->at;
    line->name_begin = (uint16_t)reader->at;
    return true;
}

/* Reads a line from its first byte on; true when it has ended. */
static inline bool read_line(struct ln_head_reader *reader, struct ln_field_line *line)
{
    if (!begin_line(reader, line)) {
        return false;
    }
    size_t begin = reader->at;
    struct ln_scan_line run = reader->scan->field_line(reader->data, begin, reader->len);
    reader->at = begin + run.name_len;
    if (run.len == run.name_len) {
        return read_no_colon(*reader, run.name_len);
    }
    reader->at = begin + run.len;
    take_content(*reader, line, begin + run.name_len + 1, true);
    take_name(*reader, line, begin, run.name_len);
    if (reader->len - reader->at >= 2 && memcmp(reader->data + reader->at, "\r\n", 2) == 0) {
        reader->at += 2;
        return true;
    }
    bool ended = read_line_end(*reader);
    reader->at = reader->head->resume;
    return ended;
}

/* Bytes as bits, so that a whole line is found by looking for the next bit twice: of a byte that is
 * no tchar, and of one that is no content. Bits behind the bytes are set, so every look ends. */
enum {
    WINDOW_WORDS = 8,
    WINDOW_LEN_MAX = WINDOW_WORDS * LN_SCAN_WORD_LEN,
};

struct window {
    uint64_t no_token[WINDOW_WORDS + 1];
    uint64_t no_content[WINDOW_WORDS + 1];
};

/* Sees LN_SCAN_WORD_LEN to WINDOW_LEN_MAX bytes. */
static inline void window_open(struct window *window, const struct ln_scan *scan,
                               const uint8_t *data, size_t len)
{
    LN_ASSERT(len >= LN_SCAN_WORD_LEN);
    LN_ASSERT(len <= WINDOW_LEN_MAX);
    size_t count = len / LN_SCAN_WORD_LEN;
    for (size_t i = 0; i < count; i++) {
        const struct ln_scan_word word = scan->word(data + i * LN_SCAN_WORD_LEN);
        window->no_token[i] = word.no_token;
        window->no_content[i] = word.no_content;
    }
    size_t left = len % LN_SCAN_WORD_LEN;
    window->no_token[count] = ~(uint64_t)0;
    window->no_content[count] = ~(uint64_t)0;
    if (left > 0) {
        /* The last bytes once more: those seen before are shifted out, ones come in behind. */
        const struct ln_scan_word word = scan->word(data + len - LN_SCAN_WORD_LEN);
        window->no_token[count] = word.no_token >> (LN_SCAN_WORD_LEN - left) | ~(uint64_t)0 << left;
        window->no_content[count] = word.no_content >> (LN_SCAN_WORD_LEN - left) | ~(uint64_t)0
                                                                                       << left;
    }
}

/* The first place from `at` on whose bit is set; there is one. */
static inline size_t next_place(const uint64_t *words, size_t at)
{
    size_t word = at / 64;
    uint64_t bits = words[word] >> at % 64;
    if (bits != 0) {
        return at + ln_bits_lowest(bits);
    }
    do {
        word++;
    } while (words[word] == 0);
    return word * 64 + ln_bits_lowest(words[word]);
}

/* Reads the lines that are plain and whole, as most are, from the bits of a window. The first that
 * is not stays where it is, to be read by itself. */
static inline void read_window(struct ln_head_reader *reader)
{
    struct ln_request_head *head = reader->head;
    struct ln_field_line *line = &head->lines[head->field_count];
    const struct ln_field_line *const last = &head->lines[reader->limits->field_count_max];
    const uint8_t *const data = reader->data + reader->at;
    const size_t base = reader->at;
    const size_t left = reader->len - base;
    const size_t len = left < WINDOW_LEN_MAX ? left : WINDOW_LEN_MAX;
    uint32_t seen = 0;
    size_t at = 0;
    struct window window;
    window_open(&window, reader->scan, data, len);
    while (line != last) {
        const size_t colon = next_place(window.no_token, at);
        if (colon >= len || data[colon] != ':' || colon == at) {
            break;
        }
        const size_t end = next_place(window.no_content, colon + 1);
        if (end + 1 >= len || memcmp(data + end, "\r\n", 2) != 0) {
            break;
        }
        /* RFC 9112 5.1: the whitespace before and behind the content is not part of it. */
        size_t begin = colon + 1;
        size_t behind = end;
        while (begin < behind && is_whitespace(data[begin])) {
            begin++;
        }
        while (begin < behind && is_whitespace(data[behind - 1])) {
            behind--;
        }
        const enum ln_field field = ln_field_find((struct linnet_span){data + at, colon - at});
        line->name_begin = (uint16_t)(base + at);
        line->name_len = (uint16_t)(colon - at);
        line->content_begin = (uint16_t)(base + begin);
        line->content_len = (uint16_t)(behind - begin);
        line->field = (uint8_t)field;
        seen |= 1U << field;
        line++;
        at = end + 2;
    }
    reader->at = base + at;
    head->field_count = (uint16_t)(line - head->lines);
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
    if (head->phase != LN_HEAD_LINE_START) {
        if (!finish_line(reader, &head->lines[head->field_count])) {
            return;
        }
        reader.at = head->resume;
        head->field_count++;
    }
    do {
        if (reader.len - reader.at >= LN_SCAN_WORD_LEN && reader.scan->word != NULL) {
            read_window(&reader);
        }
    } while (read_line(&reader, &head->lines[head->field_count]) && ++head->field_count > 0);
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
