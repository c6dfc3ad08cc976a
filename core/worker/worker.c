/* The worker: memory, slots, deadlines, and the lists that keep every turn short. */
#include "core/worker/worker.h"

#include "core/base/span.h"
#include "core/table/limit.h"

static size_t round_up_64(size_t len)
{
    return (len + 63) & ~(size_t)63;
}

static size_t slot_len(void)
{
    return (sizeof(struct ln_slot) + 7) & ~(size_t)7;
}

static size_t input_len(const struct linnet_limits *limits)
{
    return ((size_t)limits->input_len + 15) & ~(size_t)15;
}

static size_t note_len(const struct linnet_limits *limits)
{
    return ((size_t)limits->note_len + 7) & ~(size_t)7;
}

struct ln_worker_memory ln_worker_memory(const struct linnet_limits *limits)
{
    const size_t connections = (size_t)limits->connections;
    const size_t inputs = (size_t)limits->inputs;
    const size_t outputs = (size_t)limits->outputs;
    return (struct ln_worker_memory){
        .worker = round_up_64(sizeof(struct linnet_worker)),
        .slots = round_up_64(connections * slot_len()),
        .inputs = round_up_64(inputs * input_len(limits)),
        .exchanges = round_up_64(inputs * ln_connection_exchange_len(limits)),
        .outputs = round_up_64(outputs * ln_connection_output_len(limits)),
        .notes = round_up_64(connections * note_len(limits)),
        .stacks = round_up_64((connections + 2 * inputs + outputs) * sizeof(uint32_t)),
        .resumptions = round_up_64(ln_resumption_memory_len((uint32_t)limits->connections)),
        .reads = round_up_64(ln_read_loans_memory_len(limits)),
    };
}

size_t ln_worker_memory_len(const struct ln_worker_memory *memory)
{
    size_t len = 0;
#define ADD_TERM(name, reason) len += memory->name;
    LN_WORKER_TERMS(ADD_TERM)
#undef ADD_TERM
    return len;
}

static ptrdiff_t read_by_owner(void *owner, uint32_t read, struct linnet_source *source,
                               uint64_t offset, struct linnet_room room)
{
    struct linnet_worker *worker = owner;
    if (worker->read_file == NULL) {
        return source->operations->read(source, offset, room);
    }
    return worker->read_file(worker->read_file_owner, read, source, offset, room);
}

static void connection_ready(void *owner, struct ln_connection *connection)
{
    ln_worker_make_ready(owner, (struct ln_slot *)connection);
}

static struct linnet_token token(void *owner, const struct ln_connection *connection)
{
    struct linnet_worker *worker = owner;
    return ln_resumption_token(&worker->resumption,
                               ln_worker_number(worker, (const struct ln_slot *)connection));
}

static void token_ends(void *owner, const struct ln_connection *connection)
{
    struct linnet_worker *worker = owner;
    ln_resumption_end(&worker->resumption,
                      ln_worker_number(worker, (const struct ln_slot *)connection));
}

static void init_context(struct linnet_worker *worker, const struct ln_worker_config *config)
{
    const struct linnet_limits *limits = &worker->limits;
    worker->context = (struct ln_connection_context){
        .limits = limits,
        .scan = ln_scan_for(config->cpu_bits),
        .routes = {.routes = config->routes, .count = config->route_count},
        .head_limits = {.request_line_len_max = (uint32_t)limits->request_line_len_max,
                        .head_len_max = (uint32_t)limits->head_len_max,
                        .field_count_max = (uint32_t)limits->field_count_max,
                        .empty_lines_max = (uint32_t)limits->empty_lines_max,
                        .leniencies = config->leniencies},
        .chunk_limits = {.extension_len_max = (uint32_t)limits->chunk_extension_len_max,
                         .trailer_len_max = (uint32_t)limits->trailer_len_max,
                         .leniencies = config->leniencies},
        .exchanges = &worker->exchanges,
        .outputs = &worker->outputs,
        .counters = &worker->counters,
        .hooks = config->hooks,
        .read_file = read_by_owner,
        .ready = connection_ready,
        .token = token,
        .token_ends = token_ends,
        .owner = worker,
    };
}

