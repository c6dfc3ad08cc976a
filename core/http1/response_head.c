/* Writing the head of an answer. Leaves check nothing: exchange/reply.c did. */
#include "core/http1/response_head.h"

#include "core/table/status.h"

struct linnet_span ln_response_date(struct ln_response_date *date, struct linnet_time time)
{
    if (date->written && date->unix_s == time.unix_s) {
        return (struct linnet_span){date->line, sizeof date->line};
    }
    if (!ln_date_is_writable(time.unix_s)) {
        return (struct linnet_span){NULL, 0};
    }
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){date->line, sizeof date->line});
    ln_cursor_put_span(&cursor, LINNET_SPAN("Date: "));
    ln_date_put(&cursor, time.unix_s);
    ln_cursor_put(&cursor, "\r\n", 2);
    LN_ASSERT(!cursor.overflow);
    date->unix_s = time.unix_s;
    date->written = true;
    return (struct linnet_span){date->line, sizeof date->line};
}

void ln_response_head_put_own(struct ln_cursor *cursor, const struct ln_response_head *head)
{
    ln_cursor_put_span(cursor, ln_status_row(head->status)->line);
    if (head->date.len > 0) {
        LN_ASSERT(head->date.len == LN_RESPONSE_DATE_LEN);
        ln_cursor_put(cursor, head->date.data, LN_RESPONSE_DATE_LEN);
    }
    if (head->security.len > 0) {
        ln_cursor_put_span(cursor, head->security);
    }
    if (head->connection == LN_CONNECTION_OPTION_CLOSE) {
        ln_cursor_put_span(cursor, LINNET_SPAN("Connection: close\r\n"));
    } else if (head->connection == LN_CONNECTION_OPTION_KEEP_ALIVE) {
        ln_cursor_put_span(cursor, LINNET_SPAN("Connection: keep-alive\r\n"));
    }
}

void ln_response_head_put(struct ln_cursor *cursor, const struct ln_response_head *head,
                          const struct ln_field_put *fields)
{
    ln_response_head_put_own(cursor, head);
    ln_field_put(cursor, fields);
    ln_cursor_put(cursor, "\r\n", 2);
}
