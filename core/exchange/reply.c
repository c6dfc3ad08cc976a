/* Answering: what a handler says is checked here, then turned into bytes by the channel's sink.
 *
 * Invariant: whatever a handler passes, nothing can reach the wire that would end a field line or
 * stand beside a field that Linnet writes itself. */
#include "core/base/character.h"
#include "core/base/span.h"
#include "core/exchange/exchange.h"
#include "core/table/status.h"

/* Fields that frame the message or end the connection are the channel's alone. */
static const struct linnet_span reserved_names[] = {
    LINNET_SPAN_INIT("Connection"),   LINNET_SPAN_INIT("Content-Length"),
    LINNET_SPAN_INIT("Content-Type"), LINNET_SPAN_INIT("Date"),
    LINNET_SPAN_INIT("Keep-Alive"),   LINNET_SPAN_INIT("Transfer-Encoding"),
    LINNET_SPAN_INIT("Upgrade"),
};

static bool content_is_sound(struct linnet_span content)
{
    for (size_t i = 0; i < content.len; i++) {
        if (!ln_character_is(content.data[i], LN_CHARACTER_CONTENT)) {
            return false;
        }
    }
    return true;
}

static bool field_is_sound(const struct linnet_field *field)
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

static bool reply_is_sound(const struct linnet_reply *reply)
{
    if (reply->status < 200 || reply->status > 599 || !content_is_sound(reply->media_type)) {
        return false;
    }
    if (reply->body == LINNET_BODY_SOURCE && reply->source == NULL) {
        return false;
    }
    for (size_t i = 0; i < reply->field_count; i++) {
        if (!field_is_sound(&reply->fields[i])) {
            return false;
        }
    }
    return true;
}

enum linnet_error linnet_reply(struct linnet_exchange *exchange, const struct linnet_reply *reply)
{
    LN_ASSERT(exchange->state != LN_EXCHANGE_NEW);
    LN_ASSERT(exchange->state != LN_EXCHANGE_ENDED);
    if (ln_exchange_is_answered(exchange) || !reply_is_sound(reply)) {
        return LINNET_ERROR_INVALID;
    }
    const enum linnet_error error = exchange->sink->reply(exchange, reply);
    if (error == LINNET_ERROR_NONE) {
        exchange->status = (uint16_t)reply->status;
        ln_exchange_move(exchange, LN_EXCHANGE_ON_REPLY);
    }
    return error;
}

enum linnet_error linnet_reply_status(struct linnet_exchange *exchange, enum linnet_status status)
{
    const struct ln_status_row *row = ln_status_row(status);
    const struct linnet_reply reply = {
        .status = status,
        .media_type = row->text.len > 0 ? LINNET_SPAN("text/html; charset=utf-8")
                                        : (struct linnet_span){NULL, 0},
        .body = row->text.len > 0 ? LINNET_BODY_LEND : LINNET_BODY_NONE,
        .bytes = row->page,
    };
    return linnet_reply(exchange, &reply);
}
