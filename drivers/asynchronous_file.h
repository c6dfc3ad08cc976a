/* Reads of files that do not make a turn wait: read_file of a driver with ASYNC_FILE, by kernel AIO
 * and an event that the driver waits for beside its sockets.
 *
 * Only descriptors with O_DIRECT can be read so (source->direct). Everything else is read plainly,
 * in the call, and counted: other sources, what must complete in the call, and all of them where
 * the system gives no AIO. A file whose file system refuses such reads gives O_DIRECT back and is
 * read plainly from then on.
 *
 * A read is submitted when it is begun: of a window in motion one completes and one begins at a
 * time, so there is nothing to gather. What the system has no room for stands in line until others
 * that are under way have completed; when none is, it is read plainly, for nothing would come to
 * try it again. */
#ifndef LN_DRIVERS_ASYNCHRONOUS_FILE_H
#define LN_DRIVERS_ASYNCHRONOUS_FILE_H

#include <stdbool.h>

#include <linnet/error.h>
#include <linnet/limits.h>
#include <linnet/worker.h>

#include "drivers/system/system_aio.h"

struct ln_asynchronous_read {
    struct iocb request;
    struct linnet_source *source;
    uint64_t offset;
    struct linnet_room room;
    uint32_t beside; /* bytes read before the room, for the sake of alignment */
};

struct ln_asynchronous_file {
    struct linnet_worker *worker;
    io_context_t context; /* NULL: the system gives none */
    int event;            /* -1: none is needed */
    uint32_t reads_max;
    uint32_t under_way;
    uint32_t line_count;
    struct ln_asynchronous_read *reads; /* by their numbers */
    uint32_t *line;                     /* numbers, the oldest first */
};

/* Bytes of memory it takes (a multiple of 16), and descriptors. */
size_t ln_asynchronous_file_memory_len(const struct linnet_limits *limits);
unsigned ln_asynchronous_file_descriptor_count(const struct linnet_limits *limits);

/* Makes it, with its memory 16-byte aligned; `event` is to be waited for if it is not -1. Without
 * AIO in the system it reads plainly, which is no error. */
LINNET_MUST_USE enum linnet_error ln_asynchronous_file_open(struct ln_asynchronous_file *file,
                                                            void *memory,
                                                            const struct linnet_limits *limits,
                                                            struct linnet_worker *worker);
/* Nothing may be under way. */
void ln_asynchronous_file_close(struct ln_asynchronous_file *file);

/* As read_file of a driver. */
ptrdiff_t ln_asynchronous_file_read(struct ln_asynchronous_file *file, uint32_t read,
                                    struct linnet_source *source, uint64_t offset,
                                    struct linnet_room room);

/* The event is readable: tells the worker of what has completed, and submits who stood in line. */
void ln_asynchronous_file_reap(struct ln_asynchronous_file *file);

#endif
