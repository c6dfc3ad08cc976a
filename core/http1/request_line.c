/* The request line, and the empty lines that may stand before it.
 *
 *     request-line = method SP request-target SP HTTP-version CRLF    RFC 9112 3
 *     method       = token                                            RFC 9110 9.1
 *     HTTP-version = "HTTP/" DIGIT "." DIGIT                          RFC 9112 2.3
 *
 * One function per phase, in this order; a phase that ran out of bytes is entered again with the
 * next ones and scans on from where it was. What the target's bytes mean is decided by target.c. */
#include "core/base/assert.h"
#include "core/base/character.h"
#include "core/http1/head_reader.h"
#include "core/table/method.h"

#include <string.h>

enum {
    METHOD_LEN_MAX = 32, /* no registered method is half as long; over it: 501 */
    VERSION_LEN = 8,
    VERSION_MAJOR_AT = 5,
    VERSION_MINOR_AT = 7,
};

static bool bad_request(struct ln_head_reader reader, enum ln_close_reason reason)
{
    return ln_head_reader_refuse(reader, LINNET_STATUS_BAD_REQUEST, reason);
}

/* Where method, target and version must have ended. */
static inline size_t line_stop(struct ln_head_reader reader)
{
    size_t stop = (size_t)reader.head->line_begin + reader.limits->request_line_len_max;
    return stop < reader.len ? stop : reader.len;
}

/* The line goes on behind its limit, or behind the bytes there are. */
static bool stopped(struct ln_head_reader reader, enum ln_head_phase phase)
{
    LN_ASSERT(reader.at <= reader.len);
    if (reader.at == reader.len) {
        return ln_head_reader_pause(reader, phase);
    }
    /* RFC 9112 3: a line that is longer than what we read is answered 414, decided by its first
     * byte over the limit. */
    return ln_head_reader_refuse(reader, LINNET_STATUS_URI_TOO_LONG, LN_CLOSE_TARGET_TOO_LONG);
}

/* Passes over the empty lines there are; false if a byte is missing or refused. Else head->resume
 * is behind them. */
static bool skip_empty_lines(struct ln_head_reader reader)
{
    struct ln_request_head *head = reader.head;
    for (;;) {
        if (head->phase == LN_HEAD_EMPTY_LF) {
            if (!ln_head_reader_take_lf(&reader, LN_HEAD_EMPTY_LF)) {
                return false;
            }
            head->empty_lines++;
            head->phase = LN_HEAD_START;
        }
        if (reader.at == reader.len) {
            return ln_head_reader_pause(reader, LN_HEAD_START);
        }
        uint8_t byte = reader.data[reader.at];
        bool bare = byte == '\n' && ln_head_reader_allows_bare_lf(reader);
        if (byte != '\r' && !bare) {
            head->resume = (uint32_t)reader.at;
            return true;
        }
        /* RFC 9112 2.2: empty lines before the request line are ignored; we ignore a few. */
        if (head->empty_lines >= reader.limits->empty_lines_max) {
            return bad_request(reader, LN_CLOSE_BAD_REQUEST_LINE);
        }
        reader.at += bare ? 0 : 1;
        head->phase = LN_HEAD_EMPTY_LF;
    }
}

/* Finds the first byte of the request line. */
static inline bool read_start(struct ln_head_reader *reader)
{
    struct ln_request_head *head = reader->head;
    if (head->phase == LN_HEAD_EMPTY_LF || reader->at == reader->len ||
        reader->data[reader->at] <= '\r') {
        if (!skip_empty_lines(*reader)) {
            return false;
        }
        reader->at = head->resume;
    }
    head->line_begin = (uint32_t)reader->at;
    head->method_begin = (uint16_t)reader->at;
    return true;
}

/* The method was scanned up to reader.at, where no SP is, or nothing more. */
static bool refuse_method(struct ln_head_reader reader, size_t stop)
{
    size_t len = reader.at - reader.head->method_begin;
    /* RFC 9112 3: a method longer than any we know is answered 501. */
    if (len > METHOD_LEN_MAX) {
        return ln_head_reader_refuse(reader, LINNET_STATUS_NOT_IMPLEMENTED,
                                     LN_CLOSE_UNKNOWN_METHOD);
    }
    if (reader.at == stop) {
        return stopped(reader, LN_HEAD_METHOD);
    }
    bool bare = reader.data[reader.at] == '\n' && len == 0;
    return bad_request(reader, bare ? LN_CLOSE_BAD_LINE_END : LN_CLOSE_BAD_REQUEST_LINE);
}

