/* Content that is pulled from its owner into the output buffer: RFC 9112 6 and 7.1.
 *
 * A piece is asked for behind the head, as long as there is room for one of copy_len_max bytes, and
 * whenever the buffer is empty; then in the connection's next turn, so that a stream without end
 * does not keep the others waiting. A stream that says LATER waits: when everything was sent its
 * buffer goes back, and it is given one again, by the line if need be, when it is resumed.
 *
 *     chunk      = chunk-size CRLF chunk-data CRLF
 *     last-chunk = "0" CRLF *( field-line CRLF ) CRLF
 *
 * Invariants: `left` is 0 from the stream's end on; the stream is released when everything was
 * sent, or else not complete; what does not agree with its length never gets into the buffer. */
#include "core/base/number.h"
#include "core/base/span.h"
#include "core/connection/connection_parts.h"

enum {
    CHUNK_FRAME_MAX = 24, /* the size in at most 16 digits, two line ends, and what rounds it up */
    LAST_CHUNK_LEN = 5,
};

/* From its owner, in the thread of the worker. */
static void resume_stream(void *channel)
{
    struct ln_connection *connection = channel;
    connection->waits |= LN_RESUMED_STREAM;
    connection->context->ready(connection->context->owner, connection);
}

void linnet_stream_resume(struct linnet_stream *stream)
{
    LN_ASSERT(stream->channel != NULL);
    stream->resume(stream->channel);
}

void ln_connection_begin_stream(struct ln_connection *connection, const struct linnet_reply *reply)
{
    const struct linnet_exchange *exchange = &connection->exchange->exchange;
    LN_ASSERT(connection->answer.kind == LN_ANSWER_NONE);
    const bool head_only = connection->answer_len == 0;
    const bool chunked = reply->len == LINNET_LEN_UNKNOWN && exchange->request.minor_version > 0;
    connection->answer = (struct ln_long_answer){
        .stream = reply->stream,
        .left = head_only ? 0 : reply->len,
        .chunked = chunked,
        .trailers = chunked && !head_only && reply->stream->trailers.len > 0 &&
                    ln_exchange_takes_trailers(exchange),
        .kind = LN_ANSWER_STREAM,
    };
    if (reply->len == LINNET_LEN_UNKNOWN) {
        connection->answer_len = 0; /* it grows with what is pulled */
    }
    reply->stream->channel = connection;
    reply->stream->resume = resume_stream;
}

void ln_connection_end_stream(struct ln_connection *connection, struct linnet_stream *stream,
                              bool complete)
{
    connection->waits &= (uint8_t)~LN_LISTENS;
    if (connection->exchange == NULL) {
        ln_connection_forget_token(connection);
    }
    stream->channel = NULL;
    if (stream->operations->done != NULL) {
        stream->operations->done(stream, complete);
    }
}

/* The client must not take what it has for the whole. */
static void cut_stream(struct ln_connection *connection, enum ln_close_reason reason,
                       struct linnet_time time)
{
    /* RFC 9112 8: what ends with the connection is incomplete only if that ends by an error. */
    connection->reset =
        connection->answer.left == LINNET_LEN_UNKNOWN && !connection->answer.chunked;
    ln_connection_close(connection, reason, time);
}

static unsigned hex_digit_count(size_t number)
{
    unsigned digits = 1;
    while (number >= 16) {
        number /= 16;
        digits++;
    }
    return digits;
}

/* Frames the `len` bytes that lie `before` bytes behind the cursor's beginning. */
static void put_chunk(struct ln_cursor *cursor, size_t before, size_t len)
{
    const size_t begin = hex_digit_count(len) + 2;
    LN_ASSERT(begin <= before);
    if (begin < before) {
        memmove(cursor->data + begin, cursor->data + before, len);
    }
    ln_number_put_hex(cursor, len);
    ln_cursor_put(cursor, "\r\n", 2);
    LN_ASSERT(cursor->len == begin);
    cursor->len += len;
    ln_cursor_put(cursor, "\r\n", 2);
}

