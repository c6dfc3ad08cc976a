/* Answers from a representation: validators, preconditions, one range, HEAD.
 *
 * GET and HEAD only. The order is RFC 9110 13.2.2: preconditions first, then Range. Invariant: the
 * entity tag and the date that are compared are the very ones that are sent. */
#include <linnet/exchange.h>

#include "core/base/cursor.h"
#include "core/base/number.h"
#include "core/exchange/exchange.h"
#include "core/http/condition.h"
#include "core/http/date.h"

enum {
    /* Lines of If-Match or If-None-Match that are looked at; more in one request: 431. */
    CONDITION_LINES_MAX = 8,
    FIELDS_MAX = 4,
    CONTENT_RANGE_LEN_MAX = sizeof "bytes -/" + 3 * LN_NUMBER_DECIMAL_LEN_MAX,
};

/* An answer while it is put together: fields point into its own memory. */
struct draft {
    struct linnet_field fields[FIELDS_MAX];
    size_t field_count;
    uint8_t date[LN_DATE_LEN];
    uint8_t content_range[CONTENT_RANGE_LEN_MAX];
};

static uint64_t representation_len(const struct linnet_representation *representation)
{
    return representation->bytes.data != NULL ? representation->bytes.len : representation->len;
}

static void draft_add(struct draft *draft, struct linnet_span name, struct linnet_span content)
{
    LN_ASSERT(draft->field_count < FIELDS_MAX);
    draft->fields[draft->field_count].name = name;
    draft->fields[draft->field_count].content = content;
    draft->field_count++;
}

/* RFC 9110 8.8.2.1: a Last-Modified in the future is not sent; the time of the answer stands in. */
static bool last_modified_of(const struct linnet_representation *representation,
                             struct linnet_time time, int64_t *unix_s)
{
    *unix_s = representation->last_modified_unix_s;
    if (ln_date_is_writable(time.unix_s) && *unix_s > time.unix_s) {
        *unix_s = time.unix_s;
    }
    return ln_date_is_writable(*unix_s);
}

static void add_validators(struct draft *draft, const struct linnet_representation *representation,
                           struct linnet_time time)
{
    int64_t unix_s;
    if (representation->entity_tag.len > 0) {
        draft_add(draft, LINNET_SPAN("ETag"), representation->entity_tag);
    }
    if (last_modified_of(representation, time, &unix_s)) {
        struct ln_cursor cursor =
            ln_cursor_over((struct linnet_room){draft->date, sizeof draft->date});
        ln_date_put(&cursor, unix_s);
        draft_add(draft, LINNET_SPAN("Last-Modified"), ln_cursor_span(&cursor));
    }
}

/* RFC 9110 14.4: "bytes first-last/length", or "bytes * /length" (without the blank) for 416. */
static void add_content_range(struct draft *draft, const struct ln_range *range, uint64_t len)
{
    struct ln_cursor cursor =
        ln_cursor_over((struct linnet_room){draft->content_range, sizeof draft->content_range});
    ln_cursor_put_span(&cursor, LINNET_SPAN("bytes "));
    if (range != NULL) {
        ln_number_put_decimal(&cursor, range->first);
        ln_cursor_put_byte(&cursor, '-');
        ln_number_put_decimal(&cursor, range->first + range->len - 1);
    } else {
        ln_cursor_put_byte(&cursor, '*');
    }
    ln_cursor_put_byte(&cursor, '/');
    ln_number_put_decimal(&cursor, len);
    LN_ASSERT(!cursor.overflow);
    draft_add(draft, LINNET_SPAN("Content-Range"), ln_cursor_span(&cursor));
}

/* RFC 9110 5.3: a field that is no list stands once; sent twice it says nothing that can be acted
 * on, and RFC 9110 13.1.3 lets an unusable date be ignored. */
static struct linnet_span only_field(const struct linnet_exchange *exchange, enum ln_field field)
{
    struct linnet_span content = {NULL, 0};
    if (ln_exchange_known_fields(exchange, field, &content, 1) != 1) {
        content.data = NULL;
    }
    return content;
}

