/* Does an address get its tokens, no more of them, and never another's? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <linnet/rate.h>

#include "tests/lib/assertion.h"

enum {
    ENTRIES = 64,
    INTERVAL_MS = 100,
    BURST = 3,
};

static struct linnet_rate_entry entries[ENTRIES];
static struct linnet_rate rate;

static int begin(void **state)
{
    (void)state;
    memset(entries, 0, sizeof entries);
    rate = (struct linnet_rate){.entries = entries,
                                .entry_count = ENTRIES,
                                .interval_ms = INTERVAL_MS,
                                .burst = BURST,
                                .seed = 1};
    return 0;
}

static struct linnet_address ip4(uint32_t number)
{
    return (struct linnet_address){.ip = {[10] = 0xFF,
                                          [11] = 0xFF,
                                          [12] = (uint8_t)(number >> 24),
                                          [13] = (uint8_t)(number >> 16),
                                          [14] = (uint8_t)(number >> 8),
                                          [15] = (uint8_t)number}};
}

static uint64_t take(struct linnet_address address, uint64_t now_ms)
{
    return linnet_rate_take(&rate, &address, (struct linnet_time){now_ms, LINNET_NO_WALL_CLOCK});
}

static void a_burst_and_then_one_by_one(void **state)
{
    (void)state;
    for (unsigned i = 0; i < BURST; i++) {
        assert_int_equal(take(ip4(1), 1000), 0);
    }
    assert_int_equal(take(ip4(1), 1000), INTERVAL_MS);
    assert_int_equal(take(ip4(1), 1030), INTERVAL_MS - 30); /* asking costs nothing */
    assert_int_equal(take(ip4(1), 1099), 1);
    assert_int_equal(take(ip4(1), 1100), 0);
    assert_int_equal(take(ip4(1), 1100), INTERVAL_MS);
    assert_int_equal(take(ip4(1), 1350), 0);
    assert_int_equal(take(ip4(1), 1350), 0);
    assert_int_equal(take(ip4(1), 1350), INTERVAL_MS / 2);
}

static void a_bucket_never_holds_more_than_a_burst(void **state)
{
    (void)state;
    assert_int_equal(take(ip4(1), 0), 0);
    for (unsigned i = 0; i < BURST; i++) {
        assert_int_equal(take(ip4(1), 1000000), 0);
    }
    assert_int_equal(take(ip4(1), 1000000), INTERVAL_MS);
}

static void addresses_have_buckets_of_their_own(void **state)
{
    (void)state;
    for (uint32_t address = 0; address < LINNET_RATE_WAYS; address++) {
        for (unsigned i = 0; i < BURST; i++) {
            assert_int_equal(take(ip4(address), 0), 0);
        }
    }
    for (uint32_t address = 0; address < LINNET_RATE_WAYS; address++) {
        assert_int_equal(take(ip4(address), 0), INTERVAL_MS);
    }
}

static void a_port_is_no_address(void **state)
{
    struct linnet_address address = ip4(7);
    (void)state;
    for (unsigned port = 1; port <= BURST; port++) {
        address.port = (uint16_t)port;
        assert_int_equal(take(address, 0), 0);
    }
    address.port = 9999;
    assert_int_equal(take(address, 0), INTERVAL_MS);
}

/* RFC 6177 2: what one site gets. */
static void an_ip6_network_is_one_client(void **state)
{
    struct linnet_address address = {.ip = {0x20, 0x01, 0x0d, 0xb8}};
    (void)state;
    for (unsigned host = 0; host < BURST; host++) {
        address.ip[15] = (uint8_t)host;
        address.ip[8] = (uint8_t)host;
        assert_int_equal(take(address, 0), 0);
    }
    address.ip[15] = 0xEE;
    assert_int_equal(take(address, 0), INTERVAL_MS);
    address.ip[7] = 1;
    assert_int_equal(take(address, 0), 0);
}

