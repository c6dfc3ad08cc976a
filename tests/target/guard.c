/* Guarded memory where there are no pages: what stands before and behind it is looked at when the
 * guard is used again or closed, so that who wrote too far is found, and who only read is not. */
#include "tests/lib/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EDGE_LEN = 64, EDGE_BYTE = 0xEB };

static void fill_edges(struct guard *guard)
{
    memset(guard->map, EDGE_BYTE, EDGE_LEN);
    memset(guard->begin + guard->capacity, EDGE_BYTE, EDGE_LEN);
}

static void check_edges(const struct guard *guard)
{
    for (size_t i = 0; i < EDGE_LEN; i++) {
        if (guard->map[i] != EDGE_BYTE || guard->begin[guard->capacity + i] != EDGE_BYTE) {
            puts("guard: somebody wrote beside it");
            abort();
        }
    }
}

struct guard guard_open(size_t capacity)
{
    struct guard guard = {.map_len = capacity + 2 * EDGE_LEN, .capacity = capacity};
    guard.map = malloc(guard.map_len);
    if (guard.map == NULL) {
        puts("guard: no memory");
        abort();
    }
    guard.begin = guard.map + EDGE_LEN;
    fill_edges(&guard);
    return guard;
}

void guard_close(struct guard *guard)
{
    check_edges(guard);
    free(guard->map);
    *guard = (struct guard){0};
}

struct linnet_room guard_room(struct guard *guard, size_t len)
{
    check_edges(guard);
    if (len > guard->capacity) {
        puts("guard: too small");
        abort();
    }
    return (struct linnet_room){guard->begin + guard->capacity - len, len};
}

static struct linnet_span put(struct guard *guard, struct linnet_span bytes, uint8_t *at)
{
    memset(guard->begin, 0xEE, guard->capacity);
    if (bytes.len > 0) {
        memcpy(at, bytes.data, bytes.len);
    }
    return (struct linnet_span){at, bytes.len};
}

struct linnet_span guard_put(struct guard *guard, struct linnet_span bytes)
{
    return put(guard, bytes, guard_room(guard, bytes.len).data);
}

struct linnet_span guard_put_low(struct guard *guard, struct linnet_span bytes)
{
    (void)guard_room(guard, bytes.len);
    return put(guard, bytes, guard->begin);
}
