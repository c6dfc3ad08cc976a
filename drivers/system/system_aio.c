/* Kernel AIO by libaio, whose calls return the negated errno. */
#include "drivers/system/system_aio.h"

#include <errno.h>
#include <time.h>

#include "drivers/system/system_error.h"

enum linnet_error ln_system_aio_open(unsigned depth, io_context_t *context)
{
    *context = NULL;
    const int outcome = io_setup((int)depth, context);
    return outcome == 0 ? LINNET_ERROR_NONE : ln_system_error(-outcome);
}

void ln_system_aio_close(io_context_t context)
{
    (void)io_destroy(context);
}

void ln_system_aio_prepare(struct iocb *request, int descriptor, uint64_t offset,
                           struct linnet_room room, int event, uint32_t number)
{
    io_prep_pread(request, descriptor, room.data, room.len, (long long)offset);
    io_set_eventfd(request, event);
    request->data = (void *)(uintptr_t)number;
}

enum linnet_error ln_system_aio_submit(io_context_t context, struct iocb *request)
{
    const int outcome = io_submit(context, 1, &request);
    return outcome == 1 ? LINNET_ERROR_NONE : ln_system_error(-outcome);
}

size_t ln_system_aio_reap(io_context_t context,
                          struct ln_system_aio_completion completions[LN_SYSTEM_AIO_COMPLETIONS])
{
    struct io_event events[LN_SYSTEM_AIO_COMPLETIONS];
    struct timespec at_once = {0};
    const int got = io_getevents(context, 0, LN_SYSTEM_AIO_COMPLETIONS, events, &at_once);
    const size_t count = got > 0 ? (size_t)got : 0;
    for (size_t i = 0; i < count; i++) {
        const long outcome = (long)events[i].res; /* what the kernel wrote was signed */
        completions[i] = (struct ln_system_aio_completion){
            .number = (uint32_t)(uintptr_t)events[i].data,
            .len = outcome < 0 ? -1 : (ptrdiff_t)outcome,
            .error = outcome < 0 ? ln_system_error((int)-outcome) : LINNET_ERROR_NONE,
        };
    }
    return count;
}
