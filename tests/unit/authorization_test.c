/* Does an Authorization field say who it is, and nothing it should not? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <linnet/authorization.h>

#include "core/base/base64.h"
#include "tests/lib/guard.h"

static struct linnet_span span_of(const char *text)
{
    return (struct linnet_span){(const uint8_t *)text, strlen(text)};
}

static void assert_span(struct linnet_span span, const char *expected)
{
    assert_int_equal(span.len, strlen(expected));
    assert_memory_equal(span.data, expected, span.len);
}

/* ---- base64 ---------------------------------------------------------------------------------- */

/* RFC 4648 4: the vectors of the standard. */
static void base64_of_the_standard(void **state)
{
    static const char *const vectors[][2] = {
        {"", ""},
        {"Zg==", "f"},
        {"Zm8=", "fo"},
        {"Zm9v", "foo"},
        {"Zm9vYg==", "foob"},
        {"Zm9vYmE=", "fooba"},
        {"Zm9vYmFy", "foobar"},
        {"+/+/", "\xfb\xff\xbf"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint8_t room[8];
        struct linnet_span decoded;
        const size_t len = strlen(vectors[i][1]);
        assert_int_equal(
            ln_base64_decode(span_of(vectors[i][0]), (struct linnet_room){room, len}, &decoded),
            LINNET_ERROR_NONE);
        assert_span(decoded, vectors[i][1]);
        if (len > 0) {
            assert_int_equal(ln_base64_decode(span_of(vectors[i][0]),
                                              (struct linnet_room){room, len - 1}, &decoded),
                             LINNET_ERROR_TOO_LARGE);
        }
    }
}

/* RFC 4648 3.5: bits behind the last byte are zero; and no other alphabet, no line ends, padding
 * where it belongs. */
static void what_is_no_base64(void **state)
{
    static const char *const wrong[] = {
        "Z",    "Zg",   "Zm8",  "Zg=",  "=",     "====",    "Zg==Zg==", "Z===", "Zm9v=",
        "Zh==", "Zm9=", "Zm-_", "Zm9 ", "Zm\n9", "Zm9\xc3", "=Zg=",     "Z=g=",
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint8_t room[8];
        struct linnet_span decoded;
        assert_int_equal(
            ln_base64_decode(span_of(wrong[i]), (struct linnet_room){room, sizeof room}, &decoded),
            LINNET_ERROR_INVALID);
    }
}

/* ---- credentials ----------------------------------------------------------------------------- */

static enum linnet_error read_into(const char *content, size_t room_len,
                                   struct linnet_credentials *credentials)
{
    static uint8_t bytes[128];
    assert_true(room_len <= sizeof bytes);
    return linnet_authorization_basic(span_of(content), (struct linnet_room){bytes, room_len},
                                      credentials);
}

static void name_and_password(void **state)
{
    struct linnet_credentials who;
    (void)state;
    /* RFC 7617 2: the example of the standard. */
    assert_int_equal(read_into("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", 128, &who), LINNET_ERROR_NONE);
    assert_span(who.name, "Aladdin");
    assert_span(who.password, "open sesame");
    /* RFC 9110 11.1: no case; any number of spaces. A password may have colons. */
    assert_int_equal(read_into("bAsIc   YTpiOmM=  ", 128, &who), LINNET_ERROR_NONE);
    assert_span(who.name, "a");
    assert_span(who.password, "b:c");
    assert_int_equal(read_into("Basic Og==", 1, &who), LINNET_ERROR_NONE);
    assert_span(who.name, "");
    assert_span(who.password, "");
    /* RFC 7617 2.1: the example with a pound sign, in UTF-8. */
    assert_int_equal(read_into("Basic dGVzdDoxMjPCow==", 128, &who), LINNET_ERROR_NONE);
    assert_span(who.password, "123\xc2\xa3");
}

static void what_is_no_name_and_password(void **state)
{
    struct linnet_credentials who;
    (void)state;
    assert_int_equal(read_into("", 128, &who), LINNET_ERROR_NOT_FOUND);
    assert_int_equal(read_into("Basic", 128, &who), LINNET_ERROR_NOT_FOUND);
    assert_int_equal(read_into("BasicX QTpi", 128, &who), LINNET_ERROR_NOT_FOUND);
    assert_int_equal(read_into("Bearer QTpi", 128, &who), LINNET_ERROR_NOT_FOUND);
    assert_int_equal(read_into("Basic ", 128, &who), LINNET_ERROR_INVALID);
    assert_int_equal(read_into("Basic QUJD", 128, &who), LINNET_ERROR_INVALID);     /* no colon */
    assert_int_equal(read_into("Basic QTpiAA==", 128, &who), LINNET_ERROR_INVALID); /* a NUL */
    assert_int_equal(read_into("Basic QTp/", 128, &who), LINNET_ERROR_INVALID);     /* DEL */
    assert_int_equal(read_into("Basic QTpi QTpi", 128, &who), LINNET_ERROR_INVALID);
    assert_int_equal(read_into("Basic QTpi, Basic QTpi", 128, &who), LINNET_ERROR_INVALID);
}

static void the_room_is_its_limit(void **state)
{
    struct linnet_credentials who;
    (void)state;
    assert_int_equal(read_into("Basic QTpiYw==", 5, &who), LINNET_ERROR_NONE);
    assert_int_equal(read_into("Basic QTpiYw==", 4, &who), LINNET_ERROR_NONE);
    assert_int_equal(read_into("Basic QTpiYw==", 3, &who), LINNET_ERROR_TOO_LARGE);
}

/* ---- secrets --------------------------------------------------------------------------------- */

static void secrets_are_equal_or_not(void **state)
{
    struct guard guard = guard_open(3);
    (void)state;
    assert_true(linnet_secret_equal(LINNET_SPAN("secret"), LINNET_SPAN("secret")));
    assert_true(linnet_secret_equal(LINNET_SPAN(""), LINNET_SPAN("")));
    assert_true(linnet_secret_equal((struct linnet_span){NULL, 0}, LINNET_SPAN("")));
    static const char *const others[] = {"",       "s",      "secre",       "secret ",
                                         "Secret", "secreT", "secretsecret"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(linnet_secret_equal(span_of(others[i]), LINNET_SPAN("secret")));
        assert_false(linnet_secret_equal(LINNET_SPAN("secret"), span_of(others[i])));
    }
    assert_false(linnet_secret_equal((struct linnet_span){(const uint8_t *)"\0", 1},
                                     (struct linnet_span){NULL, 0}));
    /* Longer than the secret, which ends where nothing may be read. */
    assert_false(
        linnet_secret_equal(LINNET_SPAN("abcabcabc"), guard_put(&guard, LINNET_SPAN("abc"))));
    guard_close(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_of_the_standard), cmocka_unit_test(what_is_no_base64),
        cmocka_unit_test(name_and_password),      cmocka_unit_test(what_is_no_name_and_password),
        cmocka_unit_test(the_room_is_its_limit),  cmocka_unit_test(secrets_are_equal_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
