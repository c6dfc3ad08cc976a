/* Whole field lines, put together from the two scanners of a row: see scan.h.
 *
 *     field-line = field-name ":" OWS field-value OWS CRLF      RFC 9112 5 */
#ifndef LN_BASE_SCAN_LINES_H
#define LN_BASE_SCAN_LINES_H

#include <stdbool.h>

#include "core/base/scan.h"

/* Of the bytes that a content may hold, only SP and HTAB are so low. */
static inline bool ln_scan_is_whitespace(uint8_t byte)
{
    return byte <= ' ';
}

/* Notes a line that begins at `begin`, has its colon at `colon` and its CRLF at `end`. */
static inline void ln_scan_note(struct ln_field_line *line, const uint8_t *data, size_t begin,
                                size_t colon, size_t end)
{
    size_t content = colon + 1;
    while (content < end && ln_scan_is_whitespace(data[content])) {
        content++;
    }
    while (content < end && ln_scan_is_whitespace(data[end - 1])) {
        end--;
    }
    line->name_begin = (uint16_t)begin;
    line->name_len = (uint16_t)(colon - begin);
    line->content_begin = (uint16_t)content;
    line->content_len = (uint16_t)(end - content);
}

/* `token` and `content` are those of the row, and become part of the function that calls this. */
static inline __attribute__((always_inline)) size_t ln_scan_lines(
    const uint8_t *data, size_t begin, size_t len, struct ln_field_line *lines, size_t count_max,
    size_t *end, size_t (*token)(const uint8_t *data, size_t len),
    size_t (*content)(const uint8_t *data, size_t len))
{
    size_t at = begin;
    size_t count = 0;
    for (; count < count_max; count++) {
        const size_t colon = at + token(data + at, len - at);
        if (colon == at || colon == len || data[colon] != ':') {
            break;
        }
        const size_t behind = colon + 1 + content(data + colon + 1, len - colon - 1);
        if (len - behind < 2 || data[behind] != '\r' || data[behind + 1] != '\n') {
            break;
        }
        ln_scan_note(&lines[count], data, at, colon, behind);
        at = behind + 2;
    }
    *end = at;
    return count;
}

#endif
