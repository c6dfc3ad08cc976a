/* The parameters of the route that a request came by, read out of its path when a handler asks. */
#include "core/base/span.h"
#include "core/exchange/exchange.h"
#include "core/route/pattern.h"

static bool parameter_at(const struct linnet_exchange *exchange, size_t index,
                         struct ln_pattern_parameter *parameter)
{
    return exchange->route != NULL && exchange->route->kind == LINNET_ROUTE_PATTERN &&
           ln_pattern_parameter(exchange->route, exchange->request.path, index, parameter);
}

static bool parameter_named(const struct linnet_exchange *exchange, struct linnet_span name,
                            struct ln_pattern_parameter *parameter)
{
    for (size_t i = 0; parameter_at(exchange, i, parameter); i++) {
        if (ln_span_equal(parameter->name, name)) {
            return true;
        }
    }
    return false;
}

size_t linnet_exchange_parameter_count(const struct linnet_exchange *exchange)
{
    struct ln_pattern_parameter parameter;
    size_t count = 0;
    while (parameter_at(exchange, count, &parameter)) {
        count++;
    }
    return count;
}

bool linnet_exchange_parameter_at(const struct linnet_exchange *exchange, size_t index,
                                  struct linnet_span *name, struct linnet_span *value)
{
    struct ln_pattern_parameter parameter;
    if (!parameter_at(exchange, index, &parameter)) {
        return false;
    }
    *name = parameter.name;
    *value = parameter.value;
    return true;
}

bool linnet_exchange_parameter(const struct linnet_exchange *exchange, struct linnet_span name,
                               struct linnet_span *value)
{
    struct ln_pattern_parameter parameter;
    if (!parameter_named(exchange, name, &parameter)) {
        return false;
    }
    *value = parameter.value;
    return true;
}

bool linnet_exchange_parameter_uint(const struct linnet_exchange *exchange, struct linnet_span name,
                                    uint64_t least, uint64_t most, uint64_t *number)
{
    LN_ASSERT(least <= most);
    struct ln_pattern_parameter parameter;
    uint64_t found = 0;
    if (!parameter_named(exchange, name, &parameter) ||
        !ln_pattern_uint(parameter.type, parameter.value, &found) || found < least ||
        found > most) {
        return false;
    }
    *number = found;
    return true;
}

bool linnet_exchange_parameter_int(const struct linnet_exchange *exchange, struct linnet_span name,
                                   int64_t least, int64_t most, int64_t *number)
{
    LN_ASSERT(least <= most);
    struct ln_pattern_parameter parameter;
    int64_t found = 0;
    if (!parameter_named(exchange, name, &parameter) ||
        (parameter.type != LN_PATTERN_INT && parameter.type != LN_PATTERN_UINT) ||
        !ln_pattern_int(parameter.value, &found) || found < least || found > most) {
        return false;
    }
    *number = found;
    return true;
}
