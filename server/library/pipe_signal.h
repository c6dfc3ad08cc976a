/* SIGPIPE: what a write to a client that has left would end the program with.
 *
 * A program ignores it; a library may not touch what is its user's. It blocks the signal in its
 * thread while it writes, takes away the one that came, and leaves the mask as it was. */
#ifndef LN_SERVER_LIBRARY_PIPE_SIGNAL_H
#define LN_SERVER_LIBRARY_PIPE_SIGNAL_H

#include <stdbool.h>

/* Blocks it. Returns whether ln_pipe_signal_release must follow: it was not blocked before. */
bool ln_pipe_signal_hold(void);

void ln_pipe_signal_release(void);

#endif
