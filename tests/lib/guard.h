/* Memory between two pages that nobody may touch: who reads a byte too far or too early dies.
 *
 * A guard holds up to `capacity` bytes, placed so that they end exactly at the upper forbidden
 * page, or begin exactly at the lower one. */
#ifndef LN_TESTS_LIB_GUARD_H
#define LN_TESTS_LIB_GUARD_H

#include <linnet/span.h>

struct guard {
    uint8_t *map;
    size_t map_len;
    uint8_t *begin; /* of what may be touched */
    size_t capacity;
};

/* At least `capacity` bytes; a multiple of the page size is kept. */
struct guard guard_open(size_t capacity);
void guard_close(struct guard *guard);

/* Copies the bytes to the upper end, respectively to the lower one. What was there before is
 * filled with 0xEE. */
struct linnet_span guard_put(struct guard *guard, struct linnet_span bytes);
struct linnet_span guard_put_low(struct guard *guard, struct linnet_span bytes);

/* Room of that length that ends at the upper end. */
struct linnet_room guard_room(struct guard *guard, size_t len);

#endif
