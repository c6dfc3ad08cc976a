/* Dates of HTTP, read and written.
 *
 *     HTTP-date    = IMF-fixdate / obs-date
 *     IMF-fixdate  = day-name "," SP 2DIGIT SP month SP 4DIGIT SP time-of-day SP "GMT"
 *     obs-date     = rfc850-date / asctime-date
 *     rfc850-date  = day-name-l "," SP 2DIGIT "-" month "-" 2DIGIT SP time-of-day SP "GMT"
 *     asctime-date = day-name SP month SP ( 2DIGIT / ( SP DIGIT ) ) SP time-of-day SP 4DIGIT
 *     time-of-day  = 2DIGIT ":" 2DIGIT ":" 2DIGIT     ; 00:00:00 to 23:59:60
 *
 * No state. The calendar is Gregorian, also before it was in use. A date that was read is a real
 * one: what ln_date_put writes for it, from 1970 on, reads as the same second. */
#include "core/http/date.h"

#include "core/base/character.h"
#include "core/base/number.h"
#include "core/base/span.h"

enum {
    seconds_per_day = 86400,
    /* 400 years: 400 * 365 + 400 / 4 - 400 / 100 + 400 / 400 */
    days_per_cycle = 146097,
    years_per_cycle = 400,
    /* From 1 January of the year 0 to that of 1970. */
    days_before_epoch = 719528,
    years_ahead_max = 50,
};

/* 31 December 9999, 23:59:59. */
static const int64_t unix_s_max = 253402300799;

struct civil {
    int64_t year;
    unsigned month; /* 1 to 12 */
    unsigned day;   /* 1 to 31 */
    unsigned hour;
    unsigned minute;
    unsigned second;
};

static const struct linnet_span day_names[7] = {
    LINNET_SPAN_INIT("Sun"), LINNET_SPAN_INIT("Mon"), LINNET_SPAN_INIT("Tue"),
    LINNET_SPAN_INIT("Wed"), LINNET_SPAN_INIT("Thu"), LINNET_SPAN_INIT("Fri"),
    LINNET_SPAN_INIT("Sat"),
};

static const struct linnet_span long_day_names[7] = {
    LINNET_SPAN_INIT("Sunday"),    LINNET_SPAN_INIT("Monday"),   LINNET_SPAN_INIT("Tuesday"),
    LINNET_SPAN_INIT("Wednesday"), LINNET_SPAN_INIT("Thursday"), LINNET_SPAN_INIT("Friday"),
    LINNET_SPAN_INIT("Saturday"),
};

static const struct linnet_span month_names[12] = {
    LINNET_SPAN_INIT("Jan"), LINNET_SPAN_INIT("Feb"), LINNET_SPAN_INIT("Mar"),
    LINNET_SPAN_INIT("Apr"), LINNET_SPAN_INIT("May"), LINNET_SPAN_INIT("Jun"),
    LINNET_SPAN_INIT("Jul"), LINNET_SPAN_INIT("Aug"), LINNET_SPAN_INIT("Sep"),
    LINNET_SPAN_INIT("Oct"), LINNET_SPAN_INIT("Nov"), LINNET_SPAN_INIT("Dec"),
};

/* ---- the calendar ---------------------------------------------------------------------------- */

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1 January of the year 0 to that of `year`. Each quotient is rounded up, because the
 * year 0 is itself a leap year. */
static int64_t days_before_year(int64_t year)
{
    LN_ASSERT(year >= 0);
    return year * 365 + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
}

/* Days from 1 January to the first of `month`; 13 is the January after. */
static int64_t days_before_month(int64_t year, unsigned month)
{
    static const uint16_t days[13] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    LN_ASSERT(month >= 1);
    LN_ASSERT(month <= 13);
    return days[month - 1] + (month > 2 && is_leap(year) ? 1 : 0);
}

static int64_t days_in_month(int64_t year, unsigned month)
{
    return days_before_month(year, month + 1) - days_before_month(year, month);
}

static int64_t unix_from_civil(const struct civil *civil)
{
    int64_t days = days_before_year(civil->year) + days_before_month(civil->year, civil->month) +
                   civil->day - 1 - days_before_epoch;
    return days * seconds_per_day + civil->hour * 3600 + civil->minute * 60 + civil->second;
}

static struct civil civil_from_unix(int64_t unix_s)
{
    LN_ASSERT(unix_s >= 0);
    LN_ASSERT(unix_s <= unix_s_max);
    int64_t days = unix_s / seconds_per_day + days_before_epoch;
    unsigned second = (unsigned)(unix_s % seconds_per_day);

