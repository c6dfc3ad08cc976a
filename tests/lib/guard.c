/* Memory between two pages that nobody may touch. */
#include "tests/lib/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void fail(const char *what)
{
    perror(what);
    abort();
}

struct guard guard_open(size_t capacity)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t len = (capacity / page + 1) * page;
    struct guard guard = {.map_len = len + 2 * page, .capacity = len};
    guard.map = mmap(NULL, guard.map_len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (guard.map == MAP_FAILED) {
        fail("mmap");
    }
    guard.begin = guard.map + page;
    if (mprotect(guard.begin, len, PROT_READ | PROT_WRITE) != 0) {
        fail("mprotect");
    }
    return guard;
}

void guard_close(struct guard *guard)
{
    if (munmap(guard->map, guard->map_len) != 0) {
        fail("munmap");
    }
    *guard = (struct guard){0};
}

static struct linnet_span put(struct guard *guard, struct linnet_span bytes, size_t at)
{
    memset(guard->begin, 0xEE, guard->capacity);
    if (bytes.len > 0) {
        memcpy(guard->begin + at, bytes.data, bytes.len);
    }
    return (struct linnet_span){guard->begin + at, bytes.len};
}

struct linnet_span guard_put(struct guard *guard, struct linnet_span bytes)
{
    return put(guard, bytes, (size_t)(guard_room(guard, bytes.len).data - guard->begin));
}

struct linnet_span guard_put_low(struct guard *guard, struct linnet_span bytes)
{
    (void)guard_room(guard, bytes.len);
    return put(guard, bytes, 0);
}

struct linnet_room guard_room(struct guard *guard, size_t len)
{
    if (len > guard->capacity) {
        fputs("guard: too small\n", stderr);
        abort();
    }
    return (struct linnet_room){guard->begin + guard->capacity - len, len};
}
