/* Server-sent events: a topic that many clients listen to, in memory of the caller's.
 *
 *     static uint8_t ring[4096];
 *     static struct linnet_subscriber subscribers[8];
 *     static struct linnet_topic topic;
 *
 *     linnet_topic_init(&topic, &(struct linnet_topic_config){...});
 *     linnet_topic_subscribe(&topic, exchange);                  // in a handler's FINAL
 *     linnet_topic_publish(&topic, LINNET_SPAN("temperature"), LINNET_SPAN("21.5"));
 *
 * A topic keeps its latest events in a ring, each once, as the text that is sent. A subscriber is a
 * place in that ring; sending to many copies nothing but into their output buffers. All of it
 * belongs to one thread, that of the worker: who publishes from elsewhere hands the value over by
 * means of his own and resumes somebody in that thread.
 *
 * Numbers. Events are numbered from 1 on; the number is sent as the event's id. A client that comes
 * back says the last one it had (Last-Event-ID), and gets those behind it, as far as the ring goes
 * back; where the ring does not have it any more, or never had it, all that the ring has. A client
 * that says none gets what comes from now on, or, with `replay`, all that the ring has first.
 *
 * Slow clients. Nobody waits for them: the ring overwrites its oldest events. A subscriber whose
 * next event was overwritten is dropped: its answer ends, in the middle of an event if need be,
 * which browsers then forget; they come again by themselves after retry_ms, with Last-Event-ID. It
 * is counted.
 *
 * Heartbeats. When nothing was sent for heartbeat_ms a comment is, so that proxies do not think the
 * connection dead and a client that is gone is found out. */
#ifndef LINNET_EVENT_STREAM_H
#define LINNET_EVENT_STREAM_H

#include <stdbool.h>

#include <linnet/declarations.h>
#include <linnet/error.h>
#include <linnet/exchange.h>
#include <linnet/stream.h>

LINNET_BEGIN

struct linnet_topic;

/* One client. Its members are the topic's. */
struct linnet_subscriber {
    struct linnet_stream stream; /* the first member: one is the other */
    struct linnet_topic *topic;  /* NULL: the place is free */
    uint64_t position;           /* of the next byte to send, as the topic counts bytes */
    uint32_t event_left;         /* bytes left of the event at `position`; 0: a new one begins */
    uint64_t beat_ms;            /* when the next heartbeat is due */
    bool greeted;                /* retry was sent */
    bool waits;                  /* it has said LATER */
};

struct linnet_topic_config {
    struct linnet_room ring; /* the latest events: each takes its text and 4 bytes */
    struct linnet_subscriber *subscribers;
    size_t subscriber_count;
    uint32_t retry_ms;     /* how long a client waits before it comes again; 0: as it likes */
    uint32_t heartbeat_ms; /* 0: none */
    bool replay;           /* a client without Last-Event-ID gets what the ring has */
    /* Of the first event; 0: 1. Who comes back with the number of an earlier run must find a
     * greater one, or misses what has come since: the time in ms at the program's start will do. */
    uint64_t first_number;
};

/* Its members are for reading. */
struct linnet_topic {
    struct linnet_topic_config config;
    uint64_t begin;       /* bytes that were overwritten, since it was made */
    uint64_t end;         /* bytes that were written */
    uint64_t first;       /* the number of the oldest event in the ring */
    uint64_t next;        /* the number of the next event */
    size_t subscribed;    /* subscribers now */
    uint64_t dropped;     /* subscribers that were too slow */
    uint64_t turned_away; /* clients that found no place */
    bool ended;
};

/* Makes a topic without events. Its memory, and that of the config, is the topic's until every
 * answer has ended. */
void linnet_topic_init(struct linnet_topic *topic, const struct linnet_topic_config *config);

/* Answers a GET or HEAD with the topic's events from now on, or from Last-Event-ID on. As
 * linnet_reply; when no place is free the answer is 503 with Retry-After, and the result NONE. */
LINNET_MUST_USE enum linnet_error linnet_topic_subscribe(struct linnet_topic *topic,
                                                         struct linnet_exchange *exchange);

/* Tells everybody. `type` is the event's name, or empty for "message"; `data` may have several
 * lines, ended by LF, CR LF or CR. INVALID: a line end or a zero in the type, or the topic has
 * ended; TOO_LARGE: the event does not fit into the ring at all. */
LINNET_MUST_USE enum linnet_error linnet_topic_publish(struct linnet_topic *topic,
                                                       struct linnet_span type,
                                                       struct linnet_span data);

/* Ends every answer behind its last event; whoever comes later is answered 204, which tells a
 * browser not to come again. */
void linnet_topic_end(struct linnet_topic *topic);

LINNET_END

#endif
