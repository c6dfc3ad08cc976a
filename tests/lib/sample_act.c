/* Doing what a query says. */
#include "tests/lib/sample_act.h"

#include <string.h>

#include <linnet/form.h>

#include "tests/lib/sample_routes.h"
#include "tests/lib/simulated_contract.h"

static struct sample_act *act_of(struct sample_acts *acts, const struct linnet_exchange *exchange)
{
    for (size_t i = 0; i < SAMPLE_ACTS_MAX; i++) {
        if (acts->acts[i].exchange == exchange && (exchange != NULL || !acts->acts[i].streams)) {
            return &acts->acts[i];
        }
    }
    simulated_must(false, "nothing comes before BEGIN or behind the last call");
    return NULL;
}

static struct linnet_span letters_of(const struct linnet_exchange *exchange, char name,
                                     uint8_t *room)
{
    struct linnet_span letters = {NULL, 0};
    const struct linnet_span query = linnet_exchange_request(exchange)->query;
    if (linnet_form_find(query, (struct linnet_span){(const uint8_t *)&name, 1},
                         (struct linnet_room){room, SAMPLE_ACT_LETTERS_MAX},
                         &letters) != LINNET_ERROR_NONE) {
        letters = (struct linnet_span){NULL, 0};
    }
    return letters;
}

/* ---- the stream ------------------------------------------------------------------------------ */

static enum linnet_pulled give(struct sample_act *act, struct linnet_pull *pull, size_t len,
                               enum linnet_pulled pulled)
{
    simulated_must(pull->room.len >= 9, "there is room for a piece");
    for (size_t i = 0; i < len; i++) {
        pull->room.data[i] = sample_byte(act->given + i);
    }
    act->given += len;
    pull->len = len;
    return pulled;
}

static enum linnet_pulled pull_act(struct linnet_stream *stream, struct linnet_pull *pull)
{
    struct sample_act *act = (struct sample_act *)stream;
    simulated_must(act->streams, "nothing is pulled behind the end");
    memset(pull->room.data, '?', pull->room.len);
    const char letter = act->pulled < act->letter_count ? act->letters[act->pulled] : 'e';
    act->pulled++;
    switch (letter) {
    case 'l':
        return LINNET_PULLED_LATER;
    case 'L':
        pull->again_ms = pull->time.monotonic_ms + 100;
        return LINNET_PULLED_LATER;
    case 'c':
        return give(act, pull, 3, LINNET_PULLED_LATER);
    case 'z':
        return give(act, pull, 3, LINNET_PULLED_END);
    case 'f':
        return LINNET_PULLED_FAILED;
    default:
        return letter >= '0' && letter <= '9'
                   ? give(act, pull, (size_t)(letter - '0'), LINNET_PULLED_MORE)
                   : LINNET_PULLED_END;
    }
}

static void act_is_done(struct linnet_stream *stream, bool complete)
{
    struct sample_act *act = (struct sample_act *)stream;
    simulated_must(act->streams, "of complete and not complete exactly one comes");
    act->streams = false;
    act->acts->streaming--;
    act->acts->tell(act->acts->context, complete ? "done\n" : "cut\n");
}

static bool give_trailer(struct linnet_stream *stream, size_t index, struct linnet_field *field)
{
    static const struct linnet_field fields[] = {
        {LINNET_SPAN_INIT("X-Sum"), LINNET_SPAN_INIT("42")},
        {LINNET_SPAN_INIT("X-Split"), LINNET_SPAN_INIT("a\r\nX-Evil: 1")},
        {LINNET_SPAN_INIT("X-Other"), LINNET_SPAN_INIT("not announced")},
        {LINNET_SPAN_INIT("Content-Length"), LINNET_SPAN_INIT("5")},
        {LINNET_SPAN_INIT("Set-Cookie"), LINNET_SPAN_INIT("a=b")},
        {LINNET_SPAN_INIT("X-Last"), LINNET_SPAN_INIT("here")},
    };
    (void)stream;
    if (index >= sizeof fields / sizeof fields[0]) {
        return false;
    }
    *field = fields[index];
    return true;
}

static const struct linnet_stream_operations operations = {
    .pull = pull_act, .done = act_is_done, .trailer = give_trailer};

/* ---- the handler ----------------------------------------------------------------------------- */

