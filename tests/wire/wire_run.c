/* Runs a wire file: what a client sends and what it must receive, over whole connections.
 *
 * A file is lines of text. Every case is a fresh worker with the routes of sample_routes.h in
 * tests/lib, and one connection. It is run with the bytes whole, byte by byte and split in two at
 * every place; with the answer taken whole and byte by byte, released at once and late, and with
 * files sent by the driver or read through the source. What is expected depends on none of it.
 *
 *     # WORDS               a comment; here stand the marks of the sections
 *     case WORDS            begins a case; settings before the first one hold for all
 *
 *     limit NAME=VALUE      a limit; those not named are the build's: in the hostile one the least
 *     lenient NAME          a leniency
 *     secure                the connection is https
 *     ways whole            this case is run in one way only: it says why
 *
 *     > LINE                the client sends a line, ended by CR LF
 *     >| TEXT               the client sends exactly this
 *     repeat COUNT TEXT     the client sends this so often
 *     < LINE                the client must receive a line, ended by CR LF
 *     <| TEXT               it must receive exactly this
 *     <? LINE               it may receive this line, or not
 *     <a FIRST LEN          it must receive that part of the content of /lend, /memory and /file
 *     ok TEXT               the whole answer 200 with that content as text/plain, on a connection
 *                           that persists; ok-close, ok-keep-alive: as their Connection says
 *     answer STATUS WORDS   the server's own page; words: close, keep-alive, head (no content),
 *                           allow=METHODS (the last word, up to the end of the line)
 *     nothing               it receives nothing
 *     ! LINE                a line of what the handlers were told, see sample_routes.h
 *
 *     end                   the client finishes sending
 *     abort NAME            the connection is lost: RESET, SYSTEM_ERROR, ...
 *     time MS               time passes; jump MS: in one step
 *     stall LEN             from here on the client takes this many bytes more; flow: any number
 *     drain, stop           the server finishes, or ends at once
 *     resume                every token that was taken is resumed, those of the dead too
 *     on NUMBER             from here on another connection, opened at its first mention; the
 *                           first is 0
 *     = open                the connection is not closed; = idle: and evictable
 *     = fin                 the server has shut its sending direction, and reads on
 *     = reset REASON        the connection is closed by a reset
 *     = closed REASON       the connection is closed, for that reason of core/table/close_reason.h
 *
 * In texts and lines \r \n \t \0 \\ and \xHH are bytes. A date in a field reads "Date: *". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/table/leniency.h"
#include "core/table/limit.h"
#include "core/table/status.h"
#include "tests/lib/sample_routes.h"
#include "tests/wire/wire_text.h"

enum {
    LINES_MAX = 2000,
    LINE_LEN_MAX = 8192,
    PIECES_MAX = 256,
    TEXT_LEN_MAX = 1 << 18,
};

struct piece {
    size_t begin;
    size_t len;
    bool optional;
};

/* One run of one case. */
struct run {
    const char *path;
    size_t line; /* counted from 1, for reports */
    struct simulated_way way;
    unsigned leniencies;
    struct linnet_limits limits;
    bool secure;
    struct simulated_driver *driver;
    size_t current;
    struct simulated_peer *peers[SIMULATED_PEERS_MAX];
    size_t seen[SIMULATED_PEERS_MAX]; /* of each peer's text, what was expected already */
    uint8_t send[TEXT_LEN_MAX];
    size_t send_len;
    char expected[TEXT_LEN_MAX];
    size_t expected_len;
    struct piece pieces[PIECES_MAX];
    size_t piece_count;
    size_t log_seen;
    bool whole_only;
};

static char *lines[LINES_MAX];
static size_t line_count;
static struct run run;
static struct sample_routes sample;

static _Noreturn void fail(const char *what, const char *detail)
{
    const struct simulated_way *way = &run.way;
    fprintf(stderr, "%s:%zu: %s%s\n  read %zu at a time, split at %zu, take %zu, release %zu, %s\n",
            run.path, run.line, what, detail, way->read_max, way->split_at, way->take_max,
            way->release_max, way->file ? "files" : "no files");
    exit(1);
}

