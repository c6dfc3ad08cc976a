/* A handler that does what its query says: waits, pauses, streams, answers early or late.
 *
 *     /act?b=LETTERS&d=LETTERS&f=LETTERS&r=LETTERS&s=LETTERS
 *
 * `b` is done at BEGIN, `d` at every DATA, `f` at FINAL; of `r` the next letter at each RESUME; of
 * `s` the next letter at each pull of the stream that answers. At an event all letters are done in
 * their order, of `r` one.
 *
 *     a  answers with "ok"                   A  the same, and reads on
 *     s  answers with the stream             S  the same, and reads on
 *     n  answers with the stream and a length of its own: that of the digits in `s`
 *     i  an interim answer 103               p  pauses
 *     h  of DATA: pauses, half of the piece comes again (rounded down)
 *     r  resumes itself, by the exchange     t  resumes itself, by its token
 *     k  takes a token, which sample_resume uses
 *
 *     1..9  so many bytes, MORE              0  none, MORE
 *     l  LATER                               L  LATER, at most 100 ms
 *     c  3 bytes and LATER                   z  3 bytes and END
 *     e  END                                 f  FAILED
 *     (behind the last letter: END)
 *
 * Behind BEGIN the log has "act"; at the end of a stream "done" or "cut". */
#ifndef LN_TESTS_LIB_SAMPLE_ACT_H
#define LN_TESTS_LIB_SAMPLE_ACT_H

#include "tests/lib/simulated_driver.h"

enum {
    SAMPLE_ACTS_MAX = 64,
    SAMPLE_ACT_LETTERS_MAX = 64,
    SAMPLE_TOKENS_MAX = 64,
};

struct sample_acts;

struct sample_act {
    struct linnet_stream stream; /* the first member: one is the other */
    struct sample_acts *acts;
    struct linnet_exchange *exchange; /* NULL: it is over */
    bool streams;
    size_t resumed;
    size_t pulled;
    size_t given; /* bytes of the stream */
    size_t letter_count;
    char letters[SAMPLE_ACT_LETTERS_MAX]; /* of the stream */
};

struct sample_acts {
    struct sample_act acts[SAMPLE_ACTS_MAX];
    struct linnet_worker *worker;
    struct linnet_token tokens[SAMPLE_TOKENS_MAX];
    size_t token_count;
    size_t answered; /* in this call */
    unsigned streaming;
    void (*tell)(void *context, const char *line);
    void *context;
};

/* What the handler of /act does, with the log left to its caller. `again`: a further event of an
 * exchange that has had BEGIN. */
void sample_act(struct sample_acts *acts, struct linnet_exchange *exchange, enum linnet_event event,
                struct linnet_span data);

/* Resumes every token that was ever taken by `k`, dead ones too. */
void sample_resume(struct sample_acts *acts);

#endif
