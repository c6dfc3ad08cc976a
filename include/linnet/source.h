/* A source: content of known length that outlives a handler's call, such as a file.
 *
 * Who opened it owns it; core holds it by `hold` and gives it up by `release`, once each for every
 * lend. Its memory and its descriptor stay as they are until the last release. */
#ifndef LINNET_SOURCE_H
#define LINNET_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include <linnet/span.h>

struct linnet_source;

#define LINNET_READ_FAILED (-1)

struct linnet_source_operations {
    /* Up to room.len bytes from `offset` into the room; the number read, 0 at the end of the
     * source (it has shrunk), or LINNET_READ_FAILED. Used where a driver cannot send files. */
    ptrdiff_t (*read)(struct linnet_source *source, uint64_t offset, struct linnet_room room);
    void (*hold)(struct linnet_source *source);
    void (*release)(struct linnet_source *source);
};

struct linnet_source {
    const struct linnet_source_operations *operations;
    int descriptor; /* of a file that a driver with FILE_RANGE may send, or -1 */
};

#endif