/* Decodes a text and appends it; the new length. */
static size_t unescape(const char *text, void *out, size_t len)
{
    const size_t end = wire_unescape(text, out, len, TEXT_LEN_MAX - 1);
    if (end == WIRE_TEXT_WRONG) {
        fail("too long, or an escape that is not known: ", text);
    }
    return end;
}

static const char *rest_of(const char *line, const char *word)
{
    const size_t len = strlen(word);
    if (strncmp(line, word, len) != 0 || (line[len] != ' ' && line[len] != '\0')) {
        return NULL;
    }
    return line[len] == ' ' ? line + len + 1 : line + len;
}

/* ---- what is expected ------------------------------------------------------------------------ */

static void expect(const char *text, bool optional, bool is_line)
{
    if (run.piece_count == PIECES_MAX) {
        fail("too much is expected", "");
    }
    struct piece *piece = &run.pieces[run.piece_count++];
    piece->begin = run.expected_len;
    piece->optional = optional;
    run.expected_len = unescape(text, run.expected, run.expected_len);
    if (is_line) {
        run.expected_len = unescape("\\r\\n", run.expected, run.expected_len);
    }
    piece->len = run.expected_len - piece->begin;
}

static void expect_alphabet(const char *arguments)
{
    char *end;
    const size_t first = strtoul(arguments, &end, 10);
    const size_t len = strtoul(end, NULL, 10);
    expect("", false, false);
    for (size_t i = 0; i < len; i++) {
        run.expected[run.expected_len++] = (char)sample_byte(first + i);
    }
    run.pieces[run.piece_count - 1].len = len;
}

static void expect_ok(const char *connection, const char *text)
{
    char line[64];
    static uint8_t content[TEXT_LEN_MAX];
    expect("HTTP/1.1 200 OK\\r\\nDate: *", false, true);
    if (connection[0] != '\0') {
        snprintf(line, sizeof line, "Connection: %s", connection);
        expect(line, false, true);
    }
    snprintf(line, sizeof line, "Content-Type: text/plain\\r\\nContent-Length: %zu\\r\\n",
             unescape(text, content, 0));
    expect(line, false, true);
    expect(text, false, false);
}

static void expect_page(const char *arguments)
{
    char line[256];
    char *words;
    const struct ln_status_row *row =
        ln_status_row((enum linnet_status)strtoul(arguments, &words, 10));
    const char *allow = strstr(words, "allow=");
    snprintf(line, sizeof line, "%.*sDate: *", (int)row->line.len, (const char *)row->line.data);
    expect(line, false, true);
    if (strstr(words, "close") != NULL) {
        expect("Connection: close", false, true);
    } else if (strstr(words, "keep-alive") != NULL) {
        expect("Connection: keep-alive", false, true);
    }
    if (row->text.len > 0) {
        expect("Content-Type: text/html; charset=utf-8", false, true);
        snprintf(line, sizeof line, "Content-Length: %zu", row->page.len);
        expect(line, false, true);
    }
    if (allow != NULL) {
        snprintf(line, sizeof line, "Allow: %s", allow + sizeof "allow=" - 1);
        expect(line, false, true);
    }
    expect("", false, true);
    if (row->text.len > 0 && strstr(words, "head") == NULL) {
        expect("", false, false);
        memcpy(run.expected + run.expected_len, row->page.data, row->page.len);
        run.expected_len += row->page.len;
        run.pieces[run.piece_count - 1].len = row->page.len;
    }
}

