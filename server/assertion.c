/* Where a failed assertion ends on a host: one line on standard error, then an abort. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linnet/assert.h>

#include "core/base/number.h"
#include "core/base/span.h"

_Noreturn void linnet_assert_failed(const char *file, int line, const char *condition)
{
    uint8_t text[512];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){text, sizeof text - 1});
    ln_cursor_put_span(&cursor, LINNET_SPAN("linnet: assertion failed: "));
    ln_cursor_put(&cursor, condition, strlen(condition));
    ln_cursor_put_span(&cursor, LINNET_SPAN(" at "));
    ln_cursor_put(&cursor, file, strlen(file));
    ln_cursor_put_byte(&cursor, ':');
    ln_number_put_decimal(&cursor, line > 0 ? (uint64_t)line : 0);
    text[cursor.len] = '\n';
    const ssize_t ignored = write(STDERR_FILENO, text, cursor.len + 1);
    (void)ignored;
    abort();
}
