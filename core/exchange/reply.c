/* Answering: what a handler says is checked here, then turned into bytes by the channel's sink.
 *
 * Invariant: whatever a handler passes, nothing can reach the wire that would end a field line or
 * stand beside a field that Linnet writes itself. */
#include "core/base/bits.h"
#include "core/base/character.h"
#include "core/base/span.h"
#include "core/exchange/exchange.h"
#include "core/http/field_put.h"

/* Fields that frame the message or end the connection are the channel's alone. */
static const struct linnet_span reserved_names[] = {
    LINNET_SPAN_INIT("Connection"),   LINNET_SPAN_INIT("Content-Length"),
    LINNET_SPAN_INIT("Content-Type"), LINNET_SPAN_INIT("Date"),
    LINNET_SPAN_INIT("Keep-Alive"),   LINNET_SPAN_INIT("Transfer-Encoding"),
    LINNET_SPAN_INIT("Upgrade"),
};

/* In eight bytes, the highest bit of each one that is below SP or is DEL. May also name a byte
 * above such a one: what it finds is looked at again. */
static uint64_t controls_of(uint64_t bytes)
{
    return ln_bits_bytes_below(bytes, ' ') | ln_bits_bytes_equal(bytes, 0x7F);
}

static bool content_is_sound(struct linnet_span content)
{
    size_t at = 0;
    while (content.len - at >= 8) {
        uint64_t bytes;
        memcpy(&bytes, content.data + at, sizeof bytes);
        if (controls_of(bytes) != 0) {
            break;
        }
        at += 8;
    }
    for (; at < content.len; at++) {
        if (!ln_character_is(content.data[at], LN_CHARACTER_CONTENT)) {
            return false;
        }
    }
    return true;
}

bool ln_reply_field_is_sound(const struct linnet_field *field)
{
    if (field->name.len == 0 || !content_is_sound(field->content)) {
        return false;
    }
    for (size_t i = 0; i < field->name.len; i++) {
        if (!ln_character_is(field->name.data[i], LN_CHARACTER_TOKEN)) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof reserved_names / sizeof reserved_names[0]; i++) {
        if (ln_span_equal_fold(field->name, reserved_names[i])) {
            return false;
        }
    }
    return true;
}

/* Could these fields stand in an answer? Prepared ones were found to when they were written. */
static bool fields_are_sound(const struct linnet_reply *reply)
{
    if (!content_is_sound(reply->media_type)) {
        return false;
    }
    for (size_t i = 0; i < reply->field_count; i++) {
        if (!ln_reply_field_is_sound(&reply->fields[i])) {
            return false;
        }
    }
    return true;
}

/* A stream that nobody has yet, with an announcement that splits nothing. */
static bool stream_is_sound(const struct linnet_stream *stream)
{
    return stream != NULL && stream->operations != NULL && stream->channel == NULL &&
           content_is_sound(stream->trailers);
}

uint64_t ln_reply_body_len(const struct linnet_reply *reply)
{
    switch (reply->body) {
    case LINNET_BODY_NONE:
        return 0;
    case LINNET_BODY_COPY:
    case LINNET_BODY_LEND:
        return reply->bytes.len;
    case LINNET_BODY_SOURCE:
    case LINNET_BODY_STREAM:
        return reply->len;
    }
    LN_UNREACHABLE();
}

static bool reply_is_sound(const struct linnet_reply *reply)
{
    if (reply->status < 200 || reply->status > 599 ||
        (reply->body == LINNET_BODY_SOURCE && reply->source == NULL) ||
        (reply->body == LINNET_BODY_STREAM && !stream_is_sound(reply->stream))) {
        return false;
    }
    if (reply->prepared == NULL) {
        return fields_are_sound(reply);
    }
    /* RFC 9110 8.6: 204 says no length, and what is prepared does. */
    return reply->media_type.len == 0 && reply->field_count == 0 &&
           reply->prepared->body_len == ln_reply_body_len(reply) &&
           reply->status != LINNET_STATUS_NO_CONTENT;
}

enum linnet_error linnet_reply(struct linnet_exchange *exchange, const struct linnet_reply *reply)
{
    return reply_is_sound(reply) ? ln_exchange_reply(exchange, reply) : LINNET_ERROR_INVALID;
}

enum linnet_error ln_exchange_reply(struct linnet_exchange *exchange,
                                    const struct linnet_reply *reply)
{
    LN_ASSERT(exchange->state != LN_EXCHANGE_NEW);
    LN_ASSERT(exchange->state != LN_EXCHANGE_ENDED);
    if (ln_exchange_is_answered(exchange)) {
        return LINNET_ERROR_INVALID;
    }
    const enum linnet_error error = exchange->sink->reply(exchange, reply);
    if (error == LINNET_ERROR_NONE) {
        exchange->status = (uint16_t)reply->status;
        exchange->reads_on = reply->read_on;
        ln_exchange_move(exchange, LN_EXCHANGE_ON_REPLY);
    }
    return error;
}

enum linnet_error linnet_prepare(const struct linnet_reply *reply, struct linnet_room room,
                                 struct linnet_prepared *prepared)
{
    if (reply->prepared != NULL || !reply_is_sound(reply) ||
        ln_reply_body_len(reply) == LINNET_LEN_UNKNOWN) {
        return LINNET_ERROR_INVALID;
    }
    prepared->body_len = ln_reply_body_len(reply);
    const struct ln_field_put fields = {
        .media_type = reply->media_type,
        .has_content_length = true,
        .content_length = prepared->body_len,
        .fields = reply->fields,
        .field_count = reply->field_count,
    };
    struct ln_cursor cursor = ln_cursor_over(room);
    ln_field_put(&cursor, &fields);
    ln_cursor_put(&cursor, "\r\n", 2);
    prepared->lines = ln_cursor_span(&cursor);
    return cursor.overflow ? LINNET_ERROR_TOO_LARGE : LINNET_ERROR_NONE;
}

enum linnet_error linnet_reply_interim(struct linnet_exchange *exchange, enum linnet_status status,
                                       const struct linnet_field *fields, size_t field_count)
{
    LN_ASSERT(exchange->state != LN_EXCHANGE_NEW);
    LN_ASSERT(exchange->state != LN_EXCHANGE_ENDED);
    if (status != LINNET_STATUS_EARLY_HINTS || ln_exchange_is_answered(exchange)) {
        return LINNET_ERROR_INVALID;
    }
    for (size_t i = 0; i < field_count; i++) {
        if (!ln_reply_field_is_sound(&fields[i])) {
            return LINNET_ERROR_INVALID;
        }
    }
    if (exchange->request.minor_version == 0) {
        /* RFC 9110 15.2: a client of HTTP/1.0 is sent none. */
        return LINNET_ERROR_NONE;
    }
    return exchange->sink->interim(exchange, status, fields, field_count);
}
