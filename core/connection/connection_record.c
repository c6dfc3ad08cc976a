/* What the log and the counters are told of an answer: at once when it is complete, or out of a
 * note when sending it takes longer. Every exchange that was worth it is told once. */
#include "core/connection/connection_parts.h"
#include "core/connection/note.h"

static void count_answer(struct ln_counters *counters, unsigned status)
{
    if (status < 200) {
        return;
    }
    if (status < 300) {
        counters->answers_2xx++;
    } else if (status < 400) {
        counters->answers_3xx++;
    } else if (status < 500) {
        counters->answers_4xx++;
    } else {
        counters->answers_5xx++;
    }
}

static struct linnet_span field_or_empty(const struct linnet_exchange *exchange,
                                         struct linnet_span name)
{
    struct linnet_span content = {NULL, 0};
    (void)linnet_exchange_field(exchange, name, &content);
    return content;
}

static struct linnet_span reason_name(const struct ln_connection *connection)
{
    return connection->reason == LN_CLOSE_NONE
               ? (struct linnet_span){NULL, 0}
               : ln_close_reason_name((enum ln_close_reason)connection->reason);
}

/* Bytes of content that were handed on. */
static uint64_t sent_len(const struct ln_connection *connection, bool complete)
{
    uint64_t unsent = 0;
    if (!complete) {
        unsent = connection->output == NULL ? 0 : connection->output->pending;
        /* Of what was to be pulled and has no length, only what was pulled is counted. */
        unsent += connection->answer.left == LINNET_LEN_UNKNOWN ? 0 : connection->answer.left;
    }
    return unsent < connection->answer_len ? connection->answer_len - unsent : 0;
}

static void tell(struct ln_connection *connection, struct linnet_answer_record *record,
                 uint64_t begun_ms, bool complete, struct linnet_time time)
{
    const struct linnet_hooks *hooks = &connection->context->hooks;
    count_answer(connection->context->counters, record->status);
    if (hooks->answered == NULL) {
        return; /* only of a note */
    }
    record->peer = &connection->peer;
    if (connection->tls != NULL) {
        record->client = connection->tls->client_subject;
    }
    record->reason = reason_name(connection);
    record->body_len = sent_len(connection, complete);
    record->duration_ms = time.monotonic_ms - begun_ms;
    record->time = time;
    record->complete = complete;
    hooks->answered(hooks->context, record);
}

void ln_connection_tell(struct ln_connection *connection, bool complete, struct linnet_time time)
{
    const struct linnet_exchange *exchange = &connection->exchange->exchange;
    if (connection->context->hooks.answered == NULL) {
        count_answer(connection->context->counters, exchange->status);
        return;
    }
    struct linnet_answer_record record = {
        .method = exchange->request.method_name,
        .target = exchange->request.target,
        .referer = field_or_empty(exchange, LINNET_SPAN("Referer")),
        .user_agent = field_or_empty(exchange, LINNET_SPAN("User-Agent")),
        .status = (enum linnet_status)exchange->status,
        .minor_version = exchange->request.minor_version,
    };
    tell(connection, &record, exchange->begun_ms, complete, time);
}

/* Copies what fits of a text; returns how much that is. */
static uint16_t keep(struct ln_cursor *cursor, struct linnet_span text)
{
    const size_t room = cursor->capacity - cursor->len;
    const size_t len = text.len < room ? text.len : room;
    ln_cursor_put(cursor, text.data, len);
    return (uint16_t)len;
}

void ln_connection_take_note(struct ln_connection *connection)
{
    const struct linnet_exchange *exchange = &connection->exchange->exchange;
    struct ln_note *note = connection->note;
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){
        note->text, (size_t)connection->context->limits->note_len - sizeof *note});
    note->begun_ms = exchange->begun_ms;
    note->status = exchange->status;
    note->minor_version = (uint8_t)exchange->request.minor_version;
    note->method_len = keep(&cursor, exchange->request.method_name);
    note->target_len = keep(&cursor, exchange->request.target);
    note->referer_len = keep(&cursor, field_or_empty(exchange, LINNET_SPAN("Referer")));
    note->user_agent_len = keep(&cursor, field_or_empty(exchange, LINNET_SPAN("User-Agent")));
    connection->noted = true;
}

void ln_connection_tell_note(struct ln_connection *connection, bool complete,
                             struct linnet_time time)
{
    const struct ln_note *note = connection->note;
    LN_ASSERT(connection->noted);
    const uint8_t *text = note->text;
    struct linnet_answer_record record = {
        .method = {text, note->method_len},
        .target = {text + note->method_len, note->target_len},
        .referer = {text + note->method_len + note->target_len, note->referer_len},
        .user_agent = {text + note->method_len + note->target_len + note->referer_len,
                       note->user_agent_len},
        .status = (enum linnet_status)note->status,
        .minor_version = note->minor_version,
    };
    connection->noted = false;
    tell(connection, &record, note->begun_ms, complete, time);
}

void ln_connection_end_exchange(struct ln_connection *connection, bool complete,
                                struct linnet_time time)
{
    struct ln_http1_exchange *exchange = connection->exchange;
    LN_ASSERT(exchange != NULL);
    if (exchange->exchange.state == LN_EXCHANGE_ANSWERED && complete) {
        ln_exchange_move(&exchange->exchange, LN_EXCHANGE_ON_END);
    } else {
        ln_exchange_abort(&exchange->exchange, time);
    }
    if (exchange->begun && complete && connection->answer.kind != LN_ANSWER_NONE) {
        ln_connection_take_note(connection);
    } else if (exchange->begun) {
        ln_connection_tell(connection, complete, time);
    }
    ln_connection_give_exchange(connection);
}