/* Everything that was sent is with the worker, and everything expected has come, no more. */
static void settle(void)
{
    struct simulated_peer *peer = run.peers[run.current];
    if (run.send_len > 0) {
        simulated_send(peer, (struct linnet_span){run.send, run.send_len});
        run.send_len = 0;
    }
    simulated_run(run.driver);
    if (run.piece_count == 0) {
        return;
    }
    const char *text = simulated_text(peer);
    const size_t begin = run.seen[run.current];
    size_t at = begin;
    for (size_t i = 0; i < run.piece_count; i++) {
        const struct piece *piece = &run.pieces[i];
        if (strncmp(text + at, run.expected + piece->begin, piece->len) == 0) {
            at += piece->len;
        } else if (!piece->optional) {
            fprintf(stderr, "expected: %.*s\nreceived: %s\n", (int)piece->len,
                    run.expected + piece->begin, text + at);
            fail("another answer, up to here: ", text + begin);
        }
    }
    if (text[at] != '\0') {
        fail("more than what is expected: ", text + at);
    }
    run.seen[run.current] = at;
    run.piece_count = 0;
    run.expected_len = 0;
}

static void expect_nothing(void)
{
    settle();
    const char *text = simulated_text(run.peers[run.current]) + run.seen[run.current];
    if (*text != '\0') {
        fail("nothing is expected: ", text);
    }
}

static void expect_log(const char *line)
{
    settle();
    const char *log = sample.log + run.log_seen;
    const size_t len = strlen(line);
    if (strncmp(log, line, len) != 0 || log[len] != '\n') {
        fail("the handlers were told: ", log);
    }
    run.log_seen += len + 1;
}

static void expect_reason(const struct simulated_peer *peer, const char *name)
{
    static char text[64];
    const struct linnet_span reason = ln_close_reason_name(peer->reason);
    snprintf(text, sizeof text, "%.*s", (int)reason.len, (const char *)reason.data);
    if (!peer->closed) {
        fail("it is open, fin ", peer->fin ? "sent" : "not sent");
    }
    if (strcmp(text, name) != 0) {
        fail("it is closed for ", text);
    }
}

static void expect_state(const char *state)
{
    expect_nothing();
    const struct simulated_peer *peer = run.peers[run.current];
    const char *reason;
    if ((reason = rest_of(state, "closed")) != NULL || (reason = rest_of(state, "reset")) != NULL) {
        expect_reason(peer, reason);
        if (peer->reset != (state[0] == 'r')) {
            fail("a reset is not a close", "");
        }
        return;
    }
    if (peer->closed) {
        const struct linnet_span name = ln_close_reason_name(peer->reason);
        fail("it is closed for ", (const char *)name.data);
    }
    const bool evictable = (simulated_state(run.driver, peer) & LINNET_EVICTABLE) != 0;
    if (peer->fin != (strcmp(state, "fin") == 0) || (strcmp(state, "idle") == 0 && !evictable)) {
        fail("it is not ", state);
    }
}

/* ---- what happens ---------------------------------------------------------------------------- */

static void set_limit(const char *text)
{
    enum linnet_limit limit;
    const char *equals = strchr(text, '=');
    const struct linnet_span name = {(const uint8_t *)text,
                                     equals == NULL ? 0 : (size_t)(equals - text)};
    if (equals == NULL || !ln_limit_find(name, &limit) ||
        !ln_limit_set(&run.limits, limit, strtoull(equals + 1, NULL, 10))) {
        fail("no such limit: ", text);
    }
}

static void set_leniency(const char *text)
{
    static const char *const names[] = {
#define LENIENCY_NAME(id, name, meaning) name,
        LN_LENIENCIES(LENIENCY_NAME)
#undef LENIENCY_NAME
    };
    for (size_t i = 0; i < LN_LENIENCY_COUNT; i++) {
        if (strcmp(names[i], text) == 0) {
            run.leniencies |= 1U << i;
            return;
        }
    }
    fail("no such leniency: ", text);
}

static void open_driver(void)
{
    if (run.driver != NULL) {
        return;
    }
    const char *wrong = ln_limits_check(&run.limits);
    if (wrong != NULL) {
        fail("limits: ", wrong);
    }
    run.driver = sample_driver_open(&sample, &run.limits, run.way, run.leniencies);
    run.driver->secure = run.secure;
    run.peers[0] = simulated_connect(run.driver);
}

