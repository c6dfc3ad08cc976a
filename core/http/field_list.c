/* Comma-separated lists in field contents.
 *
 *     #element      = [ element ] *( OWS "," OWS [ element ] )
 *     quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE
 *     quoted-pair   = "\" ( HTAB / SP / VCHAR / obs-text )
 *
 * No state but the caller's rest, which only ever shrinks. Elements are spans over the content,
 * never empty, and neither begin nor end with optional whitespace. Their own grammar is the
 * caller's matter. */
#include "core/http/field_list.h"

/* The length of what stands before the next comma outside of a quoted string. */
static size_t element_len(struct linnet_span text)
{
    bool is_quoted = false;
    size_t len = 0;
    while (len < text.len) {
        uint8_t byte = text.data[len];
        if (byte == ',' && !is_quoted) {
            break;
        }
        /* RFC 9110 5.6.4: inside the quotes a backslash takes its meaning from the next byte, be
         * it a quote; outside of them it has none. */
        if (byte == '\\' && is_quoted && len + 1 < text.len) {
            len++;
        } else if (byte == '"') {
            is_quoted = !is_quoted;
        }
        len++;
    }
    LN_ASSERT(len <= text.len);
    return len;
}

bool ln_field_list_next(struct linnet_span *rest, struct linnet_span *element)
{
    LN_ASSERT(rest != NULL);
    LN_ASSERT(element != NULL);
    while (rest->len > 0) {
        size_t len = element_len(*rest);
        struct linnet_span found = ln_span_trim(ln_span_slice(*rest, 0, len));
        size_t comma_len = len < rest->len ? 1 : 0;
        *rest = ln_span_slice(*rest, len + comma_len, rest->len - len - comma_len);
        /* RFC 9110 5.6.1: elements without content are nothing, however many. */
        if (found.len > 0) {
            *element = found;
            return true;
        }
    }
    return false;
}

bool ln_field_list_has(struct linnet_span list, struct linnet_span token)
{
    LN_ASSERT(token.len > 0);
    struct linnet_span element;
    while (ln_field_list_next(&list, &element)) {
        if (ln_span_equal_fold(element, token)) {
            return true;
        }
    }
    return false;
}
