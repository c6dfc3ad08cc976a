/* Scanners with SSE4.2: 16 bytes at a time.
 *
 * Each class has a function that turns 16 bytes into a mask of 16 bits, set where a byte is not of
 * the class; the scan is the place of the lowest set bit. A tail of 8 to 15 bytes is loaded as its
 * first and its last 8 bytes, which may overlap: no byte outside of the span is read. Fewer than 8
 * go through the table.
 *
 * tchar is looked up by nibbles (a shuffle is a table of 16 entries): the entry of the low nibble
 * says, one bit per high nibble 2 to 7, whether that byte is a tchar; the entry of the high nibble
 * is the bit to look at. A shuffle gives 0 for bytes of 0x80 and above, which are no tchar. */
#include "core/base/scan_row.h"

#if defined(__x86_64__)

#    include <nmmintrin.h>

#    include "core/base/character.h"
#    include "core/base/scan_constant.h"
#    include "core/base/scan_lines.h"

#    define SSE42        __attribute__((target("sse4.2")))
#    define SSE42_INLINE static inline __attribute__((target("sse4.2"), always_inline))

/* 16 bits, set where a byte of `bytes` is not of the class. */
typedef unsigned sse42_outside_fn(__m128i bytes);

SSE42_INLINE __m128i constant(const uint8_t *bytes)
{
    return _mm_load_si128((const __m128i *)(const void *)bytes);
}

/* A class of ASCII bytes by its table of low nibbles. */
SSE42_INLINE unsigned sse42_outside_class(__m128i bytes, const uint8_t *class_low)
{
    __m128i low = _mm_shuffle_epi8(constant(class_low), bytes);
    __m128i nibble = _mm_and_si128(_mm_srli_epi16(bytes, 4), constant(ln_scan_constant.nibble));
    __m128i high = _mm_shuffle_epi8(constant(ln_scan_constant.high), nibble);
    __m128i inside = _mm_and_si128(low, high);
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(inside, _mm_setzero_si128()));
}

SSE42_INLINE unsigned sse42_outside_token(__m128i bytes)
{
    return sse42_outside_class(bytes, ln_scan_constant.token_low);
}

SSE42_INLINE unsigned sse42_outside_path(__m128i bytes)
{
    return sse42_outside_class(bytes, ln_scan_constant.path_low);
}

SSE42_INLINE unsigned sse42_outside_reg_name(__m128i bytes)
{
    return sse42_outside_class(bytes, ln_scan_constant.reg_name_low);
}

SSE42_INLINE unsigned sse42_outside_content(__m128i bytes)
{
    __m128i low = _mm_min_epu8(bytes, constant(ln_scan_constant.below_space));
    __m128i below_space = _mm_cmpeq_epi8(low, bytes);
    __m128i tab = _mm_cmpeq_epi8(bytes, constant(ln_scan_constant.tab));
    __m128i del = _mm_cmpeq_epi8(bytes, constant(ln_scan_constant.del));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, below_space), del));
}

/* A target holds what is over 0x20 in a signed comparison, and so below 0x80, but for DEL. */
SSE42_INLINE unsigned sse42_outside_target(__m128i bytes)
{
    __m128i over_space = _mm_cmpgt_epi8(bytes, _mm_set1_epi8(0x20));
    __m128i del = _mm_cmpeq_epi8(bytes, constant(ln_scan_constant.del));
    return (unsigned)_mm_movemask_epi8(_mm_andnot_si128(del, over_space)) ^ 0xFFFFU;
}

/* The place of the lowest set bit. */
SSE42_INLINE size_t sse42_lowest(unsigned mask)
{
    return (size_t)(unsigned)__builtin_ctz(mask);
}

/* Fewer than 16 bytes. */
SSE42_INLINE size_t sse42_tail(const uint8_t *data, size_t len, sse42_outside_fn *outside,
                               unsigned classes)
{
    if (len >= 8) {
        __m128i first = _mm_loadl_epi64((const __m128i *)(const void *)data);
        __m128i last = _mm_loadl_epi64((const __m128i *)(const void *)(data + len - 8));
        unsigned mask = outside(_mm_unpacklo_epi64(first, last));
        if ((mask & 0xFFU) != 0) {
            return sse42_lowest(mask);
        }
        return mask == 0 ? len : len - 16 + sse42_lowest(mask);
    }
    size_t i = 0;
    while (i < len && ln_character_is(data[i], classes)) {
        i++;
    }
    return i;
}

SSE42_INLINE size_t sse42_class(const uint8_t *data, size_t len, sse42_outside_fn *outside,
                                unsigned classes)
{
    if (len < 16) {
        return sse42_tail(data, len, outside, classes);
    }
    size_t i = 0;
    do {
        unsigned mask = outside(_mm_loadu_si128((const __m128i *)(const void *)(data + i)));
        if (mask != 0) {
            return i + sse42_lowest(mask);
        }
        i += 16;
    } while (len - i >= 16);
    if (i == len) {
        return len;
    }
    /* The last 16 bytes; those seen before are of the class. */
    i = len - 16;
    unsigned mask = outside(_mm_loadu_si128((const __m128i *)(const void *)(data + i)));
    return mask == 0 ? len : i + sse42_lowest(mask);
}

SSE42 static size_t sse42_token(const uint8_t *data, size_t len)
{
    return sse42_class(data, len, sse42_outside_token, LN_CHARACTER_TOKEN);
}

SSE42 static size_t sse42_content(const uint8_t *data, size_t len)
{
    return sse42_class(data, len, sse42_outside_content, LN_CHARACTER_CONTENT);
}

SSE42 static size_t sse42_target(const uint8_t *data, size_t len)
{
    return sse42_class(data, len, sse42_outside_target, LN_CHARACTER_TARGET);
}

SSE42 static size_t sse42_path(const uint8_t *data, size_t len)
{
    return sse42_class(data, len, sse42_outside_path, LN_CHARACTER_PATH);
}

SSE42 static size_t sse42_reg_name(const uint8_t *data, size_t len)
{
    return sse42_class(data, len, sse42_outside_reg_name, LN_CHARACTER_REG_NAME);
}

SSE42 static size_t sse42_field_lines(const uint8_t *data, size_t begin, size_t len,
                                      struct ln_field_line *lines, size_t count_max, size_t *end)
{
    return ln_scan_lines(data, begin, len, lines, count_max, end, sse42_token, sse42_content);
}

const struct ln_scan ln_scan_sse42 = {
    .name = "sse42",
    .cpu_bits = LINNET_CPU_SSE42,
    .token = sse42_token,
    .content = sse42_content,
    .target = sse42_target,
    .path = sse42_path,
    .reg_name = sse42_reg_name,
    .field_lines = sse42_field_lines,
};

#endif