static void switch_peer(const char *number)
{
    settle();
    run.current = strtoul(number, NULL, 10);
    if (run.current >= SIMULATED_PEERS_MAX) {
        fail("too many connections", "");
    }
    if (run.peers[run.current] == NULL) {
        run.peers[run.current] = simulated_connect(run.driver);
    }
    if (run.peers[run.current] == NULL) {
        fail("there is no slot", "");
    }
}

static void abort_peer(const char *text)
{
    static const char *const names[] = {
#define ABORT_NAME(name, meaning) #name,
        LINNET_ABORTS(ABORT_NAME)
#undef ABORT_NAME
    };
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], text) == 0) {
            simulated_abort(run.driver, run.peers[run.current], (enum linnet_abort)i);
            return;
        }
    }
    fail("no such abort: ", text);
}

/* Before more is sent, what was expected so far must have come. */
static void send_text(const char *text, bool is_line)
{
    if (run.piece_count > 0) {
        settle();
    }
    run.send_len = unescape(text, run.send, run.send_len);
    if (is_line) {
        run.send_len = unescape("\\r\\n", run.send, run.send_len);
    }
}

static void repeat(const char *arguments)
{
    char *text;
    const size_t count = strtoul(arguments, &text, 10);
    for (size_t i = 0; i < count; i++) {
        send_text(text + 1, false);
    }
}

static bool do_setting(const char *line)
{
    const char *rest;
    if ((rest = rest_of(line, "limit")) != NULL) {
        set_limit(rest);
    } else if ((rest = rest_of(line, "lenient")) != NULL) {
        set_leniency(rest);
    } else if (rest_of(line, "secure") != NULL) {
        run.secure = true;
    } else if (rest_of(line, "ways") != NULL) {
        run.whole_only = true;
    } else {
        return false;
    }
    return true;
}

/* A line that says what is sent or expected. */
static bool do_bytes(const char *line)
{
    const char *rest;
    if ((rest = rest_of(line, ">")) != NULL) {
        send_text(rest, true);
    } else if ((rest = rest_of(line, ">|")) != NULL) {
        send_text(rest, false);
    } else if ((rest = rest_of(line, "repeat")) != NULL) {
        repeat(rest);
    } else if ((rest = rest_of(line, "<")) != NULL) {
        expect(rest, false, true);
    } else if ((rest = rest_of(line, "<|")) != NULL) {
        expect(rest, false, false);
    } else if ((rest = rest_of(line, "<?")) != NULL) {
        expect(rest, true, true);
    } else if ((rest = rest_of(line, "<a")) != NULL) {
        expect_alphabet(rest);
    } else if ((rest = rest_of(line, "ok")) != NULL) {
        expect_ok("", rest);
    } else if ((rest = rest_of(line, "ok-close")) != NULL) {
        expect_ok("close", rest);
    } else if ((rest = rest_of(line, "ok-keep-alive")) != NULL) {
        expect_ok("keep-alive", rest);
    } else if ((rest = rest_of(line, "answer")) != NULL) {
        expect_page(rest);
    } else {
        return false;
    }
    return true;
}

static bool do_event(const char *line)
{
    const char *rest;
    settle();
    if ((rest = rest_of(line, "time")) != NULL) {
        simulated_advance(run.driver, strtoull(rest, NULL, 10));
    } else if ((rest = rest_of(line, "jump")) != NULL) {
        simulated_jump(run.driver, strtoull(rest, NULL, 10));
    } else if ((rest = rest_of(line, "stall")) != NULL) {
        run.peers[run.current]->window = strtoull(rest, NULL, 10);
    } else if (rest_of(line, "flow") != NULL) {
        run.peers[run.current]->window = UINT64_MAX;
    } else if (rest_of(line, "end") != NULL) {
        simulated_end(run.peers[run.current]);
    } else if ((rest = rest_of(line, "abort")) != NULL) {
        abort_peer(rest);
    } else if (rest_of(line, "drain") != NULL) {
        simulated_drain(run.driver);
    } else if (rest_of(line, "resume") != NULL) {
        sample_resume(&sample.acts);
    } else if (rest_of(line, "stop") != NULL) {
        simulated_stop(run.driver);
    } else if ((rest = rest_of(line, "on")) != NULL) {
        switch_peer(rest);
    } else {
        return false;
    }
    simulated_run(run.driver);
    return true;
}

