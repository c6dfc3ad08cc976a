/* Of system_call_test.c: what reading ahead asks of the system, once. */
#ifndef LN_TESTS_UNIT_SYSTEM_CALL_READS_H
#define LN_TESTS_UNIT_SYSTEM_CALL_READS_H

#include "drivers/system/system_aio.h"
#include "drivers/system/system_event.h"
#include "drivers/system/system_file.h"

static inline enum linnet_error set_direct(int file)
{
    (void)ln_system_file_set_direct(file, true);
    (void)ln_system_file_set_direct(file, false);
    return LINNET_ERROR_NONE;
}

/* A buffered read, which has completed when it was submitted. */
static inline enum linnet_error read_later(int file)
{
    struct ln_system_aio_completion completions[LN_SYSTEM_AIO_COMPLETIONS];
    io_context_t context;
    struct iocb request;
    uint8_t bytes[4];
    size_t count = 0;
    int event;
    enum linnet_error error = ln_system_aio_open(1, &context);
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    assert_int_equal(ln_system_event_open(&event), LINNET_ERROR_NONE);
    ln_system_aio_prepare(&request, file, 0, (struct linnet_room){bytes, sizeof bytes}, event, 7);
    error = ln_system_aio_submit(context, &request);
    if (error == LINNET_ERROR_NONE) {
        error = ln_system_aio_reap(context, completions, &count);
    }
    if (error == LINNET_ERROR_NONE) {
        assert_int_equal(count, 1);
        assert_int_equal(completions[0].number, 7);
        error = completions[0].error;
    }
    ln_system_aio_close(context);
    ln_system_close_file(event);
    return error;
}

#endif
