/* Taking memory, once. */
#include "server/library/block.h"

#include <stdint.h>
#include <sys/mman.h>

enum linnet_error ln_block_take(struct ln_block *block, void *given, size_t given_len, size_t len)
{
    *block = (struct ln_block){.memory = NULL};
    if (given != NULL) {
        if (given_len < ln_block_len(len)) {
            return LINNET_ERROR_TOO_LARGE;
        }
        const size_t past = (uintptr_t)given % LN_BLOCK_ALIGNMENT;
        block->memory = (uint8_t *)given + (past == 0 ? 0 : LN_BLOCK_ALIGNMENT - past);
        return LINNET_ERROR_NONE;
    }
    void *mapped = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) {
        return LINNET_ERROR_MEMORY;
    }
    *block = (struct ln_block){.memory = mapped, .mapped = mapped, .mapped_len = len};
    return LINNET_ERROR_NONE;
}

void ln_block_give(const struct ln_block *block)
{
    if (block->mapped != NULL) {
        (void)munmap(block->mapped, block->mapped_len);
    }
}
