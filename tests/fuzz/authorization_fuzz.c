/* Invariant: what is taken for Basic credentials lies in the room, holds no control byte and no
 * colon in its name, and written in Base64 again it is the very text that was read; a room that is
 * a byte too small is refused; a secret equals itself and nothing longer. */
#include <stdlib.h>
#include <string.h>

#include <linnet/authorization.h>

#include "core/base/span.h"

enum { CONTENT_LEN_MAX = 512 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static size_t encode(struct linnet_span bytes, char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t len = 0;
    for (size_t at = 0; at < bytes.len; at += 3) {
        uint32_t bits = 0;
        for (size_t i = 0; i < 3; i++) {
            bits = bits << 8 | (at + i < bytes.len ? bytes.data[at + i] : 0U);
        }
        for (size_t i = 0; i < 4; i++) {
            text[len++] = at + i <= bytes.len ? digits[bits >> (18 - 6 * i) & 63] : '=';
        }
    }
    return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t room[CONTENT_LEN_MAX];
    char again[2 * CONTENT_LEN_MAX];
    struct linnet_credentials who;
    const struct linnet_span content = {data, size};
    if (size > CONTENT_LEN_MAX ||
        linnet_authorization_basic(content, (struct linnet_room){room, sizeof room}, &who) !=
            LINNET_ERROR_NONE) {
        return 0;
    }
    const size_t pair_len = who.name.len + 1 + who.password.len;
    must(who.name.data == room);
    must(who.password.len == 0 || who.password.data == room + who.name.len + 1);
    must(pair_len <= sizeof room && room[who.name.len] == ':');
    for (size_t i = 0; i < pair_len; i++) {
        must(room[i] >= ' ' && room[i] != 0x7F);
        must(i >= who.name.len || room[i] != ':');
    }
    const struct linnet_span text = ln_span_trim(ln_span_slice(content, 6, size - 6));
    const size_t len = encode((struct linnet_span){room, pair_len}, again);
    must(len == text.len && memcmp(again, text.data, len) == 0);
    must(linnet_secret_equal(who.password, who.password));
    must(!linnet_secret_equal((struct linnet_span){room, pair_len}, who.password));
    must(linnet_authorization_basic(content, (struct linnet_room){room, pair_len - 1}, &who) ==
         LINNET_ERROR_TOO_LARGE);
    return 0;
}
