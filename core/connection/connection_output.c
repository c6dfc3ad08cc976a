/* Sending: lending what is in the output buffer, and what follows when it is gone. */
#include "core/base/span.h"
#include "core/connection/connection_parts.h"
#include "core/table/limit.h"

static void attach_output(struct ln_connection *connection, uint32_t index)
{
    struct ln_pool *outputs = connection->context->outputs;
    LN_ASSERT(connection->output == NULL);
    connection->output = ln_pool_block(outputs, index);
    connection->output_index = index;
    ln_output_init(connection->output, outputs->block_len);
}

void ln_connection_grant_output(struct ln_connection *connection, uint32_t index)
{
    LN_ASSERT(connection->in_line);
    connection->in_line = false;
    attach_output(connection, index);
    connection->context->ready(connection->context->owner, connection);
}

static void give_output(struct ln_connection *connection)
{
    struct ln_pool *outputs = connection->context->outputs;
    connection->output = NULL;
    ln_pool_give(outputs, connection->output_index);
    uint32_t index;
    struct ln_list_node *node = ln_pool_serve(outputs, &index);
    if (node != NULL) {
        ln_connection_grant_output(ln_connection_of_wait_node(node), index);
    }
}

bool ln_connection_take_output(struct ln_connection *connection)
{
    struct ln_connection_context *context = connection->context;
    if (connection->in_line) {
        return false;
    }
    if (connection->output == NULL) {
        const uint32_t index = ln_pool_take(context->outputs);
        if (index == LN_POOL_NONE) {
            ln_pool_wait(context->outputs, &connection->wait_node);
            connection->in_line = true;
            context->counters->output_waits++;
            return false;
        }
        attach_output(connection, index);
    }
    return true;
}

bool ln_connection_acquire_output(struct ln_connection *connection)
{
    const struct linnet_limits *limits = connection->context->limits;
    if (!ln_connection_take_output(connection)) {
        return false;
    }
    const struct ln_output *output = connection->output;
    const size_t room =
        (size_t)(limits->reply_head_len_max + limits->copy_len_max + LN_INTERIM_LEN_MAX);
    return connection->answer.kind == LN_ANSWER_NONE && ln_output_room(output) >= room &&
           ln_output_pieces_free(output) >= LN_ANSWER_PIECES;
}

void ln_connection_leave_line(struct ln_connection *connection, struct linnet_time time)
{
    if (connection->state != LN_CONNECTION_WAITING || !ln_connection_acquire_output(connection)) {
        return;
    }
    if (connection->refusal.status != LINNET_STATUS_NONE) {
        ln_connection_answer_refusal(connection, time);
        return;
    }
    connection->granted = true;
    ln_connection_move(connection, LN_CONNECTION_ON_GRANTED, time);
}

void ln_connection_output_begins(struct ln_connection *connection, struct linnet_time time)
{
    if (!ln_connection_output_pending(connection)) {
        connection->write_ms = time.monotonic_ms;
        connection->write_begun_ms = time.monotonic_ms;
        connection->written_len = 0;
    }
}

void ln_connection_settle_output(struct ln_connection *connection)
{
    const struct ln_output *output = connection->output;
    const struct ln_long_answer *answer = &connection->answer;
    if (output == NULL || output->pending > 0 || output->lent > 0 ||
        (answer->kind > LN_ANSWER_FILE && !ln_connection_stream_waits(connection)) ||
        connection->state == LN_CONNECTION_WAITING) {
        return;
    }
    /* A head that is about to be offered again was granted it; a living exchange needs it. */
    if (connection->exchange == NULL ||
        (connection->state == LN_CONNECTION_HEAD && !connection->granted)) {
        give_output(connection);
    }
}

void ln_connection_release_answer(struct ln_connection *connection, bool complete)
{
    struct ln_long_answer *answer = &connection->answer;
    const bool is_stream = answer->kind == LN_ANSWER_STREAM;
    LN_ASSERT(answer->kind != LN_ANSWER_NONE);
    answer->kind = LN_ANSWER_NONE;
    if (is_stream) {
        ln_connection_end_stream(connection, answer->stream, complete);
    } else {
        answer->source->operations->release(answer->source);
    }
}

