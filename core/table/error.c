/* The words of errors; the rows stand in <linnet/error.h>. */
#include <linnet/assert.h>
#include <linnet/error.h>

const char *linnet_error_text(enum linnet_error error)
{
    static const char *const texts[] = {
#define TEXT(name, text) [LINNET_ERROR_##name] = text,
        LINNET_ERRORS(TEXT)
#undef TEXT
    };
    if ((unsigned)error >= sizeof texts / sizeof texts[0]) {
        linnet_assert_failed(__FILE__, __LINE__, "the error is one of the table");
    }
    return texts[error];
}