    /* The mean length of a year finds it or a neighbour. */
    int64_t year = days * years_per_cycle / days_per_cycle;
    if (days < days_before_year(year)) {
        year--;
    } else if (days >= days_before_year(year + 1)) {
        year++;
    }
    int64_t day = days - days_before_year(year);
    LN_ASSERT(day >= 0);
    LN_ASSERT(day < 366);
    unsigned month = 1;
    while (month < 12 && day >= days_before_month(year, month + 1)) {
        month++;
    }
    return (struct civil){
        .year = year,
        .month = month,
        .day = (unsigned)(day - days_before_month(year, month)) + 1,
        .hour = second / 3600,
        .minute = second / 60 % 60,
        .second = second % 60,
    };
}

/* ---- writing --------------------------------------------------------------------------------- */

void ln_date_put(struct ln_cursor *cursor, int64_t unix_s)
{
    struct civil civil = civil_from_unix(unix_s);
    /* 1 January 1970 was a Thursday, the fifth name. */
    size_t day = (size_t)((unix_s / seconds_per_day + 4) % 7);

    /* RFC 9110 5.6.7: whoever writes a date writes IMF-fixdate, always in GMT. */
    ln_cursor_put_span(cursor, day_names[day]);
    ln_cursor_put(cursor, ", ", 2);
    ln_number_put_two(cursor, civil.day);
    ln_cursor_put_byte(cursor, ' ');
    ln_cursor_put_span(cursor, month_names[civil.month - 1]);
    ln_cursor_put_byte(cursor, ' ');
    ln_number_put_two(cursor, (unsigned)(civil.year / 100));
    ln_number_put_two(cursor, (unsigned)(civil.year % 100));
    ln_cursor_put_byte(cursor, ' ');
    ln_number_put_two(cursor, civil.hour);
    ln_cursor_put_byte(cursor, ':');
    ln_number_put_two(cursor, civil.minute);
    ln_cursor_put_byte(cursor, ':');
    ln_number_put_two(cursor, civil.second);
    ln_cursor_put(cursor, " GMT", 4);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* What is still to be read. The first part that is not there makes it bad, for good: many reads,
 * one question at the end. */
struct reader {
    struct linnet_span rest;
    bool bad;
};

static void skip(struct reader *reader, struct linnet_span wanted)
{
    if (reader->bad || !ln_span_starts_with(reader->rest, wanted)) {
        reader->bad = true;
        return;
    }
    reader->rest = ln_span_slice(reader->rest, wanted.len, reader->rest.len - wanted.len);
}

/* The index of the name that comes next. No name here begins with another. */
static unsigned read_name(struct reader *reader, const struct linnet_span *names, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (ln_span_starts_with(reader->rest, names[i])) {
            skip(reader, names[i]);
            return i;
        }
    }
    reader->bad = true;
    return 0;
}

static unsigned read_digits(struct reader *reader, size_t count)
{
    LN_ASSERT(count <= 4);
    if (reader->bad || reader->rest.len < count) {
        reader->bad = true;
        return 0;
    }
    unsigned number = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t byte = reader->rest.data[i];
        if (!ln_character_is(byte, LN_CHARACTER_DIGIT)) {
            reader->bad = true;
            return 0;
        }
        number = number * 10 + (unsigned)(byte - '0');
    }
    reader->rest = ln_span_slice(reader->rest, count, reader->rest.len - count);
    return number;
}

static void read_time_of_day(struct reader *reader, struct civil *civil)
{
    civil->hour = read_digits(reader, 2);
    skip(reader, LINNET_SPAN(":"));
    civil->minute = read_digits(reader, 2);
    skip(reader, LINNET_SPAN(":"));
    civil->second = read_digits(reader, 2);
}

static void read_imf_fixdate(struct reader *reader, struct civil *civil)
{
    (void)read_name(reader, day_names, 7);
    skip(reader, LINNET_SPAN(", "));
    civil->day = read_digits(reader, 2);
    skip(reader, LINNET_SPAN(" "));
    civil->month = read_name(reader, month_names, 12) + 1;
    skip(reader, LINNET_SPAN(" "));
    civil->year = read_digits(reader, 4);
    skip(reader, LINNET_SPAN(" "));
    read_time_of_day(reader, civil);
    skip(reader, LINNET_SPAN(" GMT"));
}

