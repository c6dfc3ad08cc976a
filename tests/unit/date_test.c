/* Dates: all three forms against the C library's calendar and an oracle of regular expressions. */
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/http/date.h"
#include "tests/lib/assertion.h"
#include "tests/lib/guard.h"

#define DAY_NAMES   "(Sun|Mon|Tue|Wed|Thu|Fri|Sat)"
#define LONG_NAMES  "(Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday)"
#define MONTH_NAMES "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
#define TIME_OF_DAY "[0-9]{2}:[0-9]{2}:[0-9]{2}"

/* An emulated processor takes every 13th day, all others each of them. */
#if !defined(DATE_TEST_STEP)
#    define DATE_TEST_STEP 1
#endif

static const char *const month_list = "JanFebMarAprMayJunJulAugSepOctNovDec";

enum form { IMF, RFC850, ASCTIME, FORM_COUNT };

static const char *const patterns[FORM_COUNT] = {
    "^" DAY_NAMES ", [0-9]{2} " MONTH_NAMES " [0-9]{4} " TIME_OF_DAY " GMT$",
    "^" LONG_NAMES ", [0-9]{2}-" MONTH_NAMES "-[0-9]{2} " TIME_OF_DAY " GMT$",
    "^" DAY_NAMES " " MONTH_NAMES " ( [0-9]|[0-9]{2}) " TIME_OF_DAY " [0-9]{4}$",
};

static regex_t compiled[FORM_COUNT];

/* 6 November 1994, 08:49:37, the example of the RFC. */
static const int64_t example_unix_s = 784111777;
static const char *const examples[FORM_COUNT] = {
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
};

/* What is read ends at a page that nobody may touch, and so does what is written. */
static struct guard guard;

static bool parse_bytes(const char *text, size_t len, int64_t now_unix_s, int64_t *unix_s)
{
    struct linnet_span bytes = {(const uint8_t *)text, len};
    return ln_date_parse(guard_put(&guard, bytes), now_unix_s, unix_s);
}

static bool parse(const char *text, int64_t now_unix_s, int64_t *unix_s)
{
    return parse_bytes(text, strlen(text), now_unix_s, unix_s);
}

static void put(char text[static LN_DATE_LEN + 1], int64_t unix_s)
{
    struct linnet_room room = guard_room(&guard, LN_DATE_LEN);
    struct ln_cursor cursor = ln_cursor_over(room);
    ln_date_put(&cursor, unix_s);
    assert_false(cursor.overflow);
    assert_int_equal(cursor.len, LN_DATE_LEN);
    memcpy(text, room.data, LN_DATE_LEN);
    text[LN_DATE_LEN] = '\0';
}

/* The C library's rendering of a form. */
static void render(char text[static 64], enum form form, int64_t unix_s)
{
    time_t moment = (time_t)unix_s;
    struct tm tm;
    assert_non_null(gmtime_r(&moment, &tm));
    size_t len = form == IMF      ? strftime(text, 64, "%a, %d %b %Y %H:%M:%S GMT", &tm)
                 : form == RFC850 ? strftime(text, 64, "%A, %d-%b-%Y %H:%M:%S GMT", &tm)
                                  : strftime(text, 64, "%a %b %e %H:%M:%S %Y", &tm);
    assert_true(len > 0);
    if (form == RFC850) {
        /* Away with the century. */
        char *year = strrchr(text, '-') + 1;
        memmove(year, year + 2, strlen(year + 2) + 1);
    }
}

static int64_t unix_at(int year, int month, int day, int hour, int minute, int second)
{
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = month - 1,
                    .tm_mday = day,
                    .tm_hour = hour,
                    .tm_min = minute,
                    .tm_sec = second};
    return (int64_t)timegm(&tm);
}

/* ---- the oracle: patterns, sscanf and timegm ------------------------------------------------- */

