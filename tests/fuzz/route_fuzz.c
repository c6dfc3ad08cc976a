/* Invariant: in a table that linnet_routes_check lets through, what answers a path does not depend
 * on the order of the rows, and no two of the best rows allow one method; parameters lie inside the
 * path and are of their types. A table that it does not let through is never misread either.
 *
 * The first byte says how the lines behind it are kinds; the first line is the path, the others are
 * rows, of which the first byte says the method and the host. */
#include <stdlib.h>
#include <string.h>

#include "core/base/span.h"
#include "core/route/pattern.h"
#include "core/route/route.h"

enum {
    ROWS_MAX = 8,
    INPUT_LEN_MAX = 256,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static void nothing(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                    struct linnet_span data)
{
    (void)context;
    (void)exchange;
    (void)event;
    (void)data;
}

static bool take_line(struct linnet_span *rest, struct linnet_span *line)
{
    if (rest->len == 0) {
        return false;
    }
    const uint8_t *end = memchr(rest->data, '\n', rest->len);
    const size_t len = end == NULL ? rest->len : (size_t)(end - rest->data);
    *line = (struct linnet_span){rest->data, len};
    const size_t taken = end == NULL ? len : len + 1;
    *rest = (struct linnet_span){rest->data + taken, rest->len - taken};
    return true;
}

static size_t read_rows(struct linnet_span rest, uint8_t kinds, struct linnet_route *rows)
{
    static const struct linnet_span hosts[] = {
        {NULL, 0}, {NULL, 0}, LINNET_SPAN_INIT("a"), LINNET_SPAN_INIT("b")};
    size_t count = 0;
    struct linnet_span line;
    while (count < ROWS_MAX && take_line(&rest, &line)) {
        const uint8_t bits = line.len > 0 ? line.data[0] : 0;
        rows[count] = (struct linnet_route){
            .kind = (kinds >> count & 1) != 0 ? LINNET_ROUTE_PATTERN : bits % 4,
            .methods = 1U << (bits >> 2) % 4,
            .host = hosts[(bits >> 4) % 4],
            .path = {line.data + 1, line.len > 0 ? line.len - 1 : 0},
            .handler = nothing,
        };
        count++;
    }
    return count;
}

static void check_parameters(const struct linnet_route *route, struct linnet_span path)
{
    struct ln_pattern_parameter parameter;
    const uint8_t *last = path.data;
    for (size_t i = 0; ln_pattern_parameter(route, path, i, &parameter); i++) {
        must(parameter.type != LN_PATTERN_LITERAL);
        must(ln_pattern_is_of(parameter.type, parameter.value));
        if (parameter.value.len > 0) {
            must(parameter.value.data > last);
            last = parameter.value.data + parameter.value.len - 1;
            must(last < path.data + path.len);
        }
    }
}

static void check_path(const struct linnet_route *rows, size_t count, bool is_sound,
                       struct linnet_span path, enum linnet_method method)
{
    struct linnet_route turned[ROWS_MAX];
    for (size_t i = 0; i < count; i++) {
        turned[i] = rows[count - 1 - i];
    }
    const struct ln_route_table table = {rows, count};
    const struct ln_route_table other = {turned, count};
    const struct linnet_span host = LINNET_SPAN("A:80");
    const struct ln_route_match match = ln_route_find(&table, host, path, method);
    const struct ln_route_match turned_match = ln_route_find(&other, host, path, method);
    must(match.allowed == turned_match.allowed);
    must((match.route == NULL) == (turned_match.route == NULL));
    if (match.route == NULL) {
        return;
    }
    const size_t index = (size_t)(match.route - rows);
    const size_t turned_index = count - 1 - (size_t)(turned_match.route - turned);
    must(!is_sound || index == turned_index);
    must(ln_pattern_rank(&rows[index]) == ln_pattern_rank(&rows[turned_index]));
    if (match.route->kind == LINNET_ROUTE_PATTERN) {
        check_parameters(match.route, path);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > INPUT_LEN_MAX) {
        return 0;
    }
    uint8_t *copy = malloc(size);
    must(copy != NULL);
    memcpy(copy, data, size);
    struct linnet_span rest = {copy + 1, size - 1};
    struct linnet_span path;
    struct linnet_route rows[ROWS_MAX];
    struct linnet_route_conflict conflict;
    if (take_line(&rest, &path) && path.len > 0 && path.data[0] == '/') {
        const size_t count = read_rows(rest, copy[0], rows);
        const bool is_sound = linnet_routes_check(rows, count, &conflict);
        must(is_sound == (conflict.fault == LINNET_ROUTE_FAULT_NONE));
        must(is_sound || (conflict.first < count && conflict.second < count));
        for (enum linnet_method method = 0; method < 4; method++) {
            check_path(rows, count, is_sound, path, method);
        }
    }
    free(copy);
    return 0;
}
