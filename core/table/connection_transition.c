/* The transitions of a connection as a table: one lookup, no branches. */
#include "core/table/connection_transition.h"

#include <stdint.h>

/* An entry is the next state plus one, so that what is not listed is 0: illegal. */
#define CELL(state, event, next) \
    [LN_CONNECTION_##state][LN_CONNECTION_ON_##event] = (uint8_t)(LN_CONNECTION_##next + 1),

static const uint8_t connection_transitions[LN_CONNECTION_STATE_COUNT][LN_CONNECTION_EVENT_COUNT] =
    {LN_CONNECTION_TRANSITIONS(CELL)};

enum ln_connection_state ln_connection_transition(enum ln_connection_state state,
                                                  enum ln_connection_event event)
{
    const uint8_t cell = connection_transitions[state][event];
    return cell == 0 ? LN_CONNECTION_ILLEGAL : (enum ln_connection_state)(cell - 1);
}
