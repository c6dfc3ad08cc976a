/* Raising a generation, setting a bit, and finding it. */
#include "core/worker/resumption.h"

#include "core/base/assert.h"
#include "core/base/bits.h"

enum {
    WORD_BITS = 32,
    GROUPS_MAX = 32,
};

static uint32_t word_count(uint32_t connections)
{
    return connections / WORD_BITS + (connections % WORD_BITS != 0);
}

size_t ln_resumption_memory_len(uint32_t connections)
{
    return (2 * (size_t)connections + word_count(connections)) * sizeof(uint32_t);
}

void ln_resumption_init(struct ln_resumption *resumption, void *memory, uint32_t connections)
{
    const uint32_t words = word_count(connections);
    LN_ASSERT(connections > 0);
    resumption->newest = memory;
    resumption->asked = (_Atomic uint32_t *)(void *)(resumption->newest + connections);
    resumption->bits = resumption->asked + connections;
    atomic_init(&resumption->groups, 0);
    resumption->count = connections;
    resumption->made = 0;
    resumption->group_len = words / GROUPS_MAX + (words % GROUPS_MAX != 0);
    resumption->pending = 0;
    resumption->word = 0;
    resumption->word_bits = 0;
}

void ln_resumption_open(struct ln_resumption *resumption, uint32_t connection)
{
    LN_ASSERT(connection < resumption->count);
    while (resumption->made <= connection) {
        const uint32_t i = resumption->made;
        if (i % WORD_BITS == 0) {
            atomic_init(&resumption->bits[i / WORD_BITS], 0);
        }
        atomic_init(&resumption->asked[i], 0);
        resumption->newest[i] = 0;
        resumption->made++;
    }
}

/* Never lowers it. false: it is higher already. */
static bool raise_to(_Atomic uint32_t *asked, uint32_t generation)
{
    uint32_t old = atomic_load_explicit(asked, memory_order_relaxed);
    while (old != generation) {
        if ((int32_t)(generation - old) < 0) {
            return false;
        }
        if (atomic_compare_exchange_weak_explicit(asked, &old, generation, memory_order_release,
                                                  memory_order_relaxed)) {
            return true;
        }
    }
    return true;
}

struct linnet_token ln_resumption_token(struct ln_resumption *resumption, uint32_t connection)
{
    LN_ASSERT(connection < resumption->made);
    uint32_t *newest = &resumption->newest[connection];
    if (*newest % 2 == 0) {
        (void)raise_to(&resumption->asked[connection], *newest);
        ++*newest;
    }
    return (struct linnet_token){.connection = connection, .generation = *newest};
}

void ln_resumption_end(struct ln_resumption *resumption, uint32_t connection)
{
    LN_ASSERT(connection < resumption->made);
    LN_ASSERT(resumption->newest[connection] % 2 == 1);
    resumption->newest[connection]++;
}

void ln_resumption_ask(struct ln_resumption *resumption, struct linnet_token token)
{
    if (token.generation % 2 == 0 || token.connection >= resumption->count) {
        return; /* none */
    }
    if (!raise_to(&resumption->asked[token.connection], token.generation)) {
        return; /* there has been another one since */
    }
    const uint32_t word = token.connection / WORD_BITS;
    atomic_fetch_or_explicit(&resumption->bits[word], (uint32_t)1 << token.connection % WORD_BITS,
                             memory_order_release);
    atomic_fetch_or_explicit(&resumption->groups, (uint32_t)1 << word / resumption->group_len,
                             memory_order_release);
}

/* The next word with bits; false: there is none. */
static bool next_word(struct ln_resumption *resumption)
{
    const uint32_t words = word_count(resumption->made);
    while (resumption->pending != 0) {
        const uint32_t group = ln_bits_lowest(resumption->pending);
        const uint32_t begin = group * resumption->group_len;
        const uint32_t end = begin + resumption->group_len;
        uint32_t word = resumption->word > begin ? resumption->word : begin;
        for (; word < end && word < words; word++) {
            if (atomic_load_explicit(&resumption->bits[word], memory_order_relaxed) != 0) {
                resumption->word_bits =
                    atomic_exchange_explicit(&resumption->bits[word], 0, memory_order_acquire);
                resumption->word = word;
                return true;
            }
        }
        resumption->pending &= resumption->pending - 1;
        resumption->word = 0;
    }
    return false;
}

void ln_resumption_gather(struct ln_resumption *resumption)
{
    LN_ASSERT(resumption->pending == 0);
    LN_ASSERT(resumption->word_bits == 0);
    resumption->pending = atomic_exchange_explicit(&resumption->groups, 0, memory_order_acquire);
}

bool ln_resumption_next(struct ln_resumption *resumption, uint32_t *connection)
{
    while (resumption->word_bits != 0 || next_word(resumption)) {
        const unsigned bit = ln_bits_lowest(resumption->word_bits);
        const uint32_t found = resumption->word * WORD_BITS + bit;
        resumption->word_bits &= resumption->word_bits - 1;
        const uint32_t newest = resumption->newest[found];
        if (newest % 2 == 1 &&
            atomic_load_explicit(&resumption->asked[found], memory_order_acquire) == newest) {
            *connection = found;
            return true;
        }
    }
    return false;
}
