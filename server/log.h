/* The access log: one line per answer, collected in fixed memory, written once per turn.
 *
 * A line that does not fit is dropped and counted; the count is a line of its own when there is
 * room again. Bytes of the peer are escaped, so that a line is a line whatever was sent. */
#ifndef LN_SERVER_LOG_H
#define LN_SERVER_LOG_H

#include <linnet/hooks.h>
#include <linnet/limits.h>

#include "drivers/system/system_log.h"

struct ln_log {
    uint8_t *buffer;
    size_t capacity;
    size_t len;
    uint64_t dropped; /* lines since the last that fitted */
    struct ln_system_log out;
};

/* Lines go to `descriptor`, which stays the caller's; -1: there is no log. */
void ln_log_open(struct ln_log *log, void *memory, size_t len, int descriptor);
void ln_log_close(struct ln_log *log);

/* A hook: its context is the struct ln_log. */
void ln_log_answered(void *context, const struct linnet_answer_record *record);

/* Writes what there is and never waits; what is not taken stays for the next time. */
void ln_log_flush(struct ln_log *log);

#endif
