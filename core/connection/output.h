/* What a connection has to send: pieces in order, in one output buffer.
 *
 * A piece is bytes of the buffer itself, or bytes lent by somebody else. Two
 * cursors run along the pieces: what was taken (handed on to be sent) and what was released (may
 * change). When everything is released the buffer begins anew at its first byte.
 *
 * Invariants: released <= taken <= appended, in bytes; a source that was lent with a piece is
 * released once, when the last byte of that piece is.
 */
#ifndef LN_CONNECTION_OUTPUT_H
#define LN_CONNECTION_OUTPUT_H

#include <stdbool.h>

#include <linnet/channel.h>

#include "core/base/cursor.h"

enum { LN_OUTPUT_PIECES_MAX = LINNET_OUTPUT_SPANS_MAX };

struct ln_output_piece {
    const uint8_t *data;
    struct linnet_source *source; /* held for this piece, or NULL */
    uint64_t len;
};

struct ln_output {
    struct ln_output_piece pieces[LN_OUTPUT_PIECES_MAX];
    uint32_t piece_count;
    uint32_t taken_piece; /* the piece the next byte to take is in */
    uint32_t released_piece;
    uint32_t used; /* bytes of the buffer that are written */
    uint32_t capacity;
    uint64_t taken_in_piece; /* bytes of taken_piece that are taken */
    uint64_t released_in_piece;
    uint64_t pending; /* appended and not taken */
    uint64_t lent;    /* taken and not released */
    uint8_t bytes[];
};

/* Makes a buffer of `len` bytes in all ready for use. */
void ln_output_init(struct ln_output *output, size_t len);

/* Bytes and pieces that can still be written. */
size_t ln_output_room(const struct ln_output *output);
uint32_t ln_output_pieces_free(const struct ln_output *output);

/* One more piece; there must be one free. */
static inline struct ln_output_piece *ln_output_append(struct ln_output *output)
{
    LN_ASSERT(output->piece_count < LN_OUTPUT_PIECES_MAX);
    return &output->pieces[output->piece_count++];
}

/* A cursor over the free part of the buffer; ln_output_commit appends what was written to it. */
struct ln_cursor ln_output_cursor(struct ln_output *output);
static inline void ln_output_commit(struct ln_output *output, const struct ln_cursor *cursor)
{
    LN_ASSERT(!cursor->overflow);
    LN_ASSERT(cursor->data == output->bytes + output->used);
    if (cursor->len == 0) {
        return;
    }
    output->used += (uint32_t)cursor->len;
    output->pending += cursor->len;
    /* A piece that was taken whole is behind the cursor and grows no more. */
    if (output->taken_piece < output->piece_count) {
        struct ln_output_piece *last = &output->pieces[output->piece_count - 1];
        if (last->source == NULL && last->data + last->len == cursor->data) {
            last->len += cursor->len;
            return;
        }
    }
    *ln_output_append(output) = (struct ln_output_piece){.data = cursor->data, .len = cursor->len};
}

/* Appends bytes that outlive the piece; `source` (or NULL) is held until they are released. */
void ln_output_lend(struct ln_output *output, struct linnet_span bytes,
                    struct linnet_source *source);
/* Fills the spans of *out with what is pending; the rest is left alone. */
void ln_output_show(const struct ln_output *output, struct linnet_output *out);

void ln_output_taken(struct ln_output *output, uint64_t len);
void ln_output_released(struct ln_output *output, uint64_t len);
/* All that is pending was taken and released, and nothing was lent before. */
void ln_output_sent_whole(struct ln_output *output);

/* Forgets what is pending; what is lent stays until it is released. */
void ln_output_drop(struct ln_output *output);

#endif
