/* Scanners with AVX2: 32 bytes at a time, 16 in the tail.
 *
 * As in scan_sse42.c: a class turns bytes into a mask, set where a byte is not of the class, and
 * the scan is the place of the lowest set bit. Tails are loaded as a first and a last part that may
 * overlap: no byte outside of the span is read.
 *
 * A field line is mostly shorter than 32 bytes: name and content are then found in one vector. The
 * token scanner by itself uses 16 bytes: hardly a method or name is longer. */
#include "core/base/scan_row.h"

#if defined(__x86_64__)

#    include <immintrin.h>
#    include <string.h>

#    include "core/base/character.h"
#    include "core/base/scan_constant.h"
#    include "core/base/scan_lines.h"

#    define AVX2        __attribute__((target("avx2")))
#    define AVX2_INLINE static inline __attribute__((target("avx2"), always_inline))

/* 16 bits, set where a byte of `bytes` is not of the class. */
typedef unsigned avx2_outside_fn(__m128i bytes);

/* The same for 32 bytes. */
typedef unsigned outside_wide_fn(__m256i bytes);

AVX2_INLINE __m128i load(const uint8_t *data)
{
    return _mm_loadu_si128((const __m128i *)(const void *)data);
}

AVX2_INLINE __m256i load_wide(const uint8_t *data)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)data);
}

/* A class of ASCII bytes by its table of low nibbles. */
AVX2_INLINE unsigned avx2_outside_class(__m128i bytes, const uint8_t *class_low)
{
    __m128i low = _mm_shuffle_epi8(load(class_low), bytes);
    __m128i nibble = _mm_and_si128(_mm_srli_epi16(bytes, 4), load(ln_scan_constant.nibble));
    __m128i high = _mm_shuffle_epi8(load(ln_scan_constant.high), nibble);
    __m128i inside = _mm_and_si128(low, high);
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(inside, _mm_setzero_si128()));
}

AVX2_INLINE unsigned avx2_outside_token(__m128i bytes)
{
    return avx2_outside_class(bytes, ln_scan_constant.token_low);
}

AVX2_INLINE unsigned avx2_outside_path(__m128i bytes)
{
    return avx2_outside_class(bytes, ln_scan_constant.path_low);
}

AVX2_INLINE unsigned avx2_outside_reg_name(__m128i bytes)
{
    return avx2_outside_class(bytes, ln_scan_constant.reg_name_low);
}

AVX2_INLINE unsigned outside_token_wide(__m256i bytes)
{
    __m256i low = _mm256_shuffle_epi8(load_wide(ln_scan_constant.token_low), bytes);
    __m256i nibble =
        _mm256_and_si256(_mm256_srli_epi16(bytes, 4), load_wide(ln_scan_constant.nibble));
    __m256i high = _mm256_shuffle_epi8(load_wide(ln_scan_constant.high), nibble);
    __m256i inside = _mm256_and_si256(low, high);
    return (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(inside, _mm256_setzero_si256()));
}

AVX2_INLINE unsigned avx2_outside_content(__m128i bytes)
{
    __m128i low = _mm_min_epu8(bytes, load(ln_scan_constant.below_space));
    __m128i below_space = _mm_cmpeq_epi8(low, bytes);
    __m128i tab = _mm_cmpeq_epi8(bytes, load(ln_scan_constant.tab));
    __m128i del = _mm_cmpeq_epi8(bytes, load(ln_scan_constant.del));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, below_space), del));
}

AVX2_INLINE unsigned outside_content_wide(__m256i bytes)
{
    __m256i low = _mm256_min_epu8(bytes, load_wide(ln_scan_constant.below_space));
    __m256i below_space = _mm256_cmpeq_epi8(low, bytes);
    __m256i tab = _mm256_cmpeq_epi8(bytes, load_wide(ln_scan_constant.tab));
    __m256i del = _mm256_cmpeq_epi8(bytes, load_wide(ln_scan_constant.del));
    __m256i outside = _mm256_or_si256(_mm256_andnot_si256(tab, below_space), del);
    return (unsigned)_mm256_movemask_epi8(outside);
}

