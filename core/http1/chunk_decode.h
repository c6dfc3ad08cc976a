/* The chunked coding, decoded as it arrives: RFC 9112 7.1.
 *
 *     chunked-body   = *chunk last-chunk trailer-section CRLF
 *     chunk          = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
 *     chunk-size     = 1*HEXDIG
 *     last-chunk     = 1*("0") [ chunk-ext ] CRLF
 *     chunk-ext      = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
 *     trailer-section = *( field-line CRLF )
 *
 * Each call takes bytes from the front of the input and gives at most one piece of content: a
 * span inside that input, never copied. Any split of the bytes gives the same content. The state
 * holds no pointer. Extensions are checked by grammar and ignored; trailers are checked and
 * dropped. Extensions of the whole body are bounded together, as are the trailers. CR LF only
 * (LN_LENIENCY_BARE_LF lets LF alone end a line). */
#ifndef LN_HTTP1_CHUNK_DECODE_H
#define LN_HTTP1_CHUNK_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include "core/http1/request_head.h"

struct ln_chunk_limits {
    uint32_t extension_len_max; /* bytes of all chunk extensions of one body */
    uint32_t trailer_len_max;   /* bytes of the trailer section */
    unsigned leniencies;
};

struct ln_chunk_decode {
    uint64_t remaining; /* bytes of the current chunk's data still to come */
    uint32_t extension_len;
    uint32_t trailer_len;
    uint8_t phase;
    uint8_t digits; /* of the current chunk-size; at most 16 after leading zeros are dropped,
                       and at most 32 with them */
    struct ln_refusal refusal;
};

/* What the current chunk's size, read to the end of its line, still announces; else 0. */
uint64_t ln_chunk_decode_announced(const struct ln_chunk_decode *decode);

/* The last `len` bytes of the content that ln_chunk_decode_next has just given come again. */
void ln_chunk_decode_give_back(struct ln_chunk_decode *decode, size_t len);

void ln_chunk_decode_init(struct ln_chunk_decode *decode);

/* Takes *taken bytes of `input` (all of them unless content was found or the body ended) and gives
 * the piece of content found among them in *content (possibly empty). MORE: the body goes on, call
 * again with what is left or what comes. COMPLETE: the body has ended behind *taken. REFUSED:
 * malformed, or over a limit (400 BAD_CHUNK, 413 CHUNK_TOO_LARGE); sticky. */
enum ln_parse ln_chunk_decode_next(struct ln_chunk_decode *decode, struct linnet_span input,
                                   const struct ln_chunk_limits *limits, size_t *taken,
                                   struct linnet_span *content);

#endif