/* The fields behind the last chunk, as far as they are sound and fit. */
static void put_trailers(const struct ln_connection *connection, struct ln_cursor *cursor)
{
    struct linnet_stream *stream = connection->answer.stream;
    const uint64_t len_max = connection->context->limits->reply_head_len_max;
    struct linnet_field field;
    if (!connection->answer.trailers || stream->operations->trailer == NULL) {
        return;
    }
    for (size_t i = 0; i < LINNET_TRAILERS_MAX && stream->operations->trailer(stream, i, &field);
         i++) {
        const struct ln_field_put put = {.fields = &field, .field_count = 1};
        const struct ln_cursor before = *cursor;
        if (ln_trailer_is_sound(&field, stream->trailers)) {
            ln_field_put(cursor, &put);
        }
        if (cursor->overflow || cursor->len + 2 > len_max) {
            *cursor = before;
        }
    }
}

/* The last chunk, at once or when the buffer is empty. */
static void put_end(struct ln_connection *connection)
{
    struct ln_long_answer *answer = &connection->answer;
    const struct ln_output *output = connection->output;
    const size_t room =
        answer->trailers ? (size_t)connection->context->limits->reply_head_len_max + LAST_CHUNK_LEN
                         : LAST_CHUNK_LEN;
    if (output->pending + output->lent > 0 &&
        (ln_output_room(output) < room || ln_output_pieces_free(output) == 0)) {
        return;
    }
    struct ln_cursor cursor = ln_output_cursor(connection->output);
    ln_cursor_put(&cursor, "0\r\n", 3);
    put_trailers(connection, &cursor);
    ln_cursor_put(&cursor, "\r\n", 2);
    LN_ASSERT(!cursor.overflow);
    ln_output_commit(connection->output, &cursor);
    answer->has_end = false;
}

/* Is what it gave the content that was promised? Says what is left of it. */
static bool count_piece(struct ln_long_answer *answer, enum linnet_pulled pulled, uint64_t len)
{
    if (answer->left == LINNET_LEN_UNKNOWN) {
        if (pulled == LINNET_PULLED_END) {
            answer->left = 0;
            answer->has_end = answer->chunked;
        }
        return true;
    }
    if (len > answer->left || (len < answer->left && pulled == LINNET_PULLED_END)) {
        return false;
    }
    answer->left -= len;
    return true;
}

/* Asks for a piece, into room that there is; false: no more of them now. It may close the
 * connection. */
static bool pull_piece(struct ln_connection *connection, struct linnet_time time)
{
    struct ln_long_answer *answer = &connection->answer;
    struct linnet_stream *stream = answer->stream;
    struct ln_cursor cursor = ln_output_cursor(connection->output);
    const bool chunked = answer->chunked;
    const size_t before = chunked ? hex_digit_count(cursor.capacity) + 2 : 0;
    const size_t behind = chunked ? 2 + LAST_CHUNK_LEN : 0;
    struct linnet_pull pull = {
        .room = {cursor.data + before, cursor.capacity - before - behind},
        .time = time,
        .again_ms = LINNET_NO_DEADLINE,
    };
    LN_ASSERT(pull.room.len >= connection->context->limits->copy_len_max);
    const bool sized = answer->left != LINNET_LEN_UNKNOWN;
    const enum linnet_pulled pulled = stream->operations->pull(stream, &pull);
    LN_ASSERT(pull.len <= pull.room.len);
    if (pulled == LINNET_PULLED_FAILED) {
        cut_stream(connection, LN_CLOSE_STREAM_FAILED, time);
        return false;
    }
    if (!count_piece(answer, pulled, pull.len)) {
        cut_stream(connection, LN_CLOSE_STREAM_LENGTH, time);
        return false;
    }
    if (chunked && pull.len > 0) {
        put_chunk(&cursor, before, pull.len);
    } else {
        cursor.len = pull.len;
    }
    ln_output_commit(connection->output, &cursor);
    connection->answer_len += sized ? 0 : pull.len;
    if (pulled == LINNET_PULLED_LATER && answer->left > 0) {
        answer->waits = true;
        answer->again_ms = pull.again_ms;
    } else if (pull.len == 0 && answer->left > 0) {
        connection->context->ready(connection->context->owner, connection);
        return false;
    }
    return answer->left > 0 && !answer->waits;
}

