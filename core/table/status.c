/* Status codes and what they say, found by code without a search.
 *
 *     status-line = HTTP-version SP status-code SP [ reason-phrase ] CRLF      RFC 9112 4 */
#include "core/table/status.h"

#include <stdint.h>

#include <linnet/assert.h>

enum {
    CODE_MIN = 100,
    CODE_MAX = 599,
};

/* The page is one constant, so that an error costs no buffer. It names no path and no program. */
#define STATUS_PAGE(code, reason, text)                                                  \
    "<!doctype html><html lang=en><meta name=viewport content=\"width=device-width\">"   \
    "<meta name=color-scheme content=\"light dark\"><title>" #code " " reason "</title>" \
    "<h1>" #code " " reason "</h1><p>" text "</p></html>\n"

#define STATUS_LINE(code, reason) "HTTP/1.1 " #code " " reason "\r\n"

/* In a small build title and page are the end of the status line, and there are no sentences: they
 * cost nothing, and a person still reads what it is. */
enum { TITLE_BEGIN = sizeof("HTTP/1.1 ") - 1 };

#define LINE_END(line, left_out)                                                           \
    {                                                                                      \
        (const uint8_t *)(line) + TITLE_BEGIN, sizeof(line) - 1 - TITLE_BEGIN - (left_out) \
    }

#if defined(LINNET_SMALL)
#    define STATUS_WORDS(code, reason, text) \
        {NULL, 0}, LINE_END(STATUS_LINE(code, reason), 2), LINE_END(STATUS_LINE(code, reason), 0)
#else
#    define STATUS_WORDS(code, reason, text)                        \
        LINNET_SPAN_INIT(text), LINNET_SPAN_INIT(#code " " reason), \
            LINNET_SPAN_INIT(STATUS_PAGE(code, reason, text))
#endif

static const struct ln_status_row status_rows[] = {
#define STATUS_ROW(code, name, reason, text)                            \
    {LINNET_STATUS_##name, LINNET_SPAN_INIT(STATUS_LINE(code, reason)), \
     STATUS_WORDS(code, reason, text)},
    LINNET_STATUSES(STATUS_ROW)
#undef STATUS_ROW
};

/* The places of the rows, counted from 1: 0 says that a code has none. */
enum {
    PLACE_NONE,
#define STATUS_PLACE(code, name, reason, text) PLACE_##name,
    LINNET_STATUSES(STATUS_PLACE)
#undef STATUS_PLACE
};

static const uint8_t places[CODE_MAX - CODE_MIN + 1] = {
#define STATUS_PLACE_OF(code, name, reason, text) [(code)-CODE_MIN] = PLACE_##name,
    LINNET_STATUSES(STATUS_PLACE_OF)
#undef STATUS_PLACE_OF
};

const struct ln_status_row *ln_status_row(enum linnet_status code)
{
    unsigned number = (unsigned)code;
    if (number < CODE_MIN || number > CODE_MAX || places[number - CODE_MIN] == PLACE_NONE) {
        linnet_assert_failed(__FILE__, __LINE__, "the code is one of the table");
    }
    return &status_rows[places[number - CODE_MIN] - 1];
}
