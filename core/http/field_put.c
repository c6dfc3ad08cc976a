/* Field lines into a cursor. */
#include "core/http/field_put.h"

#include "core/base/number.h"

static void put_line(struct ln_cursor *cursor, struct linnet_span name_and_colon,
                     struct linnet_span content)
{
    ln_cursor_put_span(cursor, name_and_colon);
    ln_cursor_put_span(cursor, content);
    ln_cursor_put(cursor, "\r\n", 2);
}

void ln_field_put(struct ln_cursor *cursor, const struct ln_field_put *what)
{
    if (what->media_type.len > 0) {
        put_line(cursor, LINNET_SPAN("Content-Type: "), what->media_type);
    }
    if (what->has_content_length) {
        ln_cursor_put_span(cursor, LINNET_SPAN("Content-Length: "));
        ln_number_put_decimal(cursor, what->content_length);
        ln_cursor_put(cursor, "\r\n", 2);
    }
    for (size_t i = 0; i < what->field_count; i++) {
        ln_cursor_put_span(cursor, what->fields[i].name);
        put_line(cursor, LINNET_SPAN(": "), what->fields[i].content);
    }
}
