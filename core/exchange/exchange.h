/* One request and its answer: who handles it, what was delivered, what was answered.
 *
 * It knows no framing and no connection: a sink, which the channel brings, turns a reply into
 * bytes. Its states are the table in core/table/exchange_transition.h.
 *
 * Invariants: a handler gets BEGIN once, then DATA any number of times, then FINAL or ABORT; behind
 * a FINAL that it did not answer, RESUME until it has, or ABORT. It is answered at most once. Spans
 * of the request point into input that the channel holds until the exchange is ENDED. */
#ifndef LN_EXCHANGE_EXCHANGE_H
#define LN_EXCHANGE_EXCHANGE_H

#include <linnet/exchange.h>
#include <linnet/hooks.h>

#include "core/base/field_line.h"
#include "core/route/route.h"
#include "core/table/exchange_transition.h"
#include "core/table/field.h"

struct ln_exchange_sink {
    /* As linnet_reply, with the reply's fields already checked. */
    enum linnet_error (*reply)(struct linnet_exchange *exchange, const struct linnet_reply *reply);
    /* As linnet_reply_interim, checked, to a client that knows such answers. */
    enum linnet_error (*interim)(struct linnet_exchange *exchange, enum linnet_status status,
                                 const struct linnet_field *fields, size_t field_count);
    struct linnet_token (*token)(struct linnet_exchange *exchange);
    /* No more content is delivered until the exchange is resumed. */
    void (*pause)(struct linnet_exchange *exchange);
    void (*resume)(struct linnet_exchange *exchange);
    /* As linnet_exchange_tls; NULL: there never is any. */
    const struct linnet_tls_info *(*tls)(const struct linnet_exchange *exchange);
};

struct linnet_exchange {
    struct linnet_request request;
    const struct ln_exchange_sink *sink;
    void *owner;                       /* the channel, for its sink */
    const struct linnet_address *peer; /* the channel's */
    void *kept;                        /* the handler's own */
    uint8_t *gathered;                 /* gather.c: this exchange's piece of a room, or NULL */
    linnet_handler_function *handler;  /* NULL: core answers by itself */
    void *context;                     /* the handler's */
    const struct linnet_route *route;  /* that the handler is from; NULL while none is found */
    const uint8_t *head;               /* first byte of the head: base of the offsets */
    const struct ln_field_line *lines;
    uint32_t fields_seen; /* bit per enum ln_field */
    uint16_t line_count;
    uint16_t status;         /* enum linnet_status of the answer; NONE before it */
    uint8_t state;           /* enum ln_exchange_state */
    bool reads_on;           /* answered before FINAL, and the handler wants the rest */
    uint32_t untaken;        /* of the piece that is being delivered: its last bytes come again */
    struct linnet_time time; /* of the call that is going on */
    uint64_t begun_ms;
    uint64_t body_received; /* bytes of content */
};

/* Of bodies that are streams, and of those alone: where trailers may be sent. */
bool ln_exchange_takes_trailers(const struct linnet_exchange *exchange);
/* Could this field be sent behind content, having been announced by that list? */
bool ln_trailer_is_sound(const struct linnet_field *field, struct linnet_span announced);

/* Could this field stand in an answer beside those that Linnet writes itself? */
bool ln_reply_field_is_sound(const struct linnet_field *field);

static inline bool ln_exchange_is_answered(const struct linnet_exchange *exchange)
{
    return exchange->status != LINNET_STATUS_NONE;
}

/* It has its answer, and does not want the rest of its request. */
static inline bool ln_exchange_is_done_reading(const struct linnet_exchange *exchange)
{
    return ln_exchange_is_answered(exchange) && !exchange->reads_on;
}

/* It has its answer, and nothing more of it is wanted. */
static inline bool ln_exchange_has_ended(const struct linnet_exchange *exchange)
{
    return ln_exchange_is_answered(exchange) &&
           (!exchange->reads_on || exchange->state == LN_EXCHANGE_ANSWERED);
}

/* linnet_reply, of which it is known that its fields are sound. */
enum linnet_error ln_exchange_reply(struct linnet_exchange *exchange,
                                    const struct linnet_reply *reply);

/* Answers with the server's own page for that status, and that field. */
enum linnet_error ln_exchange_reply_page(struct linnet_exchange *exchange,
                                         enum linnet_status status,
                                         const struct linnet_field *field);

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

/* The head is complete: the hook may answer before anybody is looked for who handles it. */
void ln_exchange_arrive(struct linnet_exchange *exchange, const struct linnet_hooks *hooks,
                        struct linnet_time time);

/* Deliver to the handler; the channel sees afterwards whether there is an answer. */
void ln_exchange_begin(struct linnet_exchange *exchange, struct linnet_time time);
/* Returns how many of the last bytes were not taken and come again. */
size_t ln_exchange_data(struct linnet_exchange *exchange, struct linnet_span data,
                        struct linnet_time time);
void ln_exchange_final(struct linnet_exchange *exchange, struct linnet_time time);
/* Is there a handler that can be resumed? */
bool ln_exchange_can_resume(const struct linnet_exchange *exchange);
void ln_exchange_resume(struct linnet_exchange *exchange, struct linnet_time time);
/* Ends it; the handler hears of it unless it had its FINAL and answered. */
void ln_exchange_abort(struct linnet_exchange *exchange, struct linnet_time time);

/* The content of line `index`. */
struct linnet_span ln_exchange_line_content(const struct linnet_exchange *exchange, size_t index);

/* The contents of the field lines of that kind, at most `capacity` of them; returns how many the
 * message has. */
size_t ln_exchange_known_fields(const struct linnet_exchange *exchange, enum ln_field field,
                                struct linnet_span *contents, size_t capacity);

#endif
