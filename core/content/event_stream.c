/* Server-sent events: a ring of formatted events, and places in it.
 *
 *     event-stream = *( ( "id: " number LF )( "event: " type LF )( 1*( "data: " line LF ) ) LF )
 *                    with comments, ":" LF LF, and "retry: " number LF LF between events
 *                    (the HTML standard, 9.2)
 *
 * Bytes are counted from the topic's making on; byte n lies at n % ring.len. An event is four bytes
 * of length and its text. Invariants: begin <= end <= begin + ring.len; [begin, end) is whole
 * events, numbered from `first` to `next` - 1; a subscriber's position is in [begin, end], in an
 * event of which `event_left` bytes are left, or was overwritten. */
#include <linnet/event_stream.h>

#include "core/base/assert.h"
#include "core/base/cursor.h"
#include "core/base/number.h"
#include "core/base/span.h"

enum { LENGTH_LEN = 4 };

/* ---- the ring -------------------------------------------------------------------------------- */

static uint8_t *place_of(const struct linnet_topic *topic, uint64_t position)
{
    return topic->config.ring.data + position % topic->config.ring.len;
}

/* Bytes from that one on that lie in one piece. */
static size_t piece_len(const struct linnet_topic *topic, uint64_t position, size_t len)
{
    const size_t left = topic->config.ring.len - (size_t)(position % topic->config.ring.len);
    return len < left ? len : left;
}

static void put_in_ring(struct linnet_topic *topic, struct linnet_span bytes)
{
    size_t done = 0;
    while (done < bytes.len) {
        const size_t len = piece_len(topic, topic->end, bytes.len - done);
        memcpy(place_of(topic, topic->end), bytes.data + done, len);
        topic->end += len;
        done += len;
    }
}

static uint8_t byte_at(const struct linnet_topic *topic, uint64_t position)
{
    LN_ASSERT(position >= topic->begin);
    LN_ASSERT(position < topic->end);
    return *place_of(topic, position);
}

static uint32_t length_at(const struct linnet_topic *topic, uint64_t position)
{
    uint32_t len = 0;
    for (unsigned i = 0; i < LENGTH_LEN; i++) {
        len = len << 8 | byte_at(topic, position + i);
    }
    return len;
}

static void drop_oldest(struct linnet_topic *topic)
{
    LN_ASSERT(topic->first < topic->next);
    topic->begin += LENGTH_LEN + length_at(topic, topic->begin);
    topic->first++;
    LN_ASSERT(topic->begin <= topic->end);
}

/* Behind the event of that number, which a client has had; or at the oldest there is. */
static uint64_t position_behind(const struct linnet_topic *topic, uint64_t number)
{
    if (number >= topic->next || number + 1 < topic->first) {
        return topic->begin;
    }
    uint64_t position = topic->begin;
    for (uint64_t i = topic->first; i <= number; i++) {
        position += LENGTH_LEN + length_at(topic, position);
    }
    return position;
}

/* ---- publishing ------------------------------------------------------------------------------ */

/* Takes a line off the front of *rest: it ends with LF, CR LF, CR or the text. false: that was all.
 */
static bool next_line(struct linnet_span *rest, bool *ended, struct linnet_span *line)
{
    if (*ended) {
        return false;
    }
    size_t len = 0;
    while (len < rest->len && rest->data[len] != '\n' && rest->data[len] != '\r') {
        len++;
    }
    *line = ln_span_slice(*rest, 0, len);
    *ended = len == rest->len;
    if (!*ended) {
        len +=
            rest->data[len] == '\r' && len + 1 < rest->len && rest->data[len + 1] == '\n' ? 2 : 1;
    }
    *rest = ln_span_slice(*rest, len, rest->len - len);
    return true;
}

static bool type_is_sound(struct linnet_span type)
{
    for (size_t i = 0; i < type.len; i++) {
        if (type.data[i] == '\n' || type.data[i] == '\r' || type.data[i] == '\0') {
            return false;
        }
    }
    return true;
}

/* A line of an event: written, or where topic is NULL only measured. */
static size_t put_event_line(struct linnet_topic *topic, struct linnet_span name,
                             struct linnet_span content)
{
    if (topic != NULL) {
        put_in_ring(topic, name);
        put_in_ring(topic, content);
        put_in_ring(topic, LINNET_SPAN("\n"));
    }
    return name.len + content.len + 1;
}

