/* Kernel AIO of Linux: reads of files that complete later, told by an event (system_event.h).
 *
 * Only reads of descriptors with O_DIRECT really complete later; a buffered one is waited for in
 * the call that submits it. The library's types are the kernel's. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_AIO_H
#define LN_DRIVERS_SYSTEM_SYSTEM_AIO_H

#include <libaio.h>
#include <stddef.h>
#include <stdint.h>

#include <linnet/error.h>
#include <linnet/span.h>

/* Room for `depth` reads under way. AGAIN: the system allows no more (aio-max-nr); MEMORY,
 * UNSUPPORTED, SYSTEM. */
LINNET_MUST_USE enum linnet_error ln_system_aio_open(unsigned depth, io_context_t *context);

/* Waits for what is under way. */
void ln_system_aio_close(io_context_t context);

/* Makes a request to read at an offset; `number` comes back with its completion, which makes the
 * event readable. */
void ln_system_aio_prepare(struct iocb *request, int descriptor, uint64_t offset,
                           struct linnet_room room, int event, uint32_t number);

/* AGAIN: there is no room now; INVALID: its file cannot be read so; MEMORY, SYSTEM. */
LINNET_MUST_USE enum linnet_error ln_system_aio_submit(io_context_t context, struct iocb *request);

struct ln_system_aio_completion {
    ptrdiff_t len; /* bytes, 0 at the end of the file, or -1: */
    uint32_t number;
    enum linnet_error error; /* INVALID: its file cannot be read so; or another */
};

enum { LN_SYSTEM_AIO_COMPLETIONS = 64 };

/* What has completed, at most LN_SYSTEM_AIO_COMPLETIONS of them; never waits. AGAIN: a signal came
 * first, and there may be some. */
LINNET_MUST_USE enum linnet_error ln_system_aio_reap(
    io_context_t context, struct ln_system_aio_completion completions[LN_SYSTEM_AIO_COMPLETIONS],
    size_t *count);

#endif
