/* Lines of the access log, put together without stdio: after boot nothing may allocate.
 *
 *     2026-11-20T13:45:12Z 127.0.0.1 "GET /index.html" 200 5120 0ms [reason of the end] */
#include "server/log.h"

#include <string.h>

#include "core/base/number.h"
#include "core/base/span.h"
#include "core/http/date.h"
#include "server/address.h"

enum {
    TARGET_LEN_MAX = 1024, /* of what is shown of a target; "..." stands for the rest */
    LINE_LEN_MAX = 128 + LN_ADDRESS_TEXT_MAX + 4 * (32 + TARGET_LEN_MAX),
};

void ln_log_open(struct ln_log *log, void *memory, size_t len, int descriptor)
{
    *log = (struct ln_log){.buffer = memory, .capacity = len};
    ln_system_log_open(&log->out, descriptor);
}

void ln_log_close(struct ln_log *log)
{
    ln_log_flush(log);
    ln_system_log_close(&log->out);
}

static void put_escaped(struct ln_cursor *cursor, struct linnet_span text)
{
    static const char digits[] = "0123456789abcdef";
    const size_t len = text.len < TARGET_LEN_MAX ? text.len : TARGET_LEN_MAX;
    for (size_t i = 0; i < len; i++) {
        const uint8_t byte = text.data[i];
        if (byte > ' ' && byte < 0x7F && byte != '"' && byte != '\\') {
            ln_cursor_put_byte(cursor, byte);
        } else {
            ln_cursor_put(cursor, "\\x", 2);
            ln_cursor_put_byte(cursor, (uint8_t)digits[byte >> 4]);
            ln_cursor_put_byte(cursor, (uint8_t)digits[byte & 15]);
        }
    }
    if (len < text.len) {
        ln_cursor_put(cursor, "...", 3);
    }
}

static void put_line(struct ln_cursor *cursor, const struct linnet_answer_record *record)
{
    if (ln_date_is_writable(record->time.unix_s)) {
        ln_date_put_iso(cursor, record->time.unix_s);
        ln_cursor_put_byte(cursor, ' ');
    }
    ln_address_put(cursor, record->peer);
    ln_cursor_put(cursor, " \"", 2);
    if (record->method.len > 0) {
        put_escaped(cursor, record->method);
        ln_cursor_put_byte(cursor, ' ');
        put_escaped(cursor, record->target);
    }
    ln_cursor_put(cursor, "\" ", 2);
    if (record->status == LINNET_STATUS_NONE) {
        ln_cursor_put_byte(cursor, '-');
    } else {
        ln_number_put_decimal(cursor, record->status);
    }
    ln_cursor_put_byte(cursor, ' ');
    ln_number_put_decimal(cursor, record->body_len);
    ln_cursor_put_byte(cursor, ' ');
    ln_number_put_decimal(cursor, record->duration_ms);
    ln_cursor_put(cursor, "ms", 2);
    if (record->reason.len > 0) {
        ln_cursor_put(cursor, " [", 2);
        ln_cursor_put_span(cursor, record->reason);
        ln_cursor_put_byte(cursor, ']');
    }
    ln_cursor_put_byte(cursor, '\n');
}

static bool append(struct ln_log *log, struct linnet_span line)
{
    if (line.len > log->capacity - log->len) {
        log->dropped++;
        return false;
    }
    memcpy(log->buffer + log->len, line.data, line.len);
    log->len += line.len;
    return true;
}

static void append_dropped(struct ln_log *log)
{
    uint8_t text[64];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){text, sizeof text});
    ln_cursor_put_span(&cursor, LINNET_SPAN("log: "));
    ln_number_put_decimal(&cursor, log->dropped);
    ln_cursor_put_span(&cursor, LINNET_SPAN(" lines dropped\n"));
    if (append(log, ln_cursor_span(&cursor))) {
        log->dropped = 0;
    } else {
        log->dropped--; /* this line is none of them */
    }
}

void ln_log_answered(void *context, const struct linnet_answer_record *record)
{
    struct ln_log *log = context;
    if (log->dropped > 0) {
        append_dropped(log);
    }
    uint8_t text[LINE_LEN_MAX];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){text, sizeof text});
    put_line(&cursor, record);
    LN_ASSERT(!cursor.overflow);
    (void)append(log, ln_cursor_span(&cursor));
}

void ln_log_flush(struct ln_log *log)
{
    if (log->len == 0) {
        return;
    }
    const size_t len = ln_system_log_write(&log->out, (struct linnet_span){log->buffer, log->len});
    LN_ASSERT(len <= log->len);
    memmove(log->buffer, log->buffer + len, log->len - len);
    log->len -= len;
}
