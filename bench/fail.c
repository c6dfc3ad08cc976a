/* Giving up. */
#include "bench/fail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fail(const char *format, ...)
{
    const int number = errno;
    va_list arguments;
    (void)fputs("bench: ", stderr);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    if (number != 0) {
        (void)fprintf(stderr, " (errno: %s)", strerror(number));
    }
    (void)fputc('\n', stderr);
    exit(1);
}
