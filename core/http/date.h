/* Dates of HTTP: three forms are read, one is written. RFC 9110 5.6.7.
 *
 *     HTTP-date    = IMF-fixdate / obs-date
 *     IMF-fixdate  = day-name "," SP 2DIGIT SP month SP 4DIGIT SP time-of-day SP "GMT"
 *     rfc850-date  = day-name-l "," SP 2DIGIT "-" month "-" 2DIGIT SP time-of-day SP "GMT"
 *     asctime-date = day-name SP month SP ( 2DIGIT / ( SP DIGIT ) ) SP time-of-day SP 4DIGIT
 *
 * Times are seconds since 1970 in UTC. A two-digit year that would be more than 50 years in the
 * future is in the past century, so reading needs to know what year it is. */
#ifndef LN_HTTP_DATE_H
#define LN_HTTP_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/cursor.h"

enum { LN_DATE_LEN = 29 }; /* of IMF-fixdate */

#define LN_DATE_UNIX_S_MAX INT64_C(253402300799) /* the last second of the year 9999 */

/* Can it be written: does it lie in the years 1970 to 9999? */
static inline bool ln_date_is_writable(int64_t unix_s)
{
    return unix_s >= 0 && unix_s <= LN_DATE_UNIX_S_MAX;
}

/* Writes IMF-fixdate. unix_s must be writable. */
void ln_date_put(struct ln_cursor *cursor, int64_t unix_s);

/* Writes it for logs, as 2026-11-20T13:45:12Z (RFC 3339). unix_s must be writable. */
void ln_date_put_iso(struct ln_cursor *cursor, int64_t unix_s);

/* Reads any of the three forms, case-sensitively, over the whole span; false if it is none of them
 * or no real date (31 Feb, hour 24; second 60 is read as 59). A wrong day name is not refused. */
bool ln_date_parse(struct linnet_span text, int64_t now_unix_s, int64_t *unix_s);

#endif
