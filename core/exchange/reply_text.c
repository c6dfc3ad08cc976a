/* The shortest ways to an answer. */
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

enum linnet_error linnet_reply_written(struct linnet_exchange *exchange, enum linnet_status status,
                                       struct linnet_span media_type,
                                       const struct linnet_text *text)
{
    struct linnet_reply reply = {
        .status = status,
        .media_type = media_type,
        .body = LINNET_BODY_COPY,
    };
    const enum linnet_error error = linnet_text_finish(text, &reply.bytes);
    return error == LINNET_ERROR_NONE ? linnet_reply(exchange, &reply) : error;
}

enum linnet_error linnet_reply_stream(struct linnet_exchange *exchange,
                                      struct linnet_span media_type, struct linnet_stream *stream)
{
    const struct linnet_reply reply = {
        .status = LINNET_STATUS_OK,
        .media_type = media_type,
        .body = LINNET_BODY_STREAM,
        .stream = stream,
        .len = LINNET_LEN_UNKNOWN,
    };
    return linnet_reply(exchange, &reply);
}
