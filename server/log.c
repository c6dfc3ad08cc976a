/* The access log's memory, its file, and what happens when it is full. */
#include "server/log.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/base/span.h"
#include "drivers/system/system_error.h"
#include "drivers/system/system_file.h"
#include "drivers/system/system_log_file.h"

/* NO_COLOR: whoever sets it to anything wants no colours (no-color.org). */
static bool may_colour(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    return (no_color == NULL || no_color[0] == 0) &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

unsigned ln_log_descriptor_count(const struct ln_log_config *config)
{
    if (config->format == LN_LOG_NONE) {
        return 0;
    }
    return config->path == NULL ? 1 : 3;
}

enum linnet_error ln_log_open(struct ln_log *log, void *memory, size_t len,
                              const struct ln_log_config *config)
{
    *log = (struct ln_log){
        .buffer = memory,
        .capacity = len,
        .unix_s = LINNET_NO_WALL_CLOCK,
        .format = config->format,
        .path = config->path,
        .file = -1,
    };
    if (log->format == LN_LOG_NONE) {
        ln_system_log_open(&log->out, -1);
        return LINNET_ERROR_NONE;
    }
    if (log->path != NULL) {
        const enum linnet_error error = ln_system_log_file_open(log->path, &log->file);
        if (error != LINNET_ERROR_NONE) {
            return error;
        }
    }
    const int descriptor = log->path == NULL ? STDOUT_FILENO : log->file;
    const bool is_terminal = isatty(descriptor) != 0;
    if (log->format == LN_LOG_FORMAT_COUNT) {
        log->format = is_terminal ? LN_LOG_PEOPLE : LN_LOG_COMBINED;
    }
    log->colour = is_terminal && may_colour();
    ln_system_log_open(&log->out, descriptor);
    return LINNET_ERROR_NONE;
}

static void close_out(struct ln_log *log)
{
    ln_system_log_close(&log->out);
    if (log->file >= 0) {
        ln_system_close_file(log->file);
        log->file = -1;
    }
}

void ln_log_close(struct ln_log *log)
{
    ln_log_flush(log);
    ln_log_flush(log); /* the first may have made the line of what was dropped */
    close_out(log);
}

static void say_kept(const struct ln_log *log, enum linnet_error error)
{
    uint8_t text[512];
    struct ln_system_log errors;
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){text, sizeof text});
    const char *reason = ln_system_error_text(error);
    ln_cursor_put_span(&cursor, LINNET_SPAN("linnet: the log cannot be opened again: "));
    ln_cursor_put(&cursor, reason, strlen(reason));
    ln_cursor_put_span(&cursor, LINNET_SPAN("; lines go on into the old file. It was to be "));
    const size_t room = sizeof text - cursor.len - 1;
    const size_t len = strlen(log->path);
    ln_cursor_put(&cursor, log->path, len < room ? len : room);
    ln_cursor_put_byte(&cursor, '\n');
    ln_system_log_open(&errors, STDERR_FILENO);
    (void)ln_system_log_write(&errors, ln_cursor_span(&cursor));
    ln_system_log_close(&errors);
}

void ln_log_reopen(struct ln_log *log)
{
    int file;
    if (log->file < 0) {
        return;
    }
    ln_log_flush(log);
    const enum linnet_error error = ln_system_log_file_open(log->path, &file);
    if (error != LINNET_ERROR_NONE) {
        say_kept(log, error);
        return;
    }
    close_out(log);
    log->file = file;
    ln_system_log_open(&log->out, file);
}

static struct ln_cursor room_of(const struct ln_log *log)
{
    LN_ASSERT(log->len <= log->capacity);
    return ln_cursor_over((struct linnet_room){log->buffer + log->len, log->capacity - log->len});
}

static void append_dropped(struct ln_log *log)
{
    struct ln_cursor cursor = room_of(log);
    ln_log_line_put_dropped(&cursor, log->format, &log->time, log->dropped, log->unix_s);
    if (!cursor.overflow) {
        log->len += cursor.len;
        log->dropped = 0;
    }
}

void ln_log_answered(void *context, const struct linnet_answer_record *record)
{
    struct ln_log *log = context;
    log->unix_s = record->time.unix_s;
    if (log->dropped > 0) {
        append_dropped(log);
    }
    struct ln_cursor cursor = room_of(log);
    /* Behind a gap that could not be told of, no line: the order of the log stays true. */
    if (log->dropped == 0) {
        ln_log_line_put(&cursor, log->format, log->colour, &log->time, record);
    }
    if (cursor.overflow || log->dropped > 0) {
        log->dropped++;
    } else {
        log->len += cursor.len;
    }
}

void ln_log_flush(struct ln_log *log)
{
    if (log->len > 0) {
        const size_t len =
            ln_system_log_write(&log->out, (struct linnet_span){log->buffer, log->len});
        LN_ASSERT(len <= log->len);
        memmove(log->buffer, log->buffer + len, log->len - len);
        log->len -= len;
    }
    if (log->dropped > 0) {
        append_dropped(log);
    }
}
