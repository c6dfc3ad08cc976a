/* Waiting: a handler that has no answer yet, or wants no more content for now, returns, and goes on
 * when it is resumed.
 *
 * Suspend. A handler that returns from FINAL without a reply is suspended: its exchange stays, with
 * the request's spans, an input buffer and an output buffer, and nothing waits. It is called with
 * LINNET_EVENT_RESUME each time it is resumed, and answers in one of these calls. A handler must be
 * heard of: the exchange ends with 503 (close reason timeout-answer) and ABORT when it was neither
 * called nor resumed for suspend_ms, or, where its route says time_ms_max, when that has passed
 * since the head's end instead. ABORT comes too when the client leaves.
 *
 * Pause. linnet_exchange_pause says "not now" to content: no DATA and no FINAL comes until the
 * exchange is resumed, nothing is lost, and the client feels it through TCP. RESUME ends a pause;
 * the handler may pause again in it.
 *
 * Resume. A token is a number by value. linnet_resume (<linnet/server.h>) and linnet_worker_resume
 * take it from any thread, signal handler or interrupt: they do atomic operations only and, the
 * former, wake the server. The worker looks in its own turn and calls the handler, or pulls the
 * stream that the handler answered with: a token is good for both. One resume may be told for
 * several that came together, but after each linnet_resume the handler is called at least once
 * more, also when it was given inside the handler's own call. What was written before linnet_resume
 * can be read in that call. The token of an exchange that is over (answered, and its stream done;
 * aborted) is harmless, also when its connection has ended or serves another request. */
#ifndef LINNET_RESUME_H
#define LINNET_RESUME_H

#include <stddef.h>
#include <stdint.h>

#include <linnet/declarations.h>

LINNET_BEGIN

struct linnet_exchange;
struct linnet_worker;

/* Names an exchange and the stream that answers it. Zeroed it names none. */
struct linnet_token {
    uint32_t connection;
    uint32_t generation;
};

/* The token of this exchange, in any of its handler's calls but ABORT; always the same one. */
struct linnet_token linnet_exchange_token(struct linnet_exchange *exchange);

/* In BEGIN, DATA and RESUME: not now. In DATA the last `untaken` bytes of the piece are not taken:
 * they come again, first of all, when it goes on; elsewhere it is 0. Behind an answer that does not
 * read on it means nothing. */
void linnet_exchange_pause(struct linnet_exchange *exchange, size_t untaken);

/* As its token, but only in the thread of its worker and while the exchange lives: between BEGIN
 * and its answer, FINAL or ABORT. It costs next to nothing. */
void linnet_exchange_resume(struct linnet_exchange *exchange);

/* From anywhere: the exchange of that token goes on in the worker's next turn, which somebody has
 * to bring about (a server's wake; the interrupt itself, where a loop sleeps until one). */
void linnet_worker_resume(struct linnet_worker *worker, struct linnet_token token);

LINNET_END

#endif
