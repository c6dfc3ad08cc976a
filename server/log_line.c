/* Putting a log line together, byte by byte. */
#include "server/log_line.h"

#include "core/base/bits.h"
#include "core/base/number.h"
#include "core/base/span.h"
#include "core/base/utf8.h"
#include "core/http/date.h"
#include "server/address.h"

static void put_text(struct ln_cursor *cursor, const char *text)
{
    ln_cursor_put(cursor, text, strlen(text));
}

static void put_hex(struct ln_cursor *cursor, uint32_t value, unsigned digits)
{
    static const char hex[] = "0123456789abcdef";
    for (unsigned i = digits; i > 0; i--) {
        ln_cursor_put_byte(cursor, (uint8_t)hex[value >> 4 * (i - 1) & 15]);
    }
}

static struct linnet_span cut(struct linnet_span text)
{
    return (struct linnet_span){
        text.data, text.len < LN_LOG_LINE_PART_LEN_MAX ? text.len : LN_LOG_LINE_PART_LEN_MAX};
}

static bool is_plain(uint8_t byte)
{
    return byte >= ' ' && byte < 0x7F && byte != '"' && byte != '\\';
}

/* In eight bytes, the highest bit of each one that is not plain. May also name a plain one above
 * such a one: what it finds is looked at again. */
static uint64_t not_plain_of(uint64_t bytes)
{
    return ln_bits_bytes_below(bytes, ' ') | ln_bits_bytes_equal(bytes, '"') |
           ln_bits_bytes_equal(bytes, '\\') | ln_bits_bytes_equal(bytes, 0x7F) |
           (bytes & LN_BITS_EACH_BYTE * 0x80);
}

/* How many of the bytes are plain before the first that is not. */
static size_t plain_len(struct linnet_span text)
{
    size_t len = 0;
    uint64_t bytes;
    while (text.len - len >= sizeof bytes) {
        memcpy(&bytes, text.data + len, sizeof bytes);
        if (not_plain_of(bytes) != 0) {
            break;
        }
        len += sizeof bytes;
    }
    if (text.len >= sizeof bytes && text.len - len < sizeof bytes) {
        /* The last eight, of which some are known. */
        memcpy(&bytes, text.data + text.len - sizeof bytes, sizeof bytes);
        if (not_plain_of(bytes) == 0) {
            return text.len;
        }
    }
    while (len < text.len && is_plain(text.data[len])) {
        len++;
    }
    return len;
}

/* Writes the plain bytes from text.data[begin] on; returns where they end. */
static size_t put_plain(struct ln_cursor *cursor, struct linnet_span text, size_t begin)
{
    const struct linnet_span rest = ln_span_slice(text, begin, text.len - begin);
    const size_t len = plain_len(rest);
    ln_cursor_put(cursor, rest.data, len);
    return begin + len;
}

/* ---- times ---------------------------------------------------------------------------------- */

/* 20/Nov/2026:13:45:12 +0000, out of the parts of Fri, 20 Nov 2026 13:45:12 GMT. */
static void put_clf(struct ln_cursor *cursor, int64_t unix_s)
{
    uint8_t text[LN_DATE_LEN];
    struct ln_cursor date = ln_cursor_over((struct linnet_room){text, sizeof text});
    ln_date_put(&date, unix_s);
    LN_ASSERT(date.len == LN_DATE_LEN);
    ln_cursor_put(cursor, text + 5, 2);
    ln_cursor_put_byte(cursor, '/');
    ln_cursor_put(cursor, text + 8, 3);
    ln_cursor_put_byte(cursor, '/');
    ln_cursor_put(cursor, text + 12, 4);
    ln_cursor_put_byte(cursor, ':');
    ln_cursor_put(cursor, text + 17, 8);
    put_text(cursor, " +0000");
}

/* The time as that format tells it; `none` where there is none. */
static void put_time(struct ln_cursor *cursor, enum ln_log_format format, struct ln_log_time *time,
                     int64_t unix_s, const char *none)
{
    if (!ln_date_is_writable(unix_s)) {
        put_text(cursor, none);
        return;
    }
    if (time->len == 0 || time->unix_s != unix_s || time->format != format) {
        struct ln_cursor text = ln_cursor_over((struct linnet_room){time->text, sizeof time->text});
        if (format == LN_LOG_COMBINED) {
            put_clf(&text, unix_s);
        } else {
            ln_cursor_put(&text, "\"", format == LN_LOG_JSON ? 1 : 0);
            ln_date_put_iso(&text, unix_s);
            ln_cursor_put(&text, "\"", format == LN_LOG_JSON ? 1 : 0);
        }
        LN_ASSERT(!text.overflow);
        time->len = (uint8_t)text.len;
        time->unix_s = unix_s;
        time->format = format;
    }
    ln_cursor_put(cursor, time->text, time->len);
}

/* ---- people and combined -------------------------------------------------------------------- */

