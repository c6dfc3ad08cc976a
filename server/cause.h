/* The last words of a worker: an assertion that failed, written where its parent finds them. */
#ifndef LN_SERVER_CAUSE_H
#define LN_SERVER_CAUSE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/cursor.h"

/* From now on this process has somebody to tell: `text`, of `len` bytes, is shared with it. */
void ln_cause_tell(char *text, size_t len);

/* Writes these pieces, as far as they fit; only the first time: other threads that fail later have
 * nothing to add. false: there is nobody to tell. Safe wherever an assertion may fail. */
bool ln_cause_write(const char *const *pieces, size_t count);

/* For who waited for it, why a process ended: its last words, of at most len_max bytes, or what its
 * status says. */
void ln_cause_put(struct ln_cursor *cursor, const char *words, size_t len_max, int status);

#endif
