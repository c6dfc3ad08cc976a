/* Do all scanners agree with the grammar for every byte, place and length, and stay in the span? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/base/character.h"
#include "core/base/scan.h"
#include "tests/lib/guard.h"
#include "tests/lib/processor.h"

enum {
    LEN_MAX = 100,
    ALIGNMENTS = 64,
    ROWS_MAX = 8,
    BEFORE_LEN = 37,
    LINES_MAX = 32,
    TEXT_MAX = 400,
    SCANNERS_MAX = 5 * ROWS_MAX,
};

typedef size_t scan_fn(const uint8_t *data, size_t len);

static bool is_letter(unsigned byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

static bool is_digit(unsigned byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_one_of(unsigned byte, const char *bytes)
{
    return byte != 0 && strchr(bytes, (int)byte) != NULL;
}

/* RFC 9110 5.6.2: tchar, once more. */
static bool is_token(unsigned byte)
{
    return is_letter(byte) || is_digit(byte) || is_one_of(byte, "!#$%&'*+-.^_`|~");
}

/* RFC 9110 5.5: HTAB, SP, VCHAR and obs-text, once more. */
static bool is_content(unsigned byte)
{
    return byte == '\t' || byte == ' ' || (byte > 0x20 && byte < 0x7F) || byte >= 0x80;
}

/* RFC 3986 2: what is visible, of which a URI is made. */
static bool is_target(unsigned byte)
{
    return byte > 0x20 && byte < 0x7F;
}

static bool is_reg_name(unsigned byte)
{
    return is_letter(byte) || is_digit(byte) || is_one_of(byte, "-._~!$&'()*+,;=");
}

/* RFC 3986 3.3: what stands unescaped in a path. */
static bool is_path(unsigned byte)
{
    return is_reg_name(byte) || is_one_of(byte, ":@/");
}

static void rfc3986_2_character_classes(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        uint8_t byte = (uint8_t)i;
        assert_int_equal(ln_character_is(byte, LN_CHARACTER_TOKEN), is_token(i));
        assert_int_equal(ln_character_is(byte, LN_CHARACTER_CONTENT), is_content(i));
        assert_int_equal(ln_character_is(byte, LN_CHARACTER_TARGET), is_target(i));
        assert_int_equal(ln_character_is(byte, LN_CHARACTER_PATH), is_path(i));
        /* RFC 3986 3.4: and what in a query. */
        assert_int_equal(ln_character_is(byte, LN_CHARACTER_QUERY), is_path(i) || i == '?');
        assert_int_equal(ln_character_is(byte, LN_CHARACTER_DIGIT), is_digit(i));
        assert_int_equal(ln_character_is(byte, LN_CHARACTER_HEX),
                         is_digit(i) || is_one_of(i, "abcdefABCDEF"));
        assert_int_equal(ln_character_is(byte, LN_CHARACTER_REG_NAME), is_reg_name(i));
    }
}

struct scanner {
    const char *name;
    scan_fn *scan;
    bool (*is_inside)(unsigned byte);
};

/* The scanners of all rows that this processor runs; their number. */
static size_t all_scanners(struct scanner *scanners)
{
    const struct ln_scan *rows[ROWS_MAX];
    size_t rows_count = processor_rows(rows, ROWS_MAX);
    size_t count = 0;
    for (size_t i = 0; i < rows_count; i++) {
        scanners[count++] = (struct scanner){rows[i]->name, rows[i]->token, is_token};
        scanners[count++] = (struct scanner){rows[i]->name, rows[i]->content, is_content};
        scanners[count++] = (struct scanner){rows[i]->name, rows[i]->target, is_target};
        scanners[count++] = (struct scanner){rows[i]->name, rows[i]->path, is_path};
        scanners[count++] = (struct scanner){rows[i]->name, rows[i]->reg_name, is_reg_name};
    }
    assert_true(count >= 5);
    return count;
}

static void every_byte_at_every_place_is_classed(void **state)
{
    (void)state;
    struct scanner scanners[SCANNERS_MAX];
    size_t count = all_scanners(scanners);
    struct guard guard = guard_open(LEN_MAX);
    uint8_t data[LEN_MAX];
    for (size_t i = 0; i < count; i++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            for (size_t place = 0; place < LEN_MAX; place++) {
                memset(data, 'a', sizeof data);
                data[place] = (uint8_t)byte;
                struct linnet_span span = guard_put(&guard, (struct linnet_span){data, LEN_MAX});
                size_t expected = scanners[i].is_inside(byte) ? LEN_MAX : place;
                assert_int_equal(scanners[i].scan(span.data, span.len), expected);
            }
        }
    }
    guard_close(&guard);
}