static void reply(struct sample_act *act, struct linnet_exchange *exchange, char letter)
{
    struct linnet_reply answer = {
        .status = LINNET_STATUS_OK,
        .media_type = LINNET_SPAN("text/plain"),
        .body = LINNET_BODY_COPY,
        .bytes = LINNET_SPAN("ok"),
        .read_on = letter == 'A' || letter == 'S',
    };
    if (letter == 's' || letter == 'S' || letter == 'n') {
        act->stream = (struct linnet_stream){
            .operations = &operations,
            .trailers = LINNET_SPAN("X-Sum, X-Split, Content-Length, Set-Cookie, X-Last")};
        answer.body = LINNET_BODY_STREAM;
        answer.stream = &act->stream;
        answer.len = letter == 'n' ? 0 : LINNET_LEN_UNKNOWN;
        for (size_t i = 0; letter == 'n' && i < act->letter_count; i++) {
            const char digit = act->letters[i];
            answer.len += digit >= '0' && digit <= '9' ? (uint64_t)(digit - '0') : 0;
        }
    }
    const enum linnet_error error = linnet_reply(exchange, &answer);
    simulated_must(error == (act->acts->answered > 0 ? LINNET_ERROR_INVALID : LINNET_ERROR_NONE),
                   "the first reply is taken, no other");
    if (error == LINNET_ERROR_NONE) {
        act->acts->answered++;
        act->streams = answer.body == LINNET_BODY_STREAM;
        act->acts->streaming += act->streams ? 1 : 0;
    }
}

static void keep_token(struct sample_acts *acts, struct linnet_token token)
{
    acts->tokens[acts->token_count % SAMPLE_TOKENS_MAX] = token;
    acts->token_count++;
}

static void do_letter(struct sample_act *act, struct linnet_exchange *exchange, char letter,
                      enum linnet_event event, size_t data_len)
{
    const struct linnet_field link = {LINNET_SPAN("Link"), LINNET_SPAN("</a>")};
    const bool content = event != LINNET_EVENT_FINAL;
    switch (letter) {
    case 'i': {
        const enum linnet_error error =
            linnet_reply_interim(exchange, LINNET_STATUS_EARLY_HINTS, &link, 1);
        simulated_must(error != LINNET_ERROR_INVALID || act->acts->answered > 0,
                       "an interim answer may come before the answer");
        break;
    }
    case 'p':
    case 'h':
        if (content) {
            linnet_exchange_pause(exchange, letter == 'h' ? data_len / 2 : 0);
        }
        break;
    case 'r':
        linnet_exchange_resume(exchange);
        break;
    case 't':
        linnet_worker_resume(act->acts->worker, linnet_exchange_token(exchange));
        break;
    case 'k':
        keep_token(act->acts, linnet_exchange_token(exchange));
        break;
    case 'a':
    case 'A':
    case 's':
    case 'S':
    case 'n':
        reply(act, exchange, letter);
        break;
    default:
        break;
    }
}

static void begin_act(struct sample_acts *acts, struct linnet_exchange *exchange)
{
    uint8_t room[SAMPLE_ACT_LETTERS_MAX];
    struct sample_act *act = act_of(acts, NULL);
    const struct linnet_span letters = letters_of(exchange, 's', room);
    *act = (struct sample_act){.acts = acts, .exchange = exchange, .letter_count = letters.len};
    if (letters.len > 0) {
        memcpy(act->letters, letters.data, letters.len);
    }
}

void sample_act(struct sample_acts *acts, struct linnet_exchange *exchange, enum linnet_event event,
                struct linnet_span data)
{
    static const char names[] = {[LINNET_EVENT_BEGIN] = 'b',
                                 [LINNET_EVENT_DATA] = 'd',
                                 [LINNET_EVENT_FINAL] = 'f',
                                 [LINNET_EVENT_RESUME] = 'r'};
    uint8_t room[SAMPLE_ACT_LETTERS_MAX];
    if (event == LINNET_EVENT_BEGIN) {
        begin_act(acts, exchange);
    }
    struct sample_act *act = act_of(acts, exchange);
    if (event == LINNET_EVENT_ABORT) {
        act->exchange = NULL;
        return;
    }
    const bool was_answered = ln_exchange_is_answered(exchange);
    struct linnet_span letters = letters_of(exchange, names[event], room);
    acts->answered = was_answered ? 1 : 0;
    if (event == LINNET_EVENT_RESUME) {
        const bool more = act->resumed < letters.len;
        letters = (struct linnet_span){more ? letters.data + act->resumed : NULL, more ? 1 : 0};
        act->resumed++;
    }
    for (size_t i = 0; i < letters.len; i++) {
        do_letter(act, exchange, (char)letters.data[i], event, data.len);
    }
    if (ln_exchange_has_ended(exchange) && exchange->state == LN_EXCHANGE_ANSWERED) {
        act->exchange = NULL; /* this was the last call */
    }
}

void sample_resume(struct sample_acts *acts)
{
    const size_t count =
        acts->token_count < SAMPLE_TOKENS_MAX ? acts->token_count : SAMPLE_TOKENS_MAX;
    for (size_t i = 0; i < count; i++) {
        linnet_worker_resume(acts->worker, acts->tokens[i]);
    }
}
