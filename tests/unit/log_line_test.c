/* Log lines: every byte of the peer, in every format, and records with nothing in them. */
#include "server/log_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/span.h"
#include "server/address.h"

enum { LINE_MAX = 8192 };

static const struct linnet_address local = {
    .ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1}};

static struct linnet_answer_record plain_record(void)
{
    return (struct linnet_answer_record){
        .peer = &local,
        .method = LINNET_SPAN("GET"),
        .target = LINNET_SPAN("/index.html"),
        .status = LINNET_STATUS_OK,
        .minor_version = 1,
        .body_len = 5120,
        .duration_ms = 7,
        .time = {.monotonic_ms = 1, .unix_s = 1795182312},
        .complete = true,
    };
}

/* One for all tests: what the line before left there must not matter. */
static struct ln_log_time told;

/* The line as a zero-terminated text; it must fit exactly, and not into one byte less. */
static void put(char text[LINE_MAX], enum ln_log_format format, bool colour,
                const struct linnet_answer_record *record)
{
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){(uint8_t *)text, LINE_MAX - 1});
    ln_log_line_put(&cursor, format, colour, &told, record);
    assert_false(cursor.overflow);
    text[cursor.len] = 0;
    char less[LINE_MAX];
    struct ln_cursor narrow = ln_cursor_over((struct linnet_room){(uint8_t *)less, cursor.len - 1});
    ln_log_line_put(&narrow, format, colour, &told, record);
    assert_true(narrow.overflow);
}

static void people_line(void **state)
{
    (void)state;
    char text[LINE_MAX];
    struct linnet_answer_record record = plain_record();
    put(text, LN_LOG_PEOPLE, false, &record);
    assert_string_equal(text, "2026-11-20T13:45:12Z 127.0.0.1 GET /index.html 200 5120 7ms\n");
    record.reason = LINNET_SPAN("peer-reset");
    record.status = LINNET_STATUS_NONE;
    put(text, LN_LOG_PEOPLE, false, &record);
    assert_string_equal(text,
                        "2026-11-20T13:45:12Z 127.0.0.1 GET /index.html - 5120 7ms [peer-reset]\n");
}

