/* Handlers that are called once, with the whole content: for forms, JSON and other short requests.
 *
 *     static uint8_t memory[8 * 1024];
 *     static struct linnet_gather rename_item = {
 *         .function = rename, .room = {memory, sizeof memory}, .body_len_max = 1024};
 *     ... {.handler = linnet_gather_handle, .context = &rename_item} ...
 *
 * Content is gathered in pieces of the room, each of body_len_max bytes, one for each request whose
 * content is arriving; requests without content need none. More content than that is 413, at once
 * where the request says its length. When all pieces are taken the answer is 503; as many pieces as
 * the limit `inputs` are never all taken. */
#ifndef LINNET_GATHER_H
#define LINNET_GATHER_H

#include <linnet/declarations.h>
#include <linnet/exchange.h>

LINNET_BEGIN

/* `body` is valid in the call only; no content is an empty span. Who does not answer is suspended
 * (<linnet/resume.h>), and called again, with the same body, each time it is resumed. */
typedef void linnet_gather_function(void *context, struct linnet_exchange *exchange,
                                    struct linnet_span body);

enum { LINNET_GATHER_PIECES_MAX = 64 };

/* The caller's, one for each route; it may be shared by several routes of one server. */
struct linnet_gather {
    linnet_gather_function *function;
    void *context;
    struct linnet_room room; /* outlives the server; pieces beyond LINNET_GATHER_PIECES_MAX are not
                                used */
    size_t body_len_max;     /* 1 or more */
    uint64_t taken;          /* its own, and 0 at first: a bit for each piece */
};

/* The handler of such a route, whose context is its struct linnet_gather. */
void linnet_gather_handle(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                          struct linnet_span data);

LINNET_END

#endif
