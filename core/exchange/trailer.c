/* Trailers: which fields may follow content, and to whom they are sent. */
#include "core/base/span.h"
#include "core/exchange/exchange.h"
#include "core/http/field_list.h"

/* RFC 9110 6.5.1: what frames or routes a message, changes what is asked or who may ask, or says
 * how the content is to be read, is needed before it. Beside those that no reply may bring. */
static const struct linnet_span not_trailers[] = {
    LINNET_SPAN_INIT("Accept-Ranges"),
    LINNET_SPAN_INIT("Age"),
    LINNET_SPAN_INIT("Allow"),
    LINNET_SPAN_INIT("Cache-Control"),
    LINNET_SPAN_INIT("Content-Encoding"),
    LINNET_SPAN_INIT("Content-Language"),
    LINNET_SPAN_INIT("Content-Location"),
    LINNET_SPAN_INIT("Content-Range"),
    LINNET_SPAN_INIT("Expires"),
    LINNET_SPAN_INIT("Host"),
    LINNET_SPAN_INIT("Location"),
    LINNET_SPAN_INIT("Proxy-Authenticate"),
    LINNET_SPAN_INIT("Retry-After"),
    LINNET_SPAN_INIT("Set-Cookie"),
    LINNET_SPAN_INIT("TE"),
    LINNET_SPAN_INIT("Trailer"),
    LINNET_SPAN_INIT("Vary"),
    LINNET_SPAN_INIT("WWW-Authenticate"),
};

bool ln_exchange_takes_trailers(const struct linnet_exchange *exchange)
{
    struct linnet_span name;
    struct linnet_span content;
    for (size_t i = 0; linnet_exchange_field_at(exchange, i, &name, &content); i++) {
        /* RFC 9110 10.1.4: "trailers" says that whoever is behind the client takes them too. */
        if (ln_span_equal_fold(name, LINNET_SPAN("TE")) &&
            ln_field_list_has(content, LINNET_SPAN("trailers"))) {
            return true;
        }
    }
    return false;
}

bool ln_trailer_is_sound(const struct linnet_field *field, struct linnet_span announced)
{
    if (!ln_reply_field_is_sound(field) || !ln_field_list_has(announced, field->name)) {
        return false;
    }
    for (size_t i = 0; i < sizeof not_trailers / sizeof not_trailers[0]; i++) {
        if (ln_span_equal_fold(field->name, not_trailers[i])) {
            return false;
        }
    }
    return true;
}