static void people_colours(void **state)
{
    (void)state;
    static const struct {
        enum linnet_status status;
        const char *text;
    } rows[] = {
        {LINNET_STATUS_OK, " \033[32m200\033[0m "},
        {LINNET_STATUS_NOT_MODIFIED, " \033[36m304\033[0m "},
        {LINNET_STATUS_NOT_FOUND, " \033[33m404\033[0m "},
        {LINNET_STATUS_SERVICE_UNAVAILABLE, " \033[31m503\033[0m "},
        {LINNET_STATUS_NONE, " \033[31m-\033[0m "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[LINE_MAX];
        struct linnet_answer_record record = plain_record();
        record.status = rows[i].status;
        put(text, LN_LOG_PEOPLE, true, &record);
        assert_non_null(strstr(text, rows[i].text));
        put(text, LN_LOG_COMBINED, true, &record);
        assert_null(strchr(text, '\033'));
    }
}

static void combined_line(void **state)
{
    (void)state;
    char text[LINE_MAX];
    struct linnet_answer_record record = plain_record();
    record.referer = LINNET_SPAN("http://a/");
    record.user_agent = LINNET_SPAN("T \"1\"");
    put(text, LN_LOG_COMBINED, false, &record);
    assert_string_equal(text, "127.0.0.1 - - [20/Nov/2026:13:45:12 +0000] \"GET /index.html "
                              "HTTP/1.1\" 200 5120 \"http://a/\" \"T \\\"1\\\"\"\n");
    record = (struct linnet_answer_record){.peer = &local, .time = {.unix_s = 0}};
    put(text, LN_LOG_COMBINED, false, &record);
    assert_string_equal(text, "127.0.0.1 - - [01/Jan/1970:00:00:00 +0000] \"-\" - - \"-\" \"-\"\n");
}

static void json_line(void **state)
{
    (void)state;
    char text[LINE_MAX];
    struct linnet_answer_record record = plain_record();
    put(text, LN_LOG_JSON, false, &record);
    assert_string_equal(text,
                        "{\"time\":\"2026-11-20T13:45:12Z\",\"peer\":\"127.0.0.1\",\"method\":"
                        "\"GET\",\"target\":\"/index.html\",\"version\":\"HTTP/1.1\","
                        "\"status\":200,\"bytes\":5120,\"duration_ms\":7,\"referer\":null,"
                        "\"user_agent\":null,\"reason\":null,\"complete\":true}\n");
    const struct linnet_address none = {.port = 0};
    record = (struct linnet_answer_record){.peer = &none, .time = {.unix_s = LINNET_NO_WALL_CLOCK}};
    put(text, LN_LOG_JSON, false, &record);
    assert_string_equal(text, "{\"time\":null,\"peer\":\"unix:\",\"method\":null,\"target\":null,"
                              "\"version\":null,\"status\":null,\"bytes\":0,\"duration_ms\":0,"
                              "\"referer\":null,\"user_agent\":null,\"reason\":null,"
                              "\"complete\":false}\n");
}

/* What a format makes of one text, cut out of its line. */
static void put_agent(char text[LINE_MAX], enum ln_log_format format, struct linnet_span agent)
{
    struct linnet_answer_record record = plain_record();
    char line[LINE_MAX];
    record.user_agent = agent;
    put(line, format, false, &record);
    const char *begin = format == LN_LOG_JSON ? strstr(line, "\"user_agent\":\"") + 14
                                              : strstr(line, "\"-\" \"") + 5;
    const char *end = format == LN_LOG_JSON ? strstr(line, "\",\"reason\"") : strstr(line, "\"\n");
    assert_true(begin != NULL && end != NULL && begin <= end);
    memcpy(text, begin, (size_t)(end - begin));
    text[end - begin] = 0;
}

static void every_byte_as_apache(void **state)
{
    (void)state;
    static const char letters[] = "\bb\nn\rr\tt\vv\"\"\\\\";
    for (unsigned byte = 0; byte < 256; byte++) {
        const uint8_t data = (uint8_t)byte;
        char text[LINE_MAX];
        char expected[8];
        const char *letter = NULL;
        for (size_t i = 0; i + 1 < sizeof letters; i += 2) {
            letter = (uint8_t)letters[i] == byte ? &letters[i + 1] : letter;
        }
        if (letter != NULL) {
            (void)snprintf(expected, sizeof expected, "\\%c", *letter);
        } else if (byte >= 0x20 && byte < 0x7F) {
            (void)snprintf(expected, sizeof expected, "%c", (int)byte);
        } else {
            (void)snprintf(expected, sizeof expected, "\\x%02x", byte);
        }
        put_agent(text, LN_LOG_COMBINED, (struct linnet_span){&data, 1});
        assert_string_equal(text, expected);
    }
}

/* RFC 8259 7: a string of JSON; every byte alone, where over 0x7F none is UTF-8. */
static void every_byte_as_json(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        const uint8_t data = (uint8_t)byte;
        char text[LINE_MAX];
        char expected[8];
        if (byte == '"' || byte == '\\') {
            (void)snprintf(expected, sizeof expected, "\\%c", (int)byte);
        } else if (byte >= 0x20 && byte < 0x7F) {
            (void)snprintf(expected, sizeof expected, "%c", (int)byte);
        } else if (byte < 0x80) {
            (void)snprintf(expected, sizeof expected, "\\u%04x", byte);
        } else {
            (void)snprintf(expected, sizeof expected, "\\\\x%02x", byte);
        }
        put_agent(text, LN_LOG_JSON, (struct linnet_span){&data, 1});
        assert_string_equal(text, expected);
    }
}

/* RFC 3629 4: what is UTF-8 and what only looks like it. */
static void utf8_as_json(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        const char *text;
    } rows[] = {
        {"\xC2\x80", "\\u0080"},
        {"\xDF\xBF", "\\u07ff"},
        {"\xE0\xA0\x80", "\\u0800"},
        {"\xED\x9F\xBF", "\\ud7ff"},
        {"\xEE\x80\x80", "\\ue000"},
        {"\xEF\xBF\xBF", "\\uffff"},
        {"\xF0\x90\x80\x80", "\\ud800\\udc00"},
        {"\xF4\x8F\xBF\xBF", "\\udbff\\udfff"},
        {"\xC1\xBF", "\\\\xc1\\\\xbf"},
        {"\xE0\x9F\xBF", "\\\\xe0\\\\x9f\\\\xbf"},
        {"\xED\xA0\x80", "\\\\xed\\\\xa0\\\\x80"},
        {"\xF0\x8F\xBF\xBF", "\\\\xf0\\\\x8f\\\\xbf\\\\xbf"},
        {"\xF4\x90\x80\x80", "\\\\xf4\\\\x90\\\\x80\\\\x80"},
        {"\xF5\x80\x80\x80", "\\\\xf5\\\\x80\\\\x80\\\\x80"},
        {"\xE2\x82", "\\\\xe2\\\\x82"},
        {"\xE2\x82\x41", "\\\\xe2\\\\x82A"},
        {"a\xC3\xBC\xFFz", "a\\u00fc\\\\xffz"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[LINE_MAX];
        const struct linnet_span bytes = {(const uint8_t *)rows[i].bytes, strlen(rows[i].bytes)};
        put_agent(text, LN_LOG_JSON, bytes);
        assert_string_equal(text, rows[i].text);
    }
}

