/* Media types: the order of the table, and what the search finds in it and beside it. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/http/media_type.h"
#include "core/table/media_type.h"
#include "tests/lib/guard.h"

static const struct {
    const char *extension;
    const char *type;
} rows[] = {
#define ROW(extension, type) {extension, type},
    LN_MEDIA_TYPES(ROW)
#undef ROW
};

enum { row_count = sizeof rows / sizeof rows[0] };

static const char *const unknown = "application/octet-stream";

/* What is read ends at a page that nobody may touch. */
static struct guard guard;

static int open_guard(void **state)
{
    (void)state;
    guard = guard_open(4096);
    return 0;
}

static int close_guard(void **state)
{
    (void)state;
    guard_close(&guard);
    return 0;
}

static void check(const char *path, const char *type)
{
    struct linnet_span bytes = {(const uint8_t *)path, strlen(path)};
    /* The search runs backwards, so both ends are watched. */
    struct linnet_span found = ln_media_type_for(guard_put_low(&guard, bytes));
    assert_ptr_equal(ln_media_type_for(guard_put(&guard, bytes)).data, found.data);
    if (found.len != strlen(type) || memcmp(found.data, type, found.len) != 0) {
        fail_msg("%s is %.*s, not %s", path, (int)found.len, (const char *)found.data, type);
    }
}

/* A search from the first row to the last. */
static const char *type_of_extension(const char *extension)
{
    for (size_t i = 0; i < row_count; i++) {
        if (strcmp(rows[i].extension, extension) == 0) {
            return rows[i].type;
        }
    }
    return unknown;
}

static void the_table_ascends_and_has_no_row_twice(void **state)
{
    (void)state;
    assert_true(row_count >= 80);
    for (size_t i = 0; i < row_count; i++) {
        if (i > 0 && strcmp(rows[i - 1].extension, rows[i].extension) >= 0) {
            fail_msg("%s does not stand before %s", rows[i - 1].extension, rows[i].extension);
        }
        assert_true(strlen(rows[i].extension) > 0);
        for (const char *at = rows[i].extension; *at != '\0'; at++) {
            assert_true(islower((unsigned char)*at) || isdigit((unsigned char)*at));
        }
    }
}

/* RFC 9110 8.3: each type is type "/" subtype; text carries its charset, nothing else does. */
static void rfc9110_8_3_text_and_only_text_has_a_charset(void **state)
{
    (void)state;
    for (size_t i = 0; i < row_count; i++) {
        const char *slash = strchr(rows[i].type, '/');
        assert_non_null(slash);
        assert_true(slash > rows[i].type);
        size_t len = strspn(slash + 1, "abcdefghijklmnopqrstuvwxyz0123456789.+-");
        assert_true(len > 0);
        bool is_text = strncmp(rows[i].type, "text/", 5) == 0;
        assert_string_equal(slash + 1 + len, is_text ? "; charset=utf-8" : "");
    }
}

static void every_row_is_found_in_any_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < row_count; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "/a/b.%s", rows[i].extension);
        check(path, rows[i].type);
        check(path + 3, rows[i].type);
        path[5] = (char)toupper((unsigned char)path[5]);
        check(path, rows[i].type);
        for (char *at = path; *at != '\0'; at++) {
            *at = (char)toupper((unsigned char)*at);
        }
        check(path, rows[i].type);
    }
}

static void neighbours_of_every_row_are_found_as_by_a_full_search(void **state)
{
    (void)state;
    for (size_t i = 0; i < row_count; i++) {
        size_t len = strlen(rows[i].extension);
        for (size_t place = 0; place <= len; place++) {
            for (int byte = '!'; byte < 0x7F; byte++) {
                char path[64];
                if (byte == '.' || byte == '/' || isupper(byte)) {
                    continue;
                }
                (void)snprintf(path, sizeof path, "x.%s%c", rows[i].extension, '\0');
                path[2 + place] = (char)byte;
                path[2 + (place == len ? len + 1 : len)] = '\0';
                check(path, type_of_extension(path + 2));
            }
        }
        char path[64];
        (void)snprintf(path, sizeof path, "x.%.*s", (int)len - 1, rows[i].extension);
        check(path, type_of_extension(path + 2));
    }
}

/* RFC 9110 8.3: what has no extension that is known is bytes. */
static void rfc9110_8_3_unknown_is_octet_stream(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "",
        "/",
        ".",
        "..",
        "/.",
        "a",
        "/a",
        "a.",
        "/a.html/",
        "/a.html/b",
        "/html",
        "html",
        "/.html",
        ".html",
        "/a/.css",
        "a.unknown",
        "a.html~",
        "a.html.bak",
        "a.webmanifests",
        "a. html",
        "a.html ",
        "/a.b/c",
        "a.\xC3\xA4",
        "a.averylongextension",
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        check(paths[i], unknown);
    }
    struct linnet_span found = ln_media_type_for((struct linnet_span){0});
    assert_int_equal(found.len, strlen(unknown));
}

static void the_last_extension_of_the_last_segment_decides(void **state)
{
    (void)state;
    check("/index.html", "text/html; charset=utf-8");
    check("index.html", "text/html; charset=utf-8");
    check("/a.png/b.css", "text/css; charset=utf-8");
    check("/a.tar.gz", "application/gzip");
    check("/jquery.min.js", "text/javascript; charset=utf-8");
    check("/.hidden.json", "application/json");
    check("/..svg", "image/svg+xml");
}

static void the_types_that_browsers_insist_on(void **state)
{
    (void)state;
    check("a.js", "text/javascript; charset=utf-8");
    check("a.mjs", "text/javascript; charset=utf-8");
    check("a.css", "text/css; charset=utf-8");
    check("a.wasm", "application/wasm");
    check("a.svg", "image/svg+xml");
    check("a.json", "application/json");
    check("a.map", "application/json");
    check("a.webmanifest", "application/manifest+json");
    check("a.woff2", "font/woff2");
    check("a.ts", "video/mp2t");
    check("a.m3u8", "application/vnd.apple.mpegurl");
    check("a.mkv", "video/matroska");
    check("a.yaml", "application/yaml");
    check("a.ico", "image/vnd.microsoft.icon");
    check("a.vcf", "text/vcard; charset=utf-8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_ascends_and_has_no_row_twice),
        cmocka_unit_test(rfc9110_8_3_text_and_only_text_has_a_charset),
        cmocka_unit_test(every_row_is_found_in_any_case),
        cmocka_unit_test(neighbours_of_every_row_are_found_as_by_a_full_search),
        cmocka_unit_test(rfc9110_8_3_unknown_is_octet_stream),
        cmocka_unit_test(the_last_extension_of_the_last_segment_decides),
        cmocka_unit_test(the_types_that_browsers_insist_on),
    };
    return cmocka_run_group_tests(tests, open_guard, close_guard);
}
