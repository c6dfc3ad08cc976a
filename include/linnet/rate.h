/* How often may one address ask? A token bucket for each, in a table of fixed length.
 *
 *     static struct linnet_rate_entry entries[1024];
 *     static struct linnet_rate rate = {
 *         .entries = entries, .entry_count = 1024, .interval_ms = 100, .burst = 20, .seed = SEED};
 *
 *     static void arrived(void *context, struct linnet_exchange *exchange)
 *     {
 *         const uint64_t wait_ms = linnet_rate_take(&rate, linnet_exchange_peer(exchange),
 *                                                   linnet_exchange_time(exchange));
 *         if (wait_ms > 0) {
 *             (void)!linnet_reply_retry(exchange, LINNET_STATUS_TOO_MANY_REQUESTS, wait_ms);
 *         }
 *     }
 *
 * An address may ask `burst` times at once, and gets one of these back every interval_ms. An IPv6
 * address counts by its first 64 bits, for whoever has one has them all; all unix sockets are one.
 *
 * Eviction. An address may stand in LINNET_RATE_WAYS entries of the table, which its hash chooses.
 * When others stand in all of them, the one of these that comes closest to a full bucket is
 * forgotten. Who is forgotten may ask `burst` times again; nobody is ever refused for want of
 * memory. A table with twice as many entries as addresses ask within burst * interval_ms hardly
 * ever forgets one: 24 bytes each. */
#ifndef LINNET_RATE_H
#define LINNET_RATE_H

#include <linnet/channel.h>
#include <linnet/declarations.h>
#include <linnet/error.h>
#include <linnet/exchange.h>
#include <linnet/time.h>

LINNET_BEGIN

enum { LINNET_RATE_WAYS = 4 };

/* Begins as zeroes; what is inside is the table's alone. */
struct linnet_rate_entry {
    uint8_t key[16];
    uint64_t full_ms; /* when its bucket will be full again; past: it is */
};

/* The caller's memory, of one thread. */
struct linnet_rate {
    struct linnet_rate_entry *entries;
    size_t entry_count;   /* at least LINNET_RATE_WAYS */
    uint64_t interval_ms; /* 1 or more, at most a day */
    uint64_t burst;       /* 1 or more, at most a million */
    uint64_t seed;        /* where it can be, random: nobody then knows who shares entries */
};

/* Takes one token out of the bucket of that address: 0, or in how many ms there will be one. */
uint64_t linnet_rate_take(struct linnet_rate *rate, const struct linnet_address *address,
                          struct linnet_time time);

/* Answers with the server's own page for that status, such as 429 or 503, and with Retry-After:
 * wait_ms in whole seconds, rounded up. */
LINNET_MUST_USE enum linnet_error linnet_reply_retry(struct linnet_exchange *exchange,
                                                     enum linnet_status status, uint64_t wait_ms);

LINNET_END

#endif