struct linnet_worker *ln_worker_init(void *block, const struct ln_worker_config *config)
{
    LN_ASSERT(ln_limits_check(config->limits) == NULL);
    const struct ln_worker_memory memory = ln_worker_memory(config->limits);
    struct linnet_worker *worker = block;
    uint8_t *next = (uint8_t *)block + memory.worker;
    *worker = (struct linnet_worker){.limits = *config->limits};
    const struct linnet_limits *limits = &worker->limits;
    uint32_t *stack = (uint32_t *)(void *)(next + memory.slots + memory.inputs + memory.exchanges +
                                           memory.outputs + memory.notes);
    ln_pool_init(&worker->slots, next, slot_len(), stack, (uint32_t)limits->connections);
    next += memory.slots;
    stack += limits->connections;
    ln_pool_init(&worker->inputs, next, input_len(limits), stack, (uint32_t)limits->inputs);
    next += memory.inputs;
    stack += limits->inputs;
    ln_pool_init(&worker->exchanges, next, ln_connection_exchange_len(limits), stack,
                 (uint32_t)limits->inputs);
    next += memory.exchanges;
    stack += limits->inputs;
    ln_pool_init(&worker->outputs, next, ln_connection_output_len(limits), stack,
                 (uint32_t)limits->outputs);
    worker->notes = next + memory.outputs;
    ln_list_init(&worker->open);
    ln_list_init(&worker->ready);
    ln_list_init(&worker->ready_now);
    ln_list_init(&worker->idle);
    ln_list_init(&worker->unfinished);
    ln_list_init(&worker->arriving);
    ln_wheel_init(&worker->wheel, config->now_ms);
    init_context(worker, config);
    next = worker->notes + memory.notes + memory.stacks;
    ln_resumption_init(&worker->resumption, next, (uint32_t)limits->connections);
    ln_read_loans_init(&worker->context.read_loans, next + memory.resumptions, limits);
    return worker;
}

const struct ln_counters *ln_worker_counters(const struct linnet_worker *worker)
{
    return &worker->counters;
}

struct ln_slot *ln_worker_slot(const struct linnet_worker *worker, uint32_t connection)
{
    struct ln_slot *slot = ln_pool_block(&worker->slots, connection);
    LN_ASSERT(slot->mark == LN_SLOT_OPEN);
    return slot;
}

uint32_t ln_worker_number(const struct linnet_worker *worker, const struct ln_slot *slot)
{
    const size_t offset = (size_t)((const uint8_t *)slot - worker->slots.blocks);
    LN_ASSERT(offset % slot_len() == 0);
    return (uint32_t)(offset / slot_len());
}

void ln_worker_make_ready(struct linnet_worker *worker, struct ln_slot *slot)
{
    if (!ln_list_is_linked(&slot->ready_node)) {
        ln_list_append(&worker->ready, &slot->ready_node);
    }
}

void ln_worker_make_channel_ready(void *worker, struct linnet_channel *channel)
{
    struct ln_slot *slot = (struct ln_slot *)(void *)channel;
    LN_ASSERT(slot->mark == LN_SLOT_OPEN);
    ln_worker_make_ready(worker, slot);
}

/* Keeps the timer no later than the deadline; an earlier one finds out by itself. */
static void settle_timer(struct linnet_worker *worker, struct ln_slot *slot)
{
    const uint64_t deadline_ms = slot->channel->operations->deadline(slot->channel);
    if (deadline_ms < slot->timer.due_ms) {
        ln_wheel_arm(&worker->wheel, &slot->timer, deadline_ms);
    }
}

void ln_worker_settle(struct linnet_worker *worker, struct ln_slot *slot, bool fresh,
                      struct linnet_time time)
{
    ln_worker_settle_input(worker, slot, fresh, time);
    const bool idle = (slot->state & LINNET_EVICTABLE) != 0 && slot->begin == slot->end;
    if (idle != ln_list_is_linked(&slot->idle_node)) {
        if (idle) {
            ln_list_append(&worker->idle, &slot->idle_node);
        } else {
            ln_list_remove(&slot->idle_node);
        }
    }
    settle_timer(worker, slot);
}

bool linnet_worker_has_slot(const struct linnet_worker *worker)
{
    return ln_pool_used(&worker->slots) < worker->slots.count;
}

bool linnet_worker_has_evictable(const struct linnet_worker *worker)
{
    return !ln_list_is_empty(&worker->idle);
}

uint32_t linnet_worker_evict(struct linnet_worker *worker, struct linnet_time time)
{
    struct ln_list_node *node = ln_list_first(&worker->idle);
    if (node == NULL) {
        return LINNET_NO_CONNECTION;
    }
    struct ln_slot *slot = LN_LIST_OWNER(node, struct ln_slot, idle_node);
    worker->counters.connections_evicted++;
    slot->channel->operations->abort(slot->channel, LINNET_ABORT_EVICTED, time);
    ln_worker_settle(worker, slot, false, time);
    return ln_worker_number(worker, slot);
}

void linnet_worker_count_pause(struct linnet_worker *worker, bool for_descriptors)
{
    if (for_descriptors) {
        worker->counters.descriptor_pauses++;
    } else {
        worker->counters.accept_pauses++;
    }
}

/* A record of TLS may be as long as the input buffer but for a head: it always begins in front. */
static void wrap(struct linnet_worker *worker, struct ln_slot *slot, uint32_t index,
                 const struct linnet_connection_info *info)
{
    struct linnet_channel *inner = slot->channel;
    slot->channel = worker->wrap(worker->wrap_owner, index, inner, info);
    if (slot->channel != inner) {
        slot->behind_len = (uint32_t)worker->limits.input_len;
    }
}

