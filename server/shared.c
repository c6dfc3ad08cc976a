/* The mapping that a server's processes share. */
#include "server/shared.h"

#include <sys/mman.h>

size_t ln_shared_len(unsigned workers)
{
    const size_t page_len = 4096;
    const size_t len = sizeof(struct ln_shared) + workers * sizeof(struct ln_shared_row);
    return (len + page_len - 1) & ~(page_len - 1);
}

struct ln_shared *ln_shared_map(unsigned workers)
{
    void *shared = mmap(NULL, ln_shared_len(workers), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return shared == MAP_FAILED ? NULL : shared;
}

void ln_shared_unmap(struct ln_shared *shared, unsigned workers)
{
    (void)munmap(shared, ln_shared_len(workers));
}

struct ln_figures ln_shared_figures(const struct ln_shared_row *row)
{
    struct ln_figures figures = row->figures;
    ln_figures_follow(&figures, &row->before);
    return figures;
}

void ln_shared_vacate(struct ln_shared_row *row)
{
    row->before = ln_shared_figures(row);
    row->figures = (struct ln_figures){.slots = {0, 0}};
    row->cause[0] = 0;
    row->message[0] = 0;
    atomic_store(&row->stage, LN_SHARED_STARTING);
}
