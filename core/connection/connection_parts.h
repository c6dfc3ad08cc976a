/* What the files of the connection share among themselves, and with nobody else. */
#ifndef LN_CONNECTION_CONNECTION_PARTS_H
#define LN_CONNECTION_CONNECTION_PARTS_H

#include "core/connection/connection.h"

enum {
    LN_ANSWER_PIECES = 3, /* of an output, that an answer may need: interim, head, lent content */
};

static inline struct ln_connection *ln_connection_of(struct linnet_channel *channel)
{
    return (struct ln_connection *)channel;
}

static inline const struct ln_connection *ln_connection_of_const(
    const struct linnet_channel *channel)
{
    return (const struct ln_connection *)channel;
}

/* connection.c */
void ln_connection_move(struct ln_connection *connection, enum ln_connection_event event,
                        struct linnet_time time);

/* May bytes be read now? In FIRST to HEAD and BODY they are wanted, in SKIP and DISCARD dropped,
 * and where it listens only their end counts; otherwise TCP does the back pressure. */
static inline bool ln_connection_wants_input(const struct ln_connection *connection)
{
    const unsigned reading = 1U << LN_CONNECTION_FIRST | 1U << LN_CONNECTION_IDLE |
                             1U << LN_CONNECTION_HEAD | 1U << LN_CONNECTION_BODY |
                             1U << LN_CONNECTION_SKIP | 1U << LN_CONNECTION_DISCARD;
    return ((reading >> connection->state & 1U) != 0 || (connection->waits & LN_LISTENS) != 0) &&
           (connection->waits & (LN_WAITS_TURN | LN_WAITS_PAUSED)) == 0 && !connection->peer_ended;
}

/* Takes no more input until its `resume`. */
void ln_connection_next_turn(struct ln_connection *connection);

/* connection_request.c: takes bytes of a head, or 0 when it needs more or has to wait. `first`:
 * nothing else stands before them in this call. */
size_t ln_connection_receive_head(struct ln_connection *connection, struct linnet_span bytes,
                                  bool first, struct linnet_time time);
void ln_connection_take_exchange(struct ln_connection *connection, struct linnet_time time);
void ln_connection_give_exchange(struct ln_connection *connection);

/* connection_wait.c */
/* FINAL, if the request is complete and its handler is still to hear of it. */
void ln_connection_finish_request(struct ln_connection *connection, struct linnet_time time);
/* In its `resume`: what was resumed goes on. */
void ln_connection_go_on(struct ln_connection *connection, struct linnet_time time);
/* When a handler that waits must have been heard of. */
uint64_t ln_connection_suspend_deadline(const struct ln_connection *connection);
/* It was not: 503, or the end of an answer that reads on. */
void ln_connection_unanswered(struct ln_connection *connection, struct linnet_time time);
/* Nobody can resume what it was doing any more. */
void ln_connection_forget_token(struct ln_connection *connection);
/* Its exchange ends; a stream that answers it goes on. */
void ln_connection_stop_waiting(struct ln_connection *connection);
/* For the sink. */
struct linnet_token ln_connection_token(struct linnet_exchange *exchange);
void ln_connection_pause(struct linnet_exchange *exchange);
void ln_connection_resume_exchange(struct linnet_exchange *exchange);

/* connection_body.c: takes bytes of content, at least one: for the handler, or to drop them. */
size_t ln_connection_receive_body(struct ln_connection *connection, struct linnet_span bytes,
                                  struct linnet_time time);
size_t ln_connection_skip_body(struct ln_connection *connection, struct linnet_span bytes,
                               struct linnet_time time);

/* connection_answer.c */
extern const struct ln_exchange_sink ln_connection_sink;
void ln_connection_put_continue(struct ln_connection *connection, struct linnet_time time);
/* Answers that core gives by itself; `allowed`: methods to name, or 0. */
void ln_connection_answer_status(struct ln_connection *connection, enum linnet_status status,
                                 unsigned allowed);
/* After anything that may have completed an answer: more content, next request, last answer. */
void ln_connection_advance(struct ln_connection *connection, struct linnet_time time);

/* connection_refuse.c */
/* Ends a request that was answered while it arrived, and is not read any further. */
void ln_connection_end_reading(struct ln_connection *connection, enum ln_close_reason reason,
                               struct linnet_time time);
/* Answers with a page and ends the request and its connection; counts no refusal. */
void ln_connection_end_request(struct ln_connection *connection, struct ln_refusal refusal,
                               struct linnet_time time);
/* Ends the request that is arriving with a status and the connection with a reason. */
void ln_connection_refuse(struct ln_connection *connection, struct ln_refusal refusal,
                          struct linnet_time time);
/* The output buffer that a refusal waited for is there. */
void ln_connection_answer_refusal(struct ln_connection *connection, struct linnet_time time);
/* Nobody gave a buffer up in time: 503 out of constant bytes. */
void ln_connection_overloaded(struct ln_connection *connection, struct linnet_time time);

/* connection_record.c */
/* Tells hooks and counters of the exchange's answer now, or keeps what they will be told. */
void ln_connection_tell(struct ln_connection *connection, bool complete, struct linnet_time time);
void ln_connection_take_note(struct ln_connection *connection);
void ln_connection_tell_note(struct ln_connection *connection, bool complete,
                             struct linnet_time time);