static enum ln_condition evaluate(const struct linnet_exchange *exchange,
                                  const struct linnet_representation *representation,
                                  bool has_range, bool *too_many)
{
    struct linnet_span if_match[CONDITION_LINES_MAX];
    struct linnet_span if_none_match[CONDITION_LINES_MAX];
    const struct ln_condition_fields fields = {
        .if_match = if_match,
        .if_match_count =
            ln_exchange_known_fields(exchange, LN_FIELD_IF_MATCH, if_match, CONDITION_LINES_MAX),
        .if_none_match = if_none_match,
        .if_none_match_count = ln_exchange_known_fields(exchange, LN_FIELD_IF_NONE_MATCH,
                                                        if_none_match, CONDITION_LINES_MAX),
        .if_modified_since = only_field(exchange, LN_FIELD_IF_MODIFIED_SINCE),
        .if_unmodified_since = only_field(exchange, LN_FIELD_IF_UNMODIFIED_SINCE),
        .if_range = only_field(exchange, LN_FIELD_IF_RANGE),
    };
    *too_many = fields.if_match_count > CONDITION_LINES_MAX ||
                fields.if_none_match_count > CONDITION_LINES_MAX;
    if (*too_many) {
        return LN_CONDITION_FAILED;
    }
    struct ln_entity_tag tag;
    struct ln_condition_current current = {.tag = NULL, .exists = true};
    if (ln_entity_tag_parse(representation->entity_tag, &tag)) {
        current.tag = &tag;
    }
    current.has_last_modified =
        last_modified_of(representation, exchange->time, &current.last_modified_unix_s);
    current.now_unix_s = ln_date_is_writable(exchange->time.unix_s) ? exchange->time.unix_s : 0;
    return ln_condition_evaluate(&fields, &current, true, has_range);
}

/* The content of an answer: the whole of the representation, or a range. */
static void give_content(struct linnet_reply *reply,
                         const struct linnet_representation *representation, uint64_t offset,
                         uint64_t len)
{
    reply->source = representation->source;
    if (representation->bytes.data == NULL && len > 0) {
        reply->body = LINNET_BODY_SOURCE;
        reply->offset = offset;
        reply->len = len;
    } else {
        reply->body = LINNET_BODY_LEND;
        reply->bytes = ln_span_slice(representation->bytes, (size_t)offset, (size_t)len);
    }
}

/* Fields of a whole answer, besides those of its content. */
static void add_fields(struct draft *draft, const struct linnet_representation *representation,
                       struct linnet_time time)
{
    add_validators(draft, representation, time);
    draft_add(draft, LINNET_SPAN("Accept-Ranges"), LINNET_SPAN("bytes"));
}

static enum linnet_error reply_whole(struct linnet_exchange *exchange,
                                     const struct linnet_representation *representation)
{
    struct draft draft;
    struct linnet_reply reply = {.status = LINNET_STATUS_OK};
    give_content(&reply, representation, 0, representation_len(representation));
    /* RFC 9110 8.8.2.1: what is prepared says the date of the change, which may be to come. */
    if (representation->prepared != NULL &&
        representation->last_modified_unix_s <= exchange->time.unix_s) {
        LN_ASSERT(representation->prepared->body_len == representation_len(representation));
        reply.prepared = representation->prepared;
        return ln_exchange_reply(exchange, &reply);
    }
    draft.field_count = 0;
    add_fields(&draft, representation, exchange->time);
    reply.media_type = representation->media_type;
    reply.fields = draft.fields;
    reply.field_count = draft.field_count;
    return linnet_reply(exchange, &reply);
}

static enum linnet_error reply_range(struct linnet_exchange *exchange,
                                     const struct linnet_representation *representation,
                                     const struct ln_range *range)
{
    struct draft draft = {.field_count = 0};
    add_validators(&draft, representation, exchange->time);
    add_content_range(&draft, range, representation_len(representation));
    struct linnet_reply reply = {
        .status = LINNET_STATUS_PARTIAL_CONTENT,
        .media_type = representation->media_type,
        .fields = draft.fields,
        .field_count = draft.field_count,
    };
    give_content(&reply, representation, range->first, range->len);
    return linnet_reply(exchange, &reply);
}

