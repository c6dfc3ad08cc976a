/* Does bits.h find bytes among eight, at every place, and name none where there is none? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/bits.h"
#include "tests/lib/assertion.h"

static void lowest(void **state)
{
    (void)state;
    for (unsigned place = 0; place < 64; place++) {
        assert_int_equal(ln_bits_lowest(UINT64_C(1) << place), place);
        assert_int_equal(ln_bits_lowest(~UINT64_C(0) << place), place);
    }
    expect_assertion(ln_bits_lowest(0));
}

/* Eight times `rest`, but one byte at that place. */
static uint64_t eight(uint8_t rest, unsigned place, uint8_t byte)
{
    const uint64_t mask = (uint64_t)0xFF << 8 * place;
    return (LN_BITS_EACH_BYTE * rest & ~mask) | (uint64_t)byte << 8 * place;
}

static void one_of_eight(void **state)
{
    (void)state;
    for (unsigned place = 0; place < 8; place++) {
        const uint64_t bit = (uint64_t)0x80 << 8 * place;
        for (unsigned byte = 0; byte < 256; byte++) {
            const uint64_t bytes = eight(0xFF, place, (uint8_t)byte);
            for (unsigned limit = 0; limit <= 128; limit++) {
                const uint64_t below = ln_bits_bytes_below(bytes, (uint8_t)limit);
                assert_true((below & bit) == (byte < limit ? bit : 0));
                assert_int_equal(below != 0, byte < limit);
            }
            for (unsigned other = 0; other < 255; other++) {
                const uint64_t equal = ln_bits_bytes_equal(bytes, (uint8_t)other);
                assert_true((equal & bit) == (byte == other ? bit : 0));
                assert_int_equal(equal != 0, byte == other);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lowest),
        cmocka_unit_test(one_of_eight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
