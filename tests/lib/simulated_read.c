/* Reads of files that complete later, in the order that a test wants. */
#include <string.h>

#include "tests/lib/simulated_contract.h"

enum { PATTERN = 0xD7 };

ptrdiff_t simulated_read_file(void *owner, uint32_t read, struct linnet_source *source,
                              uint64_t offset, struct linnet_room room)
{
    struct simulated_driver *driver = owner;
    simulated_must(room.len > 0, "there is room to read into");
    if (read == LINNET_NO_READ || driver->way.reads == SIMULATED_READS_AT_ONCE) {
        return source->operations->read(source, offset, room);
    }
    simulated_must(read < linnet_worker_reads_max(&driver->limits), "reads are numbered");
    simulated_must((uintptr_t)room.data % LINNET_READ_ALIGN == offset % LINNET_READ_ALIGN,
                   "the room lies as far behind a page as the offset does");
    for (size_t i = 0; i < driver->read_count; i++) {
        simulated_must(driver->reads[i].number != read, "a number is of one read at a time");
    }
    simulated_must(driver->read_count < SIMULATED_READS_MAX, "a test has few reads under way");
    memset(room.data, PATTERN, room.len);
    driver->reads[driver->read_count] =
        (struct simulated_read){.number = read, .source = source, .offset = offset, .room = room};
    driver->read_count++;
    if (driver->read_count > driver->reads_most) {
        driver->reads_most = driver->read_count;
    }
    return LINNET_READ_LATER;
}

void simulated_read_check(const struct simulated_driver *driver)
{
    for (size_t i = 0; i < driver->read_count; i++) {
        const struct simulated_read *read = &driver->reads[i];
        const struct ln_connection *connection =
            driver->worker->context.read_loans.loans[read->number].connection;
        const unsigned state = connection->channel.operations->state(&connection->channel);
        simulated_must(((const struct simulated_source *)read->source)->holds > 0,
                       "a source is held while it is read");
        simulated_must((state & (LINNET_CLOSED | LINNET_READING)) != LINNET_CLOSED,
                       "what is closed and read into is READING");
        for (size_t at = 0; at < read->room.len; at++) {
            simulated_must(read->room.data[at] == PATTERN,
                           "the room of a read that is under way stays as it is");
        }
    }
}

void simulated_read_complete(struct simulated_driver *driver, size_t index, ptrdiff_t most)
{
    simulated_must(index < driver->read_count, "that read is under way");
    simulated_read_check(driver);
    const struct simulated_read read = driver->reads[index];
    ptrdiff_t result = most;
    driver->read_count--;
    memmove(&driver->reads[index], &driver->reads[index + 1],
            (driver->read_count - index) * sizeof read);
    if (most > 0) {
        struct linnet_room room = read.room;
        room.len = room.len < (size_t)most ? room.len : (size_t)most;
        result = read.source->operations->read(read.source, read.offset, room);
    }
    driver->moved = true;
    linnet_worker_file_read(driver->worker, read.number, result);
    simulated_contract_check(driver);
}