enum linnet_error linnet_representation_prepare(const struct linnet_representation *representation,
                                                struct linnet_room room,
                                                struct linnet_prepared *prepared)
{
    struct draft draft = {.field_count = 0};
    add_fields(&draft, representation, (struct linnet_time){.unix_s = LINNET_NO_WALL_CLOCK});
    struct linnet_reply reply = {
        .status = LINNET_STATUS_OK,
        .media_type = representation->media_type,
        .fields = draft.fields,
        .field_count = draft.field_count,
    };
    give_content(&reply, representation, 0, representation_len(representation));
    return linnet_prepare(&reply, room, prepared);
}

/* 304: the validators and nothing else, RFC 9110 15.4.5. */
static enum linnet_error reply_not_modified(struct linnet_exchange *exchange, struct draft *draft,
                                            const struct linnet_representation *representation)
{
    add_validators(draft, representation, exchange->time);
    const struct linnet_reply reply = {.status = LINNET_STATUS_NOT_MODIFIED,
                                       .fields = draft->fields,
                                       .field_count = draft->field_count};
    return linnet_reply(exchange, &reply);
}

/* 416: RFC 9110 15.5.17 wants the length said. */
static enum linnet_error reply_not_satisfiable(struct linnet_exchange *exchange,
                                               struct draft *draft, uint64_t len)
{
    add_content_range(draft, NULL, len);
    const struct linnet_reply reply = {.status = LINNET_STATUS_RANGE_NOT_SATISFIABLE,
                                       .fields = draft->fields,
                                       .field_count = draft->field_count};
    return linnet_reply(exchange, &reply);
}

/* The request has conditions or wants a part, so it is to be seen what it gets. */
static enum linnet_error reply_conditional(struct linnet_exchange *exchange,
                                           const struct linnet_representation *representation)
{
    const uint64_t len = representation_len(representation);
    struct draft draft = {.field_count = 0};
    /* RFC 9110 14.2: Range is for GET alone; HEAD ignores it. */
    struct linnet_span ranges[2];
    /* RFC 9110 13.1.5: an If-Range that cannot be told, being sent twice, does not match. */
    const bool has_range = exchange->request.method == LINNET_METHOD_GET &&
                           ln_exchange_known_fields(exchange, LN_FIELD_RANGE, ranges, 2) == 1 &&
                           ln_exchange_known_fields(exchange, LN_FIELD_IF_RANGE, NULL, 0) <= 1;
    bool too_many = false;
    const enum ln_condition condition = evaluate(exchange, representation, has_range, &too_many);
    if (too_many) {
        return linnet_reply_status(exchange, LINNET_STATUS_REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    if (condition == LN_CONDITION_NOT_MODIFIED) {
        return reply_not_modified(exchange, &draft, representation);
    }
    if (condition == LN_CONDITION_FAILED) {
        return linnet_reply_status(exchange, LINNET_STATUS_PRECONDITION_FAILED);
    }
    struct ln_range range;
    enum ln_range_outcome outcome = LN_RANGE_IGNORED;
    if (has_range && condition == LN_CONDITION_PROCEED) {
        outcome = ln_range_parse(ranges[0], len, &range);
    }
    if (outcome == LN_RANGE_NOT_SATISFIABLE) {
        return reply_not_satisfiable(exchange, &draft, len);
    }
    return outcome == LN_RANGE_SATISFIABLE ? reply_range(exchange, representation, &range)
                                           : reply_whole(exchange, representation);
}

enum linnet_error linnet_reply_representation(struct linnet_exchange *exchange,
                                              const struct linnet_representation *representation)
{
    const unsigned conditional =
        1U << LN_FIELD_IF_MATCH | 1U << LN_FIELD_IF_NONE_MATCH | 1U << LN_FIELD_IF_MODIFIED_SINCE |
        1U << LN_FIELD_IF_UNMODIFIED_SINCE | 1U << LN_FIELD_IF_RANGE | 1U << LN_FIELD_RANGE;
    const enum linnet_method method = exchange->request.method;
    LN_ASSERT(method == LINNET_METHOD_GET || method == LINNET_METHOD_HEAD);
    return (exchange->fields_seen & conditional) == 0 ? reply_whole(exchange, representation)
                                                      : reply_conditional(exchange, representation);
}
