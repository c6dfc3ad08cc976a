/* Kernel AIO by libaio, whose calls return the negated errno. */
#include "drivers/system/system_aio.h"

#include <errno.h>
#include <time.h>

#include "drivers/system/system_error.h"
#include "drivers/system/system_fault.h"

enum linnet_error ln_system_aio_open(unsigned depth, io_context_t *context)
{
    *context = NULL;
    const int fault = LN_SYSTEM_SUBMIT(AIO_SETUP);
    const int outcome = fault != 0 ? fault : io_setup((int)depth, context);
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
    const int fault = LN_SYSTEM_SUBMIT(AIO_SUBMIT);
    const int outcome = fault != 0 ? fault : io_submit(context, 1, &request);
    return outcome == 1 ? LINNET_ERROR_NONE : ln_system_error(-outcome);
}

enum linnet_error ln_system_aio_reap(
    io_context_t context, struct ln_system_aio_completion completions[LN_SYSTEM_AIO_COMPLETIONS],
    size_t *count)
{
    struct io_event events[LN_SYSTEM_AIO_COMPLETIONS];
    struct timespec at_once = {0};
    const int fault = LN_SYSTEM_SUBMIT(AIO_REAP);
    const int got =
        fault != 0 ? fault : io_getevents(context, 0, LN_SYSTEM_AIO_COMPLETIONS, events, &at_once);
    *count = got > 0 ? (size_t)got : 0;
    for (size_t i = 0; i < *count; i++) {
        const int broken = LN_SYSTEM_SUBMIT(AIO_READ);
        const long outcome = broken != 0 ? broken : (long)events[i].res; /* which was signed */
        completions[i] = (struct ln_system_aio_completion){
            .number = (uint32_t)(uintptr_t)events[i].data,
            .len = outcome < 0 ? -1 : (ptrdiff_t)outcome,
            .error = outcome < 0 ? ln_system_error((int)-outcome) : LINNET_ERROR_NONE,
        };
    }
    return got < 0 ? ln_system_error(-got) : LINNET_ERROR_NONE;
}