/* As Apache's ap_escape_logitem. */
static void put_escaped(struct ln_cursor *cursor, struct linnet_span text)
{
    static const char letters[] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\v'] = 'v', ['\r'] = 'r',
    };
    const struct linnet_span shown = cut(text);
    size_t i = put_plain(cursor, shown, 0);
    for (; i < shown.len; i = put_plain(cursor, shown, i + 1)) {
        const uint8_t byte = shown.data[i];
        ln_cursor_put_byte(cursor, '\\');
        if (byte == '"' || byte == '\\') {
            ln_cursor_put_byte(cursor, byte);
        } else if (byte < sizeof letters && letters[byte] != 0) {
            ln_cursor_put_byte(cursor, (uint8_t)letters[byte]);
        } else {
            ln_cursor_put_byte(cursor, 'x');
            put_hex(cursor, byte, 2);
        }
    }
    if (shown.len < text.len) {
        put_text(cursor, "...");
    }
}

static void put_number_or_dash(struct ln_cursor *cursor, uint64_t number)
{
    if (number == 0) {
        ln_cursor_put_byte(cursor, '-');
    } else {
        ln_number_put_decimal(cursor, number);
    }
}

/* Green is well, cyan is elsewhere, yellow is the client's fault, red is ours. */
static const char *colour_of(enum linnet_status status)
{
    switch (status / 100) {
    case 2:
        return "\033[32m";
    case 3:
        return "\033[36m";
    case 4:
        return "\033[33m";
    default:
        return "\033[31m";
    }
}

static void put_people(struct ln_cursor *cursor, bool colour, struct ln_log_time *time,
                       const struct linnet_answer_record *record)
{
    put_time(cursor, LN_LOG_PEOPLE, time, record->time.unix_s, "-");
    ln_cursor_put_byte(cursor, ' ');
    ln_address_put(cursor, record->peer);
    ln_cursor_put_byte(cursor, ' ');
    if (record->method.len > 0) {
        put_escaped(cursor, record->method);
        ln_cursor_put_byte(cursor, ' ');
        put_escaped(cursor, record->target);
    } else {
        ln_cursor_put_byte(cursor, '-');
    }
    ln_cursor_put_byte(cursor, ' ');
    if (colour) {
        put_text(cursor, colour_of(record->status));
    }
    put_number_or_dash(cursor, record->status);
    if (colour) {
        put_text(cursor, "\033[0m");
    }
    ln_cursor_put_byte(cursor, ' ');
    ln_number_put_decimal(cursor, record->body_len);
    ln_cursor_put_byte(cursor, ' ');
    ln_number_put_decimal(cursor, record->duration_ms);
    put_text(cursor, "ms");
    if (record->reason.len > 0) {
        put_text(cursor, " [");
        ln_cursor_put_span(cursor, record->reason);
        ln_cursor_put_byte(cursor, ']');
    }
    ln_cursor_put_byte(cursor, '\n');
}

static void put_quoted(struct ln_cursor *cursor, struct linnet_span text)
{
    put_text(cursor, " \"");
    if (text.len > 0) {
        put_escaped(cursor, text);
    } else {
        ln_cursor_put_byte(cursor, '-');
    }
    ln_cursor_put_byte(cursor, '"');
}

/* A word: whoever reads the line finds its parts by the blanks between them. */
static void put_user(struct ln_cursor *cursor, struct linnet_span user)
{
    size_t begin = 0;
    for (size_t i = 0; i <= user.len; i++) {
        if (i == user.len || user.data[i] == ' ') {
            put_escaped(cursor, (struct linnet_span){user.data + begin, i - begin});
            put_text(cursor, i < user.len ? "\\x20" : "");
            begin = i + 1;
        }
    }
    put_text(cursor, user.len == 0 ? "-" : "");
}

/* %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" */
static void put_combined(struct ln_cursor *cursor, struct ln_log_time *time,
                         const struct linnet_answer_record *record)
{
    ln_address_put(cursor, record->peer);
    put_text(cursor, " - ");
    put_user(cursor, record->client);
    put_text(cursor, " [");
    put_time(cursor, LN_LOG_COMBINED, time, record->time.unix_s, "-");
    put_text(cursor, "] \"");
    if (record->method.len > 0) {
        put_escaped(cursor, record->method);
        ln_cursor_put_byte(cursor, ' ');
        put_escaped(cursor, record->target);
        put_text(cursor, " HTTP/1.");
        ln_number_put_decimal(cursor, record->minor_version);
    } else {
        ln_cursor_put_byte(cursor, '-');
    }
    put_text(cursor, "\" ");
    put_number_or_dash(cursor, record->status);
    ln_cursor_put_byte(cursor, ' ');
    put_number_or_dash(cursor, record->body_len);
    put_quoted(cursor, record->referer);
    put_quoted(cursor, record->user_agent);
    ln_cursor_put_byte(cursor, '\n');
}

/* ---- json ----------------------------------------------------------------------------------- */

/* RFC 8259 7: as \u and four digits; beyond U+FFFF as two surrogates. */
static void put_point(struct ln_cursor *cursor, uint32_t value)
{
    if (value > 0xFFFF) {
        put_text(cursor, "\\u");
        put_hex(cursor, 0xD800 + (value - 0x10000) / 0x400, 4);
        value = 0xDC00 + (value - 0x10000) % 0x400;
    }
    put_text(cursor, "\\u");
    put_hex(cursor, value, 4);
}

