/* Content gathered for handlers that want it whole.
 *
 * An exchange whose content is to come has a piece of the room, from BEGIN to its answer or ABORT.
 *
 * Invariant: a bit of `taken` is set exactly while one exchange keeps that piece. */
#include <linnet/gather.h>

#include <string.h>

#include "core/base/assert.h"
#include "core/exchange/exchange.h"

static size_t piece_count(const struct linnet_gather *gather)
{
    const size_t count = gather->room.len / gather->body_len_max;
    return count < LINNET_GATHER_PIECES_MAX ? count : LINNET_GATHER_PIECES_MAX;
}

static uint8_t *take_piece(struct linnet_gather *gather)
{
    const size_t count = piece_count(gather);
    for (size_t i = 0; i < count; i++) {
        if ((gather->taken >> i & 1) == 0) {
            gather->taken |= UINT64_C(1) << i;
            return gather->room.data + i * gather->body_len_max;
        }
    }
    return NULL;
}

static void give_piece(struct linnet_gather *gather, struct linnet_exchange *exchange)
{
    const uint8_t *piece = exchange->gathered;
    if (piece == NULL) {
        return;
    }
    const size_t index = (size_t)(piece - gather->room.data) / gather->body_len_max;
    LN_ASSERT(index < piece_count(gather));
    LN_ASSERT((gather->taken >> index & 1) == 1);
    gather->taken &= ~(UINT64_C(1) << index);
    exchange->gathered = NULL;
}

/* An answer before its content is complete: the rest is dropped. */
static void refuse_content(struct linnet_exchange *exchange, enum linnet_status status)
{
    const enum linnet_error error = linnet_reply_status(exchange, status);
    LN_ASSERT(error == LINNET_ERROR_NONE);
}

static void begin(struct linnet_gather *gather, struct linnet_exchange *exchange)
{
    const uint64_t len = exchange->request.body_len;
    if (len == 0) {
        return;
    }
    if (len != LINNET_LEN_UNKNOWN && len > gather->body_len_max) {
        /* RFC 9110 15.5.14: refused before a byte of it is read. */
        refuse_content(exchange, LINNET_STATUS_CONTENT_TOO_LARGE);
        return;
    }
    exchange->gathered = take_piece(gather);
    if (exchange->gathered == NULL) {
        refuse_content(exchange, LINNET_STATUS_SERVICE_UNAVAILABLE);
    }
}

/* What came before the piece of `data` was counted without it. */
static void keep_piece(const struct linnet_gather *gather, struct linnet_exchange *exchange,
                       struct linnet_span data)
{
    LN_ASSERT(exchange->gathered != NULL);
    LN_ASSERT(exchange->body_received >= data.len);
    const uint64_t before = exchange->body_received - data.len;
    if (data.len > gather->body_len_max - before) {
        refuse_content(exchange, LINNET_STATUS_CONTENT_TOO_LARGE);
        return;
    }
    memcpy(exchange->gathered + before, data.data, data.len);
}

void linnet_gather_handle(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                          struct linnet_span data)
{
    struct linnet_gather *gather = context;
    LN_ASSERT(gather->body_len_max > 0);
    switch (event) {
    case LINNET_EVENT_BEGIN:
        begin(gather, exchange);
        break;
    case LINNET_EVENT_DATA:
        keep_piece(gather, exchange, data);
        break;
    case LINNET_EVENT_FINAL:
    case LINNET_EVENT_RESUME:
        gather->function(gather->context, exchange,
                         (struct linnet_span){exchange->gathered, (size_t)exchange->body_received});
        if (ln_exchange_is_answered(exchange)) {
            give_piece(gather, exchange);
        }
        break;
    case LINNET_EVENT_ABORT:
        give_piece(gather, exchange);
        break;
    }
}
