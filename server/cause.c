/* Where a dying worker writes. Like signals, this is of the process: its state is global.
 *
 * It stands on nothing of ours that asserts: what failed may be just that. */
#include "server/cause.h"

#include <stdatomic.h>

static _Atomic(char *) told;
static atomic_size_t told_len;

void ln_cause_tell(char *text, size_t len)
{
    atomic_store(&told_len, len);
    atomic_store(&told, text);
}

bool ln_cause_write(const char *const *pieces, size_t count)
{
    char *text = atomic_exchange(&told, NULL);
    const size_t len = atomic_load(&told_len);
    size_t used = 0;
    if (text == NULL || len == 0) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        for (const char *next = pieces[i]; *next != 0 && used + 1 < len; next++) {
            text[used++] = *next;
        }
    }
    text[used] = 0;
    return true;
}
