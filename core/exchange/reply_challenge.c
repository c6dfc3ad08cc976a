/* Answering 401: who are you? RFC 9110 11.6.1. */
#include <linnet/authorization.h>

#include "core/base/cursor.h"
#include "core/exchange/exchange.h"

enum { REALM_LEN_MAX = 64 };

#define CHALLENGE_BEGIN "Basic realm=\""
/* RFC 7617 2.1: the names and passwords of those who have one are UTF-8. */
#define CHALLENGE_END "\", charset=\"UTF-8\""

/* No byte that would have to be escaped in a quoted string; what no field may hold is refused with
 * the reply. */
static bool realm_is_sound(struct linnet_span realm)
{
    for (size_t i = 0; i < realm.len; i++) {
        if (realm.data[i] == '"' || realm.data[i] == '\\') {
            return false;
        }
    }
    return realm.len <= REALM_LEN_MAX;
}

enum linnet_error linnet_reply_unauthorized(struct linnet_exchange *exchange,
                                            struct linnet_span realm)
{
    uint8_t text[sizeof CHALLENGE_BEGIN + REALM_LEN_MAX + sizeof CHALLENGE_END];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){text, sizeof text});
    if (!realm_is_sound(realm)) {
        return LINNET_ERROR_INVALID;
    }
    ln_cursor_put(&cursor, CHALLENGE_BEGIN, sizeof CHALLENGE_BEGIN - 1);
    ln_cursor_put_span(&cursor, realm);
    ln_cursor_put(&cursor, CHALLENGE_END, sizeof CHALLENGE_END - 1);
    LN_ASSERT(!cursor.overflow);
    const struct linnet_field challenge = {LINNET_SPAN("WWW-Authenticate"),
                                           ln_cursor_span(&cursor)};
    return ln_exchange_reply_page(exchange, LINNET_STATUS_UNAUTHORIZED, &challenge);
}
