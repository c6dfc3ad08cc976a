/* Lending buffers to read files into, so that the first one of an answer is always there. */
#include "core/connection/read_loans.h"

uint32_t ln_read_loans_count(const struct linnet_limits *limits)
{
    return limits->read_len == 0 ? 0 : (uint32_t)(limits->outputs + limits->extra_reads);
}

size_t ln_read_loans_memory_len(const struct linnet_limits *limits)
{
    const size_t count = ln_read_loans_count(limits);
    const size_t each = (size_t)limits->read_len + sizeof(struct ln_read_loan) + sizeof(uint32_t);
    return count == 0 ? 0 : LINNET_READ_ALIGN + count * each;
}

void ln_read_loans_init(struct ln_read_loans *loans, void *memory,
                        const struct linnet_limits *limits)
{
    const uint32_t count = ln_read_loans_count(limits);
    const size_t read_len = (size_t)limits->read_len;
    LN_ASSERT(read_len % LINNET_READ_ALIGN == 0);
    *loans = (struct ln_read_loans){.loans = NULL};
    if (count == 0) {
        ln_pool_init(&loans->pool, NULL, read_len, NULL, 0);
        return;
    }
    const size_t beside = (uintptr_t)memory % LINNET_READ_ALIGN;
    uint8_t *buffers = (uint8_t *)memory + (beside == 0 ? 0 : LINNET_READ_ALIGN - beside);
    loans->loans = (struct ln_read_loan *)(void *)(buffers + count * read_len);
    ln_pool_init(&loans->pool, buffers, read_len, (uint32_t *)(void *)(loans->loans + count),
                 count);
}

uint32_t ln_read_loans_take(struct ln_read_loans *loans, const struct linnet_limits *limits,
                            uint32_t held)
{
    if (held > 0) {
        if (held >= limits->read_ahead || loans->extra_used >= limits->extra_reads) {
            return LN_POOL_NONE;
        }
        loans->extra_used++;
    }
    const uint32_t index = ln_pool_take(&loans->pool);
    LN_ASSERT(index != LN_POOL_NONE);
    return index;
}

void ln_read_loans_give(struct ln_read_loans *loans, uint32_t index, uint32_t held)
{
    LN_ASSERT(held > 0);
    if (held > 1) {
        LN_ASSERT(loans->extra_used > 0);
        loans->extra_used--;
    }
    ln_pool_give(&loans->pool, index);
}
