/* What the log will say of an answer that takes long: kept apart from the exchange, so that sending
 * holds neither an exchange nor an input buffer. One for each connection, in memory of its own that
 * is touched only when it is needed. Texts are cut where they do not fit. */
#ifndef LN_CONNECTION_NOTE_H
#define LN_CONNECTION_NOTE_H

#include <stdint.h>

struct ln_note {
    uint64_t begun_ms;
    uint16_t status; /* enum linnet_status */
    uint16_t method_len;
    uint16_t target_len;
    uint16_t referer_len;
    uint16_t user_agent_len;
    uint8_t minor_version;
    uint8_t text[]; /* these four, one behind the other */
};

#endif
