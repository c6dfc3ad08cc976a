/* What an Authorization field says.
 *
 *     credentials = "Basic" 1*SP base64( user-id ":" password )      RFC 7617 2
 *
 * No state. */
#include <linnet/authorization.h>

#include "core/base/base64.h"
#include "core/base/span.h"

static const struct linnet_span scheme = LINNET_SPAN_INIT("Basic ");

enum linnet_error linnet_authorization_basic(struct linnet_span content, struct linnet_room room,
                                             struct linnet_credentials *credentials)
{
    /* RFC 9110 11.1: the name of a scheme has no case. */
    if (content.len < scheme.len ||
        !ln_span_equal_fold(ln_span_slice(content, 0, scheme.len), scheme)) {
        return LINNET_ERROR_NOT_FOUND;
    }
    const struct linnet_span text =
        ln_span_trim(ln_span_slice(content, scheme.len, content.len - scheme.len));
    struct linnet_span pair;
    const enum linnet_error error = ln_base64_decode(text, room, &pair);
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    size_t colon = pair.len;
    for (size_t i = 0; i < pair.len; i++) {
        /* RFC 7617 2: neither has a control byte. */
        if (pair.data[i] < ' ' || pair.data[i] == 0x7F) {
            return LINNET_ERROR_INVALID;
        }
        if (pair.data[i] == ':' && colon == pair.len) {
            colon = i;
        }
    }
    if (colon == pair.len) {
        return LINNET_ERROR_INVALID;
    }
    credentials->name = ln_span_slice(pair, 0, colon);
    credentials->password = ln_span_slice(pair, colon + 1, pair.len - colon - 1);
    return LINNET_ERROR_NONE;
}

/* Every byte that was given is looked at, beside some byte; volatile, so that no compiler finds out
 * that the first difference decides. */
bool linnet_secret_equal(struct linnet_span given, struct linnet_span secret)
{
    static const uint8_t nothing = 0;
    const uint8_t *other = secret.len > 0 ? secret.data : &nothing;
    volatile uint8_t difference = given.len != secret.len;
    for (size_t i = 0; i < given.len; i++) {
        difference |= (uint8_t)(given.data[i] ^ other[i < secret.len ? i : 0]);
    }
    return difference == 0;
}
