/* The pieces of an output buffer and the two cursors along them. */
#include "core/connection/output.h"

#include "core/base/span.h"

void ln_output_init(struct ln_output *output, size_t len)
{
    LN_ASSERT(len > sizeof *output);
    LN_ASSERT(len - sizeof *output <= UINT32_MAX);
    output->capacity = (uint32_t)(len - sizeof *output);
    output->piece_count = 0;
    output->taken_piece = 0;
    output->released_piece = 0;
    output->used = 0;
    output->taken_in_piece = 0;
    output->released_in_piece = 0;
    output->pending = 0;
    output->lent = 0;
}

size_t ln_output_room(const struct ln_output *output)
{
    return output->capacity - output->used;
}

uint32_t ln_output_pieces_free(const struct ln_output *output)
{
    return LN_OUTPUT_PIECES_MAX - output->piece_count;
}

struct ln_cursor ln_output_cursor(struct ln_output *output)
{
    return ln_cursor_over(
        (struct linnet_room){output->bytes + output->used, ln_output_room(output)});
}

void ln_output_lend(struct ln_output *output, struct linnet_span bytes,
                    struct linnet_source *source)
{
    LN_ASSERT(bytes.len > 0);
    *ln_output_append(output) =
        (struct ln_output_piece){.data = bytes.data, .source = source, .len = bytes.len};
    output->pending += bytes.len;
    if (source != NULL) {
        source->operations->hold(source);
    }
}

void ln_output_show(const struct ln_output *output, struct linnet_output *out)
{
    uint64_t skip = output->taken_in_piece;
    out->span_count = 0;
    for (uint32_t i = output->taken_piece; i < output->piece_count; i++) {
        const struct ln_output_piece *piece = &output->pieces[i];
        out->spans[out->span_count].data = piece->data + skip;
        out->spans[out->span_count].len = (size_t)(piece->len - skip);
        out->span_count++;
        skip = 0;
    }
}

void ln_output_taken(struct ln_output *output, uint64_t len)
{
    LN_ASSERT(len <= output->pending);
    output->pending -= len;
    output->lent += len;
    while (len > 0) {
        const struct ln_output_piece *piece = &output->pieces[output->taken_piece];
        const uint64_t left = piece->len - output->taken_in_piece;
        if (len < left) {
            output->taken_in_piece += len;
            return;
        }
        len -= left;
        output->taken_piece++;
        output->taken_in_piece = 0;
    }
}

static void begin_anew_if_empty(struct ln_output *output)
{
    if (output->pending == 0 && output->lent == 0) {
        LN_ASSERT(output->released_piece == output->piece_count);
        ln_output_init(output, sizeof *output + output->capacity);
    }
}

void ln_output_released(struct ln_output *output, uint64_t len)
{
    LN_ASSERT(len <= output->lent);
    output->lent -= len;
    while (len > 0) {
        struct ln_output_piece *piece = &output->pieces[output->released_piece];
        const uint64_t left = piece->len - output->released_in_piece;
        if (len < left) {
            output->released_in_piece += len;
            return;
        }
        len -= left;
        output->released_piece++;
        output->released_in_piece = 0;
        if (piece->source != NULL) {
            piece->source->operations->release(piece->source);
            piece->source = NULL;
        }
    }
    begin_anew_if_empty(output);
}

void ln_output_sent_whole(struct ln_output *output)
{
    LN_ASSERT(output->lent == 0);
    for (uint32_t i = output->released_piece; i < output->piece_count; i++) {
        struct linnet_source *source = output->pieces[i].source;
        if (source != NULL) {
            source->operations->release(source);
        }
    }
    ln_output_init(output, sizeof *output + output->capacity);
}

void ln_output_drop(struct ln_output *output)
{
    if (output->pending == 0) {
        return;
    }
    /* A piece that is taken in part stays as long as it is lent; it ends where it was taken. */
    uint32_t keep = output->taken_piece;
    if (output->lent > 0 && output->taken_in_piece > 0) {
        output->pieces[keep].len = output->taken_in_piece;
        keep++;
    }
    for (uint32_t i = keep; i < output->piece_count; i++) {
        if (output->pieces[i].source != NULL) {
            output->pieces[i].source->operations->release(output->pieces[i].source);
            output->pieces[i].source = NULL;
        }
    }
    output->piece_count = keep;
    output->taken_piece = keep;
    output->taken_in_piece = 0;
    output->pending = 0;
    if (output->lent == 0) {
        output->released_piece = keep;
        output->released_in_piece = 0;
        begin_anew_if_empty(output);
    }
}