/* A target holds what is over 0x20 in a signed comparison, and so below 0x80, but for DEL. */
AVX2_INLINE unsigned avx2_outside_target(__m128i bytes)
{
    __m128i over_space = _mm_cmpgt_epi8(bytes, _mm_set1_epi8(0x20));
    __m128i del = _mm_cmpeq_epi8(bytes, load(ln_scan_constant.del));
    return (unsigned)_mm_movemask_epi8(_mm_andnot_si128(del, over_space)) ^ 0xFFFFU;
}

AVX2_INLINE unsigned outside_target_wide(__m256i bytes)
{
    __m256i over_space = _mm256_cmpgt_epi8(bytes, _mm256_set1_epi8(0x20));
    __m256i del = _mm256_cmpeq_epi8(bytes, load_wide(ln_scan_constant.del));
    return ~(unsigned)_mm256_movemask_epi8(_mm256_andnot_si256(del, over_space));
}

/* The place of the lowest set bit. */
AVX2_INLINE size_t avx2_lowest(unsigned mask)
{
    return (size_t)(unsigned)__builtin_ctz(mask);
}

/* Fewer than 16 bytes. */
AVX2_INLINE size_t avx2_tail(const uint8_t *data, size_t len, avx2_outside_fn *outside,
                             unsigned classes)
{
    if (len >= 8) {
        __m128i first = _mm_loadl_epi64((const __m128i *)(const void *)data);
        __m128i last = _mm_loadl_epi64((const __m128i *)(const void *)(data + len - 8));
        unsigned mask = outside(_mm_unpacklo_epi64(first, last));
        if ((mask & 0xFFU) != 0) {
            return avx2_lowest(mask);
        }
        return mask == 0 ? len : len - 16 + avx2_lowest(mask);
    }
    size_t i = 0;
    while (i < len && ln_character_is(data[i], classes)) {
        i++;
    }
    return i;
}

/* 16 bytes at a time, the last 16 perhaps seen twice. */
AVX2_INLINE size_t avx2_class(const uint8_t *data, size_t len, avx2_outside_fn *outside,
                              unsigned classes)
{
    if (len < 16) {
        return avx2_tail(data, len, outside, classes);
    }
    size_t i = 0;
    do {
        unsigned mask = outside(load(data + i));
        if (mask != 0) {
            return i + avx2_lowest(mask);
        }
        i += 16;
    } while (len - i >= 16);
    if (i == len) {
        return len;
    }
    i = len - 16;
    unsigned mask = outside(load(data + i));
    return mask == 0 ? len : i + avx2_lowest(mask);
}

/* 32 bytes at a time, the last 32 perhaps seen twice; len is 32 at least. */
AVX2_INLINE size_t scan_class_wide(const uint8_t *data, size_t len, outside_wide_fn *outside_wide)
{
    size_t i = 0;
    do {
        unsigned mask = outside_wide(load_wide(data + i));
        if (mask != 0) {
            return i + avx2_lowest(mask);
        }
        i += 32;
    } while (len - i >= 32);
    if (i == len) {
        return len;
    }
    i = len - 32;
    unsigned mask = outside_wide(load_wide(data + i));
    return mask == 0 ? len : i + avx2_lowest(mask);
}

AVX2 static size_t avx2_token(const uint8_t *data, size_t len)
{
    return avx2_class(data, len, avx2_outside_token, LN_CHARACTER_TOKEN);
}

AVX2 static size_t avx2_content(const uint8_t *data, size_t len)
{
    if (len >= 32) {
        return scan_class_wide(data, len, outside_content_wide);
    }
    return avx2_class(data, len, avx2_outside_content, LN_CHARACTER_CONTENT);
}