uint32_t linnet_worker_open(struct linnet_worker *worker, const struct linnet_connection_info *info,
                            struct linnet_time time)
{
    const uint32_t index = ln_pool_take(&worker->slots);
    LN_ASSERT(index != LN_POOL_NONE);
    struct ln_slot *slot = ln_pool_block(&worker->slots, index);
    ln_resumption_open(&worker->resumption, index);
    ln_connection_init(&slot->connection, &worker->context,
                       worker->notes + index * note_len(&worker->limits));
    slot->channel = &slot->connection.channel;
    ln_wheel_timer_init(&slot->timer);
    ln_list_node_init(&slot->open_node);
    ln_list_append(&worker->open, &slot->open_node);
    ln_list_node_init(&slot->ready_node);
    ln_list_node_init(&slot->idle_node);
    ln_list_node_init(&slot->unfinished_node);
    ln_list_node_init(&slot->arriving_node);
    ln_list_node_init(&slot->wait_node);
    slot->progress_ms = time.monotonic_ms;
    slot->arriving_ms = time.monotonic_ms;
    slot->input_index = LN_POOL_NONE;
    slot->begin = 0;
    slot->end = 0;
    slot->behind_len = (uint32_t)(worker->limits.head_len_max + LN_BODY_WINDOW_MIN);
    slot->mark = LN_SLOT_OPEN;
    slot->granted = false;
    slot->ended = false;
    slot->end_told = false;
    if (worker->wrap != NULL) {
        wrap(worker, slot, index, info);
    }
    slot->channel->operations->open(slot->channel, info, time);
    slot->state = slot->channel->operations->state(slot->channel);
    settle_timer(worker, slot);
    if (worker->context.hooks.opened != NULL) {
        worker->context.hooks.opened(worker->context.hooks.context, info);
    }
    return index;
}

void linnet_worker_close(struct linnet_worker *worker, uint32_t connection)
{
    struct ln_slot *slot = ln_worker_slot(worker, connection);
    LN_ASSERT((slot->state & LINNET_CLOSED) != 0);
    LN_ASSERT((slot->state & (LINNET_LENT | LINNET_READING)) == 0);
    ln_list_remove(&slot->open_node);
    ln_list_remove(&slot->ready_node);
    ln_list_remove(&slot->idle_node);
    ln_list_remove(&slot->unfinished_node);
    ln_list_remove(&slot->arriving_node);
    ln_pool_leave(&worker->inputs, &slot->wait_node);
    ln_wheel_disarm(&worker->wheel, &slot->timer);
    ln_worker_give_input(worker, slot);
    slot->mark = 0;
    ln_pool_give(&worker->slots, connection);
}

unsigned linnet_worker_state(const struct linnet_worker *worker, uint32_t connection)
{
    const struct ln_slot *slot = ln_worker_slot(worker, connection);
    return slot->ended ? slot->state & ~(unsigned)LINNET_WANTS_INPUT : slot->state;
}

void linnet_worker_abort(struct linnet_worker *worker, uint32_t connection,
                         enum linnet_abort reason, struct linnet_time time)
{
    struct ln_slot *slot = ln_worker_slot(worker, connection);
    slot->channel->operations->abort(slot->channel, reason, time);
    ln_worker_settle(worker, slot, false, time);
}

void linnet_worker_output(struct linnet_worker *worker, uint32_t connection, unsigned accept,
                          struct linnet_output *out)
{
    struct ln_slot *slot = ln_worker_slot(worker, connection);
    slot->channel->operations->output(slot->channel, accept, out);
}

void linnet_worker_taken(struct linnet_worker *worker, uint32_t connection, uint64_t len,
                         struct linnet_time time)
{
    struct ln_slot *slot = ln_worker_slot(worker, connection);
    slot->channel->operations->taken(slot->channel, len, time);
    ln_worker_settle(worker, slot, false, time);
}

void linnet_worker_released(struct linnet_worker *worker, uint32_t connection, uint64_t len,
                            struct linnet_time time)
{
    struct ln_slot *slot = ln_worker_slot(worker, connection);
    slot->channel->operations->released(slot->channel, len, time);
    ln_worker_settle(worker, slot, false, time);
}

void linnet_worker_sent(struct linnet_worker *worker, uint32_t connection, uint64_t len,
                        struct linnet_time time)
{
    struct ln_slot *slot = ln_worker_slot(worker, connection);
    slot->channel->operations->sent(slot->channel, len, time);
    ln_worker_settle(worker, slot, false, time);
}

uint32_t linnet_worker_reads_max(const struct linnet_limits *limits)
{
    return ln_read_loans_count(limits);
}

void linnet_worker_file_read(struct linnet_worker *worker, uint32_t read, ptrdiff_t result)
{
    LN_ASSERT(read < ln_pool_used_max(&worker->context.read_loans.pool));
    ln_connection_file_read(&worker->context.read_loans.loans[read], result);
}

void linnet_worker_count_plain_read(struct linnet_worker *worker)
{
    worker->counters.plain_reads++;
}
