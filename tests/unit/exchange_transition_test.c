/* Is every pair of state and event of an exchange what its table says, and every other one illegal?
 *
 * The pairs are written down a second time here, state by state, so that a change of the table is
 * made twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/table/exchange_transition.h"

static const char *const state_names[] = {
#define STATE_NAME(state) #state,
    LN_EXCHANGE_STATES(STATE_NAME)
#undef STATE_NAME
};

static const char *const event_names[] = {
#define EVENT_NAME(event) #event,
    LN_EXCHANGE_EVENTS(EVENT_NAME)
#undef EVENT_NAME
};

static const char *const expected[] = {
    "NEW BEGIN>RECEIVING ABORT>ENDED",
    "RECEIVING FINAL>THINKING REPLY>EARLY RESUME>RECEIVING ABORT>ENDED",
    "THINKING REPLY>ANSWERED RESUME>THINKING ABORT>ENDED",
    "EARLY FINAL>ANSWERED RESUME>EARLY ABORT>ENDED",
    "ANSWERED END>ENDED ABORT>ENDED",
    "ENDED",
};

static void every_pair(void **state)
{
    (void)state;
    assert_int_equal(LN_EXCHANGE_STATE_COUNT, sizeof expected / sizeof expected[0]);
    for (unsigned from = 0; from < LN_EXCHANGE_STATE_COUNT; from++) {
        char text[256];
        int len = snprintf(text, sizeof text, "%s", state_names[from]);
        for (unsigned event = 0; event < LN_EXCHANGE_EVENT_COUNT; event++) {
            const enum ln_exchange_state to =
                ln_exchange_transition((enum ln_exchange_state)from, (enum ln_exchange_event)event);
            if (to != LN_EXCHANGE_ILLEGAL) {
                len += snprintf(text + len, sizeof text - (size_t)len, " %s>%s", event_names[event],
                                state_names[to]);
            }
        }
        assert_string_equal(text, expected[from]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_pair)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