static void every_length_at_the_guard_pages(void **state)
{
    (void)state;
    struct scanner scanners[SCANNERS_MAX];
    size_t count = all_scanners(scanners);
    struct guard guard = guard_open(LEN_MAX);
    uint8_t data[LEN_MAX];
    for (size_t i = 0; i < count; i++) {
        for (size_t len = 0; len <= LEN_MAX; len++) {
            for (size_t place = 0; place <= len; place++) {
                memset(data, 'a', sizeof data);
                if (place < len) {
                    data[place] = '\r';
                }
                struct linnet_span part = {data, len};
                struct linnet_span high = guard_put(&guard, part);
                assert_int_equal(scanners[i].scan(high.data, len), place);
                struct linnet_span low = guard_put_low(&guard, part);
                assert_int_equal(scanners[i].scan(low.data, len), place);
            }
        }
    }
    guard_close(&guard);
}

/* What lies behind the span and is not of the class must not be found; nor what lies before. */
static void every_alignment(void **state)
{
    (void)state;
    struct scanner scanners[SCANNERS_MAX];
    size_t count = all_scanners(scanners);
    static uint8_t memory[ALIGNMENTS + LEN_MAX + 64];
    for (size_t i = 0; i < count; i++) {
        for (size_t begin = 0; begin < ALIGNMENTS; begin++) {
            for (size_t len = 0; len <= LEN_MAX; len++) {
                memset(memory, '\n', sizeof memory);
                memset(memory + begin, 'a', len);
                assert_int_equal(scanners[i].scan(memory + begin, len), len);
                assert_int_equal(scanners[i].scan(memory + begin, len + 1), len);
            }
        }
    }
}

/* Bytes of all kinds in a row: the first that is outside decides. */
static void mixed_bytes_agree_with_the_grammar(void **state)
{
    (void)state;
    struct scanner scanners[SCANNERS_MAX];
    size_t count = all_scanners(scanners);
    struct guard guard = guard_open(LEN_MAX);
    uint32_t random = 1;
    for (unsigned turn = 0; turn < 20000; turn++) {
        uint8_t data[LEN_MAX];
        size_t len = turn % (LEN_MAX + 1);
        for (size_t k = 0; k < len; k++) {
            random = random * 1664525U + 1013904223U;
            data[k] = (uint8_t)(random >> 24);
            if ((random >> 16 & 31) != 0) {
                data[k] = (uint8_t)(0x21 + data[k] % 94);
            }
        }
        struct linnet_span span = guard_put(&guard, (struct linnet_span){data, len});
        for (size_t i = 0; i < count; i++) {
            size_t expected = 0;
            while (expected < len && scanners[i].is_inside(data[expected])) {
                expected++;
            }
            assert_int_equal(scanners[i].scan(span.data, len), expected);
        }
    }
    guard_close(&guard);
}

/* The lines of data[begin, len) once more, by the grammar; *end is behind them. */
static size_t expected_lines(const uint8_t *data, size_t begin, size_t len,
                             struct ln_field_line *lines, size_t count_max, size_t *end)
{
    size_t count = 0;
    *end = begin;
    while (count < count_max) {
        size_t colon = *end;
        while (colon < len && is_token(data[colon])) {
            colon++;
        }
        size_t behind = colon + 1;
        while (behind < len && is_content(data[behind])) {
            behind++;
        }
        if (colon == *end || behind + 1 >= len || data[colon] != ':' || data[behind] != '\r' ||
            data[behind + 1] != '\n') {
            return count;
        }
        size_t first = colon + 1;
        size_t last = behind;
        while (first < last && (data[first] == ' ' || data[first] == '\t')) {
            first++;
        }
        while (first < last && (data[last - 1] == ' ' || data[last - 1] == '\t')) {
            last--;
        }
        lines[count].name_begin = (uint16_t)*end;
        lines[count].name_len = (uint16_t)(colon - *end);
        lines[count].content_begin = (uint16_t)first;
        lines[count].content_len = (uint16_t)(last - first);
        count++;
        *end = behind + 2;
    }
    return count;
}

static void expect_lines(const struct ln_scan *row, const uint8_t *data, size_t begin, size_t len,
                         size_t count_max)
{
    struct ln_field_line expected[LINES_MAX];
    struct ln_field_line lines[LINES_MAX];
    size_t expected_end;
    size_t end = 0;
    size_t count = expected_lines(data, begin, len, expected, count_max, &expected_end);
    assert_int_equal(row->field_lines(data, begin, len, lines, count_max, &end), count);
    assert_int_equal(end, expected_end);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(lines[i].name_begin, expected[i].name_begin);
        assert_int_equal(lines[i].name_len, expected[i].name_len);
        assert_int_equal(lines[i].content_begin, expected[i].content_begin);
        assert_int_equal(lines[i].content_len, expected[i].content_len);
    }
}

