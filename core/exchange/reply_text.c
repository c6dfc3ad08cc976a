/* The shortest way to an answer. */
#include <linnet/exchange.h>

enum linnet_error linnet_reply_text(struct linnet_exchange *exchange, enum linnet_status status,
                                    struct linnet_span text)
{
    const struct linnet_reply reply = {
        .status = status,
        .media_type = LINNET_SPAN("text/plain; charset=utf-8"),
        .body = LINNET_BODY_LEND,
        .bytes = text,
    };
    return linnet_reply(exchange, &reply);
}