static int oracle_year(int two_digits, const struct tm *parts, int64_t now_unix_s)
{
    time_t moment = (time_t)now_unix_s;
    struct tm now;
    assert_non_null(gmtime_r(&moment, &now));
    int64_t horizon = unix_at(now.tm_year + 1950, now.tm_mon + 1, now.tm_mday, now.tm_hour,
                              now.tm_min, now.tm_sec);
    int year = now.tm_year + 1950;
    while (year % 100 != two_digits ||
           unix_at(year, parts->tm_mon + 1, parts->tm_mday, parts->tm_hour, parts->tm_min,
                   parts->tm_sec) > horizon) {
        year--;
    }
    return year;
}

static bool oracle(const char *text, int64_t now_unix_s, int64_t *unix_s)
{
    enum form form = IMF;
    while (form < FORM_COUNT && regexec(&compiled[form], text, 0, NULL, 0) != 0) {
        form++;
    }
    if (form == FORM_COUNT) {
        return false;
    }
    struct tm tm = {0};
    char month[4] = "";
    int year = 0;
    int count = 0;
    if (form == IMF) {
        count = sscanf(text, "%*3s, %d %3s %d %d:%d:%d", &tm.tm_mday, month, &year, &tm.tm_hour,
                       &tm.tm_min, &tm.tm_sec);
    } else if (form == RFC850) {
        count = sscanf(text, "%*[^,], %d-%3s-%d %d:%d:%d", &tm.tm_mday, month, &year, &tm.tm_hour,
                       &tm.tm_min, &tm.tm_sec);
    } else {
        count = sscanf(text, "%*3s %3s %d %d:%d:%d %d", month, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
                       &tm.tm_sec, &year);
    }
    assert_int_equal(count, 6);
    tm.tm_mon = (int)((strstr(month_list, month) - month_list) / 3);
    tm.tm_sec = tm.tm_sec == 60 ? 59 : tm.tm_sec;
    tm.tm_year = (form == RFC850 ? oracle_year(year, &tm, now_unix_s) : year) - 1900;
    /* A date is real if the C library, which carries 31 February into March, leaves it alone. */
    struct tm carried = tm;
    *unix_s = (int64_t)timegm(&carried);
    return carried.tm_mday == tm.tm_mday && carried.tm_mon == tm.tm_mon &&
           carried.tm_hour == tm.tm_hour && carried.tm_min == tm.tm_min &&
           carried.tm_sec == tm.tm_sec;
}

static void check_against_oracle(const char *text, size_t len, int64_t now_unix_s)
{
    int64_t expected = -1;
    int64_t unix_s = -7;
    bool is_date = strlen(text) == len && oracle(text, now_unix_s, &expected);
    bool is_read = parse_bytes(text, len, now_unix_s, &unix_s);
    if (is_read != is_date || (is_date && unix_s != expected)) {
        fail_msg("'%s': read %d as %lld, expected %d as %lld", text, is_read, (long long)unix_s,
                 is_date, (long long)expected);
    }
    if (!is_read) {
        assert_int_equal(unix_s, -7);
    }
}

