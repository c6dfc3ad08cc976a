/* A driver without a system: the turn, the peers, and the checks behind every call. */
#include "tests/lib/simulated_driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/table/limit.h"
#include "tests/lib/simulated_contract.h"

#if __has_include(<sanitizer/asan_interface.h>)
#    include <sanitizer/asan_interface.h>
#else
#    define ASAN_UNPOISON_MEMORY_REGION(begin, len) ((void)(begin), (void)(len))
#endif

enum {
    IDLE_TURNS_MAX = 256, /* turns without a byte that the worker may ask for in a row */
    TURNS_MAX = 4000000,
    BEGIN_MS = 1000003, /* no multiple of a tick */
};

#define BEGIN_UNIX_S INT64_C(1700000000)

void simulated_limits(struct linnet_limits *limits)
{
    ln_limits_default(limits);
    limits->connections = limits->connections < 8 ? limits->connections : 8;
    limits->inputs = limits->inputs < 4 ? limits->inputs : 4;
    limits->outputs = limits->outputs < 4 ? limits->outputs : 4;
}

static void *allocate(size_t len)
{
    void *memory = calloc(1, len == 0 ? 1 : len);
    simulated_must(memory != NULL, "there is memory for the test");
    return memory;
}

struct simulated_driver *simulated_driver_open(const struct simulated_driver_config *config)
{
    struct simulated_driver *driver = allocate(sizeof *driver);
    driver->limits = *config->limits;
    driver->way = config->way;
    driver->time =
        (struct linnet_time){BEGIN_MS, config->no_wall_clock ? LINNET_NO_WALL_CLOCK : BEGIN_UNIX_S};
    const struct ln_worker_memory terms = ln_worker_memory(&driver->limits);
    const size_t len = ln_worker_memory_len(&terms);
    driver->memory = guard_open(len);
    const struct ln_worker_config worker = {
        .limits = &driver->limits,
        .routes = config->routes,
        .route_count = config->route_count,
        .hooks = config->hooks,
        .leniencies = config->leniencies,
        .now_ms = driver->time.monotonic_ms,
    };
    driver->worker = ln_worker_init(guard_room(&driver->memory, len).data, &worker);
    driver->worker->read_file = simulated_read_file;
    driver->worker->read_file_owner = driver;
    return driver;
}

static void free_peer(struct simulated_peer *peer)
{
    free(peer->sent);
    free(peer->received);
    free(peer->shown);
    free(peer->held_copy);
    free(peer);
}

void simulated_driver_close(struct simulated_driver *driver)
{
    simulated_stop(driver);
    simulated_contract_nothing_lost(driver);
    for (size_t i = 0; i < driver->peer_count; i++) {
        free_peer(driver->peers[i]);
    }
    /* The pools poisoned what is not lent; the addresses may come back as somebody else's. */
    ASAN_UNPOISON_MEMORY_REGION(driver->memory.begin, driver->memory.capacity);
    guard_close(&driver->memory);
    free(driver);
}

static ptrdiff_t read_source(struct linnet_source *base, uint64_t offset, struct linnet_room room)
{
    const struct simulated_source *source = (const struct simulated_source *)base;
    simulated_must(source->holds > 0, "a source is held while it is read");
    if (source->fails) {
        return LINNET_READ_FAILED;
    }
    if (offset >= source->bytes.len) {
        return 0;
    }
    size_t len = source->bytes.len - (size_t)offset;
    len = len < room.len ? len : room.len;
    len = source->read_len > 0 && source->read_len < len ? source->read_len : len;
    memcpy(room.data, source->bytes.data + offset, len);
    return (ptrdiff_t)len;
}

static void hold_source(struct linnet_source *base)
{
    struct simulated_source *source = (struct simulated_source *)base;
    source->holds++;
    source->hold_sum++;
}

