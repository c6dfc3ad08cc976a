/* Bytes that somebody else owns: a pointer and a length, never a terminating zero.
 *
 * A span may be empty (len 0, data may then be NULL). Who owns the bytes, and how long they stay
 * unchanged, is said by whoever hands the span out. */
#ifndef LINNET_SPAN_H
#define LINNET_SPAN_H

#include <stddef.h>
#include <stdint.h>

#include <linnet/declarations.h>

LINNET_BEGIN

struct linnet_span {
    const uint8_t *data;
    size_t len;
};

/* Memory that may be written: `len` bytes from `data`. */
struct linnet_room {
    uint8_t *data;
    size_t len;
};

/* A span over a string literal, without its terminating zero. */
#ifdef __cplusplus
#    define LINNET_SPAN(literal) \
        (linnet_span{reinterpret_cast<const uint8_t *>("" literal), sizeof("" literal) - 1})
#else
#    define LINNET_SPAN(literal) \
        ((struct linnet_span){(const uint8_t *)("" literal), sizeof("" literal) - 1})
#endif

/* The same as an initialiser of constant data. */
#define LINNET_SPAN_INIT(literal)                             \
    {                                                         \
        (const uint8_t *)("" literal), sizeof("" literal) - 1 \
    }

LINNET_END

#endif