static void put_json_content(struct ln_cursor *cursor, struct linnet_span text)
{
    const struct linnet_span shown = cut(text);
    for (size_t i = 0; i < shown.len;) {
        const uint8_t byte = shown.data[i];
        const struct ln_utf8 point = ln_utf8_first(ln_span_slice(shown, i, shown.len - i));
        if (is_plain(byte)) {
            ln_cursor_put_byte(cursor, byte);
        } else if (byte == '"' || byte == '\\') {
            ln_cursor_put_byte(cursor, '\\');
            ln_cursor_put_byte(cursor, byte);
        } else if (point.well_formed) {
            put_point(cursor, point.value);
        } else {
            put_text(cursor, "\\\\x");
            put_hex(cursor, byte, 2);
        }
        i += point.well_formed ? point.len : 1;
    }
    if (shown.len < text.len) {
        put_text(cursor, "...");
    }
}

/* ,"name": before a value; the first has its brace from the caller. */
static void put_name(struct ln_cursor *cursor, const char *name)
{
    put_text(cursor, ",\"");
    put_text(cursor, name);
    put_text(cursor, "\":");
}

static void put_string(struct ln_cursor *cursor, const char *name, struct linnet_span text)
{
    put_name(cursor, name);
    if (text.len == 0) {
        put_text(cursor, "null");
        return;
    }
    ln_cursor_put_byte(cursor, '"');
    put_json_content(cursor, text);
    ln_cursor_put_byte(cursor, '"');
}

static void put_count(struct ln_cursor *cursor, const char *name, uint64_t count)
{
    put_name(cursor, name);
    ln_number_put_decimal(cursor, count);
}

static void put_json_begin(struct ln_cursor *cursor, struct ln_log_time *time, int64_t unix_s)
{
    put_text(cursor, "{\"time\":");
    put_time(cursor, LN_LOG_JSON, time, unix_s, "null");
}

static void put_json(struct ln_cursor *cursor, struct ln_log_time *time,
                     const struct linnet_answer_record *record)
{
    put_json_begin(cursor, time, record->time.unix_s);
    put_name(cursor, "peer");
    ln_cursor_put_byte(cursor, '"');
    ln_address_put(cursor, record->peer);
    ln_cursor_put_byte(cursor, '"');
    if (record->client.len > 0) {
        put_string(cursor, "client", record->client);
    }
    put_string(cursor, "method", record->method);
    put_string(cursor, "target", record->target);
    put_name(cursor, "version");
    if (record->method.len > 0) {
        put_text(cursor, "\"HTTP/1.");
        ln_number_put_decimal(cursor, record->minor_version);
        ln_cursor_put_byte(cursor, '"');
    } else {
        put_text(cursor, "null");
    }
    put_name(cursor, "status");
    if (record->status == LINNET_STATUS_NONE) {
        put_text(cursor, "null");
    } else {
        ln_number_put_decimal(cursor, record->status);
    }
    put_count(cursor, "bytes", record->body_len);
    put_count(cursor, "duration_ms", record->duration_ms);
    put_string(cursor, "referer", record->referer);
    put_string(cursor, "user_agent", record->user_agent);
    put_string(cursor, "reason", record->reason);
    put_name(cursor, "complete");
    put_text(cursor, record->complete ? "true}\n" : "false}\n");
}

/* ---- all ------------------------------------------------------------------------------------ */

void ln_log_line_put(struct ln_cursor *cursor, enum ln_log_format format, bool colour,
                     struct ln_log_time *time, const struct linnet_answer_record *record)
{
    LN_ASSERT(format < LN_LOG_NONE);
    switch (format) {
    case LN_LOG_COMBINED:
        put_combined(cursor, time, record);
        break;
    case LN_LOG_JSON:
        put_json(cursor, time, record);
        break;
    default:
        put_people(cursor, colour, time, record);
        break;
    }
}

void ln_log_line_put_dropped(struct ln_cursor *cursor, enum ln_log_format format,
                             struct ln_log_time *time, uint64_t count, int64_t unix_s)
{
    LN_ASSERT(format < LN_LOG_NONE);
    if (format == LN_LOG_JSON) {
        put_json_begin(cursor, time, unix_s);
        put_count(cursor, "dropped_lines", count);
        put_text(cursor, "}\n");
        return;
    }
    if (format == LN_LOG_COMBINED) {
        put_text(cursor, "- - - [");
        put_time(cursor, format, time, unix_s, "-");
        put_text(cursor, "] \"");
    } else {
        put_time(cursor, format, time, unix_s, "-");
        ln_cursor_put_byte(cursor, ' ');
    }
    ln_number_put_decimal(cursor, count);
    put_text(cursor, " log lines dropped");
    put_text(cursor, format == LN_LOG_COMBINED ? "\" - - \"-\" \"-\"\n" : "\n");
}