static void release_source(struct linnet_source *base)
{
    struct simulated_source *source = (struct simulated_source *)base;
    simulated_must(source->holds > 0, "a source is released once for each hold");
    source->holds--;
}

void simulated_source_init(struct simulated_driver *driver, struct simulated_source *source,
                           struct linnet_span bytes, bool file)
{
    static const struct linnet_source_operations operations = {
        .read = read_source, .hold = hold_source, .release = release_source};
    *source = (struct simulated_source){
        .source = {.operations = &operations, .descriptor = file ? 1000 : -1},
        .bytes = bytes,
    };
    simulated_must(driver->source_count < 16, "a test has 16 sources at most");
    driver->sources[driver->source_count++] = source;
}

static void close_peer(struct simulated_driver *driver, struct simulated_peer *peer)
{
    struct linnet_output out;
    if ((simulated_state(driver, peer) & LINNET_READING) != 0) {
        return; /* it comes up when the read has completed */
    }
    linnet_worker_output(driver->worker, peer->connection, UINT32_MAX, &out);
    simulated_must(out.span_count == 0 && out.file == NULL, "what is closed lends nothing");
    peer->reset = (out.flags & LINNET_OUTPUT_RESET) != 0;
    peer->reason = (enum ln_close_reason)simulated_connection(driver, peer)->reason;
    simulated_must(peer->reason != LN_CLOSE_NONE, "what is closed has a reason");
    while (peer->loan_count > 0) {
        simulated_contract_release(driver, peer, peer->loans[0].len > 1 ? 1 : peer->loans[0].len);
    }
    linnet_worker_close(driver->worker, peer->connection);
    peer->connection = LINNET_NO_CONNECTION;
    peer->closed = true;
    peer->held = (struct linnet_span){NULL, 0};
    driver->moved = true;
}

struct simulated_peer *simulated_connect(struct simulated_driver *driver)
{
    if (!linnet_worker_has_slot(driver->worker)) {
        const uint32_t evicted = linnet_worker_evict(driver->worker, driver->time);
        if (evicted == LINNET_NO_CONNECTION) {
            return NULL;
        }
        close_peer(driver, simulated_contract_peer(driver, evicted));
    }
    simulated_must(driver->peer_count < SIMULATED_PEERS_MAX, "a test has few peers");
    struct simulated_peer *peer = allocate(sizeof *peer);
    const struct linnet_connection_info info = {
        .peer = {.ip = {[15] = 1}, .port = (uint16_t)(4000 + driver->peer_count)},
        .accept = driver->way.file ? LINNET_ACCEPT_FILE : 0,
        .secure = driver->secure,
    };
    peer->received = allocate(SIMULATED_RECEIVED_LEN_MAX);
    peer->shown = allocate(SIMULATED_RECEIVED_LEN_MAX);
    peer->window = UINT64_MAX;
    peer->connection = linnet_worker_open(driver->worker, &info, driver->time);
    driver->peers[driver->peer_count++] = peer;
    simulated_contract_check(driver);
    return peer;
}

void simulated_send(struct simulated_peer *peer, struct linnet_span bytes)
{
    simulated_must(!peer->ended, "a peer that has ended sends nothing more");
    peer->sent = realloc(peer->sent, peer->sent_len + bytes.len + 1);
    simulated_must(peer->sent != NULL, "there is memory for the test");
    memcpy(peer->sent + peer->sent_len, bytes.data, bytes.len);
    peer->sent_len += bytes.len;
}

void simulated_end(struct simulated_peer *peer)
{
    peer->ended = true;
}

void simulated_abort(struct simulated_driver *driver, struct simulated_peer *peer,
                     enum linnet_abort reason)
{
    if (peer->closed) {
        return;
    }
    linnet_worker_abort(driver->worker, peer->connection, reason, driver->time);
    simulated_contract_check(driver);
    simulated_must((simulated_state(driver, peer) & LINNET_CLOSED) != 0,
                   "what is aborted is closed");
    close_peer(driver, peer);
    simulated_contract_check(driver);
}

