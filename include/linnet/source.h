/* A source: content of known length that outlives a handler's call, such as a file.
 *
 * Who opened it owns it; core holds it by `hold` and gives it up by `release`, once each for every
 * lend. Its memory and its descriptor stay as they are until the last release. */
#ifndef LINNET_SOURCE_H
#define LINNET_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linnet/declarations.h>
#include <linnet/span.h>

LINNET_BEGIN

struct linnet_source;

#define LINNET_READ_FAILED (-1)
#define LINNET_READ_LATER  (-2) /* it was begun: linnet_worker_file_read says how it went */

#define LINNET_NO_READ UINT32_MAX /* instead of a read's number: it completes in the call */

enum { LINNET_READ_ALIGN = 4096 };

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
    /* How its content goes: sent as a file range where the driver can (false); or read ahead into
     * loans and sent from them, so that nobody waits for the disk, where the driver has ASYNC_FILE
     * and the limits give loans (read_len). */
    bool read_ahead;
    /* The descriptor was opened with O_DIRECT: a driver reads it at multiples of LINNET_READ_ALIGN
     * alone. A driver that finds that its file system has no such reads takes that back. */
    bool direct;
};

LINNET_END

#endif
