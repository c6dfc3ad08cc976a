/* The exchange's side of a request: deliveries in their order, and reading its fields. */
#include "core/exchange/exchange.h"

#include "core/base/span.h"

void ln_exchange_move(struct linnet_exchange *exchange, enum ln_exchange_event event)
{
    const enum ln_exchange_state next =
        ln_exchange_transition((enum ln_exchange_state)exchange->state, event);
    LN_ASSERT(next != LN_EXCHANGE_ILLEGAL);
    exchange->state = (uint8_t)next;
}

static void deliver(struct linnet_exchange *exchange, enum linnet_event event,
                    struct linnet_span data)
{
    if (exchange->handler != NULL) {
        exchange->handler(exchange->context, exchange, event, data);
    }
}

void ln_exchange_arrive(struct linnet_exchange *exchange, const struct linnet_hooks *hooks,
                        struct linnet_time time)
{
    exchange->time = time;
    ln_exchange_move(exchange, LN_EXCHANGE_ON_BEGIN);
    if (hooks->arrived != NULL) {
        hooks->arrived(hooks->context, exchange);
    }
}

void ln_exchange_begin(struct linnet_exchange *exchange, struct linnet_time time)
{
    LN_ASSERT(exchange->state == LN_EXCHANGE_RECEIVING); /* arrived, and not answered */
    exchange->time = time;
    deliver(exchange, LINNET_EVENT_BEGIN, (struct linnet_span){NULL, 0});
}

size_t ln_exchange_data(struct linnet_exchange *exchange, struct linnet_span data,
                        struct linnet_time time)
{
    LN_ASSERT(exchange->state == LN_EXCHANGE_RECEIVING || exchange->state == LN_EXCHANGE_EARLY);
    LN_ASSERT(data.len > 0);
    exchange->time = time;
    exchange->untaken = 0;
    deliver(exchange, LINNET_EVENT_DATA, data);
    LN_ASSERT(exchange->untaken <= data.len);
    return exchange->untaken;
}

void ln_exchange_final(struct linnet_exchange *exchange, struct linnet_time time)
{
    /* Who answered before and does not read on hears the same whether content came or not. */
    const bool is_dismissed = exchange->state == LN_EXCHANGE_EARLY && !exchange->reads_on;
    exchange->time = time;
    exchange->request.body_len = exchange->body_received;
    ln_exchange_move(exchange, LN_EXCHANGE_ON_FINAL);
    deliver(exchange, is_dismissed ? LINNET_EVENT_ABORT : LINNET_EVENT_FINAL,
            (struct linnet_span){NULL, 0});
}

bool ln_exchange_can_resume(const struct linnet_exchange *exchange)
{
    return exchange->state == LN_EXCHANGE_RECEIVING || exchange->state == LN_EXCHANGE_THINKING ||
           (exchange->state == LN_EXCHANGE_EARLY && exchange->reads_on);
}

void ln_exchange_resume(struct linnet_exchange *exchange, struct linnet_time time)
{
    exchange->time = time;
    exchange->untaken = 0;
    ln_exchange_move(exchange, LN_EXCHANGE_ON_RESUME);
    deliver(exchange, LINNET_EVENT_RESUME, (struct linnet_span){NULL, 0});
    LN_ASSERT(exchange->untaken == 0);
}

void ln_exchange_abort(struct linnet_exchange *exchange, struct linnet_time time)
{
    const enum ln_exchange_state state = (enum ln_exchange_state)exchange->state;
    exchange->time = time;
    ln_exchange_move(exchange, LN_EXCHANGE_ON_ABORT);
    if (state == LN_EXCHANGE_RECEIVING || state == LN_EXCHANGE_EARLY ||
        state == LN_EXCHANGE_THINKING) {
        deliver(exchange, LINNET_EVENT_ABORT, (struct linnet_span){NULL, 0});
    }
}

struct linnet_token linnet_exchange_token(struct linnet_exchange *exchange)
{
    LN_ASSERT(exchange->state != LN_EXCHANGE_NEW);
    LN_ASSERT(exchange->state != LN_EXCHANGE_ENDED);
    return exchange->sink->token(exchange);
}

void linnet_exchange_pause(struct linnet_exchange *exchange, size_t untaken)
{
    LN_ASSERT(untaken <= UINT32_MAX);
    const enum ln_exchange_state state = (enum ln_exchange_state)exchange->state;
    if (state == LN_EXCHANGE_RECEIVING || (state == LN_EXCHANGE_EARLY && exchange->reads_on)) {
        exchange->untaken = (uint32_t)untaken;
        exchange->sink->pause(exchange);
    }
}

void linnet_exchange_resume(struct linnet_exchange *exchange)
{
    LN_ASSERT(exchange->state != LN_EXCHANGE_NEW);
    LN_ASSERT(exchange->state != LN_EXCHANGE_ENDED);
    exchange->sink->resume(exchange);
}

const struct linnet_request *linnet_exchange_request(const struct linnet_exchange *exchange)
{
    return &exchange->request;
}

const struct linnet_tls_info *linnet_exchange_tls(const struct linnet_exchange *exchange)
{
    return exchange->sink->tls == NULL ? NULL : exchange->sink->tls(exchange);
}

struct linnet_time linnet_exchange_time(const struct linnet_exchange *exchange)
{
    return exchange->time;
}

const struct linnet_address *linnet_exchange_peer(const struct linnet_exchange *exchange)
{
    return exchange->peer;
}

void linnet_exchange_keep(struct linnet_exchange *exchange, void *pointer)
{
    exchange->kept = pointer;
}

void *linnet_exchange_kept(const struct linnet_exchange *exchange)
{
    return exchange->kept;
}

size_t linnet_exchange_field_count(const struct linnet_exchange *exchange)
{
    return exchange->line_count;
}

static struct linnet_span line_name(const struct linnet_exchange *exchange, size_t index)
{
    LN_ASSERT(index < exchange->line_count);
    const struct ln_field_line *line = &exchange->lines[index];
    return (struct linnet_span){exchange->head + line->name_begin, line->name_len};
}

struct linnet_span ln_exchange_line_content(const struct linnet_exchange *exchange, size_t index)
{
    LN_ASSERT(index < exchange->line_count);
    const struct ln_field_line *line = &exchange->lines[index];
    return (struct linnet_span){exchange->head + line->content_begin, line->content_len};
}

bool linnet_exchange_field_at(const struct linnet_exchange *exchange, size_t index,
                              struct linnet_span *name, struct linnet_span *content)
{
    if (index >= exchange->line_count) {
        return false;
    }
    *name = line_name(exchange, index);
    *content = ln_exchange_line_content(exchange, index);
    return true;
}

bool linnet_exchange_field(const struct linnet_exchange *exchange, struct linnet_span name,
                           struct linnet_span *content)
{
    for (size_t i = 0; i < exchange->line_count; i++) {
        if (ln_span_equal_fold(line_name(exchange, i), name)) {
            *content = ln_exchange_line_content(exchange, i);
            return true;
        }
    }
    return false;
}

size_t ln_exchange_known_fields(const struct linnet_exchange *exchange, enum ln_field field,
                                struct linnet_span *contents, size_t capacity)
{
    LN_ASSERT(field < LN_FIELD_COUNT);
    size_t count = 0;
    if ((exchange->fields_seen & (1U << field)) == 0) {
        return 0;
    }
    for (size_t i = 0; i < exchange->line_count; i++) {
        if (exchange->lines[i].field == field) {
            if (count < capacity) {
                contents[count] = ln_exchange_line_content(exchange, i);
            }
            count++;
        }
    }
    return count;
}
