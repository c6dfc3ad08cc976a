/* Reading and writing for one client. */
#include "drivers/blocking_client.h"

#include "core/base/assert.h"
#include "drivers/system/system_blocking.h"
#include "drivers/system/system_clock.h"
#include "drivers/system/system_socket.h"

enum { REST_MS = 10 };

void ln_blocking_client_init(struct ln_blocking_client *client, struct linnet_worker *worker)
{
    *client = (struct ln_blocking_client){
        .worker = worker,
        .time = ln_system_time(),
        .connection = LINNET_NO_CONNECTION,
        .descriptor = -1,
    };
}

bool ln_blocking_client_is_there(const struct ln_blocking_client *client)
{
    return client->connection != LINNET_NO_CONNECTION;
}

uint64_t ln_blocking_client_wait_ms(const struct ln_blocking_client *client, uint64_t most_ms)
{
    const uint64_t deadline_ms = linnet_worker_deadline(client->worker);
    const uint64_t now_ms = client->time.monotonic_ms;
    const uint64_t left_ms = deadline_ms > now_ms ? deadline_ms - now_ms : 0;
    return left_ms < most_ms ? left_ms : most_ms;
}

void ln_blocking_client_open(struct ln_blocking_client *client, int descriptor,
                             const struct linnet_connection_info *info)
{
    LN_ASSERT(!ln_blocking_client_is_there(client));
    client->descriptor = descriptor;
    client->connection = linnet_worker_open(client->worker, info, client->time);
}

static void lost(struct ln_blocking_client *client, enum linnet_error error)
{
    linnet_worker_abort(
        client->worker, client->connection,
        error == LINNET_ERROR_RESET ? LINNET_ABORT_RESET : LINNET_ABORT_SYSTEM_ERROR, client->time);
}

static void read_input(struct ln_blocking_client *client, uint64_t most_ms)
{
    struct linnet_room room;
    size_t len = 0;
    if (!linnet_worker_input(client->worker, client->connection, &room, client->time)) {
        return;
    }
    enum linnet_error error =
        ln_system_set_read_wait(client->descriptor, ln_blocking_client_wait_ms(client, most_ms));
    if (error == LINNET_ERROR_NONE) {
        error = ln_system_read_waiting(client->descriptor, room, &len);
    }
    client->time = ln_system_time();
    linnet_worker_received(client->worker, client->connection, len, client->time);
    if (error == LINNET_ERROR_NONE && len == 0) {
        linnet_worker_receive_end(client->worker, client->connection, client->time);
    } else if (error != LINNET_ERROR_NONE && error != LINNET_ERROR_AGAIN) {
        lost(client, error);
    }
}

static void write_output(struct ln_blocking_client *client, uint64_t most_ms)
{
    struct linnet_output out;
    size_t len = 0;
    enum linnet_error error = LINNET_ERROR_NONE;
    linnet_worker_output(client->worker, client->connection, 0, &out);
    LN_ASSERT(out.file == NULL);
    if (out.span_count > 0) {
        error = ln_system_set_write_wait(client->descriptor,
                                         ln_blocking_client_wait_ms(client, most_ms));
        if (error == LINNET_ERROR_NONE) {
            error = ln_system_write_waiting(client->descriptor, out.spans[0], &len);
        }
        client->time = ln_system_time();
        if (error != LINNET_ERROR_NONE && error != LINNET_ERROR_AGAIN) {
            lost(client, error);
            return;
        }
    }
    if ((out.flags & LINNET_OUTPUT_FIN) != 0) {
        ln_system_shut(client->descriptor);
    }
    linnet_worker_sent(client->worker, client->connection, len, client->time);
}

void ln_blocking_client_serve(struct ln_blocking_client *client, uint64_t most_ms)
{
    client->time = ln_system_time();
    if (!ln_blocking_client_is_there(client)) {
        return;
    }
    const unsigned state = linnet_worker_state(client->worker, client->connection);
    if ((state & LINNET_CLOSED) != 0) {
        return;
    }
    if ((state & LINNET_HAS_OUTPUT) != 0) {
        write_output(client, most_ms);
    } else if ((state & LINNET_WANTS_INPUT) != 0) {
        read_input(client, most_ms);
    } else {
        /* Its handler waits for somebody, whose wake ends no call of ours unless by a signal. */
        ln_system_rest(ln_blocking_client_wait_ms(client, most_ms < REST_MS ? most_ms : REST_MS));
        client->time = ln_system_time();
    }
}

void ln_blocking_client_settle(struct ln_blocking_client *client)
{
    linnet_worker_tick(client->worker, client->time);
    while (linnet_worker_ready(client->worker, client->time) != LINNET_NO_CONNECTION) {
    }
    if (!ln_blocking_client_is_there(client) ||
        (linnet_worker_state(client->worker, client->connection) & LINNET_CLOSED) == 0) {
        return;
    }
    struct linnet_output out;
    linnet_worker_output(client->worker, client->connection, 0, &out);
    ln_system_close_socket(client->descriptor, (out.flags & LINNET_OUTPUT_RESET) != 0);
    linnet_worker_close(client->worker, client->connection);
    client->connection = LINNET_NO_CONNECTION;
}
