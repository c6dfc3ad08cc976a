/* Writing the head of an answer. Leaves check nothing: exchange/reply.c did. */
#include "core/http1/response_head.h"

#include "core/base/number.h"
#include "core/table/status.h"

struct linnet_span ln_response_date(struct ln_response_date *date, struct linnet_time time)
{
    if (!ln_date_is_writable(time.unix_s)) {
        return (struct linnet_span){NULL, 0};
    }
    if (!date->written || date->unix_s != time.unix_s) {
        struct ln_cursor cursor =
            ln_cursor_over((struct linnet_room){date->text, sizeof date->text});
        ln_date_put(&cursor, time.unix_s);
        LN_ASSERT(!cursor.overflow);
        date->unix_s = time.unix_s;
        date->written = true;
    }
    return (struct linnet_span){date->text, sizeof date->text};
}

static void put_field(struct ln_cursor *cursor, struct linnet_span name_and_colon,
                      struct linnet_span content)
{
    ln_cursor_put_span(cursor, name_and_colon);
    ln_cursor_put_span(cursor, content);
    ln_cursor_put(cursor, "\r\n", 2);
}

void ln_response_head_put(struct ln_cursor *cursor, const struct ln_response_head *head)
{
    ln_cursor_put_span(cursor, ln_status_row(head->status)->line);
    if (head->date.len > 0) {
        put_field(cursor, LINNET_SPAN("Date: "), head->date);
    }
    if (head->connection == LN_CONNECTION_OPTION_CLOSE) {
        ln_cursor_put_span(cursor, LINNET_SPAN("Connection: close\r\n"));
    } else if (head->connection == LN_CONNECTION_OPTION_KEEP_ALIVE) {
        ln_cursor_put_span(cursor, LINNET_SPAN("Connection: keep-alive\r\n"));
    }
    if (head->media_type.len > 0) {
        put_field(cursor, LINNET_SPAN("Content-Type: "), head->media_type);
    }
    if (head->has_content_length) {
        ln_cursor_put_span(cursor, LINNET_SPAN("Content-Length: "));
        ln_number_put_decimal(cursor, head->content_length);
        ln_cursor_put(cursor, "\r\n", 2);
    }
    for (size_t i = 0; i < head->field_count; i++) {
        ln_cursor_put_span(cursor, head->fields[i].name);
        ln_cursor_put(cursor, ": ", 2);
        put_field(cursor, (struct linnet_span){NULL, 0}, head->fields[i].content);
    }
    ln_cursor_put(cursor, "\r\n", 2);
}