void ln_connection_drop_output(struct ln_connection *connection)
{
    struct ln_long_answer *answer = &connection->answer;
    connection->constant = (struct linnet_span){NULL, 0};
    answer->left = 0;
    if (answer->kind != LN_ANSWER_NONE && answer->lent == 0 &&
        (answer->kind != LN_ANSWER_READ_AHEAD || ln_connection_drop_reads(connection))) {
        ln_connection_release_answer(connection, false);
    }
    if (connection->in_line) {
        ln_pool_leave(connection->context->outputs, &connection->wait_node);
        connection->in_line = false;
    }
    if (connection->output != NULL) {
        ln_output_drop(connection->output);
    }
}

void ln_connection_fill_output(struct ln_connection *connection, struct linnet_time time)
{
    struct ln_connection_context *context = connection->context;
    struct ln_long_answer *answer = &connection->answer;
    if (answer->kind == LN_ANSWER_STREAM) {
        ln_connection_pull(connection, time);
        return;
    }
    if (answer->kind == LN_ANSWER_READ_AHEAD) {
        if (ln_connection_read_ahead(connection, time)) {
            ln_connection_release_answer(connection, true);
        }
        return;
    }
    struct ln_cursor cursor = ln_output_cursor(connection->output);
    struct linnet_room room = {cursor.data, cursor.capacity};
    LN_ASSERT(room.len > 0);
    if (room.len > answer->left) {
        room.len = (size_t)answer->left;
    }
    const ptrdiff_t len =
        context->read_file(context->owner, LINNET_NO_READ, answer->source, answer->offset, room);
    if (len <= 0) {
        ln_connection_close(connection, LN_CLOSE_FILE_SHRUNK, time);
        return;
    }
    LN_ASSERT((size_t)len <= room.len);
    cursor.len = (size_t)len;
    ln_output_commit(connection->output, &cursor);
    answer->offset += (uint64_t)len;
    answer->left -= (uint64_t)len;
    if (answer->left == 0) {
        ln_connection_release_answer(connection, true);
    }
}

/* All is sent, and the peer may still be sending: FIN comes next, and alone, so that there is no
 * doubt whether whoever took the last bytes knew of it. */
static bool shuts_next(const struct ln_connection *connection)
{
    return connection->state == LN_CONNECTION_FLUSH && connection->linger &&
           !connection->peer_ended && !ln_connection_output_pending(connection);
}

void ln_connection_output(struct linnet_channel *channel, unsigned accept,
                          struct linnet_output *out)
{
    const struct ln_connection *connection = ln_connection_of_const(channel);
    out->span_count = 0;
    out->file = NULL;
    out->flags = connection->reset ? LINNET_OUTPUT_RESET : 0;
    if (connection->state == LN_CONNECTION_CLOSED) {
        return;
    }
    if (connection->constant.len > 0) {
        out->spans[0] = connection->constant;
        out->span_count = 1;
    } else if (connection->output != NULL) {
        ln_output_show(connection->output, out);
    }
    const struct ln_long_answer *answer = &connection->answer;
    if (answer->kind == LN_ANSWER_NONE) {
        out->flags |= shuts_next(connection) ? LINNET_OUTPUT_FIN : 0;
    } else if (answer->kind != LN_ANSWER_FILE) {
        const bool more = answer->left > 0 && !ln_connection_stream_waits(connection);
        out->flags |= more ? LINNET_OUTPUT_MORE : 0;
    } else if (answer->left > 0) {
        LN_ASSERT((accept & LINNET_ACCEPT_FILE) != 0);
        out->file = answer->source;
        out->file_offset = answer->offset;
        out->file_len = answer->left;
    }
}

void ln_connection_follow_progress(struct ln_connection *connection, struct linnet_time time)
{
    ln_connection_advance(connection, time);
    if (connection->state == LN_CONNECTION_IDLE) {
        connection->since_ms = time.monotonic_ms;
    }
    if (connection->state == LN_CONNECTION_FLUSH && !ln_connection_output_pending(connection) &&
        !shuts_next(connection)) {
        ln_connection_close(connection, LN_CLOSE_DONE, time);
    }
    if (!connection->in_line) {
        ln_connection_leave_line(connection, time);
    }
    ln_connection_settle_output(connection);
}

