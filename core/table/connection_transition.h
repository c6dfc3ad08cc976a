/* The life of an HTTP/1 connection: X(state, event, next). What is not listed is a bug of ours.
 *
 *   FIRST    open; no byte of a request has come
 *   IDLE     between two requests
 *   HEAD     a head has begun to arrive
 *   WAITING  a head (or a refusal) is complete and stands in line for an output buffer
 *   BODY     an exchange runs and its request's content arrives
 *   SKIP     answered; the rest of the request's content is read and dropped
 *   ANSWER   the request is complete, its answer is not yet described, or not yet sent
 *   FLUSH    the last answer is complete and is being sent
 *   DISCARD  the sending direction is shut; input is read and dropped until the peer closes
 *   CLOSED   over */
#ifndef LN_TABLE_CONNECTION_TRANSITION_H
#define LN_TABLE_CONNECTION_TRANSITION_H

#define LN_CONNECTION_STATES(X) \
    X(FIRST)                    \
    X(IDLE)                     \
    X(HEAD)                     \
    X(WAITING)                  \
    X(BODY)                     \
    X(SKIP)                     \
    X(ANSWER)                   \
    X(FLUSH)                    \
    X(DISCARD)                  \
    X(CLOSED)

/*   BYTES    the first byte of a head        WAIT     no output buffer, or no room in it
 *   GRANTED  there is one now                CONTENT  the exchange begins, content follows
 *   EARLY    answered before its end         REQUEST  the request is complete
 *   NEXT     answered and sent               LAST     the last answer is described
 *   SHUT     it was sent: shut the sending direction
 *   CLOSE    over */
#define LN_CONNECTION_EVENTS(X) \
    X(BYTES)                    \
    X(WAIT)                     \
    X(GRANTED)                  \
    X(CONTENT)                  \
    X(EARLY)                    \
    X(REQUEST)                  \
    X(NEXT)                     \
    X(LAST)                     \
    X(SHUT)                     \
    X(CLOSE)

#define LN_CONNECTION_TRANSITIONS(X) \
    X(FIRST, BYTES, HEAD)            \
    X(FIRST, CLOSE, CLOSED)          \
    X(IDLE, BYTES, HEAD)             \
    X(IDLE, LAST, FLUSH)             \
    X(IDLE, CLOSE, CLOSED)           \
    X(HEAD, WAIT, WAITING)           \
    X(HEAD, CONTENT, BODY)           \
    X(HEAD, REQUEST, ANSWER)         \
    X(HEAD, LAST, FLUSH)             \
    X(HEAD, CLOSE, CLOSED)           \
    X(WAITING, GRANTED, HEAD)        \
    X(WAITING, LAST, FLUSH)          \
    X(WAITING, CLOSE, CLOSED)        \
    X(BODY, REQUEST, ANSWER)         \
    X(BODY, EARLY, SKIP)             \
    X(BODY, LAST, FLUSH)             \
    X(BODY, CLOSE, CLOSED)           \
    X(SKIP, REQUEST, ANSWER)         \
    X(SKIP, LAST, FLUSH)             \
    X(SKIP, CLOSE, CLOSED)           \
    X(ANSWER, NEXT, IDLE)            \
    X(ANSWER, LAST, FLUSH)           \
    X(ANSWER, CLOSE, CLOSED)         \
    X(FLUSH, SHUT, DISCARD)          \
    X(FLUSH, CLOSE, CLOSED)          \
    X(DISCARD, CLOSE, CLOSED)

enum ln_connection_state {
#define LN_CONNECTION_STATE_ENUM(state) LN_CONNECTION_##state,
    LN_CONNECTION_STATES(LN_CONNECTION_STATE_ENUM)
#undef LN_CONNECTION_STATE_ENUM
        LN_CONNECTION_STATE_COUNT,
    LN_CONNECTION_ILLEGAL = LN_CONNECTION_STATE_COUNT,
};

enum ln_connection_event {
#define LN_CONNECTION_EVENT_ENUM(event) LN_CONNECTION_ON_##event,
    LN_CONNECTION_EVENTS(LN_CONNECTION_EVENT_ENUM)
#undef LN_CONNECTION_EVENT_ENUM
        LN_CONNECTION_EVENT_COUNT,
};

/* The state after the event, or LN_CONNECTION_ILLEGAL. */
enum ln_connection_state ln_connection_transition(enum ln_connection_state state,
                                                  enum ln_connection_event event);

#endif