static size_t put_event(struct linnet_topic *topic, struct linnet_span id, struct linnet_span type,
                        struct linnet_span data)
{
    const struct linnet_span nothing = {NULL, 0};
    struct linnet_span line;
    bool ended = false;
    size_t len = put_event_line(topic, LINNET_SPAN("id: "), id);
    if (type.len > 0) {
        len += put_event_line(topic, LINNET_SPAN("event: "), type);
    }
    while (next_line(&data, &ended, &line)) {
        len += put_event_line(topic, LINNET_SPAN("data: "), line);
    }
    return len + put_event_line(topic, nothing, nothing);
}

static void wake_all(struct linnet_topic *topic)
{
    for (size_t i = 0; i < topic->config.subscriber_count; i++) {
        struct linnet_subscriber *subscriber = &topic->config.subscribers[i];
        if (subscriber->topic != NULL && subscriber->waits) {
            linnet_stream_resume(&subscriber->stream);
        }
    }
}

enum linnet_error linnet_topic_publish(struct linnet_topic *topic, struct linnet_span type,
                                       struct linnet_span data)
{
    uint8_t digits[LN_NUMBER_DECIMAL_LEN_MAX];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){digits, sizeof digits});
    if (topic->ended || !type_is_sound(type)) {
        return LINNET_ERROR_INVALID;
    }
    ln_number_put_decimal(&cursor, topic->next);
    const struct linnet_span id = ln_cursor_span(&cursor);
    const size_t ring_len = topic->config.ring.len;
    if (data.len > ring_len || type.len > ring_len) {
        return LINNET_ERROR_TOO_LARGE; /* and what is measured below does not go around */
    }
    const size_t len = put_event(NULL, id, type, data);
    if (len > UINT32_MAX || len + LENGTH_LEN > ring_len) {
        return LINNET_ERROR_TOO_LARGE;
    }
    while (topic->end - topic->begin > ring_len - len - LENGTH_LEN) {
        drop_oldest(topic);
    }
    const uint8_t length[LENGTH_LEN] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16),
                                        (uint8_t)(len >> 8), (uint8_t)len};
    put_in_ring(topic, (struct linnet_span){length, sizeof length});
    (void)put_event(topic, id, type, data);
    topic->next++;
    wake_all(topic);
    return LINNET_ERROR_NONE;
}

/* ---- subscribers ----------------------------------------------------------------------------- */

static struct linnet_subscriber *subscriber_of(struct linnet_stream *stream)
{
    return (struct linnet_subscriber *)stream;
}

/* Copies what there is room for; the subscriber has not been overtaken. */
static void put_events(struct linnet_subscriber *subscriber, struct ln_cursor *cursor)
{
    const struct linnet_topic *topic = subscriber->topic;
    while (subscriber->position < topic->end && cursor->len < cursor->capacity) {
        if (subscriber->event_left == 0) {
            subscriber->event_left = length_at(topic, subscriber->position);
            subscriber->position += LENGTH_LEN;
        }
        const size_t room = cursor->capacity - cursor->len;
        const size_t left = subscriber->event_left < room ? subscriber->event_left : room;
        const size_t len = piece_len(topic, subscriber->position, left);
        ln_cursor_put(cursor, place_of(topic, subscriber->position), len);
        subscriber->position += len;
        subscriber->event_left -= (uint32_t)len;
    }
}

static void put_retry(const struct linnet_subscriber *subscriber, struct ln_cursor *cursor)
{
    if (subscriber->topic->config.retry_ms > 0) {
        ln_cursor_put_span(cursor, LINNET_SPAN("retry: "));
        ln_number_put_decimal(cursor, subscriber->topic->config.retry_ms);
        ln_cursor_put(cursor, "\n\n", 2);
    }
}

static enum linnet_pulled pull_events(struct linnet_stream *stream, struct linnet_pull *pull)
{
    struct linnet_subscriber *subscriber = subscriber_of(stream);
    struct linnet_topic *topic = subscriber->topic;
    const uint64_t now_ms = pull->time.monotonic_ms;
    const uint32_t heartbeat_ms = topic->config.heartbeat_ms;
    struct ln_cursor cursor = ln_cursor_over(pull->room);
    subscriber->waits = false;
    if (subscriber->position < topic->begin) {
        topic->dropped++;
        return LINNET_PULLED_END;
    }
    if (!subscriber->greeted) {
        subscriber->greeted = true;
        subscriber->beat_ms = now_ms + heartbeat_ms;
        put_retry(subscriber, &cursor);
    }
    put_events(subscriber, &cursor);
    if (cursor.len == 0 && heartbeat_ms > 0 && now_ms >= subscriber->beat_ms) {
        ln_cursor_put(&cursor, ":\n\n", 3);
    }
    LN_ASSERT(!cursor.overflow);
    pull->len = cursor.len;
    if (subscriber->position < topic->end) {
        return LINNET_PULLED_MORE;
    }
    if (topic->ended) {
        return LINNET_PULLED_END;
    }
    if (heartbeat_ms > 0) {
        subscriber->beat_ms = cursor.len > 0 ? now_ms + heartbeat_ms : subscriber->beat_ms;
        pull->again_ms = subscriber->beat_ms;
    }
    subscriber->waits = true;
    return LINNET_PULLED_LATER;
}

