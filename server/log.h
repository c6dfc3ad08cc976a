/* The access log: one line per answer, collected in fixed memory, written once per turn.
 *
 * A line that does not fit is dropped and counted; the count is a line of its own as soon as there
 * is room again. Nothing waits for whoever reads the log, and an inherited standard output stays as
 * it is. A file is opened for appending, and anew by ln_log_reopen, for whoever has renamed it. */
#ifndef LN_SERVER_LOG_H
#define LN_SERVER_LOG_H

#include <linnet/error.h>
#include <linnet/hooks.h>

#include "drivers/system/system_log.h"
#include "server/log_line.h"

struct ln_log_config {
    enum ln_log_format format; /* LN_LOG_FORMAT_COUNT: chosen by where it goes */
    const char *path;          /* NULL: standard output */
};

struct ln_log {
    uint8_t *buffer;
    size_t capacity;
    size_t len;
    uint64_t dropped; /* lines since the last that fitted */
    int64_t unix_s;   /* when the last line was to be written */
    struct ln_log_time time;
    enum ln_log_format format;
    bool colour;
    const char *path;
    int file; /* -1: no file of our own */
    struct ln_system_log out;
};

/* Descriptors it holds at one time at most: for standard output one of our own; for a file one or
 * two (a FIFO is opened twice), and the next one while it is opened anew. */
unsigned ln_log_descriptor_count(const struct ln_log_config *config);

/* Makes the log in `len` bytes of memory; opens its file. The path must outlive the log. */
LINNET_MUST_USE enum linnet_error ln_log_open(struct ln_log *log, void *memory, size_t len,
                                              const struct ln_log_config *config);
void ln_log_close(struct ln_log *log);

/* Writes what there is, then opens the file anew by its path. When that fails, lines go where they
 * went, and one line on standard error says so. Without a file it does nothing. */
void ln_log_reopen(struct ln_log *log);

/* A hook: its context is the struct ln_log. */
void ln_log_answered(void *context, const struct linnet_answer_record *record);

/* Writes what there is and never waits; what is not taken stays for the next time. */
void ln_log_flush(struct ln_log *log);

#endif
