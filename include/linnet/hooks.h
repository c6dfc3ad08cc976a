/* What a worker tells its owner: each connection opened, each request that arrived, each answer
 * given, each connection ended. One of them may decide: a request that arrived is answered there or
 * let pass.
 *
 * Called inside a worker's own calls: a hook must not call back into the worker, and not wait. */
#ifndef LINNET_HOOKS_H
#define LINNET_HOOKS_H

#include <linnet/declarations.h>
#include <linnet/exchange.h>

LINNET_BEGIN

/* One answer, when it is complete or its connection ended. Spans are valid in the call only. */
struct linnet_answer_record {
    const struct linnet_address *peer;
    struct linnet_span method;  /* as received; empty when it was not readable */
    struct linnet_span target;  /* as received; empty likewise */
    struct linnet_span referer; /* contents of those fields, or empty */
    struct linnet_span user_agent;
    struct linnet_span client; /* the subject of its certificate, or empty */
    struct linnet_span reason; /* why the connection ends, by name; empty: it does not end */
    enum linnet_status status; /* NONE: the connection ended before there was an answer */
    unsigned minor_version;
    uint64_t body_len; /* bytes of content handed on to be sent */
    uint64_t duration_ms;
    struct linnet_time time;
    bool complete; /* the whole answer was handed on */
};

struct linnet_hooks {
    void (*opened)(void *context, const struct linnet_connection_info *info);
    /* Once for each request, when its head is complete and makes sense, before a route is looked
     * for: the place for who may come in, and how often. It may read the request and its peer, and
     * answer by any linnet_reply in this call: then no route is looked for, no handler is called,
     * and content that follows is dropped as behind any early answer. Where it does not answer, the
     * request goes on as if nothing had been. What is no HTTP never comes here. */
    void (*arrived)(void *context, struct linnet_exchange *exchange);
    void (*answered)(void *context, const struct linnet_answer_record *record);
    void *context;
};

LINNET_END

#endif