/* For a whole piece, with its frame. */
static bool has_room(const struct ln_connection *connection)
{
    const struct ln_output *output = connection->output;
    return output->pending + output->lent == 0 ||
           (ln_output_room(output) >= connection->context->limits->copy_len_max + CHUNK_FRAME_MAX &&
            ln_output_pieces_free(output) > 1);
}

void ln_connection_check_half_closed(struct ln_connection *connection, struct linnet_time time)
{
    const struct ln_output *output = connection->output;
    if (ln_connection_stream_waits(connection) && connection->peer_ended &&
        (output == NULL || output->pending + output->lent == 0) &&
        !connection->answer.stream->serves_half_closed) {
        ln_connection_close(connection, LN_CLOSE_PEER_CLOSED_EARLY, time);
    }
}

/* Who listens for the peer's end reads nothing else: when there is a next request, it waits. */
static void listen_for_end(struct ln_connection *connection)
{
    connection->waits &= (uint8_t)~LN_LISTENS;
    if (connection->answer.waits && connection->state == LN_CONNECTION_ANSWER &&
        connection->exchange == NULL) {
        connection->waits |= LN_LISTENS;
    }
}

void ln_connection_pull(struct ln_connection *connection, struct linnet_time time)
{
    struct ln_long_answer *answer = &connection->answer;
    struct ln_output *output = connection->output;
    LN_ASSERT(output != NULL);
    while (answer->left > 0 && !answer->waits && has_room(connection) &&
           pull_piece(connection, time)) {
    }
    if (connection->state == LN_CONNECTION_CLOSED) {
        return;
    }
    if (answer->has_end) {
        put_end(connection);
    }
    if (answer->left == 0 && !answer->has_end) {
        if (output->pending + output->lent == 0) {
            ln_connection_release_answer(connection, true);
        }
        return;
    }
    listen_for_end(connection);
    ln_connection_check_half_closed(connection, time);
}

bool ln_connection_pulls_next(struct ln_connection *connection, bool new_answer,
                              struct linnet_time time)
{
    const struct ln_long_answer *answer = &connection->answer;
    const struct ln_output *output = connection->output;
    if (new_answer) {
        return true;
    }
    if (answer->waits) {
        listen_for_end(connection);
        ln_connection_check_half_closed(connection, time);
        return false;
    }
    if (output == NULL || output->pending + output->lent > 0) {
        return false;
    }
    if (answer->left > 0) {
        connection->context->ready(connection->context->owner, connection);
        return false;
    }
    return true;
}

void ln_connection_resume_stream(struct ln_connection *connection, struct linnet_time time)
{
    const struct ln_long_answer *answer = &connection->answer;
    if (connection->state == LN_CONNECTION_CLOSED || answer->kind != LN_ANSWER_STREAM ||
        answer->waits) {
        return;
    }
    connection->waits &= (uint8_t)~LN_LISTENS;
    if (!ln_connection_take_output(connection)) {
        return;
    }
    if (connection->output->pending + connection->output->lent > 0) {
        return;
    }
    /* The peer had nothing to take until now; each buffer has a clock of its own. */
    connection->write_ms = time.monotonic_ms;
    connection->write_begun_ms = time.monotonic_ms;
    connection->written_len = 0;
    ln_connection_pull(connection, time);
    if (connection->state != LN_CONNECTION_CLOSED) {
        ln_connection_follow_progress(connection, time);
    }
}