/* The exchange is over: its handler hears of it, the log now or when the answer is sent. */
void ln_connection_end_exchange(struct ln_connection *connection, bool complete,
                                struct linnet_time time);

/* connection_output.c */
/* An output buffer, held or asked for. false: it stands in line. */
bool ln_connection_take_output(struct ln_connection *connection);
/* Gives up the source of a long answer, or its stream, which hears whether it was complete. */
void ln_connection_release_answer(struct ln_connection *connection, bool complete);
/* An output buffer with room for an answer: held, or asked for. false: it has to wait. */
bool ln_connection_acquire_output(struct ln_connection *connection);
/* WAITING, and there is a buffer with room now: goes on with what waited. */
void ln_connection_leave_line(struct ln_connection *connection, struct linnet_time time);
/* Reads content into an output buffer that is empty, or holds the head of its answer alone. */
void ln_connection_fill_output(struct ln_connection *connection, struct linnet_time time);
/* It was on the ready list: reads may have completed. */
void ln_connection_resume_answer(struct ln_connection *connection, struct linnet_time time);
static inline bool ln_connection_output_pending(const struct ln_connection *connection)
{
    return (connection->output != NULL && connection->output->pending > 0) ||
           connection->answer.kind != LN_ANSWER_NONE || connection->constant.len > 0;
}
/* Would `output` give a driver something to do? */
static inline bool ln_connection_lends(const struct ln_connection *connection)
{
    const struct ln_long_answer *answer = &connection->answer;
    return (connection->output != NULL && connection->output->pending > 0) ||
           (answer->kind == LN_ANSWER_FILE && answer->left > 0) || connection->constant.len > 0 ||
           (connection->state == LN_CONNECTION_FLUSH && answer->kind == LN_ANSWER_NONE);
}
/* What may follow when bytes have gone or came to nothing: more content, the end of a long answer,
 * the end of the connection, the next request, the buffer's return. */
void ln_connection_follow_progress(struct ln_connection *connection, struct linnet_time time);
/* Notes that output became pending, before bytes are appended. */
void ln_connection_output_begins(struct ln_connection *connection, struct linnet_time time);
/* Gives an empty buffer back when nobody needs it. */
void ln_connection_settle_output(struct ln_connection *connection);
void ln_connection_drop_output(struct ln_connection *connection);
void ln_connection_output(struct linnet_channel *channel, unsigned accept,
                          struct linnet_output *out);
void ln_connection_taken(struct linnet_channel *channel, uint64_t len, struct linnet_time time);
void ln_connection_released(struct linnet_channel *channel, uint64_t len, struct linnet_time time);
void ln_connection_sent(struct linnet_channel *channel, uint64_t len, struct linnet_time time);

/* connection_stream.c */
/* The head of an answer that is a stream was written: answer_len is 0 where nothing is pulled. */
void ln_connection_begin_stream(struct ln_connection *connection, const struct linnet_reply *reply);
/* It is not the connection's any more; its owner hears it. */
void ln_connection_end_stream(struct ln_connection *connection, struct linnet_stream *stream,
                              bool complete);
/* Pulls into the output buffer as much as has room; it may end the answer or close the connection.
 */
void ln_connection_pull(struct ln_connection *connection, struct linnet_time time);
/* Is it to be pulled now? Where that must wait for the next turn it will be. */
bool ln_connection_pulls_next(struct ln_connection *connection, bool new_answer,
                              struct linnet_time time);
/* It was on the ready list: the stream may have been resumed, or granted a buffer. */
void ln_connection_resume_stream(struct ln_connection *connection, struct linnet_time time);
/* A stream waits, and its client has finished sending: closes, if that means that it has left. */
void ln_connection_check_half_closed(struct ln_connection *connection, struct linnet_time time);
static inline bool ln_connection_stream_waits(const struct ln_connection *connection)
{
    return connection->answer.kind == LN_ANSWER_STREAM && connection->answer.waits;
}

/* connection_read.c */
/* Sends on what was read and asks for more; true: the whole answer was read and sent. It may close
 * the connection. */
bool ln_connection_read_ahead(struct ln_connection *connection, struct linnet_time time);
/* Gives back what was read and not appended; true: nothing is under way. */
bool ln_connection_drop_reads(struct ln_connection *connection);

/* connection_end.c */
void ln_connection_set_reason(struct ln_connection *connection, enum ln_close_reason reason);
/* The last answer is complete: send it, then end. */
void ln_connection_last(struct ln_connection *connection, enum ln_close_reason reason,
                        struct linnet_time time);
/* Over, now; what is still to be sent is dropped. */
void ln_connection_close(struct ln_connection *connection, enum ln_close_reason reason,
                         struct linnet_time time);
size_t ln_connection_discard(struct ln_connection *connection, size_t len, struct linnet_time time);
void ln_connection_receive_end(struct linnet_channel *channel, struct linnet_time time);
void ln_connection_abort(struct linnet_channel *channel, enum linnet_abort reason,
                         struct linnet_time time);
void ln_connection_drain(struct linnet_channel *channel, struct linnet_time time);
void ln_connection_reclaim(struct linnet_channel *channel, struct linnet_time time);

/* connection_deadline.c */
uint64_t ln_connection_deadline(const struct linnet_channel *channel);
void ln_connection_tick(struct linnet_channel *channel, struct linnet_time time);

#endif