/* Bytes that may be read in one call. */
static size_t readable(const struct simulated_driver *driver, const struct simulated_peer *peer)
{
    size_t len = peer->sent_len - peer->read_len;
    const size_t split_at = driver->way.split_at;
    if (driver->way.read_max > 0 && len > driver->way.read_max) {
        len = driver->way.read_max;
    }
    if (peer->read_len < split_at && len > split_at - peer->read_len) {
        len = split_at - peer->read_len;
    }
    return len;
}

/* One read. `try`: also when there is nothing to read. */
static void read_peer(struct simulated_driver *driver, struct simulated_peer *peer, bool try)
{
    size_t len = readable(driver, peer);
    if ((len == 0 && !try && (!peer->ended || peer->end_told)) ||
        (simulated_state(driver, peer) & LINNET_WANTS_INPUT) == 0) {
        return;
    }
    struct linnet_room room;
    if (!linnet_worker_input(driver->worker, peer->connection, &room, driver->time)) {
        peer->in_line = true;
        simulated_contract_check(driver);
        return;
    }
    simulated_must(room.len > 0, "there is room to read into");
    len = len < room.len ? len : room.len;
    if (len > 0) {
        memcpy(room.data, peer->sent + peer->read_len, len);
        peer->read_len += len;
        driver->moved = true;
    }
    linnet_worker_received(driver->worker, peer->connection, len, driver->time);
    simulated_contract_check(driver);
    if (len == 0 && peer->ended && !peer->end_told) {
        peer->end_told = true;
        driver->moved = true;
        linnet_worker_receive_end(driver->worker, peer->connection, driver->time);
        simulated_contract_check(driver);
    }
}

static void serve(struct simulated_driver *driver, struct simulated_peer *peer, bool try)
{
    if (!peer->in_line) {
        read_peer(driver, peer, try);
    }
    if (!peer->closed && (simulated_state(driver, peer) & LINNET_HAS_OUTPUT) != 0) {
        simulated_contract_take(driver, peer);
    }
    if ((simulated_state(driver, peer) & LINNET_CLOSED) != 0) {
        close_peer(driver, peer);
    }
    simulated_contract_check(driver);
}

static void release_late(struct simulated_driver *driver)
{
    for (size_t i = 0; i < driver->peer_count; i++) {
        struct simulated_peer *peer = driver->peers[i];
        if (!peer->closed && peer->lent > 0) {
            const uint64_t most = driver->way.release_max;
            simulated_contract_release(driver, peer, peer->lent < most ? peer->lent : most);
            driver->moved = true;
        }
    }
}

bool simulated_turn(struct simulated_driver *driver)
{
    driver->moved = false;
    for (size_t i = 0; i < driver->peer_count; i++) {
        if (!driver->peers[i]->closed) {
            serve(driver, driver->peers[i], false);
        }
    }
    linnet_worker_tick(driver->worker, driver->time);
    simulated_contract_check(driver);
    simulated_contract_deadlines_met(driver);
    uint32_t connection;
    while ((connection = linnet_worker_ready(driver->worker, driver->time)) !=
           LINNET_NO_CONNECTION) {
        struct simulated_peer *peer = simulated_contract_peer(driver, connection);
        simulated_contract_check(driver);
        const bool was_in_line = peer->in_line;
        peer->in_line = false;
        serve(driver, peer, was_in_line);
    }
    if (!driver->moved && driver->way.release_max > 0) {
        release_late(driver);
    }
    if (!driver->moved && driver->read_count > 0 && driver->way.reads != SIMULATED_READS_BY_HAND) {
        const bool forward = driver->way.reads == SIMULATED_READS_FORWARD;
        simulated_read_complete(driver, forward ? 0 : driver->read_count - 1, PTRDIFF_MAX);
    }
    return driver->moved;
}

