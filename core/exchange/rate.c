/* Token buckets by address.
 *
 * A bucket is one time: when it will be full again. Each token that is taken moves that time by
 * interval_ms into the future; a token is there while it lies less than burst intervals ahead. So
 * an entry whose time has passed says no more than none, and nothing is ever refilled.
 *
 * Invariant: an address stands in one entry at most. */
#include <linnet/rate.h>

#include <string.h>

#include "core/base/number.h"
#include "core/exchange/exchange.h"

enum {
    DAY_MS = 86400000,
    BURST_MAX = 1000000,
    IP6_KEY_LEN = 8, /* RFC 6177 2: what one site gets is /64 or more */
    KEY_LEN = 16,
};

/* What counts as one client: all of an IPv4 address, the network of an IPv6 one. */
static void key_of(const struct linnet_address *address, uint8_t key[KEY_LEN])
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    memcpy(key, address->ip, KEY_LEN);
    if (memcmp(key, mapped, sizeof mapped) != 0) {
        memset(key + IP6_KEY_LEN, 0, KEY_LEN - IP6_KEY_LEN);
    }
}

/* FNV-1a, begun with the seed, and its bits mixed once more. */
static uint64_t hash_of(const uint8_t key[KEY_LEN], uint64_t seed)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325) ^ seed;
    for (size_t i = 0; i < KEY_LEN; i++) {
        hash = (hash ^ key[i]) * UINT64_C(0x100000001B3);
    }
    hash ^= hash >> 32;
    return hash * UINT64_C(0x9E3779B97F4A7C15) >> 16;
}

/* The entry of that address; else, emptied for it, the one that forgetting changes least. */
static struct linnet_rate_entry *find_entry(const struct linnet_rate *rate,
                                            const uint8_t key[KEY_LEN])
{
    const size_t sets = rate->entry_count / LINNET_RATE_WAYS;
    struct linnet_rate_entry *set =
        rate->entries + (size_t)(hash_of(key, rate->seed) % sets) * LINNET_RATE_WAYS;
    struct linnet_rate_entry *oldest = set;
    for (size_t i = 0; i < LINNET_RATE_WAYS; i++) {
        if (memcmp(set[i].key, key, KEY_LEN) == 0) {
            return &set[i];
        }
        if (set[i].full_ms < oldest->full_ms) {
            oldest = &set[i];
        }
    }
    memcpy(oldest->key, key, KEY_LEN);
    oldest->full_ms = 0;
    return oldest;
}

uint64_t linnet_rate_take(struct linnet_rate *rate, const struct linnet_address *address,
                          struct linnet_time time)
{
    uint8_t key[KEY_LEN];
    LN_ASSERT(rate->entry_count >= LINNET_RATE_WAYS);
    LN_ASSERT(rate->interval_ms > 0 && rate->interval_ms <= DAY_MS);
    LN_ASSERT(rate->burst > 0 && rate->burst <= BURST_MAX);
    key_of(address, key);
    struct linnet_rate_entry *entry = find_entry(rate, key);
    const uint64_t now_ms = time.monotonic_ms;
    const uint64_t full_ms = entry->full_ms > now_ms ? entry->full_ms : now_ms;
    const uint64_t after_ms = full_ms - now_ms + rate->interval_ms;
    if (after_ms > rate->burst * rate->interval_ms) {
        return after_ms - rate->burst * rate->interval_ms;
    }
    entry->full_ms = now_ms + after_ms;
    return 0;
}

enum linnet_error linnet_reply_retry(struct linnet_exchange *exchange, enum linnet_status status,
                                     uint64_t wait_ms)
{
    uint8_t text[LN_NUMBER_DECIMAL_LEN_MAX];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){text, sizeof text});
    const uint64_t wait_s = wait_ms / 1000 + (wait_ms % 1000 > 0 ? 1 : 0);
    /* RFC 9110 10.2.3: whole seconds. */
    ln_number_put_decimal(&cursor, wait_s);
    const struct linnet_field field = {LINNET_SPAN("Retry-After"), ln_cursor_span(&cursor)};
    return ln_exchange_reply_page(exchange, status, &field);
}
