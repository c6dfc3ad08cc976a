/* A log that never waits: writing to what was inherited without making it non-blocking for others.
 *
 * A pipe or a terminal is opened anew for ourselves (by /proc/self/fd), non-blocking; a socket is
 * sent to without waiting; a file is written to. Where none of that can be had, it is asked first
 * whether it would take a little. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_LOG_H
#define LN_DRIVERS_SYSTEM_SYSTEM_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include <linnet/span.h>

enum ln_system_log_kind {
    LN_SYSTEM_LOG_NONE,
    LN_SYSTEM_LOG_PLAIN,  /* write returns at once */
    LN_SYSTEM_LOG_SOCKET, /* send with MSG_DONTWAIT */
    LN_SYSTEM_LOG_ASKED,  /* poll, then a small write */
};

struct ln_system_log {
    int descriptor;
    enum ln_system_log_kind kind;
    bool own; /* opened here, to be closed here */
};

/* Over an inherited descriptor; -1 for no log. Takes one more descriptor at most. */
void ln_system_log_open(struct ln_system_log *log, int inherited);

/* Writes what is taken without waiting; returns how many bytes that is. */
size_t ln_system_log_write(const struct ln_system_log *log, struct linnet_span bytes);

void ln_system_log_close(struct ln_system_log *log);

#endif
