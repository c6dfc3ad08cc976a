/* Redirecting to https. */
#include "server/redirect.h"

#include "core/base/cursor.h"
#include "core/base/number.h"

enum {
    LOCATION_LEN_MAX = 1536, /* what a reply's head always has room for beside the rest */
    HTTPS_PORT = 443,
};

/* The host without its port; an IPv6 address keeps its brackets. */
static struct linnet_span without_port(struct linnet_span host)
{
    for (size_t i = host.len; i > 0 && host.data[i - 1] != ']'; i--) {
        if (host.data[i - 1] == ':') {
            return (struct linnet_span){host.data, i - 1};
        }
    }
    return host;
}

/* RFC 9110 15.4.9: 308, so that the method stays. RFC 9110 7.4: the host is the one that was asked
 * for; who asked for none, or for the whole server, gets no address. */
static enum linnet_error reply(const struct ln_redirect *redirect, struct linnet_exchange *exchange)
{
    const struct linnet_request *request = linnet_exchange_request(exchange);
    uint8_t location[LOCATION_LEN_MAX];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){location, sizeof location});
    if (request->host.len == 0 || request->target.len == 0 || request->target.data[0] != '/') {
        return linnet_reply_status(exchange, LINNET_STATUS_BAD_REQUEST);
    }
    ln_cursor_put_span(&cursor, LINNET_SPAN("https://"));
    ln_cursor_put_span(&cursor, without_port(request->host));
    if (redirect->port != HTTPS_PORT) {
        ln_cursor_put_span(&cursor, LINNET_SPAN(":"));
        ln_number_put_decimal(&cursor, redirect->port);
    }
    ln_cursor_put_span(&cursor, request->target);
    if (cursor.overflow) {
        return linnet_reply_status(exchange, LINNET_STATUS_URI_TOO_LONG);
    }
    const struct linnet_field field = {LINNET_SPAN("Location"), ln_cursor_span(&cursor)};
    const struct linnet_reply answer = {
        .status = LINNET_STATUS_PERMANENT_REDIRECT,
        .fields = &field,
        .field_count = 1,
        .body = LINNET_BODY_NONE,
    };
    return linnet_reply(exchange, &answer);
}

void ln_redirect_handle(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                        struct linnet_span data)
{
    const struct ln_redirect *redirect = context;
    if (linnet_exchange_request(exchange)->secure) {
        redirect->handler(redirect->context, exchange, event, data);
        return;
    }
    if (event == LINNET_EVENT_BEGIN) {
        const enum linnet_error error = reply(redirect, exchange);
        (void)error; /* then core answers by itself */
    }
}