/* One line of every length and every place of colon and end, behind other bytes and before none. */
static void rfc9112_5_a_line_of_every_length(void **state)
{
    (void)state;
    const struct ln_scan *rows[ROWS_MAX];
    size_t count = processor_rows(rows, ROWS_MAX);
    struct guard guard = guard_open(BEFORE_LEN + LEN_MAX);
    for (size_t len = 0; len <= LEN_MAX; len++) {
        for (size_t colon = 0; colon <= len; colon++) {
            for (size_t end = colon; end <= len; end += 1 + (end - colon) / 8) {
                uint8_t data[BEFORE_LEN + LEN_MAX + 2];
                memset(data, end % 2 == 0 ? '\n' : 'b', BEFORE_LEN);
                memset(data + BEFORE_LEN, 'a', LEN_MAX + 2);
                data[BEFORE_LEN + end] = '\r';
                data[BEFORE_LEN + end + 1] = end % 5 == 0 ? 'x' : '\n';
                data[BEFORE_LEN + colon] = end % 7 == 0 ? ' ' : ':';
                for (size_t before = 0; before <= BEFORE_LEN; before += BEFORE_LEN) {
                    struct linnet_span span = guard_put(
                        &guard, (struct linnet_span){data + BEFORE_LEN - before, before + len});
                    for (size_t i = 0; i < count; i++) {
                        expect_lines(rows[i], span.data, before, span.len, 1);
                    }
                }
            }
        }
    }
    guard_close(&guard);
}

/* Lines of all kinds, a few faults among them, cut off anywhere. */
static void rfc9112_5_many_lines(void **state)
{
    (void)state;
    static const char alphabet[] = "ab-c9:: \t\r\n\x7F\x80~(";
    static const char *const pieces[] = {"Host: a\r\n",
                                         "Accept:\t*/*  \r\n",
                                         "\r\n",
                                         "X:\r\n",
                                         "A-Name-Of-More-Than-Thirty-Two-Bytes-In-All: b\r\n",
                                         "Cookie: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"};
    const struct ln_scan *rows[ROWS_MAX];
    size_t count = processor_rows(rows, ROWS_MAX);
    struct guard guard = guard_open(TEXT_MAX);
    uint32_t random = 7;
    for (unsigned turn = 0; turn < 20000; turn++) {
        uint8_t data[TEXT_MAX];
        size_t len = 0;
        while (len < TEXT_MAX - 64) {
            random = random * 1664525U + 1013904223U;
            if ((random >> 28) != 0) {
                const char *piece = pieces[(random >> 20) % 6 == 2 ? 0 : (random >> 20) % 6];
                for (size_t i = 0; piece[i] != '\0'; i++) {
                    data[len++] = (uint8_t)piece[i];
                }
            } else {
                data[len++] = (uint8_t)alphabet[(random >> 16) % (sizeof alphabet - 1)];
            }
        }
        len = (random >> 8) % (len + 1);
        struct linnet_span span = guard_put(&guard, (struct linnet_span){data, len});
        for (size_t i = 0; i < count; i++) {
            expect_lines(rows[i], span.data, len > 20 ? turn % 20 : 0, len,
                         turn % 3 == 0 ? 3 : LINES_MAX);
        }
    }
    guard_close(&guard);
}

static void the_best_row_that_the_processor_has_is_chosen(void **state)
{
    (void)state;
    assert_string_equal(ln_scan_for(0)->name, "plain");
    size_t count = 0;
    const struct ln_scan *const *rows = ln_scan_rows(&count);
    assert_ptr_equal(ln_scan_for(~0U), rows[0]);
    assert_ptr_equal(ln_scan_for(0), rows[count - 1]);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(ln_scan_for(rows[i]->cpu_bits), rows[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc3986_2_character_classes),
        cmocka_unit_test(every_byte_at_every_place_is_classed),
        cmocka_unit_test(every_length_at_the_guard_pages),
        cmocka_unit_test(every_alignment),
        cmocka_unit_test(mixed_bytes_agree_with_the_grammar),
        cmocka_unit_test(rfc9112_5_a_line_of_every_length),
        cmocka_unit_test(rfc9112_5_many_lines),
        cmocka_unit_test(the_best_row_that_the_processor_has_is_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