static void unix_sockets_are_one_client(void **state)
{
    (void)state;
    for (unsigned i = 0; i < BURST; i++) {
        assert_int_equal(take((struct linnet_address){.port = 0}, 5), 0);
    }
    assert_int_equal(take((struct linnet_address){.port = 0}, 5), INTERVAL_MS);
}

/* One set: the one that is closest to a full bucket is forgotten, and no other. */
static void the_nearest_to_full_is_forgotten(void **state)
{
    (void)state;
    rate.entry_count = LINNET_RATE_WAYS;
    for (uint32_t address = 0; address < LINNET_RATE_WAYS; address++) {
        for (unsigned i = 0; i < BURST; i++) {
            assert_int_equal(take(ip4(address), address), 0);
        }
    }
    assert_int_equal(take(ip4(100), 4), 0); /* instead of address 0, whose bucket fills first */
    for (uint32_t address = 1; address < LINNET_RATE_WAYS; address++) {
        assert_int_equal(take(ip4(address), 4), INTERVAL_MS - 4 + address);
    }
    assert_int_equal(take(ip4(0), 4), 0); /* forgotten, hence forgiven, instead of 100 */
    assert_int_equal(take(ip4(1), 4), INTERVAL_MS - 3);
}

/* A stranger's addresses, as many as there are: never a refusal for want of memory, and the table
 * stays where it is. */
static void a_flood_of_addresses_is_never_refused(void **state)
{
    (void)state;
    for (uint32_t address = 0; address < 10000; address++) {
        assert_int_equal(take(ip4(address * 2654435761U), 1), 0);
    }
}

static void addresses_spread_over_the_table(void **state)
{
    unsigned used = 0;
    (void)state;
    for (uint32_t address = 0; address < ENTRIES; address++) {
        assert_int_equal(take(ip4(0x0A000000 + address), 1), 0);
    }
    for (size_t i = 0; i < ENTRIES; i++) {
        used += entries[i].full_ms > 0 ? 1U : 0U;
    }
    assert_true(used > ENTRIES / 2);
}

static void limits_of_a_table(void **state)
{
    (void)state;
    rate.entry_count = LINNET_RATE_WAYS - 1;
    expect_assertion((void)take(ip4(1), 0));
    rate.entry_count = LINNET_RATE_WAYS;
    assert_int_equal(take(ip4(1), 0), 0);
    rate.entry_count = LINNET_RATE_WAYS + 1; /* the last one is not used */
    assert_int_equal(take(ip4(2), 0), 0);
    rate.interval_ms = 0;
    expect_assertion((void)take(ip4(1), 0));
    rate.interval_ms = 86400001;
    expect_assertion((void)take(ip4(1), 0));
    rate.interval_ms = 86400000;
    rate.burst = 0;
    expect_assertion((void)take(ip4(1), 0));
    rate.burst = 1000001;
    expect_assertion((void)take(ip4(1), 0));
    rate.burst = 1000000;
    assert_int_equal(take(ip4(1), 0), 0);
    rate.burst = 1;
    assert_int_equal(take(ip4(3), 0), 0);
    assert_int_equal(take(ip4(3), 0), 86400000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_burst_and_then_one_by_one, begin),
        cmocka_unit_test_setup(a_bucket_never_holds_more_than_a_burst, begin),
        cmocka_unit_test_setup(addresses_have_buckets_of_their_own, begin),
        cmocka_unit_test_setup(a_port_is_no_address, begin),
        cmocka_unit_test_setup(an_ip6_network_is_one_client, begin),
        cmocka_unit_test_setup(unix_sockets_are_one_client, begin),
        cmocka_unit_test_setup(the_nearest_to_full_is_forgotten, begin),
        cmocka_unit_test_setup(a_flood_of_addresses_is_never_refused, begin),
        cmocka_unit_test_setup(addresses_spread_over_the_table, begin),
        cmocka_unit_test_setup(limits_of_a_table, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
