/* Beginning reads, and telling of their ends. */
#include "drivers/asynchronous_file.h"

#include "core/base/assert.h"
#include "core/base/bits.h"
#include "drivers/system/system_event.h"
#include "drivers/system/system_file.h"
#include "drivers/system/system_socket.h"

size_t ln_asynchronous_file_memory_len(const struct linnet_limits *limits)
{
    const size_t count = linnet_worker_reads_max(limits);
    return ln_bits_round_up(count * (sizeof(struct ln_asynchronous_read) + sizeof(uint32_t)), 16);
}

unsigned ln_asynchronous_file_descriptor_count(const struct linnet_limits *limits)
{
    return linnet_worker_reads_max(limits) > 0 ? 1 : 0;
}

enum linnet_error ln_asynchronous_file_open(struct ln_asynchronous_file *file, void *memory,
                                            const struct linnet_limits *limits,
                                            struct linnet_worker *worker)
{
    *file = (struct ln_asynchronous_file){
        .worker = worker,
        .event = -1,
        .reads_max = linnet_worker_reads_max(limits),
        .reads = memory,
    };
    file->line = (uint32_t *)(void *)(file->reads + file->reads_max);
    if (file->reads_max == 0 ||
        ln_system_aio_open(file->reads_max, &file->context) != LINNET_ERROR_NONE) {
        return LINNET_ERROR_NONE;
    }
    const enum linnet_error error = ln_system_event_open(&file->event);
    if (error != LINNET_ERROR_NONE) {
        ln_system_aio_close(file->context);
        file->context = NULL;
    }
    return error;
}

void ln_asynchronous_file_close(struct ln_asynchronous_file *file)
{
    LN_ASSERT(file->under_way == 0);
    LN_ASSERT(file->line_count == 0);
    if (file->context != NULL) {
        ln_system_aio_close(file->context);
        ln_system_close_socket(file->event, false);
    }
}

/* A descriptor that is read plainly must take any offset and length. */
static ptrdiff_t read_plainly(const struct ln_asynchronous_file *file, struct linnet_source *source,
                              uint64_t offset, struct linnet_room room)
{
    if (source->direct) {
        (void)ln_system_file_set_direct(source->descriptor, false);
        source->direct = false;
    }
    linnet_worker_count_plain_read(file->worker);
    return source->operations->read(source, offset, room);
}

static enum linnet_error submit(struct ln_asynchronous_file *file, uint32_t read)
{
    const enum linnet_error error = ln_system_aio_submit(file->context, &file->reads[read].request);
    file->under_way += error == LINNET_ERROR_NONE ? 1 : 0;
    return error;
}

ptrdiff_t ln_asynchronous_file_read(struct ln_asynchronous_file *file, uint32_t read,
                                    struct linnet_source *source, uint64_t offset,
                                    struct linnet_room room)
{
    if (read == LINNET_NO_READ || file->context == NULL || !source->direct) {
        return read_plainly(file, source, offset, room);
    }
    LN_ASSERT(read < file->reads_max);
    LN_ASSERT(file->line_count < file->reads_max);
    const uint32_t beside = (uint32_t)(offset % LINNET_READ_ALIGN);
    const size_t len =
        (beside + room.len + LINNET_READ_ALIGN - 1) / LINNET_READ_ALIGN * LINNET_READ_ALIGN;
    LN_ASSERT((uintptr_t)(room.data - beside) % LINNET_READ_ALIGN == 0);
    struct ln_asynchronous_read *own = &file->reads[read];
    own->source = source;
    own->offset = offset;
    own->room = room;
    own->beside = beside;
    ln_system_aio_prepare(&own->request, source->descriptor, offset - beside,
                          (struct linnet_room){room.data - beside, len}, file->event, read);
    const enum linnet_error error = submit(file, read);
    if (error == LINNET_ERROR_AGAIN && file->under_way > 0) {
        file->line[file->line_count] = read;
        file->line_count++;
        return LINNET_READ_LATER;
    }
    return error == LINNET_ERROR_NONE ? LINNET_READ_LATER
                                      : read_plainly(file, source, offset, room);
}

/* It cannot be read as it was meant to. */
static void complete_plainly(const struct ln_asynchronous_file *file, uint32_t read)
{
    const struct ln_asynchronous_read *own = &file->reads[read];
    linnet_worker_file_read(file->worker, read,
                            read_plainly(file, own->source, own->offset, own->room));
}

/* Submits those in line, as far as there is room for them now. */
static void serve_line(struct ln_asynchronous_file *file)
{
    uint32_t begin = 0;
    while (begin < file->line_count) {
        const enum linnet_error error = submit(file, file->line[begin]);
        if (error == LINNET_ERROR_AGAIN && file->under_way > 0) {
            break;
        }
        if (error != LINNET_ERROR_NONE) {
            complete_plainly(file, file->line[begin]);
        }
        begin++;
    }
    file->line_count -= begin;
    for (uint32_t i = 0; i < file->line_count; i++) {
        file->line[i] = file->line[begin + i];
    }
}

/* How much of the room was filled: what lies before it and behind it does not count. */
static ptrdiff_t result_of(const struct ln_asynchronous_read *own,
                           const struct ln_system_aio_completion *completion)
{
    if (completion->error != LINNET_ERROR_NONE) {
        return LINNET_READ_FAILED;
    }
    const ptrdiff_t len = completion->len - (ptrdiff_t)own->beside;
    const ptrdiff_t room = (ptrdiff_t)own->room.len;
    return len < 0 ? 0 : len < room ? len : room;
}

void ln_asynchronous_file_reap(struct ln_asynchronous_file *file)
{
    struct ln_system_aio_completion completions[LN_SYSTEM_AIO_COMPLETIONS];
    size_t count;
    ln_system_event_clear(file->event);
    do {
        if (ln_system_aio_reap(file->context, completions, &count) != LINNET_ERROR_NONE) {
            ln_system_event_notify(file->event); /* once more, in the next turn */
        }
        LN_ASSERT(count <= file->under_way);
        file->under_way -= (uint32_t)count;
        for (size_t i = 0; i < count; i++) {
            const struct ln_system_aio_completion *completion = &completions[i];
            LN_ASSERT(completion->number < file->reads_max);
            if (completion->error == LINNET_ERROR_INVALID) {
                complete_plainly(file, completion->number);
            } else {
                linnet_worker_file_read(file->worker, completion->number,
                                        result_of(&file->reads[completion->number], completion));
            }
        }
    } while (count == LN_SYSTEM_AIO_COMPLETIONS);
    if (file->line_count > 0) {
        serve_line(file);
    }
}