static void do_line(const char *line)
{
    const char *rest;
    if (line[0] == '#' || line[0] == '\0' || rest_of(line, "case") != NULL || do_setting(line)) {
        return;
    }
    open_driver();
    if (do_bytes(line)) {
        return;
    }
    if ((rest = rest_of(line, "!")) != NULL) {
        expect_log(rest);
    } else if ((rest = rest_of(line, "=")) != NULL) {
        expect_state(rest);
    } else if (rest_of(line, "nothing") != NULL) {
        expect_nothing();
    } else if (!do_event(line)) {
        fail("a line that is not known: ", line);
    }
}

/* Runs lines [0, common) and [begin, end); returns the bytes that the longest peer sent. */
static size_t run_case(const char *path, size_t common, size_t begin, size_t end,
                       struct simulated_way way)
{
    memset(&run, 0, sizeof run);
    run.path = path;
    run.way = way;
    simulated_limits(&run.limits);
    for (size_t i = 0; i < end; i = i + 1 == common ? begin : i + 1) {
        run.line = i + 1;
        if (i < common || i >= begin) {
            do_line(lines[i]);
        }
    }
    open_driver();
    expect_nothing();
    size_t sent_len = 0;
    for (size_t i = 0; i < run.driver->peer_count; i++) {
        const size_t len = run.driver->peers[i]->sent_len;
        sent_len = len > sent_len ? len : sent_len;
    }
    sample_driver_close(&sample, run.driver);
    return sent_len;
}

/* An emulated processor tries fewer. */
#if !defined(WIRE_SPLITS_MAX)
#    define WIRE_SPLITS_MAX 1500
#    define WIRE_WAY_STEP   1
#endif

static void run_every_way(const char *path, size_t common, size_t begin, size_t end)
{
    const size_t sent_len = run_case(path, common, begin, end, (struct simulated_way){0});
    if (run.whole_only) {
        return;
    }
    for (unsigned bits = 1; bits < 16; bits += WIRE_WAY_STEP) {
        const struct simulated_way way = {
            .read_max = (bits & 1) != 0 ? 1 : 0,
            .take_max = (bits & 2) != 0 ? 1 : 0,
            .release_max = (bits & 4) != 0 ? 7 : 0,
            .file = (bits & 8) != 0,
        };
        run_case(path, common, begin, end, way);
    }
    /* Long streams are split at fewer places, or their number would be squared. */
    const size_t step = 1 + sent_len / WIRE_SPLITS_MAX;
    for (size_t at = 1; at < sent_len; at += step) {
        run_case(path, common, begin, end, (struct simulated_way){.split_at = at});
    }
}

static void read_lines(const char *path)
{
    static char line[LINE_LEN_MAX];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line_count == LINES_MAX) {
            fputs("wire_run: too many lines\n", stderr);
            exit(1);
        }
        lines[line_count++] = strdup(line);
    }
    (void)fclose(file);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: wire_run FILE\n", stderr);
        return 2;
    }
    read_lines(argv[1]);
    size_t common = 0;
    while (common < line_count && rest_of(lines[common], "case") == NULL) {
        common++;
    }
    size_t count = 0;
    for (size_t begin = common; begin < line_count; count++) {
        size_t end = begin + 1;
        while (end < line_count && rest_of(lines[end], "case") == NULL) {
            end++;
        }
        run_every_way(argv[1], common, begin, end);
        begin = end;
    }
    for (size_t i = 0; i < line_count; i++) {
        free(lines[i]);
    }
    printf("%s: %zu cases\n", argv[1], count);
    return count == 0;
}