static void dropped_lines(void **state)
{
    (void)state;
    static const char *const expected[] = {
        [LN_LOG_PEOPLE] = "2026-11-20T13:45:12Z 12 log lines dropped\n",
        [LN_LOG_COMBINED] =
            "- - - [20/Nov/2026:13:45:12 +0000] \"12 log lines dropped\" - - \"-\" \"-\"\n",
        [LN_LOG_JSON] = "{\"time\":\"2026-11-20T13:45:12Z\",\"dropped_lines\":12}\n",
    };
    for (unsigned format = LN_LOG_PEOPLE; format <= LN_LOG_JSON; format++) {
        uint8_t text[256];
        struct ln_cursor cursor = ln_cursor_over((struct linnet_room){text, sizeof text});
        ln_log_line_put_dropped(&cursor, (enum ln_log_format)format, &told, 12, 1795182312);
        assert_int_equal(cursor.len, strlen(expected[format]));
        assert_memory_equal(text, expected[format], cursor.len);
    }
}

static void long_parts_are_cut(void **state)
{
    (void)state;
    static uint8_t bytes[LN_LOG_LINE_PART_LEN_MAX + 1];
    char text[LINE_MAX];
    memset(bytes, 'x', sizeof bytes);
    for (size_t len = sizeof bytes - 2; len <= sizeof bytes; len++) {
        put_agent(text, LN_LOG_COMBINED, (struct linnet_span){bytes, len});
        assert_int_equal(strlen(text), len <= LN_LOG_LINE_PART_LEN_MAX ? len : len + 2);
    }
    assert_string_equal(text + LN_LOG_LINE_PART_LEN_MAX, "...");
}

/* The time is put together once for a second and a format. */
static void the_time_follows_second_and_format(void **state)
{
    (void)state;
    struct linnet_answer_record record = plain_record();
    char text[LINE_MAX];
    put(text, LN_LOG_PEOPLE, false, &record);
    assert_memory_equal(text, "2026-11-20T13:45:12Z", 20);
    record.time.unix_s++;
    put(text, LN_LOG_PEOPLE, false, &record);
    assert_memory_equal(text, "2026-11-20T13:45:13Z", 20);
    put(text, LN_LOG_COMBINED, false, &record);
    assert_non_null(strstr(text, "[20/Nov/2026:13:45:13 +0000]"));
    record.time.unix_s = LINNET_NO_WALL_CLOCK;
    put(text, LN_LOG_COMBINED, false, &record);
    assert_non_null(strstr(text, "[-]"));
    put(text, LN_LOG_JSON, false, &record);
    assert_memory_equal(text, "{\"time\":null,", 13);
}

/* Escaped bytes at every place of a target that is looked at in larger pieces. */
static void every_byte_at_every_place(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        for (size_t at = 0; at < 20; at++) {
            char target[20];
            char text[LINE_MAX];
            struct linnet_answer_record record = plain_record();
            memset(target, 'a', sizeof target);
            target[at] = (char)byte;
            record.target = (struct linnet_span){(const uint8_t *)target, sizeof target};
            put(text, LN_LOG_PEOPLE, false, &record);
            const char *begin = strstr(text, "GET ") + 4;
            const size_t len = strcspn(begin, "\n") - strlen(strstr(begin, " 200 ")) + 1;
            const bool plain = byte >= ' ' && byte < 0x7F && byte != '"' && byte != '\\';
            assert_true(plain ? len == 20 : len == 21 || len == 23);
            assert_int_equal(begin[at], plain ? (char)byte : '\\');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_line),
        cmocka_unit_test(people_colours),
        cmocka_unit_test(combined_line),
        cmocka_unit_test(json_line),
        cmocka_unit_test(every_byte_as_apache),
        cmocka_unit_test(every_byte_as_json),
        cmocka_unit_test(utf8_as_json),
        cmocka_unit_test(dropped_lines),
        cmocka_unit_test(the_time_follows_second_and_format),
        cmocka_unit_test(every_byte_at_every_place),
        cmocka_unit_test(long_parts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
