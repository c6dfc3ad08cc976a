/* The life of an exchange: X(state, event, next). Every pair that is not listed is a bug of ours.
 *
 *   NEW        its head is complete, no handler has been called
 *   RECEIVING  BEGIN was delivered; the request's content arrives
 *   THINKING   FINAL was delivered; there is no answer yet
 *   EARLY      answered while the content still arrives; the handler may read on
 *   ANSWERED   the request is complete and so is the answer's description
 *   ENDED      nothing more will be delivered */
#ifndef LN_TABLE_EXCHANGE_TRANSITION_H
#define LN_TABLE_EXCHANGE_TRANSITION_H

#define LN_EXCHANGE_STATES(X) X(NEW) X(RECEIVING) X(THINKING) X(EARLY) X(ANSWERED) X(ENDED)

#define LN_EXCHANGE_EVENTS(X) X(BEGIN) X(FINAL) X(REPLY) X(RESUME) X(END) X(ABORT)

#define LN_EXCHANGE_TRANSITIONS(X)  \
    X(NEW, BEGIN, RECEIVING)        \
    X(NEW, ABORT, ENDED)            \
    X(RECEIVING, FINAL, THINKING)   \
    X(RECEIVING, REPLY, EARLY)      \
    X(RECEIVING, RESUME, RECEIVING) \
    X(RECEIVING, ABORT, ENDED)      \
    X(THINKING, REPLY, ANSWERED)    \
    X(THINKING, RESUME, THINKING)   \
    X(THINKING, ABORT, ENDED)       \
    X(EARLY, FINAL, ANSWERED)       \
    X(EARLY, RESUME, EARLY)         \
    X(EARLY, ABORT, ENDED)          \
    X(ANSWERED, END, ENDED)         \
    X(ANSWERED, ABORT, ENDED)

enum ln_exchange_state {
#define LN_EXCHANGE_STATE_ENUM(state) LN_EXCHANGE_##state,
    LN_EXCHANGE_STATES(LN_EXCHANGE_STATE_ENUM)
#undef LN_EXCHANGE_STATE_ENUM
        LN_EXCHANGE_STATE_COUNT,
    LN_EXCHANGE_ILLEGAL = LN_EXCHANGE_STATE_COUNT,
};

enum ln_exchange_event {
#define LN_EXCHANGE_EVENT_ENUM(event) LN_EXCHANGE_ON_##event,
    LN_EXCHANGE_EVENTS(LN_EXCHANGE_EVENT_ENUM)
#undef LN_EXCHANGE_EVENT_ENUM
        LN_EXCHANGE_EVENT_COUNT,
};

/* The state after the event, or LN_EXCHANGE_ILLEGAL. */
enum ln_exchange_state ln_exchange_transition(enum ln_exchange_state state,
                                              enum ln_exchange_event event);

#endif
