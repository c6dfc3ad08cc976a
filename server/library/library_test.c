/* A client without a socket, for tests of handlers. */
#include <linnet/test.h>

#include "core/base/cursor.h"
#include "core/base/span.h"
#include "drivers/system/system_clock.h"
#include "server/library/library_server.h"

enum {
    STEPS_WITHOUT_PROGRESS_MAX = 4,
    STEPS_WITHOUT_BYTES_MAX = 1000000,
    FUZZ_PIECE_MASK = 0x7F,
    FUZZ_LEAVES = 0x80,
};

/* What the first bytes of every answer are. */
static const uint8_t answer_begin[] = {'H', 'T', 'T', 'P', '/', '1', '.', '1', ' '};

/* What is being sent and received. */
struct client {
    struct linnet_server *server;
    uint32_t connection;
    struct linnet_span left; /* of the request */
    size_t piece_len;        /* the most that arrives at a time */
    bool leaves;             /* when all is sent it vanishes */
    bool ended;              /* and the server knows that no more comes */
    struct linnet_room room;
    size_t len; /* of the answer, in the room */
    bool full;
};

static void end_sending(const struct client *client)
{
    struct linnet_worker *worker = client->server->worker;
    if (client->leaves) {
        linnet_worker_abort(worker, client->connection, LINNET_ABORT_RESET, ln_system_time());
    } else {
        linnet_worker_receive_end(worker, client->connection, ln_system_time());
    }
}

static bool send_some(struct client *client)
{
    struct linnet_worker *worker = client->server->worker;
    struct linnet_room room;
    if (client->ended ||
        (linnet_worker_state(worker, client->connection) & LINNET_WANTS_INPUT) == 0) {
        return false;
    }
    if (client->left.len == 0) {
        client->ended = true;
        end_sending(client);
        return true;
    }
    if (!linnet_worker_input(worker, client->connection, &room, ln_system_time())) {
        return false;
    }
    size_t len = client->left.len < room.len ? client->left.len : room.len;
    len = len < client->piece_len ? len : client->piece_len;
    memcpy(room.data, client->left.data, len);
    client->left = ln_span_slice(client->left, len, client->left.len - len);
    linnet_worker_received(worker, client->connection, len, ln_system_time());
    return true;
}

static void keep_answer(struct client *client, struct linnet_span bytes)
{
    const size_t left = client->room.len - client->len;
    const size_t len = bytes.len < left ? bytes.len : left;
    client->full = client->full || len < bytes.len;
    if (len > 0) {
        memcpy(client->room.data + client->len, bytes.data, len);
        client->len += len;
    }
}

static bool receive_some(struct client *client)
{
    struct linnet_worker *worker = client->server->worker;
    struct linnet_output out;
    uint64_t len = 0;
    if ((linnet_worker_state(worker, client->connection) & LINNET_HAS_OUTPUT) == 0) {
        return false;
    }
    linnet_worker_output(worker, client->connection, 0, &out);
    LN_ASSERT(out.file == NULL);
    for (unsigned i = 0; i < out.span_count; i++) {
        keep_answer(client, out.spans[i]);
        len += out.spans[i].len;
    }
    linnet_worker_sent(worker, client->connection, len, ln_system_time());
    return true;
}

/* Nobody else is connected: who is ready is the client. Returns whether it was. */
static bool settle_client(struct client *client)
{
    struct linnet_worker *worker = client->server->worker;
    const struct linnet_time time = ln_system_time();
    bool was_ready = false;
    uint32_t ready;
    linnet_worker_tick(worker, time);
    while ((ready = linnet_worker_ready(worker, time)) != LINNET_NO_CONNECTION) {
        LN_ASSERT(ready == client->connection);
        was_ready = true;
    }
    return was_ready;
}

static bool is_closed(const struct client *client)
{
    return (linnet_worker_state(client->server->worker, client->connection) & LINNET_CLOSED) != 0;
}

/* Sends and receives until the connection ends. false: the server would have to wait. */
static bool converse(struct client *client)
{
    unsigned idle = 0;
    unsigned busy = 0; /* a handler that resumes itself goes on, though no byte moves */
    while (!is_closed(client)) {
        const bool moved = receive_some(client) || send_some(client);
        const bool was_ready = settle_client(client);
        idle = moved || was_ready ? 0 : idle + 1;
        busy = moved ? 0 : busy + 1;
        if (idle == STEPS_WITHOUT_PROGRESS_MAX || busy == STEPS_WITHOUT_BYTES_MAX) {
            linnet_worker_abort(client->server->worker, client->connection, LINNET_ABORT_RESET,
                                ln_system_time());
            return false;
        }
    }
    return true;
}

/* The whole life of a connection. */
static enum linnet_error serve_client(struct client *client)
{
    struct linnet_worker *worker = client->server->worker;
    const struct linnet_connection_info info = {.accept = 0};
    if (client->piece_len == 0 || linnet_worker_open_count(worker) > 0) {
        return LINNET_ERROR_INVALID;
    }
    void *const owner = worker->read_file_owner;
    ptrdiff_t (*const read_file)(void *, uint32_t, struct linnet_source *, uint64_t,
                                 struct linnet_room) = worker->read_file;
    worker->read_file = NULL; /* the driver does not know this connection */
    client->connection = linnet_worker_open(worker, &info, ln_system_time());
    const bool finished = converse(client);
    linnet_worker_close(worker, client->connection);
    worker->read_file = read_file;
    worker->read_file_owner = owner;
    return client->full ? LINNET_ERROR_TOO_LARGE
           : finished   ? LINNET_ERROR_NONE
                        : LINNET_ERROR_AGAIN;
}

enum linnet_error linnet_test_request_in_pieces(struct linnet_server *server,
                                                struct linnet_span request, size_t piece_len,
                                                struct linnet_room room, struct linnet_span *answer)
{
    struct client client = {
        .server = server, .left = request, .piece_len = piece_len, .room = room};
    const enum linnet_error error = serve_client(&client);
    *answer = (struct linnet_span){room.data, client.len};
    return error;
}

enum linnet_error linnet_test_request(struct linnet_server *server, struct linnet_span request,
                                      struct linnet_room room, struct linnet_span *answer)
{
    return linnet_test_request_in_pieces(server, request, SIZE_MAX, room, answer);
}

int linnet_test_fuzz(struct linnet_server *server, const uint8_t *data, size_t len)
{
    uint8_t begin[sizeof answer_begin];
    if (len == 0) {
        return 0;
    }
    const size_t piece_len = data[0] & FUZZ_PIECE_MASK;
    struct client client = {.server = server,
                            .left = {data + 1, len - 1},
                            .piece_len = piece_len == 0 ? SIZE_MAX : piece_len,
                            .leaves = (data[0] & FUZZ_LEAVES) != 0,
                            .room = {begin, sizeof begin}};
    const enum linnet_error error = serve_client(&client);
    LN_ASSERT(error != LINNET_ERROR_INVALID);
    LN_ASSERT(memcmp(begin, answer_begin, client.len) == 0);
    LN_ASSERT(linnet_worker_open_count(server->worker) == 0);
    LN_ASSERT(ln_pool_used(&server->worker->inputs) == 0);
    LN_ASSERT(ln_pool_used(&server->worker->exchanges) == 0);
    LN_ASSERT(ln_pool_used(&server->worker->outputs) == 0);
    return 0;
}
