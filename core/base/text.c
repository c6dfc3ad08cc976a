/* Text built into memory of the caller's.
 *
 * A put works on a copy of the text's cursor and keeps it only if all fitted: that is the whole of
 * the promise that nothing is written in half. Invariant: len <= capacity; once `error` is set, len
 * does not change. */
#include <linnet/text.h>

#include "core/base/character.h"
#include "core/base/cursor.h"
#include "core/base/number.h"
#include "core/base/utf8.h"

enum { ESCAPE_LEN_MAX = 6 };

/* Writes the escape of an ASCII byte and returns its length; 0: the byte stands for itself. */
typedef size_t escape_function(uint8_t byte, uint8_t escape[ESCAPE_LEN_MAX]);

static struct ln_cursor cursor_of(const struct linnet_text *text)
{
    LN_ASSERT(text != NULL);
    LN_ASSERT(text->len <= text->capacity);
    return (struct ln_cursor){.data = text->data,
                              .len = text->len,
                              .capacity = text->capacity,
                              .overflow = text->error != LINNET_ERROR_NONE};
}

static void keep_written(struct linnet_text *text, const struct ln_cursor *cursor)
{
    if (cursor->overflow) {
        text->error = LINNET_ERROR_TOO_LARGE;
    } else {
        text->len = cursor->len;
    }
}

struct linnet_text linnet_text_over(struct linnet_room room)
{
    LN_ASSERT(room.data != NULL || room.len == 0);
    return (struct linnet_text){
        .data = room.data, .len = 0, .capacity = room.len, .error = LINNET_ERROR_NONE};
}

enum linnet_error linnet_text_finish(const struct linnet_text *text, struct linnet_span *span)
{
    LN_ASSERT(text->len <= text->capacity);
    *span = (struct linnet_span){NULL, 0};
    if (text->error == LINNET_ERROR_NONE) {
        *span = (struct linnet_span){text->data, text->len};
    }
    return text->error;
}

void linnet_text_put(struct linnet_text *text, struct linnet_span bytes)
{
    struct ln_cursor cursor = cursor_of(text);
    ln_cursor_put_span(&cursor, bytes);
    keep_written(text, &cursor);
}

void linnet_text_put_byte(struct linnet_text *text, uint8_t byte)
{
    struct ln_cursor cursor = cursor_of(text);
    ln_cursor_put_byte(&cursor, byte);
    keep_written(text, &cursor);
}

void linnet_text_put_decimal(struct linnet_text *text, uint64_t number)
{
    struct ln_cursor cursor = cursor_of(text);
    ln_number_put_decimal(&cursor, number);
    keep_written(text, &cursor);
}

void linnet_text_put_signed(struct linnet_text *text, int64_t number)
{
    struct ln_cursor cursor = cursor_of(text);
    uint64_t magnitude = (uint64_t)number;
    if (number < 0) {
        ln_cursor_put_byte(&cursor, '-');
        /* Unsigned, so that the least number has a magnitude too. */
        magnitude = 0 - magnitude;
    }
    ln_number_put_decimal(&cursor, magnitude);
    keep_written(text, &cursor);
}

void linnet_text_put_hex(struct linnet_text *text, uint64_t number)
{
    struct ln_cursor cursor = cursor_of(text);
    ln_number_put_hex(&cursor, number);
    keep_written(text, &cursor);
}

void linnet_text_put_hex_bytes(struct linnet_text *text, struct linnet_span bytes)
{
    struct ln_cursor cursor = cursor_of(text);
    for (size_t i = 0; i < bytes.len; i++) {
        ln_number_put_hex(&cursor, bytes.data[i] >> 4);
        ln_number_put_hex(&cursor, bytes.data[i] & 15U);
    }
    keep_written(text, &cursor);
}

/* RFC 8259 7: the quote, the backslash and control characters are escaped. "<", ">" and "&" may be,
 * and are, so that no "</script>" and no "<!--" can stand in what is put into a page. */
