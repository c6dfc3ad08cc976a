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

/* A field line as far as it is well-formed: a token and, behind a colon, content. */
struct ln_scan_line {
    size_t name_len; /* of the token; may be 0 */
    size_t len;      /* of token, colon and content; name_len if the token is empty or no colon
                        follows it */
};

enum { LN_SCAN_WORD_LEN = 64 };

/* 64 bytes as bits: bit i is set where byte i is not of the class. */
struct ln_scan_word {
    uint64_t no_token;
    uint64_t no_content;
};

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
    /* token and content in one go, for field lines of which more than the name has arrived: the
     * line begins at data[begin], and bytes before it may be read too */
    struct ln_scan_line (*field_line)(const uint8_t *data, size_t begin, size_t len);
    /* LN_SCAN_WORD_LEN bytes as bits; NULL where it does not pay */
    struct ln_scan_word (*word)(const uint8_t *data);
};

/* The best row for the processor bits given; the plain one needs none. */
const struct ln_scan *ln_scan_for(unsigned cpu_bits);

/* All rows that this build holds, the best first; their number into *count. For tests. */
const struct ln_scan *const *ln_scan_rows(size_t *count);

#endif
