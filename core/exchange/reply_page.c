/* Answers with the server's own short pages. */
#include "core/exchange/exchange.h"
#include "core/table/status.h"

/* The page of a status under that status or another, with a field or none. */
static enum linnet_error reply_page(struct linnet_exchange *exchange, enum linnet_status status,
                                    const struct ln_status_row *row,
                                    const struct linnet_field *field)
{
    const struct linnet_reply reply = {
        .status = status,
        .media_type = row->text.len > 0 ? LINNET_SPAN("text/html; charset=utf-8")
                                        : (struct linnet_span){NULL, 0},
        .fields = field,
        .field_count = field == NULL ? 0 : 1,
        .body = row->text.len > 0 ? LINNET_BODY_LEND : LINNET_BODY_NONE,
        .bytes = row->page,
    };
    return linnet_reply(exchange, &reply);
}

enum linnet_error linnet_reply_status(struct linnet_exchange *exchange, enum linnet_status status)
{
    return reply_page(exchange, status, ln_status_row(status), NULL);
}

enum linnet_error ln_exchange_reply_page(struct linnet_exchange *exchange,
                                         enum linnet_status status,
                                         const struct linnet_field *field)
{
    return reply_page(exchange, status, ln_status_row(status), field);
}

enum linnet_error linnet_reply_soft(struct linnet_exchange *exchange, enum linnet_status page)
{
    return reply_page(exchange, LINNET_STATUS_OK, ln_status_row(page), NULL);
}

enum linnet_error linnet_reply_redirect(struct linnet_exchange *exchange, enum linnet_status status,
                                        struct linnet_span location)
{
    const struct linnet_field field = {LINNET_SPAN("Location"), location};
    switch (status) {
    case LINNET_STATUS_MOVED_PERMANENTLY:
    case LINNET_STATUS_FOUND:
    case LINNET_STATUS_SEE_OTHER:
    case LINNET_STATUS_TEMPORARY_REDIRECT:
    case LINNET_STATUS_PERMANENT_REDIRECT:
        /* RFC 9110 10.2.2: Location says where; an empty one would say nowhere. */
        return location.len == 0 ? LINNET_ERROR_INVALID
                                 : reply_page(exchange, status, ln_status_row(status), &field);
    default:
        return LINNET_ERROR_INVALID;
    }
}
