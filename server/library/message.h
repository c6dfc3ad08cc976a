/* What a failed call says, in memory of the caller's and without the C library's printing. */
#ifndef LN_SERVER_LIBRARY_MESSAGE_H
#define LN_SERVER_LIBRARY_MESSAGE_H

#include <stddef.h>

struct ln_message {
    char *text; /* NULL: nobody wants to know */
    size_t len;
};

/* Writes the pieces one behind the other, as far as they fit, and a zero. The last one is NULL. */
void ln_message_write(struct ln_message message, const char *const *pieces);

/* The same of what is named: LN_MESSAGE_SAY(message, "no driver ", name). */
#define LN_MESSAGE_SAY(message, ...) \
    ln_message_write((message), (const char *const[]){__VA_ARGS__, NULL})

#endif