static inline bool read_method(struct ln_head_reader *reader, size_t stop)
{
    struct ln_request_head *head = reader->head;
    size_t begin = head->method_begin;
    if (stop > begin + METHOD_LEN_MAX + 1) {
        stop = begin + METHOD_LEN_MAX + 1;
    }
    LN_ASSERT(reader->at <= stop);
    /* Most requests begin so: they need no scan and no search. */
    if (reader->at == begin && stop - begin >= 4 && memcmp(reader->data + begin, "GET ", 4) == 0) {
        head->method_len = 3;
        head->method = LINNET_METHOD_GET;
        reader->at += 4;
        head->target_begin = (uint16_t)reader->at;
        return true;
    }
    reader->at += reader->scan->token(reader->data + reader->at, stop - reader->at);
    size_t len = reader->at - begin;
    /* RFC 9112 3: one SP, and nothing else, ends the method, which is not empty. */
    if (reader->at == stop || reader->data[reader->at] != ' ' || len == 0) {
        return refuse_method(*reader, stop);
    }
    head->method_len = (uint16_t)len;
    head->method = (uint8_t)ln_method_find((struct linnet_span){reader->data + begin, len});
    reader->at++;
    head->target_begin = (uint16_t)reader->at;
    return true;
}

/* The target was scanned up to reader.at, where no SP is, or nothing more. */
static bool refuse_target(struct ln_head_reader reader, size_t stop)
{
    if (reader.at >= stop) {
        return stopped(reader, LN_HEAD_TARGET);
    }
    /* RFC 9112 3: a line that ends here is a request of HTTP/0.9, which is no longer spoken. */
    uint8_t byte = reader.data[reader.at];
    bool layout = byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
    return bad_request(reader, layout ? LN_CLOSE_BAD_REQUEST_LINE : LN_CLOSE_BAD_TARGET);
}

static inline bool read_target(struct ln_head_reader *reader, size_t stop)
{
    struct ln_request_head *head = reader->head;
    if (reader->at >= stop) {
        return refuse_target(*reader, stop);
    }
    reader->at += reader->scan->target(reader->data + reader->at, stop - reader->at);
    size_t len = reader->at - head->target_begin;
    /* RFC 9112 3: one SP, and nothing else, ends the target, which is not empty. */
    if (reader->at == stop || reader->data[reader->at] != ' ' || len == 0) {
        return refuse_target(*reader, stop);
    }
    head->target_len = (uint16_t)len;
    reader->at++;
    return true;
}

/* The version's byte at reader.at; false if it is refused. */
static bool take_version_byte(struct ln_head_reader reader, size_t index)
{
    static const uint8_t pattern[VERSION_LEN] = {'H', 'T', 'T', 'P', '/', '1', '.', '1'};
    uint8_t byte = reader.data[reader.at];
    bool number = index == VERSION_MAJOR_AT || index == VERSION_MINOR_AT;
    bool wanted = number ? ln_character_is(byte, LN_CHARACTER_DIGIT) : byte == pattern[index];
    /* RFC 9112 2.3: the version is written in this one way, in upper case. */
    if (!wanted) {
        return bad_request(reader, LN_CLOSE_BAD_VERSION);
    }
    if (index == VERSION_MAJOR_AT) {
        /* Kept until the minor version is seen: only then is the version well-formed. */
        reader.head->minor_version = (uint8_t)(byte - '0');
    } else if (index == VERSION_MINOR_AT) {
        /* RFC 9110 15.6.6: another major version is answered 505. */
        if (reader.head->minor_version != 1) {
            return ln_head_reader_refuse(reader, LINNET_STATUS_HTTP_VERSION_NOT_SUPPORTED,
                                         LN_CLOSE_BAD_VERSION);
        }
        /* RFC 9110 2.5: a higher minor version is served as the highest we know. */
        reader.head->minor_version = byte == '0' ? 0 : 1;
    }
    return true;
}

