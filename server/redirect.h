/* A handler for what came without TLS: the same by https. What came by it goes on to another. */
#ifndef LN_SERVER_REDIRECT_H
#define LN_SERVER_REDIRECT_H

#include <linnet/exchange.h>

struct ln_redirect {
    linnet_handler_function *handler; /* whose answers those by https are */
    void *context;
    uint16_t port; /* of https */
};

/* Its context is a struct ln_redirect. */
void ln_redirect_handle(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                        struct linnet_span data);

#endif
