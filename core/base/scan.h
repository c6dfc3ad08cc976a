/* Scanners: how many bytes from the start of a span belong to a class.
 *
 * Four implementations with identical results, each one file: plain C, SSE4.2, AVX2, NEON. The
 * caller says at boot which the processor has; core never asks the processor itself. All of them
 * read inside [data, data + len) only: no byte behind the span is touched. */
#ifndef LN_BASE_SCAN_H
#define LN_BASE_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include <linnet/cpu.h>

#include "core/base/field_line.h"

struct ln_scan {
    const char *name;
    unsigned cpu_bits; /* what it needs: LINNET_CPU_... */
    /* tchar of RFC 9110 5.6.2 */
    size_t (*token)(const uint8_t *data, size_t len);
    /* the bytes of a field line's content: HTAB, SP, VCHAR, obs-text (RFC 9110 5.5) */
    size_t (*content)(const uint8_t *data, size_t len);
    /* the bytes of a request target: 0x21 to 0x7E (RFC 9112 3.2 and RFC 3986; what of these a
     * target may hold is decided by target.h) */
    size_t (*target)(const uint8_t *data, size_t len);
    /* pchar without "%", and "/" (RFC 3986 3.3) */
    size_t (*path)(const uint8_t *data, size_t len);
    /* the bytes of a reg-name without "%" (RFC 3986 3.2.2) */
    size_t (*reg_name)(const uint8_t *data, size_t len);
    /* Whole field lines one after the other, the first at data[begin], each a token, a colon,
     * content and CRLF: at most count_max, which are noted without the whitespace around their
     * contents (RFC 9112 5.1). Returns how many; *end is behind the last. It stops at a line that
     * is empty, not well-formed or not whole, without a word: that is read by itself. */
    size_t (*field_lines)(const uint8_t *data, size_t begin, size_t len,
                          struct ln_field_line *lines, size_t count_max, size_t *end);
};

/* The best row for the processor bits given; the plain one needs none. */
const struct ln_scan *ln_scan_for(unsigned cpu_bits);

/* All rows that this build holds, the best first; their number into *count. For tests. */
const struct ln_scan *const *ln_scan_rows(size_t *count);

#endif
