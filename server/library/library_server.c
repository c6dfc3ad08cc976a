/* Opening a server and closing it. */
#include "server/library/library_server.h"

#include <linnet/worker_config.h>

#include "drivers/driver_rows.h"
#include "drivers/system/system_clock.h"
#include "server/cpu.h"

enum {
    CLOSE_TURN_MS = 100, /* a driver whose sends end later needs some time for the last of them */
    CLOSE_TURNS_MAX = 600,
    CONFLICT_TEXT_MAX = 384,
    /* Of these drivers one serves one client; their owner makes many. */
    NOT_ALONE = LINNET_DRIVER_PROCESSES | LINNET_DRIVER_THREADS,
};

/* What a configuration comes to. */
struct plan {
    struct linnet_limits limits;
    const struct linnet_driver_operations *operations;
    struct ln_message message;
    size_t server_len; /* of the block, in this order */
    size_t worker_len;
    size_t driver_len;
};

static enum linnet_error check_routes(const struct linnet_server_config *config,
                                      struct ln_message message)
{
    struct linnet_route_conflict conflict;
    struct linnet_span text;
    uint8_t words[CONFLICT_TEXT_MAX + 1];
    if (linnet_routes_check(config->routes, config->route_count, &conflict)) {
        return LINNET_ERROR_NONE;
    }
    if (linnet_routes_explain(config->routes, &conflict,
                              (struct linnet_room){words, CONFLICT_TEXT_MAX},
                              &text) == LINNET_ERROR_NONE) {
        words[text.len] = 0;
        LN_MESSAGE_SAY(message, (const char *)words, ".");
    } else {
        LN_MESSAGE_SAY(message, "two routes conflict, or one is wrong.");
    }
    return LINNET_ERROR_INVALID;
}

static enum linnet_error make_plan(const struct linnet_server_config *config, struct plan *plan)
{
    *plan = (struct plan){.message = {config->message, config->message_len}};
    if (config->limits != NULL) {
        plan->limits = *config->limits;
    } else {
        linnet_limits_default(&plan->limits);
    }
    const char *wrong = linnet_limits_check(&plan->limits);
    if (wrong != NULL) {
        LN_MESSAGE_SAY(plan->message, wrong, ".");
        return LINNET_ERROR_INVALID;
    }
    const char *name = config->driver == NULL ? LN_DRIVER_DEFAULT : config->driver;
    plan->operations = linnet_driver_find(name);
    if (plan->operations == NULL) {
        LN_MESSAGE_SAY(plan->message, "there is no driver \"", name, "\".");
        return LINNET_ERROR_NOT_FOUND;
    }
    if ((plan->operations->capabilities & NOT_ALONE) != 0) {
        LN_MESSAGE_SAY(plan->message, "the driver ", plan->operations->name,
                       " needs processes or threads that only the program makes.");
        return LINNET_ERROR_UNSUPPORTED;
    }
    const struct ln_worker_memory memory = ln_worker_memory(&plan->limits);
    plan->server_len = ln_block_round_up(sizeof(struct linnet_server));
    plan->worker_len = ln_worker_memory_len(&memory);
    plan->driver_len = ln_block_round_up(plan->operations->memory_len(&plan->limits));
    return LINNET_ERROR_NONE;
}

static size_t plan_memory_len(const struct plan *plan)
{
    return plan->server_len + plan->worker_len + plan->driver_len;
}

size_t linnet_server_memory_len(const struct linnet_server_config *config)
{
    struct plan plan;
    return make_plan(config, &plan) == LINNET_ERROR_NONE ? ln_block_len(plan_memory_len(&plan)) : 0;
}

bool linnet_budget(const struct linnet_server_config *config, size_t index,
                   struct linnet_budget_term *term)
{
    struct plan plan;
    if (make_plan(config, &plan) != LINNET_ERROR_NONE) {
        return false;
    }
    const struct ln_worker_memory memory = ln_worker_memory(&plan.limits);
    const struct linnet_budget_term terms[] = {
        {"server", "the server itself with its listeners", plan.server_len},
#define WORKER_TERM(name, reason) {#name, reason, memory.name},
        LN_WORKER_TERMS(WORKER_TERM)
#undef WORKER_TERM
            {"driver", plan.operations->meaning, plan.driver_len},
        {"alignment", "what is lost where a block begins anywhere", ln_block_len(0)},
    };
    if (index >= sizeof terms / sizeof terms[0]) {
        return false;
    }
    *term = terms[index];
    return true;
}

/* How the worker reads what is not sent as a file, where the driver has reads of its own. */
static ptrdiff_t read_by_driver(void *owner, uint32_t connection, struct linnet_source *source,
                                uint64_t offset, struct linnet_room room)
{
    const struct linnet_server *server = owner;
    return server->operations->read_file(server->driver, connection, source, offset, room);
}

