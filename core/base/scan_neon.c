/* Scanners with NEON (64-bit ARM): 16 bytes at a time.
 *
 * A class turns 16 bytes into 16 bytes of 0xFF where a byte is not of the class. Narrowing each
 * pair by four bits makes of them one 64-bit mask, four bits per byte, whose lowest set bit is the
 * place sought. The tail is loaded as the last 16 bytes, overlapping what was seen; a span of fewer
 * than 16 goes through the table: no byte outside of it is read. */
#include "core/base/scan_row.h"

#if defined(__aarch64__)

#    include <arm_neon.h>

#    include "core/base/character.h"
#    include "core/base/scan_constant.h"
#    include "core/base/scan_lines.h"

/* 0xFF where a byte of `bytes` is not of the class. */
typedef uint8x16_t neon_outside_fn(uint8x16_t bytes);

/* A class of ASCII bytes by its table of low nibbles. */
static inline uint8x16_t neon_outside_class(uint8x16_t bytes, const uint8_t *class_low)
{
    uint8x16_t low = vqtbl1q_u8(vld1q_u8(class_low), vandq_u8(bytes, vdupq_n_u8(0x0F)));
    uint8x16_t high = vqtbl1q_u8(vld1q_u8(ln_scan_constant.high), vshrq_n_u8(bytes, 4));
    return vceqzq_u8(vandq_u8(low, high));
}

static inline uint8x16_t neon_outside_token(uint8x16_t bytes)
{
    return neon_outside_class(bytes, ln_scan_constant.token_low);
}

static inline uint8x16_t neon_outside_path(uint8x16_t bytes)
{
    return neon_outside_class(bytes, ln_scan_constant.path_low);
}

static inline uint8x16_t neon_outside_reg_name(uint8x16_t bytes)
{
    return neon_outside_class(bytes, ln_scan_constant.reg_name_low);
}

static inline uint8x16_t neon_outside_content(uint8x16_t bytes)
{
    uint8x16_t below_space = vcltq_u8(bytes, vdupq_n_u8(0x20));
    uint8x16_t tab = vceqq_u8(bytes, vdupq_n_u8('\t'));
    return vorrq_u8(vbicq_u8(below_space, tab), vceqq_u8(bytes, vdupq_n_u8(0x7F)));
}

static inline uint8x16_t neon_outside_target(uint8x16_t bytes)
{
    return vorrq_u8(vcltq_u8(bytes, vdupq_n_u8(0x21)), vcgtq_u8(bytes, vdupq_n_u8(0x7E)));
}

/* Four bits per byte. */
static inline uint64_t mask_of(uint8x16_t outside)
{
    uint8x8_t narrow = vshrn_n_u16(vreinterpretq_u16_u8(outside), 4);
    return vget_lane_u64(vreinterpret_u64_u8(narrow), 0);
}

static inline __attribute__((always_inline)) size_t neon_class(const uint8_t *data, size_t len,
                                                               neon_outside_fn *outside,
                                                               unsigned classes)
{
    size_t i = 0;
    if (len < 16) {
        while (i < len && ln_character_is(data[i], classes)) {
            i++;
        }
        return i;
    }
    do {
        uint64_t mask = mask_of(outside(vld1q_u8(data + i)));
        if (mask != 0) {
            return i + ((size_t)__builtin_ctzll(mask) >> 2);
        }
        i += 16;
    } while (len - i >= 16);
    if (i == len) {
        return len;
    }
    i = len - 16;
    uint64_t mask = mask_of(outside(vld1q_u8(data + i)));
    return mask == 0 ? len : i + ((size_t)__builtin_ctzll(mask) >> 2);
}

static size_t neon_token(const uint8_t *data, size_t len)
{
    return neon_class(data, len, neon_outside_token, LN_CHARACTER_TOKEN);
}

static size_t neon_content(const uint8_t *data, size_t len)
{
    return neon_class(data, len, neon_outside_content, LN_CHARACTER_CONTENT);
}

static size_t neon_target(const uint8_t *data, size_t len)
{
    return neon_class(data, len, neon_outside_target, LN_CHARACTER_TARGET);
}

static size_t neon_path(const uint8_t *data, size_t len)
{
    return neon_class(data, len, neon_outside_path, LN_CHARACTER_PATH);
}

static size_t neon_reg_name(const uint8_t *data, size_t len)
{
    return neon_class(data, len, neon_outside_reg_name, LN_CHARACTER_REG_NAME);
}

static size_t neon_field_lines(const uint8_t *data, size_t begin, size_t len,
                               struct ln_field_line *lines, size_t count_max, size_t *end)
{
    return ln_scan_lines(data, begin, len, lines, count_max, end, neon_token, neon_content);
}

const struct ln_scan ln_scan_neon = {
    .name = "neon",
    .cpu_bits = LINNET_CPU_NEON,
    .token = neon_token,
    .content = neon_content,
    .target = neon_target,
    .path = neon_path,
    .reg_name = neon_reg_name,
    .field_lines = neon_field_lines,
};

#endif
