/* Is every pair of state and event of a connection what its table says, and each other one illegal?
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

#include "core/table/connection_transition.h"

static const char *const state_names[] = {
#define STATE_NAME(state) #state,
    LN_CONNECTION_STATES(STATE_NAME)
#undef STATE_NAME
};

static const char *const event_names[] = {
#define EVENT_NAME(event) #event,
    LN_CONNECTION_EVENTS(EVENT_NAME)
#undef EVENT_NAME
};

static const char *const expected[] = {
    "FIRST BYTES>HEAD CLOSE>CLOSED",
    "IDLE BYTES>HEAD LAST>FLUSH CLOSE>CLOSED",
    "HEAD WAIT>WAITING CONTENT>BODY REQUEST>ANSWER LAST>FLUSH CLOSE>CLOSED",
    "WAITING GRANTED>HEAD LAST>FLUSH CLOSE>CLOSED",
    "BODY EARLY>SKIP REQUEST>ANSWER LAST>FLUSH CLOSE>CLOSED",
    "SKIP REQUEST>ANSWER LAST>FLUSH CLOSE>CLOSED",
    "ANSWER NEXT>IDLE LAST>FLUSH CLOSE>CLOSED",
    "FLUSH SHUT>DISCARD CLOSE>CLOSED",
    "DISCARD CLOSE>CLOSED",
    "CLOSED",
};

static void every_pair(void **state)
{
    (void)state;
    assert_int_equal(LN_CONNECTION_STATE_COUNT, sizeof expected / sizeof expected[0]);
    for (unsigned from = 0; from < LN_CONNECTION_STATE_COUNT; from++) {
        char text[256];
        int len = snprintf(text, sizeof text, "%s", state_names[from]);
        for (unsigned event = 0; event < LN_CONNECTION_EVENT_COUNT; event++) {
            const enum ln_connection_state to = ln_connection_transition(
                (enum ln_connection_state)from, (enum ln_connection_event)event);
            if (to != LN_CONNECTION_ILLEGAL) {
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
