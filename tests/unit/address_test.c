/* Addresses: what is written, against inet_ntop; what is read, and what is refused. */
#include "server/address.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void put(char text[64], const struct linnet_address *address)
{
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){(uint8_t *)text, 63});
    ln_address_put(&cursor, address);
    assert_false(cursor.overflow);
    text[cursor.len] = 0;
}

/* RFC 5952 4: every pattern of groups that are zero, against another writer. Where that one writes
 * IPv4 behind zeros (RFC 5952 5, a choice), it is no witness. */
static void ip6_as_inet_ntop(void **state)
{
    (void)state;
    unsigned compared = 0;
    for (unsigned pattern = 1; pattern < 256; pattern++) {
        struct linnet_address address = {.port = 0};
        char expected[INET6_ADDRSTRLEN];
        char text[64];
        for (unsigned group = 0; group < 8; group++) {
            if ((pattern >> group & 1) != 0) {
                address.ip[2 * group] = (uint8_t)(group * 3 % 5);
                address.ip[2 * group + 1] = (uint8_t)(0xA0 + group);
            }
        }
        assert_non_null(inet_ntop(AF_INET6, address.ip, expected, sizeof expected));
        if (strchr(expected, '.') == NULL) {
            put(text, &address);
            assert_string_equal(text, expected);
            compared++;
        }
    }
    assert_true(compared >= 250);
}

static void known_texts(void **state)
{
    (void)state;
    static const struct {
        uint8_t ip[16];
        const char *text;
        const char *url;
    } rows[] = {
        {{0}, "unix:", "[::]:80"},
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, "::1", "[::1]:80"},
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 255, 0, 10, 1}, "255.0.10.1", "255.0.10.1:80"},
        {{0x20, 1, 0x0D, 0xB8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1},
         "2001:db8:0:1:1:1:1:1",
         "[2001:db8:0:1:1:1:1:1]:80"},
        {{0x20, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1},
         "2001:0:0:1::1",
         "[2001:0:0:1::1]:80"},
        {{0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1},
         "2001:db8::1:0:0:1",
         "[2001:db8::1:0:0:1]:80"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct linnet_address address = {.port = 80};
        char text[64];
        char url[LN_ADDRESS_TEXT_MAX];
        memcpy(address.ip, rows[i].ip, sizeof address.ip);
        put(text, &address);
        assert_string_equal(text, rows[i].text);
        ln_address_print(url, &address);
        assert_string_equal(url, rows[i].url);
    }
}

static void longest_url_fits(void **state)
{
    (void)state;
    struct linnet_address address = {.port = 65535};
    char url[LN_ADDRESS_TEXT_MAX];
    memset(address.ip, 0xFE, sizeof address.ip);
    ln_address_print(url, &address);
    assert_string_equal(url, "[fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe]:65535");
}

static void read_and_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *url; /* NULL: it is refused */
        bool any;
    } rows[] = {
        {"8080", "[::]:8080", true},
        {":8080", "[::]:8080", true},
        {"0", "[::]:0", true},
        {"127.0.0.1:65535", "127.0.0.1:65535", false},
        {"[::1]:1", "[::1]:1", false},
        {"[2001:db8::1]:80", "[2001:db8::1]:80", false},
        {"0.0.0.0:80", "0.0.0.0:80", false},
        {"", NULL, false},
        {"65536", NULL, false},
        {"127.0.0.1", NULL, false},
        {"127.0.0.1:", NULL, false},
        {"::1:80", NULL, false},
        {"[::1:80", NULL, false},
        {"-1", NULL, false},
        {"8080 ", NULL, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct linnet_address address;
        bool any = false;
        const char *wrong = ln_address_parse(rows[i].text, &address, &any);
        assert_int_equal(wrong == NULL, rows[i].url != NULL);
        if (wrong == NULL) {
            char url[LN_ADDRESS_TEXT_MAX];
            ln_address_print(url, &address);
            assert_string_equal(url, rows[i].url);
            assert_int_equal(any, rows[i].any);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ip6_as_inet_ntop),
        cmocka_unit_test(known_texts),
        cmocka_unit_test(longest_url_fits),
        cmocka_unit_test(read_and_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
