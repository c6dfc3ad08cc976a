/* UTF-8, character by character.
 *
 *     UTF8-1    = %x00-7F                                                  RFC 3629 4
 *     UTF8-2    = %xC2-DF UTF8-tail
 *     UTF8-3    = %xE0 %xA0-BF UTF8-tail / %xE1-EC 2( UTF8-tail )
 *               / %xED %x80-9F UTF8-tail / %xEE-EF 2( UTF8-tail )
 *     UTF8-4    = %xF0 %x90-BF 2( UTF8-tail ) / %xF1-F3 3( UTF8-tail )
 *               / %xF4 %x80-8F 2( UTF8-tail )
 *     UTF8-tail = %x80-BF
 *
 * No state. What is not well-formed is cut as the WHATWG's decoder cuts it: as many bytes as could
 * have begun a character count as one fault. */
#include "core/base/utf8.h"

#include "core/base/assert.h"

enum { REPLACEMENT = 0xFFFD };

/* What the first byte says: how many tails follow, and the bounds of the first of them. */
struct lead {
    size_t tail_count; /* 0: no character begins so, or it is ASCII */
    uint8_t least;
    uint8_t most;
};

static struct lead lead_of(uint8_t byte)
{
    if (byte >= 0xC2 && byte <= 0xDF) {
        return (struct lead){1, 0x80, 0xBF};
    }
    if (byte >= 0xE0 && byte <= 0xEF) {
        /* RFC 3629 3: no character in more bytes than it needs, and no surrogates. */
        return (struct lead){2, byte == 0xE0 ? 0xA0 : 0x80, byte == 0xED ? 0x9F : 0xBF};
    }
    if (byte >= 0xF0 && byte <= 0xF4) {
        return (struct lead){3, byte == 0xF0 ? 0x90 : 0x80, byte == 0xF4 ? 0x8F : 0xBF};
    }
    return (struct lead){0, 0, 0};
}

struct ln_utf8 ln_utf8_first(struct linnet_span bytes)
{
    LN_ASSERT(bytes.len > 0);
    if (bytes.data[0] < 0x80) {
        return (struct ln_utf8){bytes.data[0], 1, true};
    }
    const struct lead lead = lead_of(bytes.data[0]);
    if (lead.tail_count == 0) {
        return (struct ln_utf8){REPLACEMENT, 1, false};
    }
    uint32_t value = bytes.data[0] & (0x3FU >> lead.tail_count);
    uint8_t least = lead.least;
    uint8_t most = lead.most;
    for (size_t i = 1; i <= lead.tail_count; i++) {
        if (i == bytes.len || bytes.data[i] < least || bytes.data[i] > most) {
            return (struct ln_utf8){REPLACEMENT, i, false};
        }
        value = value << 6 | (bytes.data[i] & 0x3F);
        least = 0x80;
        most = 0xBF;
    }
    return (struct ln_utf8){value, lead.tail_count + 1, true};
}