static void make_worker(struct linnet_server *server, const struct plan *plan,
                        const struct linnet_server_config *config)
{
    const struct ln_worker_config worker_config = {
        .limits = &server->limits,
        .routes = config->routes,
        .route_count = config->route_count,
        .hooks = config->hooks,
        .cpu_bits = ln_cpu_bits(),
        .now_ms = ln_system_time().monotonic_ms,
    };
    server->worker = ln_worker_init((uint8_t *)server + plan->server_len, &worker_config);
    if (server->operations->read_file != NULL) {
        server->worker->read_file = read_by_driver;
        server->worker->read_file_owner = server;
    }
}

static enum linnet_error start_driver(struct linnet_server *server, const struct plan *plan)
{
    uint8_t *memory = (uint8_t *)server + plan->server_len + plan->worker_len;
    const struct linnet_driver_config config = {
        .limits = &server->limits, .memory = memory, .worker = server->worker};
    if (server->block.mapped == NULL) {
        memset(memory, 0, plan->driver_len); /* a driver begins with zeroes; new pages are */
    }
    const char *needs = server->operations->needs;
    const enum linnet_error error = server->operations->open(&config, &server->driver);
    if (error != LINNET_ERROR_NONE) {
        LN_MESSAGE_SAY(plan->message, "the driver ", server->operations->name,
                       " cannot start: ", linnet_error_text(error), ".",
                       needs == NULL ? "" : " It needs ", needs == NULL ? "" : needs,
                       needs == NULL ? "" : ".");
    }
    return error;
}

static enum linnet_error take_block(struct ln_block *block, void *given, size_t given_len,
                                    const struct plan *plan)
{
    const enum linnet_error error = ln_block_take(block, given, given_len, plan_memory_len(plan));
    if (error == LINNET_ERROR_TOO_LARGE) {
        LN_MESSAGE_SAY(plan->message, "the block is smaller than linnet_server_memory_len says.");
    } else if (error != LINNET_ERROR_NONE) {
        LN_MESSAGE_SAY(plan->message, "the system has no memory for a server of these limits.");
    }
    return error;
}

enum linnet_error linnet_server_open(const struct linnet_server_config *config, void *block,
                                     size_t block_len, struct linnet_server **opened)
{
    struct plan plan;
    struct ln_block taken;
    enum linnet_error error = make_plan(config, &plan);
    if (error == LINNET_ERROR_NONE) {
        error = check_routes(config, plan.message);
    }
    if (error == LINNET_ERROR_NONE) {
        error = take_block(&taken, block, block_len, &plan);
    }
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    struct linnet_server *server = taken.memory;
    *server = (struct linnet_server){.limits = plan.limits,
                                     .block = taken,
                                     .operations = plan.operations,
                                     .message = plan.message,
                                     .stop_ms = LINNET_NO_DEADLINE};
    make_worker(server, &plan, config);
    error = start_driver(server, &plan);
    if (error != LINNET_ERROR_NONE) {
        linnet_worker_end(server->worker);
        ln_block_give(&taken);
        return error;
    }
    *opened = server;
    return LINNET_ERROR_NONE;
}

/* A driver closes what has ended in its next turn, or, when its sends end later, in one of those
 * that follow. */
static void end_connections(struct linnet_server *server)
{
    server->operations->listeners_pause(server->driver);
    linnet_worker_stop(server->worker, ln_system_time());
    for (unsigned turns = 0; linnet_worker_open_count(server->worker) > 0; turns++) {
        LN_ASSERT(turns < CLOSE_TURNS_MAX);
        /* A driver that fails here leaves them open, and the assertion says so in the end. */
        (void)!server->operations->turn(server->driver, CLOSE_TURN_MS);
    }
}

void linnet_server_close(struct linnet_server *server)
{
    const struct ln_block block = server->block;
    end_connections(server);
    server->operations->close(server->driver);
    linnet_worker_end(server->worker);
    for (unsigned i = 0; i < server->listener_count; i++) {
        ln_library_listener_close(&server->listeners[i]);
    }
    ln_block_give(&block);
}

enum linnet_error linnet_serve(const char *where, const struct linnet_route *routes,
                               size_t route_count)
{
    const struct linnet_server_config config = {.routes = routes, .route_count = route_count};
    struct linnet_server *server;
    enum linnet_error error = linnet_server_open(&config, NULL, 0, &server);
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    error = linnet_server_listen(server, where, NULL);
    if (error == LINNET_ERROR_NONE) {
        error = linnet_server_run(server);
    }
    linnet_server_close(server);
    return error;
}