/* The version byte by byte; true when it has ended, and then head->resume is behind it. */
static bool read_version_bytes(struct ln_head_reader reader, size_t begin, size_t stop)
{
    LN_ASSERT(reader.at >= begin);
    LN_ASSERT(reader.at - begin < VERSION_LEN);
    while (reader.at - begin < VERSION_LEN) {
        if (reader.at >= stop) {
            return stopped(reader, LN_HEAD_VERSION);
        }
        if (!take_version_byte(reader, reader.at - begin)) {
            return false;
        }
        reader.at++;
    }
    reader.head->resume = (uint32_t)reader.at;
    return true;
}

static inline bool read_version(struct ln_head_reader *reader, size_t stop)
{
    struct ln_request_head *head = reader->head;
    size_t begin = (size_t)head->target_begin + head->target_len + 1;
    if (reader->at == begin && begin + VERSION_LEN <= stop &&
        memcmp(reader->data + begin, "HTTP/1.1", VERSION_LEN) == 0) {
        head->minor_version = 1;
        reader->at += VERSION_LEN;
        return true;
    }
    if (!read_version_bytes(*reader, begin, stop)) {
        return false;
    }
    reader->at = head->resume;
    return true;
}

/* The line end, or what stands where it should. When true, head->resume is behind it. */
static bool read_line_end(struct ln_head_reader reader)
{
    if (reader.at == reader.len) {
        return ln_head_reader_pause(reader, LN_HEAD_REQUEST_CR);
    }
    uint8_t byte = reader.data[reader.at];
    if (byte == '\n' && !ln_head_reader_allows_bare_lf(reader)) {
        /* RFC 9112 2.2: a LF alone may be taken for a line end; by default we do not. */
        return bad_request(reader, LN_CLOSE_BAD_LINE_END);
    }
    if (byte != '\r' && byte != '\n') {
        /* RFC 9112 3: nothing stands between the version and the line end. */
        bool layout = byte == ' ' || byte == '\t';
        return bad_request(reader, layout ? LN_CLOSE_BAD_REQUEST_LINE : LN_CLOSE_BAD_VERSION);
    }
    reader.at += byte == '\r' ? 1 : 0;
    if (!ln_head_reader_take_lf(&reader, LN_HEAD_REQUEST_LF)) {
        return false;
    }
    reader.head->resume = (uint32_t)reader.at;
    return true;
}

/* The same for a line that is mostly whole. */
static inline bool read_line_end_at_once(struct ln_head_reader reader)
{
    if (reader.len - reader.at >= 2 && memcmp(reader.data + reader.at, "\r\n", 2) == 0) {
        reader.head->resume = (uint32_t)(reader.at + 2);
        return true;
    }
    return read_line_end(reader);
}

/* Reads from phase to phase; true when the line is complete, and then head->resume is behind it. */
static inline bool read_line(struct ln_head_reader reader)
{
    if (reader.head->phase <= LN_HEAD_EMPTY_LF && !read_start(&reader)) {
        return false;
    }
    size_t stop = line_stop(reader);
    switch (reader.head->phase) {
    case LN_HEAD_START:
    case LN_HEAD_METHOD:
        if (!read_method(&reader, stop)) {
            return false;
        }
        /* fall through */
    case LN_HEAD_TARGET:
        if (!read_target(&reader, stop)) {
            return false;
        }
        /* fall through */
    case LN_HEAD_VERSION:
        if (!read_version(&reader, stop)) {
            return false;
        }
        /* fall through */
    case LN_HEAD_REQUEST_CR:
        return read_line_end_at_once(reader);
    case LN_HEAD_REQUEST_LF:
        if (!ln_head_reader_take_lf(&reader, LN_HEAD_REQUEST_LF)) {
            return false;
        }
        reader.head->resume = (uint32_t)reader.at;
        return true;
    default:
        LN_UNREACHABLE();
    }
}

enum ln_parse ln_request_line_read(struct ln_request_head *head, struct linnet_span bytes,
                                   const struct ln_scan *scan,
                                   const struct ln_request_head_limits *limits)
{
    LN_ASSERT(head->phase < LN_HEAD_LINE_START);
    LN_ASSERT(limits->empty_lines_max <= UINT8_MAX);
    if (!read_line(ln_head_reader_over(head, bytes, scan, limits))) {
        return ln_request_head_outcome(head, bytes.len, limits);
    }
    head->phase = LN_HEAD_LINE_START;
    return ln_field_line_read_all(head, bytes, scan, limits);
}
