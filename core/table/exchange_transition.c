/* The transitions of an exchange as a table: one lookup, no branches. */
#include "core/table/exchange_transition.h"

#include <stdint.h>

/* An entry is the next state plus one, so that what is not listed is 0: illegal. */
#define CELL(state, event, next) \
    [LN_EXCHANGE_##state][LN_EXCHANGE_ON_##event] = (uint8_t)(LN_EXCHANGE_##next + 1),

static const uint8_t exchange_transitions[LN_EXCHANGE_STATE_COUNT][LN_EXCHANGE_EVENT_COUNT] = {
    LN_EXCHANGE_TRANSITIONS(CELL)};

enum ln_exchange_state ln_exchange_transition(enum ln_exchange_state state,
                                              enum ln_exchange_event event)
{
    const uint8_t cell = exchange_transitions[state][event];
    return cell == 0 ? LN_EXCHANGE_ILLEGAL : (enum ln_exchange_state)(cell - 1);
}