AVX2 static size_t avx2_target(const uint8_t *data, size_t len)
{
    if (len >= 32) {
        return scan_class_wide(data, len, outside_target_wide);
    }
    return avx2_class(data, len, avx2_outside_target, LN_CHARACTER_TARGET);
}

AVX2 static size_t avx2_path(const uint8_t *data, size_t len)
{
    return avx2_class(data, len, avx2_outside_path, LN_CHARACTER_PATH);
}

AVX2 static size_t avx2_reg_name(const uint8_t *data, size_t len)
{
    return avx2_class(data, len, avx2_outside_reg_name, LN_CHARACTER_REG_NAME);
}

/* Where the content ends that goes on at data[at]; `at` is 32 at least. */
AVX2_INLINE size_t content_end(const uint8_t *data, size_t at, size_t len)
{
    while (len - at >= 32) {
        const unsigned mask = outside_content_wide(load_wide(data + at));
        if (mask != 0) {
            return at + avx2_lowest(mask);
        }
        at += 32;
    }
    if (at == len) {
        return len;
    }
    const unsigned mask = outside_content_wide(load_wide(data + len - 32)) >> (32 - (len - at));
    return mask == 0 ? len : at + avx2_lowest(mask);
}

enum line { LINE_NOTED, LINE_ENDS, LINE_UNSEEN };

/* Notes the line at data[*at], seen in a vector that begins `before` bytes before it. ENDS:
 * it is none that is whole and well-formed; UNSEEN: its name is too long for a vector. */
AVX2_INLINE enum line note_line(const uint8_t *data, size_t *at, size_t len, size_t before,
                                struct ln_field_line *line)
{
    const __m256i bytes = load_wide(data + *at - before);
    const unsigned no_token = outside_token_wide(bytes) >> before;
    if (no_token == 0) {
        return LINE_UNSEEN;
    }
    const size_t name_len = avx2_lowest(no_token);
    const size_t colon = *at + name_len;
    if (name_len == 0 || data[colon] != ':') {
        return LINE_ENDS;
    }
    /* Without the bits of the name and the colon. */
    const unsigned no_content = outside_content_wide(bytes) >> before >> name_len >> 1;
    const size_t behind = no_content != 0 ? colon + 1 + avx2_lowest(no_content)
                          : before > 0    ? len
                                          : content_end(data, *at + 32, len);
    if (len - behind < 2 || memcmp(data + behind, "\r\n", 2) != 0) {
        return LINE_ENDS;
    }
    ln_scan_note(line, data, *at, colon, behind);
    *at = behind + 2;
    return LINE_NOTED;
}

/* Most lines are shorter than 32 bytes and are seen in one vector; near the end it begins before
 * the line, and those bytes are shifted out. What is not so, the two scanners do. */
AVX2 static size_t avx2_field_lines(const uint8_t *data, size_t begin, size_t len,
                                    struct ln_field_line *lines, size_t count_max, size_t *end)
{
    enum line found = LINE_NOTED;
    size_t at = begin;
    size_t count = 0;
    while (count < count_max && len - at >= 32 &&
           (found = note_line(data, &at, len, 0, &lines[count])) == LINE_NOTED) {
        count++;
    }
    while (found == LINE_NOTED && count < count_max && at < len && 32 - (len - at) <= at &&
           (found = note_line(data, &at, len, 32 - (len - at), &lines[count])) == LINE_NOTED) {
        count++;
    }
    if (found == LINE_ENDS) {
        *end = at;
        return count;
    }
    return count + ln_scan_lines(data, at, len, lines + count, count_max - count, end, avx2_token,
                                 avx2_content);
}

const struct ln_scan ln_scan_avx2 = {
    .name = "avx2",
    .cpu_bits = LINNET_CPU_AVX2,
    .token = avx2_token,
    .content = avx2_content,
    .target = avx2_target,
    .path = avx2_path,
    .reg_name = avx2_reg_name,
    .field_lines = avx2_field_lines,
};

#endif