static int begin(void **state)
{
    (void)state;
    guard = guard_open(4096);
    for (int form = 0; form < FORM_COUNT; form++) {
        if (regcomp(&compiled[form], patterns[form], REG_EXTENDED | REG_NOSUB) != 0) {
            return -1;
        }
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    for (int form = 0; form < FORM_COUNT; form++) {
        regfree(&compiled[form]);
    }
    guard_close(&guard);
    return 0;
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* RFC 9110 5.6.7: the three forms of the same moment. */
static void rfc9110_5_6_7_three_forms_are_read(void **state)
{
    (void)state;
    for (int form = 0; form < FORM_COUNT; form++) {
        int64_t unix_s = 0;
        assert_true(parse(examples[form], example_unix_s, &unix_s));
        assert_int_equal(unix_s, example_unix_s);
    }
}

/* RFC 9110 5.6.7: what is written is IMF-fixdate, on every day, and every form of it is read. */
static void rfc9110_5_6_7_every_day_from_1970_to_2400(void **state)
{
    (void)state;
    const int64_t end_unix_s = unix_at(2401, 1, 1, 0, 0, 0);
    int64_t days = 0;
    for (int64_t day = 0; day < end_unix_s; day += 86400 * DATE_TEST_STEP) {
        /* Another second of the day each time, among them the first and the last. */
        int64_t unix_s = day + (days * 7919) % 86400;
        int64_t moments[3] = {day, unix_s, day + 86399};
        for (int i = 0; i < 3; i++) {
            char written[LN_DATE_LEN + 1];
            put(written, moments[i]);
            for (enum form form = IMF; form < FORM_COUNT; form++) {
                char text[64];
                int64_t read = -1;
                render(text, form, moments[i]);
                if (form == IMF) {
                    assert_string_equal(written, text);
                }
                assert_true(ln_date_parse((struct linnet_span){(uint8_t *)text, strlen(text)},
                                          moments[i], &read));
                assert_int_equal(read, moments[i]);
            }
        }
        days++;
    }
    assert_int_equal(days, (157420 + DATE_TEST_STEP - 1) / DATE_TEST_STEP);
}

static void every_second_of_a_day_is_written_and_read(void **state)
{
    (void)state;
    const int64_t day = unix_at(2000, 2, 29, 0, 0, 0);
    for (int64_t unix_s = day; unix_s < day + 86400; unix_s++) {
        char written[LN_DATE_LEN + 1];
        char text[64];
        int64_t read = -1;
        put(written, unix_s);
        render(text, IMF, unix_s);
        assert_string_equal(written, text);
        assert_true(parse(written, 0, &read));
        assert_int_equal(read, unix_s);
    }
}

static void first_and_last_second_are_written(void **state)
{
    (void)state;
    char text[LN_DATE_LEN + 1];
    put(text, 0);
    assert_string_equal(text, "Thu, 01 Jan 1970 00:00:00 GMT");
    put(text, unix_at(9999, 12, 31, 23, 59, 59));
    assert_string_equal(text, "Fri, 31 Dec 9999 23:59:59 GMT");
}

static void a_date_without_room_overflows_the_cursor(void **state)
{
    (void)state;
    for (size_t len = 0; len < LN_DATE_LEN; len++) {
        struct ln_cursor cursor = ln_cursor_over(guard_room(&guard, len));
        ln_date_put(&cursor, example_unix_s);
        assert_true(cursor.overflow);
        assert_true(cursor.len <= len);
    }
}

/* RFC 9110 5.6.7: any byte that is not of the grammar makes it no date; every byte is tried at
 * every place of every form. */
static void rfc9110_5_6_7_every_byte_changed(void **state)
{
    (void)state;
    for (int form = 0; form < FORM_COUNT; form++) {
        size_t len = strlen(examples[form]);
        for (size_t place = 0; place < len; place++) {
            for (int byte = 0; byte < 256; byte++) {
                char text[64];
                memcpy(text, examples[form], len + 1);
                text[place] = (char)byte;
                check_against_oracle(text, len, example_unix_s);
            }
        }
    }
}

/* RFC 9110 5.6.7: two digits at once, which reaches every number, also those that are too large. */
static void rfc9110_5_6_7_every_pair_of_digits_changed(void **state)
{
    (void)state;
    for (int form = 0; form < FORM_COUNT; form++) {
        size_t len = strlen(examples[form]);
        for (size_t place = 0; place + 1 < len; place++) {
            for (int number = 0; number < 100; number++) {
                char text[64];
                memcpy(text, examples[form], len + 1);
                text[place] = (char)('0' + number / 10);
                text[place + 1] = (char)('0' + number % 10);
                check_against_oracle(text, len, example_unix_s);
            }
        }
    }
}

/* RFC 9110 5.6.7: nothing may be missing, stand before or follow. */
static void rfc9110_5_6_7_a_date_is_the_whole_text(void **state)
{
    (void)state;
    for (int form = 0; form < FORM_COUNT; form++) {
        size_t len = strlen(examples[form]);
        int64_t unix_s;
        for (size_t first = 0; first < len; first++) {
            const char *part = examples[form] + first;
            assert_true(first == 0 || !parse(part, example_unix_s, &unix_s));
            for (size_t part_len = 0; part_len < len - first; part_len++) {
                assert_false(parse_bytes(part, part_len, example_unix_s, &unix_s));
            }
        }
        for (int byte = 0; byte < 256; byte++) {
            char text[64];
            (void)snprintf(text, sizeof text, "%s%c", examples[form], byte);
            assert_false(parse_bytes(text, len + 1, example_unix_s, &unix_s));
            (void)snprintf(text, sizeof text, "%c%s", byte, examples[form]);
            assert_false(parse_bytes(text, len + 1, example_unix_s, &unix_s));
        }
    }
    int64_t unix_s;
    assert_false(parse("Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT", 0, &unix_s));
}

/* RFC 9110 5.6.7: every day of every month, leap years or not, in each form. */
static void rfc9110_5_6_7_only_real_days(void **state)
{
    (void)state;
    static const int years[] = {0,    1,    4,    100,  400,  1582, 1600, 1899, 1900,
                                1970, 1999, 2000, 2001, 2004, 2100, 2400, 9999};
    for (size_t i = 0; i < sizeof years / sizeof years[0]; i++) {
        for (int month = 0; month < 12; month++) {
            for (int day = 0; day < 100; day++) {
                char text[80];
                int len = snprintf(text, sizeof text, "Mon, %02d %.3s %04d 00:00:00 GMT", day,
                                   month_list + 3 * month, years[i]);
                check_against_oracle(text, (size_t)len, example_unix_s);
                len = snprintf(text, sizeof text, "Mon %.3s %2d 23:59:59 %04d",
                               month_list + 3 * month, day, years[i]);
                check_against_oracle(text, (size_t)len, example_unix_s);
                len = snprintf(text, sizeof text, "Monday, %02d-%.3s-%02d 12:00:00 GMT", day,
                               month_list + 3 * month, years[i] % 100);
                check_against_oracle(text, (size_t)len, unix_at(2026, 6, 1, 0, 0, 0));
            }
        }
    }
}

/* RFC 9110 5.6.7: the leap second is a second of the grammar; here it is the one before. */
static void rfc9110_5_6_7_second_60_reads_as_59(void **state)
{
    (void)state;
    int64_t unix_s = 0;
    assert_true(parse("Sat, 31 Dec 2016 23:59:60 GMT", 0, &unix_s));
    assert_int_equal(unix_s, unix_at(2016, 12, 31, 23, 59, 59));
    assert_false(parse("Sat, 31 Dec 2016 23:59:61 GMT", 0, &unix_s));
    assert_false(parse("Sat, 31 Dec 2016 24:00:00 GMT", 0, &unix_s));
    assert_false(parse("Sat, 31 Dec 2016 23:60:00 GMT", 0, &unix_s));
}

/* RFC 9110 5.6.7: names in their exact case; that the day's name fits the day is not asked. */
static void rfc9110_5_6_7_names_are_case_sensitive(void **state)
{
    (void)state;
    int64_t unix_s = 0;
    assert_true(parse("Mon, 06 Nov 1994 08:49:37 GMT", 0, &unix_s));
    assert_int_equal(unix_s, example_unix_s);
    static const char *const refused[] = {
        "sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 gmt",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun,  06 Nov 1994 08:49:37 GMT",
        "Sun 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sunday, 06 Nov 1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov   6 08:49:37 1994",
        "Sun Nov  6 08:49:37 1994 GMT",
        "Sunday Nov  6 08:49:37 1994",
        "",
        "Sun",
        "784111777",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_false(parse(refused[i], example_unix_s, &unix_s));
    }
}

/* RFC 9110 5.6.7: more than 50 years ahead means the century before; exactly 50 does not. */
static void rfc9110_5_6_7_two_digit_years_look_50_years_ahead(void **state)
{
    (void)state;
    int64_t now = unix_at(2026, 6, 15, 12, 30, 30);
    static const struct {
        const char *text;
        int year;
    } rows[] = {
        {"Monday, 15-Jun-76 12:30:30 GMT", 2076}, {"Monday, 15-Jun-76 12:30:31 GMT", 1976},
        {"Monday, 15-Jun-76 12:31:30 GMT", 1976}, {"Monday, 15-Jun-76 13:30:30 GMT", 1976},
        {"Monday, 16-Jun-76 12:30:30 GMT", 1976}, {"Monday, 15-Jul-76 12:30:30 GMT", 1976},
        {"Monday, 14-Jun-76 23:59:59 GMT", 2076}, {"Monday, 31-May-76 23:59:59 GMT", 2076},
        {"Monday, 01-Jan-77 00:00:00 GMT", 1977}, {"Monday, 31-Dec-75 23:59:59 GMT", 2075},
        {"Monday, 01-Jan-26 00:00:00 GMT", 2026}, {"Monday, 01-Jan-00 00:00:00 GMT", 2000},
        {"Monday, 01-Jan-99 00:00:00 GMT", 1999},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t unix_s = 0;
        time_t moment;
        struct tm tm;
        assert_true(parse(rows[i].text, now, &unix_s));
        moment = (time_t)unix_s;
        assert_non_null(gmtime_r(&moment, &tm));
        assert_int_equal(tm.tm_year + 1900, rows[i].year);
    }
}

/* RFC 9110 5.6.7: every two-digit year, seen from years all over two centuries. */
static void rfc9110_5_6_7_two_digit_years_from_any_year(void **state)
{
    (void)state;
    for (int year = 1970; year < 2200; year++) {
        for (int two_digits = 0; two_digits < 100; two_digits++) {
            char text[64];
            int len = snprintf(text, sizeof text, "Friday, 29-Feb-%02d 08:00:01 GMT", two_digits);
            check_against_oracle(text, (size_t)len, unix_at(year, 2, 28, 8, 0, 0));
            text[8] = '2';
            text[9] = '8';
            check_against_oracle(text, (size_t)len, unix_at(year, 2, 28, 8, 0, 0));
            check_against_oracle(text, (size_t)len, unix_at(year, 2, 28, 8, 0, 1));
        }
    }
}

static void times_outside_of_the_contract_are_our_bugs(void **state)
{
    (void)state;
    struct ln_cursor cursor = ln_cursor_over(guard_room(&guard, LN_DATE_LEN));
    int64_t unix_s;
    int64_t end_unix_s = unix_at(10000, 1, 1, 0, 0, 0);
    expect_assertion(ln_date_put(&cursor, -1));
    expect_assertion(ln_date_put(&cursor, end_unix_s));
    expect_assertion(ln_date_parse(LINNET_SPAN(""), -1, &unix_s));
    expect_assertion(ln_date_parse(LINNET_SPAN(""), end_unix_s, &unix_s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc9110_5_6_7_three_forms_are_read),
        cmocka_unit_test(rfc9110_5_6_7_every_day_from_1970_to_2400),
        cmocka_unit_test(every_second_of_a_day_is_written_and_read),
        cmocka_unit_test(first_and_last_second_are_written),
        cmocka_unit_test(a_date_without_room_overflows_the_cursor),
        cmocka_unit_test(rfc9110_5_6_7_every_byte_changed),
        cmocka_unit_test(rfc9110_5_6_7_every_pair_of_digits_changed),
        cmocka_unit_test(rfc9110_5_6_7_a_date_is_the_whole_text),
        cmocka_unit_test(rfc9110_5_6_7_only_real_days),
        cmocka_unit_test(rfc9110_5_6_7_second_60_reads_as_59),
        cmocka_unit_test(rfc9110_5_6_7_names_are_case_sensitive),
        cmocka_unit_test(rfc9110_5_6_7_two_digit_years_look_50_years_ahead),
        cmocka_unit_test(rfc9110_5_6_7_two_digit_years_from_any_year),
        cmocka_unit_test(times_outside_of_the_contract_are_our_bugs),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
