/* Numbers that nobody guesses by accident, for lwIP: the sequence numbers of connections. They are
 * no keys: whoever needs those needs a source of entropy of the board's. */
#include "ports/lwip/lwip_random.h"

#include "ports/lwip/arch/cc.h"

static uint32_t state = 2463534242U;

void ln_lwip_random_stir(uint32_t noise)
{
    const uint32_t stirred = state ^ noise;
    state = stirred != 0 ? stirred : 1;
}

uint32_t ln_lwip_random(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}
