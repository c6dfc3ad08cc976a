/* One request and its answer: who handles it, what was delivered, what was answered.
 *
 * It knows no framing and no connection: a sink, which the channel brings, turns a reply into
 * bytes. Its states are the table in core/table/exchange_transition.h.
 *
 * Invariants: a handler gets BEGIN once, then DATA any number of times, then exactly one of FINAL
 * and ABORT. It is answered at most once. Spans of the request point into input that the channel
 * holds until the exchange is ENDED. */
#ifndef LN_EXCHANGE_EXCHANGE_H
#define LN_EXCHANGE_EXCHANGE_H

#include <linnet/exchange.h>

#include "core/base/field_line.h"
#include "core/route/route.h"
#include "core/table/exchange_transition.h"
#include "core/table/field.h"

struct ln_exchange_sink {
    /* As linnet_reply, with the reply's fields already checked. */
    enum linnet_error (*reply)(struct linnet_exchange *exchange, const struct linnet_reply *reply);
};

struct linnet_exchange {
    struct linnet_request request;
    const struct ln_exchange_sink *sink;
    void *owner;                      /* the channel, for its sink */
    linnet_handler_function *handler; /* NULL: core answers by itself */
    void *context;                    /* the handler's */
    const struct linnet_route *route; /* that the handler is from; NULL while none is found */
    const uint8_t *head;              /* first byte of the head: base of the offsets */
    const struct ln_field_line *lines;
    uint32_t fields_seen; /* bit per enum ln_field */
    uint16_t line_count;
    uint16_t status;         /* enum linnet_status of the answer; NONE before it */
    uint8_t state;           /* enum ln_exchange_state */
    struct linnet_time time; /* of the call that is going on */
    uint64_t begun_ms;
    uint64_t body_received; /* bytes of content */
};

static inline bool ln_exchange_is_answered(const struct linnet_exchange *exchange)
{
    return exchange->status != LINNET_STATUS_NONE;
}

/* linnet_reply, of which it is known that its fields are sound. */
enum linnet_error ln_exchange_reply(struct linnet_exchange *exchange,
                                    const struct linnet_reply *reply);

/* Bytes of content that the reply gives. */
uint64_t ln_reply_body_len(const struct linnet_reply *reply);

/* Moves along the table; an illegal event is an assertion. */
void ln_exchange_move(struct linnet_exchange *exchange, enum ln_exchange_event event);

/* The question who answers, and what the routes say to it. */
struct ln_dispatch {
    const struct ln_route_table *routes;
    struct linnet_span scheme; /* that the target names, or empty */
    bool whole_server;         /* OPTIONS * */
    uint64_t body_len;         /* of the request, 0 while it is not known */
    uint64_t body_len_max;     /* in: that of the limits; out: that of the route */
    unsigned allowed;          /* out: methods to name in Allow, or 0 */
};

/* Finds the handler of a request: NONE; otherwise core answers by itself with this status. */
enum linnet_status ln_exchange_dispatch(struct linnet_exchange *exchange,
                                        struct ln_dispatch *dispatch);

/* Deliver to the handler; the channel sees afterwards whether there is an answer. */
void ln_exchange_begin(struct linnet_exchange *exchange, struct linnet_time time);
void ln_exchange_data(struct linnet_exchange *exchange, struct linnet_span data,
                      struct linnet_time time);
void ln_exchange_final(struct linnet_exchange *exchange, struct linnet_time time);
/* Ends it; the handler hears of it unless it had its FINAL. */
void ln_exchange_abort(struct linnet_exchange *exchange, struct linnet_time time);

/* The content of line `index`. */
struct linnet_span ln_exchange_line_content(const struct linnet_exchange *exchange, size_t index);

/* The contents of the field lines of that kind, at most `capacity` of them; returns how many the
 * message has. */
size_t ln_exchange_known_fields(const struct linnet_exchange *exchange, enum ln_field field,
                                struct linnet_span *contents, size_t capacity);

#endif
