/* Scanners in plain C: one look into the table of classes per byte.
 *
 * They are what the other rows are tested against, and what a device without vectors runs. */
#include "core/base/character.h"
#include "core/base/scan_lines.h"
#include "core/base/scan_row.h"

/* How many bytes from data on are of one of `classes`. Inlined with a constant class. */
static inline size_t scan_class(const uint8_t *data, size_t len, unsigned classes)
{
    size_t i = 0;
    for (; len - i >= 4; i += 4) {
        if (!ln_character_is(data[i], classes)) {
            return i;
        }
        if (!ln_character_is(data[i + 1], classes)) {
            return i + 1;
        }
        if (!ln_character_is(data[i + 2], classes)) {
            return i + 2;
        }
        if (!ln_character_is(data[i + 3], classes)) {
            return i + 3;
        }
    }
    while (i < len && ln_character_is(data[i], classes)) {
        i++;
    }
    return i;
}

static size_t scan_token(const uint8_t *data, size_t len)
{
    return scan_class(data, len, LN_CHARACTER_TOKEN);
}

static size_t scan_content(const uint8_t *data, size_t len)
{
    return scan_class(data, len, LN_CHARACTER_CONTENT);
}

static size_t scan_target(const uint8_t *data, size_t len)
{
    return scan_class(data, len, LN_CHARACTER_TARGET);
}

static size_t scan_path(const uint8_t *data, size_t len)
{
    return scan_class(data, len, LN_CHARACTER_PATH);
}

static size_t scan_reg_name(const uint8_t *data, size_t len)
{
    return scan_class(data, len, LN_CHARACTER_REG_NAME);
}

static size_t scan_field_lines(const uint8_t *data, size_t begin, size_t len,
                               struct ln_field_line *lines, size_t count_max, size_t *end)
{
    return ln_scan_lines(data, begin, len, lines, count_max, end, scan_token, scan_content);
}

const struct ln_scan ln_scan_plain = {
    .name = "plain",
    .cpu_bits = 0,
    .token = scan_token,
    .content = scan_content,
    .target = scan_target,
    .path = scan_path,
    .reg_name = scan_reg_name,
    .field_lines = scan_field_lines,
};
