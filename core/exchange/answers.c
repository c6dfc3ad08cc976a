/* The answers of docs/api/answers.md as far as they are declared and not yet given: refused. */
#include <linnet/event_stream.h>
#include <linnet/exchange.h>
#include <linnet/resume.h>
#include <linnet/stream.h>

void linnet_stream_resume(struct linnet_stream *stream)
{
    (void)stream;
}

struct linnet_token linnet_exchange_token(struct linnet_exchange *exchange)
{
    (void)exchange;
    return (struct linnet_token){0, 0};
}

void linnet_exchange_pause(struct linnet_exchange *exchange, size_t untaken)
{
    (void)exchange;
    (void)untaken;
}

void linnet_exchange_resume(struct linnet_exchange *exchange)
{
    (void)exchange;
}

void linnet_worker_resume(struct linnet_worker *worker, struct linnet_token token)
{
    (void)worker;
    (void)token;
}

enum linnet_error linnet_reply_written(struct linnet_exchange *exchange, enum linnet_status status,
                                       struct linnet_span media_type,
                                       const struct linnet_text *text)
{
    const struct linnet_reply reply = {.status = status,
                                       .media_type = media_type,
                                       .body = LINNET_BODY_COPY,
                                       .bytes = {text->data, text->len}};
    return text->error == LINNET_ERROR_NONE ? linnet_reply(exchange, &reply) : text->error;
}

enum linnet_error linnet_reply_stream(struct linnet_exchange *exchange,
                                      struct linnet_span media_type, struct linnet_stream *stream)
{
    (void)exchange;
    (void)media_type;
    (void)stream;
    return LINNET_ERROR_UNSUPPORTED;
}

enum linnet_error linnet_reply_redirect(struct linnet_exchange *exchange, enum linnet_status status,
                                        struct linnet_span location)
{
    (void)exchange;
    (void)status;
    (void)location;
    return LINNET_ERROR_UNSUPPORTED;
}

enum linnet_error linnet_reply_soft(struct linnet_exchange *exchange, enum linnet_status page)
{
    (void)exchange;
    (void)page;
    return LINNET_ERROR_UNSUPPORTED;
}

enum linnet_error linnet_reply_interim(struct linnet_exchange *exchange, enum linnet_status status,
                                       const struct linnet_field *fields, size_t field_count)
{
    (void)exchange;
    (void)status;
    (void)fields;
    (void)field_count;
    return LINNET_ERROR_UNSUPPORTED;
}

void linnet_topic_init(struct linnet_topic *topic, const struct linnet_topic_config *config)
{
    *topic = (struct linnet_topic){.config = *config};
}

enum linnet_error linnet_topic_subscribe(struct linnet_topic *topic,
                                         struct linnet_exchange *exchange)
{
    (void)topic;
    (void)exchange;
    return LINNET_ERROR_UNSUPPORTED;
}

enum linnet_error linnet_topic_publish(struct linnet_topic *topic, struct linnet_span type,
                                       struct linnet_span data)
{
    (void)topic;
    (void)type;
    (void)data;
    return LINNET_ERROR_UNSUPPORTED;
}

void linnet_topic_end(struct linnet_topic *topic)
{
    topic->ended = true;
}
