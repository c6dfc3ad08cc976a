/* Putting a sentence together. */
#include "server/library/message.h"

void ln_message_write(struct ln_message message, const char *const *pieces)
{
    size_t used = 0;
    if (message.text == NULL || message.len == 0) {
        return;
    }
    for (size_t i = 0; pieces[i] != NULL; i++) {
        for (const char *next = pieces[i]; *next != 0 && used + 1 < message.len; next++) {
            message.text[used++] = *next;
        }
    }
    message.text[used] = 0;
}