void ln_connection_resume_answer(struct ln_connection *connection, struct linnet_time time)
{
    const struct ln_long_answer *answer = &connection->answer;
    if (answer->kind == LN_ANSWER_STREAM) {
        ln_connection_resume_stream(connection, time);
        return;
    }
    if (answer->kind != LN_ANSWER_READ_AHEAD) {
        return;
    }
    if (connection->state != LN_CONNECTION_CLOSED) {
        ln_connection_fill_output(connection, time);
        if (connection->state != LN_CONNECTION_CLOSED) {
            ln_connection_follow_progress(connection, time);
        }
    } else if (ln_connection_drop_reads(connection)) {
        ln_connection_release_answer(connection, false);
        ln_connection_settle_output(connection);
    }
}

/* Bytes behind those of the buffer are of the file range. */
static void take_file(struct ln_connection *connection, uint64_t len)
{
    struct ln_long_answer *answer = &connection->answer;
    LN_ASSERT(answer->kind == LN_ANSWER_FILE);
    LN_ASSERT(len <= answer->left);
    answer->offset += len;
    answer->left -= len;
    answer->lent += len;
}

static void release_file(struct ln_connection *connection, uint64_t len)
{
    struct ln_long_answer *answer = &connection->answer;
    LN_ASSERT(answer->kind == LN_ANSWER_FILE);
    LN_ASSERT(len <= answer->lent);
    answer->lent -= len;
    if (answer->lent == 0 && answer->left == 0) {
        ln_connection_release_answer(connection, true);
    }
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* FIN was confirmed. */
static void shut(struct ln_connection *connection, uint64_t len, struct linnet_time time)
{
    LN_ASSERT(len == 0);
    connection->body_len = 0;
    ln_connection_move(connection, LN_CONNECTION_ON_SHUT, time);
    ln_connection_settle_output(connection);
}

static void count_sent(struct ln_connection *connection, uint64_t len, struct linnet_time time)
{
    LN_ASSERT(connection->state != LN_CONNECTION_CLOSED);
    connection->context->counters->bytes_sent += len;
    connection->written_len += len;
    if (len > 0) {
        connection->write_ms = time.monotonic_ms;
    }
}

static void take(struct ln_connection *connection, uint64_t len)
{
    if (connection->constant.len > 0) {
        LN_ASSERT(len <= connection->constant.len);
        connection->constant.data += len;
        connection->constant.len -= (size_t)len;
        return;
    }
    const uint64_t buffered =
        connection->output == NULL ? 0 : least(len, connection->output->pending);
    if (buffered > 0) {
        ln_output_taken(connection->output, buffered);
    }
    if (len > buffered) {
        take_file(connection, len - buffered);
    }
}

static void release(struct ln_connection *connection, uint64_t len)
{
    const uint64_t buffered = connection->output == NULL ? 0 : least(len, connection->output->lent);
    if (buffered > 0) {
        ln_output_released(connection->output, buffered);
    }
    if (len > buffered && connection->answer.kind != LN_ANSWER_NONE) {
        release_file(connection, len - buffered);
    }
}

void ln_connection_taken(struct linnet_channel *channel, uint64_t len, struct linnet_time time)
{
    struct ln_connection *connection = ln_connection_of(channel);
    if (shuts_next(connection)) {
        shut(connection, len, time);
        return;
    }
    count_sent(connection, len, time);
    take(connection, len);
    ln_connection_follow_progress(connection, time);
}

void ln_connection_released(struct linnet_channel *channel, uint64_t len, struct linnet_time time)
{
    struct ln_connection *connection = ln_connection_of(channel);
    release(connection, len);
    if (connection->state == LN_CONNECTION_CLOSED) {
        ln_connection_settle_output(connection);
        return;
    }
    ln_connection_follow_progress(connection, time);
}

void ln_connection_sent(struct linnet_channel *channel, uint64_t len, struct linnet_time time)
{
    struct ln_connection *connection = ln_connection_of(channel);
    struct ln_output *output = connection->output;
    if (shuts_next(connection)) {
        shut(connection, len, time);
        return;
    }
    count_sent(connection, len, time);
    if (output != NULL && len == output->pending && output->lent == 0 &&
        connection->constant.len == 0) {
        ln_output_sent_whole(output); /* as it nearly always is */
    } else {
        take(connection, len);
        release(connection, len);
    }
    ln_connection_follow_progress(connection, time);
}
