/* Who answers a request: a handler by its route, or core itself with a status.
 *
 * The order is that of a reader: can the method be done at all, is the request for this server, is
 * there such a resource, does it allow the method, does it take that much content. */
#include "core/base/span.h"
#include "core/exchange/exchange.h"
#include "core/table/method.h"

enum linnet_status ln_exchange_dispatch(struct linnet_exchange *exchange,
                                        struct ln_dispatch *dispatch)
{
    const struct linnet_request *request = &exchange->request;
    dispatch->allowed = 0;
    if (!ln_method_is_implemented(request->method)) {
        /* RFC 9110 15.6.2: a method that is not implemented for any resource. */
        return LINNET_STATUS_NOT_IMPLEMENTED;
    }
    const struct linnet_span scheme = request->secure ? LINNET_SPAN("https") : LINNET_SPAN("http");
    if (dispatch->scheme.len > 0 && !ln_span_equal_fold(dispatch->scheme, scheme)) {
        /* RFC 9110 7.4: a request for a scheme that this connection does not carry. */
        return LINNET_STATUS_MISDIRECTED_REQUEST;
    }
    if (dispatch->whole_server) {
        /* RFC 9110 9.3.7: "*" asks what the server as a whole can do. */
        dispatch->allowed = ln_route_methods(dispatch->routes);
        return LINNET_STATUS_NO_CONTENT;
    }
    const struct ln_route_match match =
        ln_route_find(dispatch->routes, request->host, request->path, request->method);
    if (match.route == NULL) {
        dispatch->allowed = match.allowed;
        if (match.allowed == 0) {
            return LINNET_STATUS_NOT_FOUND;
        }
        /* RFC 9110 15.5.6: Allow goes with 405. */
        return request->method == LINNET_METHOD_OPTIONS ? LINNET_STATUS_NO_CONTENT
                                                        : LINNET_STATUS_METHOD_NOT_ALLOWED;
    }
    if (match.route->body_len_max > 0) {
        dispatch->body_len_max = match.route->body_len_max;
    }
    if (dispatch->body_len > dispatch->body_len_max) {
        /* RFC 9110 15.5.14: refused before a byte of it is read. */
        return LINNET_STATUS_CONTENT_TOO_LARGE;
    }
    exchange->route = match.route;
    exchange->handler = match.route->handler;
    exchange->context = match.route->context;
    return LINNET_STATUS_NONE;
}
