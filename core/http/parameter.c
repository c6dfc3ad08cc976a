/* Parameters.
 *
 *     parameters      = *( OWS ";" OWS [ parameter ] )             RFC 9110 5.6.6
 *     parameter       = parameter-name "=" parameter-value
 *     parameter-name  = token
 *     parameter-value = ( token / quoted-string )
 *     quoted-string   = DQUOTE *( qdtext / quoted-pair ) DQUOTE    RFC 9110 5.6.4
 *     quoted-pair     = "\" ( HTAB / SP / VCHAR / obs-text )
 *
 * No state but the caller's rest, which only ever shrinks. */
#include "core/http/parameter.h"

#include "core/base/character.h"
#include "core/base/cursor.h"

static struct linnet_span behind(struct linnet_span bytes, size_t len)
{
    return ln_span_slice(bytes, len, bytes.len - len);
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static size_t blank_len(struct linnet_span bytes)
{
    size_t len = 0;
    while (len < bytes.len && is_blank(bytes.data[len])) {
        len++;
    }
    return len;
}

static size_t token_len(struct linnet_span bytes)
{
    size_t len = 0;
    while (len < bytes.len && ln_character_is(bytes.data[len], LN_CHARACTER_TOKEN)) {
        len++;
    }
    return len;
}

/* The bytes of the quoted string at the front, both quotes counted; 0: it has no end, or holds a
 * byte that no field content holds. */
static size_t quoted_len(struct linnet_span bytes)
{
    LN_ASSERT(bytes.len > 0);
    LN_ASSERT(bytes.data[0] == '"');
    for (size_t at = 1; at < bytes.len; at++) {
        if (bytes.data[at] == '"') {
            return at + 1;
        }
        /* RFC 9110 5.6.4: behind a backslash even a quote is an ordinary byte. */
        if (bytes.data[at] == '\\' && at + 1 < bytes.len) {
            at++;
        }
        if (!ln_character_is(bytes.data[at], LN_CHARACTER_CONTENT)) {
            return 0;
        }
    }
    return 0;
}

struct linnet_span ln_parameter_subject(struct linnet_span *rest)
{
    LN_ASSERT(rest->data != NULL || rest->len == 0);
    size_t len = 0;
    while (len < rest->len && rest->data[len] != ';') {
        len++;
    }
    const struct linnet_span subject = ln_span_trim(ln_span_slice(*rest, 0, len));
    *rest = behind(*rest, len);
    return subject;
}

/* A parameter that begins at the front of *rest. */
static enum ln_parameter_outcome take_parameter(struct linnet_span *rest,
                                                struct ln_parameter *parameter)
{
    struct linnet_span bytes = *rest;
    const size_t name_len = token_len(bytes);
    /* RFC 9110 5.6.6: no blanks around the equals sign. */
    if (name_len == 0 || name_len == bytes.len || bytes.data[name_len] != '=') {
        return LN_PARAMETER_MALFORMED;
    }
    parameter->name = ln_span_slice(bytes, 0, name_len);
    bytes = behind(bytes, name_len + 1);
    parameter->quoted = bytes.len > 0 && bytes.data[0] == '"';
    const size_t len = parameter->quoted ? quoted_len(bytes) : token_len(bytes);
    if (len == 0) {
        return LN_PARAMETER_MALFORMED;
    }
    parameter->value =
        parameter->quoted ? ln_span_slice(bytes, 1, len - 2) : ln_span_slice(bytes, 0, len);
    *rest = behind(bytes, len);
    return LN_PARAMETER_FOUND;
}

enum ln_parameter_outcome ln_parameter_next(struct linnet_span *rest,
                                            struct ln_parameter *parameter)
{
    LN_ASSERT(rest != NULL);
    LN_ASSERT(parameter != NULL);
    while (rest->len > 0) {
        struct linnet_span bytes = behind(*rest, blank_len(*rest));
        if (bytes.len == 0) {
            *rest = bytes;
            break;
        }
        if (bytes.data[0] != ';') {
            return LN_PARAMETER_MALFORMED;
        }
        bytes = behind(bytes, 1);
        *rest = behind(bytes, blank_len(bytes));
        /* RFC 9110 5.6.6: a semicolon with nothing behind it is no parameter. */
        if (rest->len > 0 && rest->data[0] != ';') {
            return take_parameter(rest, parameter);
        }
    }
    return LN_PARAMETER_END;
}

bool ln_parameter_unquote(const struct ln_parameter *parameter, struct linnet_room room,
                          struct linnet_span *value)
{
    struct ln_cursor cursor = ln_cursor_over(room);
    for (size_t at = 0; at < parameter->value.len; at++) {
        /* RFC 9110 5.6.6: a value without quotes is a token, which holds no backslash. */
        if (parameter->value.data[at] == '\\') {
            LN_ASSERT(parameter->quoted);
            at++;
            LN_ASSERT(at < parameter->value.len);
        }
        ln_cursor_put_byte(&cursor, parameter->value.data[at]);
    }
    *value = ln_cursor_span(&cursor);
    return !cursor.overflow;
}
