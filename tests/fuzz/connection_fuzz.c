/* Invariant: one piece, byte by byte and any other way of moving bytes give the same answers; the
 * contract of a channel holds behind every call; nothing is leaked, wherever a connection ends.
 *
 * The first eight bytes of the input say how bytes are moved, which limits are tight and what
 * happens behind them: whoever waits is resumed, a half close, an abort, time that passes, a drain.
 * The rest is what the peer sends; by the queries of /act it says too when a handler waits, pauses,
 * streams, or answers early (sample_act.h). Interim answers are taken out before answers are
 * compared. */
#include <stdlib.h>
#include <string.h>

#include "core/table/limit.h"
#include "tests/lib/sample_routes.h"
#include "tests/lib/simulated_contract.h"

enum {
    RESUMES = 4,
    CONTROL_LEN = 8,
    SENT_LEN_MAX = 4096,
};

enum ending {
    END_NOT,
    END_HALF_CLOSE,
    END_ABORT,
    END_TIME,
    END_DRAIN,
    END_STOP,
    END_JUMP,
    ENDING_COUNT,
};

struct outcome {
    char text[SIMULATED_RECEIVED_LEN_MAX + 1];
    char log[SAMPLE_LOG_LEN_MAX];
    bool closed;
    bool fin;
    enum ln_close_reason reason;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Interim answers depend on what came behind a head in the same read: RFC 9110 10.1.1. */
static void drop_interim(char *text)
{
    static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
    char *at;
    while ((at = strstr(text, interim)) != NULL) {
        memmove(at, at + sizeof interim - 1, strlen(at + sizeof interim - 1) + 1);
    }
}

/* RFC 9110 10.1.1: whether content came with its head decides of an early answer if the connection
 * persists, so the way of moving bytes does. */
static bool expects_continue(struct linnet_span bytes)
{
    static const char word[] = "100-continue";
    for (size_t i = 0; i + sizeof word - 1 <= bytes.len; i++) {
        size_t len = 0;
        while (len < sizeof word - 1 && (bytes.data[i + len] | 0x20) == (word[len] | 0x20)) {
            len++;
        }
        if (len == sizeof word - 1) {
            return true;
        }
    }
    return false;
}

/* The letters of one name in the query of /act that begins there; false: it has none. */
static bool has_letters(struct linnet_span query, const char *name, const char *letters)
{
    for (size_t i = 0; i + 2 <= query.len && query.data[i] != ' '; i++) {
        if ((i > 0 && query.data[i - 1] != '&') || memcmp(query.data + i, name, 2) != 0) {
            continue;
        }
        for (i += 2; i < query.len && query.data[i] != '&' && query.data[i] != ' '; i++) {
            if (strchr(letters, query.data[i]) != NULL) {
                return true;
            }
        }
    }
    return false;
}

/* What a handler does at each piece of content, at an answer that is cut, or between pieces depends
 * on how these are moved. */
static bool acts_by_pieces(struct linnet_span bytes)
{
    static const char word[] = "/act";
    for (size_t i = 0; i + sizeof word - 1 <= bytes.len; i++) {
        if (memcmp(bytes.data + i, word, sizeof word - 1) != 0) {
            continue;
        }
        const struct linnet_span query = {bytes.data + i, bytes.len - i};
        size_t at = 0;
        while (at < query.len && query.data[at] != '?' && query.data[at] != ' ') {
            at++;
        }
        const struct linnet_span rest = {query.data + at, query.len - at};
        const struct linnet_span text = {rest.len > 0 ? rest.data + 1 : rest.data,
                                         rest.len > 0 ? rest.len - 1 : 0};
        if (has_letters(text, "d=", "asnAStrki") || has_letters(text, "s=", "f") ||
            has_letters(text, "b=", "nSAi") || has_letters(text, "f=", "ni") ||
            has_letters(text, "r=", "nSAi") || memchr(text.data, '%', text.len) != NULL) {
            return true;
        }
    }
    return false;
}

static void choose_limits(struct linnet_limits *limits, uint8_t bits)
{
    simulated_limits(limits);
    limits->body_len_max = 2000;
    limits->chunk_extension_len_max = 64;
    limits->trailer_len_max = 64;
    limits->discard_len_max = 1000;
    if ((bits & 1) != 0) {
        limits->input_len = 320;
        limits->head_len_max = 256;
        limits->request_line_len_max = 200;
        limits->path_len_max = 100;
    }
    if ((bits & 2) != 0) {
        limits->reply_head_len_max = 384;
        limits->copy_len_max = 192;
        limits->output_len = 640;
    }
    if ((bits & 4) != 0) {
        limits->requests_per_turn = 1;
    }
    if ((bits & 8) != 0) {
        limits->inputs = 1;
        limits->outputs = 1;
    }
    simulated_must(ln_limits_check(limits) == NULL, "the limits of the test are sound");
}

static void finish(struct simulated_driver *driver, struct simulated_peer *peer, uint8_t ending)
{
    switch (ending % ENDING_COUNT) {
    case END_HALF_CLOSE:
        simulated_end(peer);
        break;
    case END_ABORT:
        simulated_abort(driver, peer, LINNET_ABORT_RESET);
        break;
    case END_TIME:
        simulated_advance(driver, 100000);
        break;
    case END_DRAIN:
        simulated_drain(driver);
        break;
    case END_STOP:
        simulated_stop(driver);
        break;
    case END_JUMP:
        simulated_jump(driver, 100000);
        break;
    default:
        break;
    }
    simulated_run(driver);
}

static void run(const uint8_t *control, struct linnet_span bytes, struct simulated_way way,
                struct outcome *outcome)
{
    static struct sample_routes sample;
    struct linnet_limits limits;
    choose_limits(&limits, control[0]);
    struct simulated_driver *driver = sample_driver_open(&sample, &limits, way, control[1] & 7U);
    struct simulated_peer *peer = simulated_connect(driver);
    simulated_send(peer, bytes);
    simulated_run(driver);
    for (unsigned i = 0; i < RESUMES && (control[1] & 32) != 0; i++) {
        sample_resume(&sample.acts);
        simulated_run(driver);
    }
    finish(driver, peer, control[2]);
    memcpy(outcome->text, simulated_text(peer), peer->received_len + 1);
    memcpy(outcome->log, sample.log, sample.log_len + 1);
    drop_interim(outcome->text);
    outcome->closed = peer->closed;
    outcome->fin = peer->fin;
    outcome->reason = peer->reason;
    sample_driver_close(&sample, driver);
}

static void compare(const struct outcome *a, const struct outcome *b)
{
    simulated_must(strcmp(a->text, b->text) == 0, "every way gives the same answers");
    /* A handler that answers at its first piece hears as much as that piece is long, and of content
     * that is too large, as much as came before it was known to be. */
    if (strstr(a->log, "begin /data") == NULL && strstr(a->text, " 413 ") == NULL) {
        simulated_must(strcmp(a->log, b->log) == 0, "every way tells handlers the same");
    }
    simulated_must(a->closed == b->closed && a->fin == b->fin && a->reason == b->reason,
                   "every way ends the same");
}

/* The whole at once, against every other way; then a chaos that is compared with nothing: the peer
 * stalls after some bytes and the ending comes in the middle. */
static void disturb(const uint8_t *control, struct linnet_span bytes)
{
    static struct sample_routes sample;
    struct linnet_limits limits;
    const struct simulated_way way = {.read_max = control[3],
                                      .take_max = control[4],
                                      .release_max = control[5],
                                      .file = (control[1] & 8) != 0};
    choose_limits(&limits, control[0]);
    limits.connections = 3;
    struct simulated_driver *driver = sample_driver_open(&sample, &limits, way, control[1] & 7U);
    driver->secure = (control[1] & 16) != 0;
    struct simulated_peer *peers[3];
    const size_t part = bytes.len / 3;
    for (size_t i = 0; i < 3; i++) {
        peers[i] = simulated_connect(driver);
        if (peers[i] == NULL) {
            break;
        }
        peers[i]->window = (uint64_t)control[6] * (i + 1);
        simulated_send(peers[i], (struct linnet_span){bytes.data + i * part, bytes.len - i * part});
        simulated_turn(driver);
    }
    simulated_run(driver);
    sample_resume(&sample.acts);
    simulated_turn(driver);
    simulated_advance(driver, (uint64_t)control[7] * 50);
    sample_resume(&sample.acts);
    if (peers[0] != NULL && !peers[0]->closed) {
        finish(driver, peers[0], control[2]);
    }
    for (size_t i = 0; i < driver->peer_count; i++) {
        driver->peers[i]->window = UINT64_MAX;
    }
    simulated_run(driver);
    simulated_advance(driver, 5000);
    sample_driver_close(&sample, driver);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct outcome whole;
    static struct outcome other;
    if (size < CONTROL_LEN || size > CONTROL_LEN + SENT_LEN_MAX) {
        return 0;
    }
    const struct linnet_span bytes = {data + CONTROL_LEN, size - CONTROL_LEN};
    const uint8_t *control = data;
    const bool file = (control[1] & 8) != 0;
    run(control, bytes, (struct simulated_way){.file = file}, &whole);
    if (expects_continue(bytes) || acts_by_pieces(bytes)) {
        disturb(control, bytes);
        return 0;
    }
    run(control, bytes, (struct simulated_way){.read_max = 1, .file = file}, &other);
    compare(&whole, &other);
    run(control, bytes,
        (struct simulated_way){.read_max = control[3],
                               .split_at = bytes.len > 0 ? control[4] * 7U % bytes.len : 0,
                               .take_max = control[5],
                               .release_max = control[6],
                               .file = !file},
        &other);
    compare(&whole, &other);
    disturb(control, bytes);
    return 0;
}
