/* The counters of a server, one after the other: what the worker has counted, why connections
 * ended, and how much of what is lent is in use. */
#include "server/library/library_server.h"

#include "core/table/close_reason.h"

/* Which pools are told of: X(name, "of what"). */
#define POOLS(X)                                     \
    X(slots, "connections that are open")            \
    X(inputs, "input buffers that are lent")         \
    X(exchanges, "requests that are being answered") \
    X(outputs, "output buffers that are lent")

/* One row for each, in the order of the three lists. */
static const struct {
    const char *name;
    const char *meaning;
} counter_rows[] = {
#define COUNTER_ROW(name, meaning)    {#name, meaning},
#define REASON_ROW(id, name, meaning) {"closed_for_" name, meaning},
#define POOL_ROWS(name, meaning)      {#name "_now", meaning}, {#name "_most", meaning ", at most"},
    LN_COUNTERS(COUNTER_ROW) LN_CLOSE_REASONS(REASON_ROW) POOLS(POOL_ROWS)};

bool linnet_server_counter(const struct linnet_server *server, size_t index,
                           struct linnet_counter *counter)
{
    const struct linnet_worker *worker = server->worker;
    const struct ln_counters *counters = ln_worker_counters(worker);
    const uint64_t counted[] = {
#define COUNTER_VALUE(name, meaning) counters->name,
        LN_COUNTERS(COUNTER_VALUE)
#undef COUNTER_VALUE
    };
    const uint64_t used[] = {
#define POOL_VALUES(name, meaning) ln_pool_used(&worker->name), ln_pool_used_max(&worker->name),
        POOLS(POOL_VALUES)
#undef POOL_VALUES
    };
    const size_t counted_count = sizeof counted / sizeof counted[0];
    if (index >= sizeof counter_rows / sizeof counter_rows[0]) {
        return false;
    }
    *counter = (struct linnet_counter){.name = counter_rows[index].name,
                                       .meaning = counter_rows[index].meaning};
    if (index < counted_count) {
        counter->value = counted[index];
    } else if (index < counted_count + LN_CLOSE_REASON_COUNT) {
        counter->value = counters->closed_for[index - counted_count];
    } else {
        counter->value = used[index - counted_count - LN_CLOSE_REASON_COUNT];
    }
    return true;
}