void simulated_run(struct simulated_driver *driver)
{
    unsigned idle = 0;
    for (unsigned i = 0; i < TURNS_MAX; i++) {
        if (simulated_turn(driver)) {
            idle = 0;
        } else if (linnet_worker_deadline(driver->worker) > driver->time.monotonic_ms) {
            return;
        } else {
            idle++;
            simulated_must(idle <= IDLE_TURNS_MAX, "turns in which no byte moves come to an end");
        }
    }
    simulated_must(false, "a run ends");
}

static void set_time(struct simulated_driver *driver, uint64_t now_ms)
{
    simulated_must(now_ms >= driver->time.monotonic_ms, "time does not go back");
    driver->time.monotonic_ms = now_ms;
    if (driver->time.unix_s != LINNET_NO_WALL_CLOCK) {
        driver->time.unix_s = BEGIN_UNIX_S + (int64_t)((now_ms - BEGIN_MS) / 1000);
    }
}

void simulated_advance(struct simulated_driver *driver, uint64_t ms)
{
    const uint64_t until_ms = driver->time.monotonic_ms + ms;
    simulated_run(driver);
    for (;;) {
        const uint64_t deadline_ms = linnet_worker_deadline(driver->worker);
        if (deadline_ms > until_ms) {
            break;
        }
        set_time(driver, deadline_ms);
        simulated_run(driver);
    }
    set_time(driver, until_ms);
    simulated_run(driver);
}

void simulated_jump(struct simulated_driver *driver, uint64_t ms)
{
    simulated_run(driver);
    set_time(driver, driver->time.monotonic_ms + ms);
    simulated_run(driver);
}

void simulated_drain(struct simulated_driver *driver)
{
    linnet_worker_drain(driver->worker, driver->time);
    simulated_contract_check(driver);
}

static void close_ready(struct simulated_driver *driver)
{
    linnet_worker_tick(driver->worker, driver->time);
    uint32_t connection;
    while ((connection = linnet_worker_ready(driver->worker, driver->time)) !=
           LINNET_NO_CONNECTION) {
        close_peer(driver, simulated_contract_peer(driver, connection));
        simulated_contract_check(driver);
    }
}

void simulated_stop(struct simulated_driver *driver)
{
    linnet_worker_stop(driver->worker, driver->time);
    simulated_contract_check(driver);
    close_ready(driver);
    while (driver->read_count > 0) {
        simulated_read_complete(driver, driver->read_count - 1, PTRDIFF_MAX);
    }
    close_ready(driver);
    simulated_must(linnet_worker_open_count(driver->worker) == 0, "stop ends every connection");
}

unsigned simulated_state(const struct simulated_driver *driver, const struct simulated_peer *peer)
{
    return peer->closed ? 0U : linnet_worker_state(driver->worker, peer->connection);
}

const struct ln_connection *simulated_connection(const struct simulated_driver *driver,
                                                 const struct simulated_peer *peer)
{
    return &ln_worker_slot(driver->worker, peer->connection)->connection;
}

const char *simulated_text(const struct simulated_peer *peer)
{
    static char text[SIMULATED_RECEIVED_LEN_MAX + 1];
    static const char date[] = "\r\nDate: ";
    enum { DATE_BEGIN_LEN = sizeof date - 1 };
    size_t len = 0;
    for (size_t i = 0; i < peer->received_len; i++) {
        text[len++] = (char)peer->received[i];
        if (len >= DATE_BEGIN_LEN &&
            memcmp(text + len - DATE_BEGIN_LEN, date, DATE_BEGIN_LEN) == 0 &&
            peer->received_len - i > LN_DATE_LEN &&
            memcmp(peer->received + i + LN_DATE_LEN - 2, "GMT", 3) == 0) {
            text[len++] = '*';
            i += LN_DATE_LEN;
        }
    }
    text[len] = '\0';
    return text;
}
