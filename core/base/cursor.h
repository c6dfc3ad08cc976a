/* A write cursor over memory of fixed length.
 *
 * Writing past the end writes nothing and sets `overflow`, which stays set until the cursor is
 * started again: many writes, one check at the end. */
#ifndef LN_BASE_CURSOR_H
#define LN_BASE_CURSOR_H

#include <stdbool.h>
#include <string.h>

#include <linnet/span.h>

#include "core/base/assert.h"

struct ln_cursor {
    uint8_t *data;
    size_t len; /* bytes written */
    size_t capacity;
    bool overflow;
};

static inline struct ln_cursor ln_cursor_over(struct linnet_room room)
{
    return (struct ln_cursor){.data = room.data, .len = 0, .capacity = room.len};
}

static inline void ln_cursor_put(struct ln_cursor *cursor, const void *data, size_t len)
{
    LN_ASSERT(cursor->len <= cursor->capacity);
    if (cursor->overflow || len > cursor->capacity - cursor->len) {
        cursor->overflow = true;
        return;
    }
    if (len > 0) {
        memcpy(cursor->data + cursor->len, data, len);
        cursor->len += len;
    }
}

static inline void ln_cursor_put_span(struct ln_cursor *cursor, struct linnet_span span)
{
    ln_cursor_put(cursor, span.data, span.len);
}

static inline void ln_cursor_put_byte(struct ln_cursor *cursor, uint8_t byte)
{
    ln_cursor_put(cursor, &byte, 1);
}

static inline struct linnet_span ln_cursor_span(const struct ln_cursor *cursor)
{
    return (struct linnet_span){cursor->data, cursor->len};
}

#endif