static size_t json_escape(uint8_t byte, uint8_t escape[ESCAPE_LEN_MAX])
{
    static const char digits[16] = {'0', '1', '2', '3', '4', '5', '6', '7',
                                    '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
    char letter = 0;
    switch (byte) {
    case '"':
        letter = '"';
        break;
    case '\\':
        letter = '\\';
        break;
    case '\n':
        letter = 'n';
        break;
    case '\r':
        letter = 'r';
        break;
    case '\t':
        letter = 't';
        break;
    default:
        break;
    }
    escape[0] = '\\';
    if (letter != 0) {
        escape[1] = (uint8_t)letter;
        return 2;
    }
    if (byte >= 0x20 && byte != '<' && byte != '>' && byte != '&') {
        return 0;
    }
    escape[1] = 'u';
    escape[2] = '0';
    escape[3] = '0';
    escape[4] = (uint8_t)digits[byte >> 4];
    escape[5] = (uint8_t)digits[byte & 15];
    return 6;
}

/* WHATWG HTML 13.1.2: what would begin a tag or a reference, or end a quoted attribute. */
static size_t html_escape(uint8_t byte, uint8_t escape[ESCAPE_LEN_MAX])
{
    struct linnet_span reference = {NULL, 0};
    switch (byte) {
    case '&':
        reference = LINNET_SPAN("&amp;");
        break;
    case '<':
        reference = LINNET_SPAN("&lt;");
        break;
    case '>':
        reference = LINNET_SPAN("&gt;");
        break;
    case '"':
        reference = LINNET_SPAN("&quot;");
        break;
    case '\'':
        reference = LINNET_SPAN("&#39;");
        break;
    default:
        return 0;
    }
    LN_ASSERT(reference.len <= ESCAPE_LEN_MAX);
    memcpy(escape, reference.data, reference.len);
    return reference.len;
}

/* Puts characters, each as it is, escaped, or replaced where it is no UTF-8. What needs no work is
 * put in runs. */
static void put_characters(struct linnet_text *text, struct linnet_span characters,
                           escape_function *escape_of)
{
    struct ln_cursor cursor = cursor_of(text);
    LN_ASSERT(characters.data != NULL || characters.len == 0);
    size_t begin = 0; /* of the run */
    size_t at = 0;
    while (at < characters.len) {
        const struct linnet_span rest = {characters.data + at, characters.len - at};
        const struct ln_utf8 character = ln_utf8_first(rest);
        uint8_t escape[ESCAPE_LEN_MAX] = {0xEF, 0xBF, 0xBD};
        size_t escape_len = 3;
        if (character.well_formed) {
            escape_len = rest.data[0] < 0x80 ? escape_of(rest.data[0], escape) : 0;
        }
        if (escape_len > 0) {
            ln_cursor_put(&cursor, characters.data + begin, at - begin);
            ln_cursor_put(&cursor, escape, escape_len);
            begin = at + character.len;
        }
        at += character.len;
    }
    LN_ASSERT(at == characters.len);
    if (begin < at) {
        ln_cursor_put(&cursor, characters.data + begin, at - begin);
    }
    keep_written(text, &cursor);
}

void linnet_text_put_json(struct linnet_text *text, struct linnet_span characters)
{
    put_characters(text, characters, json_escape);
}

void linnet_text_put_html(struct linnet_text *text, struct linnet_span characters)
{
    put_characters(text, characters, html_escape);
}

/* RFC 3986 2.3: ALPHA / DIGIT / "-" / "." / "_" / "~". */
static bool is_unreserved(uint8_t byte)
{
    const bool letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
    return letter || ln_character_is(byte, LN_CHARACTER_DIGIT) || byte == '-' || byte == '.' ||
           byte == '_' || byte == '~';
}

/* `kept` stays as it is beside the unreserved bytes. */
static void put_encoded(struct linnet_text *text, struct linnet_span bytes, uint8_t kept)
{
    static const char digits[16] = {'0', '1', '2', '3', '4', '5', '6', '7',
                                    '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'};
    struct ln_cursor cursor = cursor_of(text);
    LN_ASSERT(bytes.data != NULL || bytes.len == 0);
    for (size_t i = 0; i < bytes.len; i++) {
        const uint8_t byte = bytes.data[i];
        if (is_unreserved(byte) || byte == kept) {
            ln_cursor_put_byte(&cursor, byte);
        } else {
            /* RFC 3986 2.1: upper-case digits are what producers should write. */
            const uint8_t encoded[3] = {'%', (uint8_t)digits[byte >> 4],
                                        (uint8_t)digits[byte & 15]};
            ln_cursor_put(&cursor, encoded, sizeof encoded);
        }
    }
    keep_written(text, &cursor);
}

void linnet_text_put_percent(struct linnet_text *text, struct linnet_span bytes)
{
    put_encoded(text, bytes, '-');
}

void linnet_text_put_path(struct linnet_text *text, struct linnet_span path)
{
    put_encoded(text, path, '/');
}