static void read_asctime_date(struct reader *reader, struct civil *civil)
{
    (void)read_name(reader, day_names, 7);
    skip(reader, LINNET_SPAN(" "));
    civil->month = read_name(reader, month_names, 12) + 1;
    skip(reader, LINNET_SPAN(" "));
    if (ln_span_starts_with(reader->rest, LINNET_SPAN(" "))) {
        skip(reader, LINNET_SPAN(" "));
        civil->day = read_digits(reader, 1);
    } else {
        civil->day = read_digits(reader, 2);
    }
    skip(reader, LINNET_SPAN(" "));
    read_time_of_day(reader, civil);
    skip(reader, LINNET_SPAN(" "));
    civil->year = read_digits(reader, 4);
}

/* The year comes out with two digits. */
static void read_rfc850_date(struct reader *reader, struct civil *civil)
{
    (void)read_name(reader, long_day_names, 7);
    skip(reader, LINNET_SPAN(", "));
    civil->day = read_digits(reader, 2);
    skip(reader, LINNET_SPAN("-"));
    civil->month = read_name(reader, month_names, 12) + 1;
    skip(reader, LINNET_SPAN("-"));
    civil->year = read_digits(reader, 2);
    skip(reader, LINNET_SPAN(" "));
    read_time_of_day(reader, civil);
    skip(reader, LINNET_SPAN(" GMT"));
}

/* Where in its year a moment lies; the unit means nothing, the order does. */
static uint64_t place_in_year(const struct civil *civil)
{
    uint64_t day = civil->month * 100U + civil->day;
    return ((day * 100 + civil->hour) * 100 + civil->minute) * 100 + civil->second;
}

/* RFC 9110 5.6.7: a two-digit year means the latest year with those digits that does not put the
 * moment more than 50 years, to the second, into the future. */
static int64_t full_year(const struct civil *civil, int64_t now_unix_s)
{
    LN_ASSERT(civil->year >= 0);
    LN_ASSERT(civil->year <= 99);
    struct civil now = civil_from_unix(now_unix_s);
    int64_t latest = now.year + years_ahead_max;
    int64_t year = latest - latest % 100 + civil->year;
    bool is_too_far =
        year > latest || (year == latest && place_in_year(civil) > place_in_year(&now));
    return is_too_far ? year - 100 : year;
}

static bool is_real(const struct civil *civil)
{
    return civil->day >= 1 && civil->day <= days_in_month(civil->year, civil->month) &&
           civil->hour <= 23 && civil->minute <= 59 && civil->second <= 59;
}

bool ln_date_parse(struct linnet_span text, int64_t now_unix_s, int64_t *unix_s)
{
    LN_ASSERT(unix_s != NULL);
    LN_ASSERT(now_unix_s >= 0);
    LN_ASSERT(now_unix_s <= unix_s_max);
    struct reader reader = {.rest = text};
    struct civil civil = {0};

    /* RFC 9110 5.6.7: all three forms are read, in their exact case and spacing. The fourth byte
     * tells them apart, since only the day names of rfc850-date are longer than three letters. */
    if (text.len < 4) {
        return false;
    }
    bool is_rfc850 = text.data[3] != ',' && text.data[3] != ' ';
    if (is_rfc850) {
        read_rfc850_date(&reader, &civil);
    } else if (text.data[3] == ',') {
        read_imf_fixdate(&reader, &civil);
    } else {
        read_asctime_date(&reader, &civil);
    }
    if (reader.bad || reader.rest.len > 0) {
        return false;
    }

    /* RFC 9110 5.6.7: second 60 is a leap second; the clock here has none, so it is the one
     * before. */
    if (civil.second == 60) {
        civil.second = 59;
    }
    if (is_rfc850) {
        civil.year = full_year(&civil, now_unix_s);
    }
    if (!is_real(&civil)) {
        return false;
    }
    *unix_s = unix_from_civil(&civil);
    return true;
}

void ln_date_put_iso(struct ln_cursor *cursor, int64_t unix_s)
{
    const struct civil civil = civil_from_unix(unix_s);
    const unsigned parts[] = {civil.month, civil.day, civil.hour, civil.minute, civil.second};
    static const uint8_t before[] = {'-', '-', 'T', ':', ':'};
    ln_number_put_two(cursor, (unsigned)(civil.year / 100));
    ln_number_put_two(cursor, (unsigned)(civil.year % 100));
    for (unsigned i = 0; i < sizeof before; i++) {
        ln_cursor_put_byte(cursor, before[i]);
        ln_number_put_two(cursor, parts[i]);
    }
    ln_cursor_put_byte(cursor, 'Z');
}