static void leave(struct linnet_stream *stream, bool complete)
{
    struct linnet_subscriber *subscriber = subscriber_of(stream);
    (void)complete;
    subscriber->topic->subscribed--;
    subscriber->topic = NULL;
}

static const struct linnet_stream_operations subscriber_operations = {.pull = pull_events,
                                                                      .done = leave};

void linnet_topic_init(struct linnet_topic *topic, const struct linnet_topic_config *config)
{
    LN_ASSERT(config->ring.len > 0);
    const uint64_t first = config->first_number > 0 ? config->first_number : 1;
    *topic = (struct linnet_topic){.config = *config, .first = first, .next = first};
    for (size_t i = 0; i < config->subscriber_count; i++) {
        config->subscribers[i] = (struct linnet_subscriber){.topic = NULL};
    }
}

void linnet_topic_end(struct linnet_topic *topic)
{
    topic->ended = true;
    wake_all(topic);
}

/* Where a client begins to read. */
static uint64_t first_position(const struct linnet_topic *topic,
                               const struct linnet_exchange *exchange)
{
    struct linnet_span id;
    uint64_t number;
    if (linnet_exchange_field(exchange, LINNET_SPAN("Last-Event-ID"), &id) && id.len > 0) {
        return ln_number_parse_decimal(id, &number) ? position_behind(topic, number) : topic->begin;
    }
    return topic->config.replay ? topic->begin : topic->end;
}

static struct linnet_subscriber *free_place(const struct linnet_topic *topic)
{
    for (size_t i = 0; i < topic->config.subscriber_count; i++) {
        if (topic->config.subscribers[i].topic == NULL) {
            return &topic->config.subscribers[i];
        }
    }
    return NULL;
}

static enum linnet_error turn_away(struct linnet_topic *topic, struct linnet_exchange *exchange)
{
    const struct linnet_field retry = {LINNET_SPAN("Retry-After"), LINNET_SPAN("5")};
    const struct linnet_reply reply = {
        .status = LINNET_STATUS_SERVICE_UNAVAILABLE,
        .media_type = LINNET_SPAN("text/plain; charset=utf-8"),
        .fields = &retry,
        .field_count = 1,
        .body = LINNET_BODY_LEND,
        .bytes = LINNET_SPAN("As many listen already as can.\n"),
    };
    const enum linnet_error error = linnet_reply(exchange, &reply);
    topic->turned_away += error == LINNET_ERROR_NONE;
    return error;
}

enum linnet_error linnet_topic_subscribe(struct linnet_topic *topic,
                                         struct linnet_exchange *exchange)
{
    /* What is kept on the way would not be news. */
    const struct linnet_field fresh = {LINNET_SPAN("Cache-Control"), LINNET_SPAN("no-store")};
    struct linnet_subscriber *subscriber = free_place(topic);
    if (topic->ended) {
        return linnet_reply_status(exchange, LINNET_STATUS_NO_CONTENT);
    }
    if (subscriber == NULL) {
        return turn_away(topic, exchange);
    }
    *subscriber = (struct linnet_subscriber){
        .stream = {.operations = &subscriber_operations},
        .topic = topic,
        .position = first_position(topic, exchange),
    };
    const struct linnet_reply reply = {
        .status = LINNET_STATUS_OK,
        .media_type = LINNET_SPAN("text/event-stream"),
        .fields = &fresh,
        .field_count = 1,
        .body = LINNET_BODY_STREAM,
        .stream = &subscriber->stream,
        .len = LINNET_LEN_UNKNOWN,
    };
    const enum linnet_error error = linnet_reply(exchange, &reply);
    if (error == LINNET_ERROR_NONE) {
        topic->subscribed++;
    } else {
        subscriber->topic = NULL;
    }
    return error;
}
