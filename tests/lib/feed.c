/* Feeds bytes to a parser whole, byte by byte and at every split in two. */
#include "tests/lib/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/guard.h"

enum { RESULT_LEN_MAX = 1 << 18 };

static void offer(const struct feed_subject *subject, struct guard *guard, struct linnet_span bytes,
                  size_t fresh, size_t len)
{
    struct linnet_span part = {bytes.data, len};
    subject->offer(subject->context, guard_put(guard, part), fresh);
}

static void compare(const char *how, size_t at, const char *whole, const char *split)
{
    if (strcmp(whole, split) != 0) {
        fprintf(stderr, "fed %s (%zu):\n%s\nbut whole:\n%s\n", how, at, split, whole);
        abort();
    }
}

const char *feed_every_way(const struct feed_subject *subject, struct linnet_span bytes)
{
    static char whole[RESULT_LEN_MAX];
    struct guard guard = guard_open(bytes.len);
    subject->begin(subject->context);
    offer(subject, &guard, bytes, 0, bytes.len);
    if (snprintf(whole, sizeof whole, "%s", subject->result(subject->context)) >=
        (int)sizeof whole) {
        abort();
    }
    subject->begin(subject->context);
    for (size_t len = 1; len <= bytes.len; len++) {
        offer(subject, &guard, bytes, len - 1, len);
    }
    compare("byte by byte", bytes.len, whole, subject->result(subject->context));
    for (size_t split = 0; split <= bytes.len; split++) {
        subject->begin(subject->context);
        offer(subject, &guard, bytes, 0, split);
        offer(subject, &guard, bytes, split, bytes.len);
        compare("in two", split, whole, subject->result(subject->context));
    }
    guard_close(&guard);
    return whole;
}
