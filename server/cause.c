/* Where a dying worker writes. Like signals, this is of the process: its state is global.
 *
 * Writing stands on nothing of ours that asserts: what failed may be just that. */
#include "server/cause.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "core/base/number.h"

enum { YIELDS_MAX = 10000 };

static _Atomic(char *) told;
static atomic_size_t told_len;
static atomic_bool said;

void ln_cause_tell(char *text, size_t len)
{
    atomic_store(&said, false);
    atomic_store(&told_len, len);
    atomic_store(&told, text);
}

bool ln_cause_write(const char *const *pieces, size_t count)
{
    char *text = atomic_exchange(&told, NULL);
    const size_t len = atomic_load(&told_len);
    size_t used = 0;
    if (text == NULL || len == 0) {
        /* Another thread may be at it: whoever ends the process next lets it finish. */
        for (unsigned i = 0; i < YIELDS_MAX && len > 0 && !atomic_load(&said); i++) {
            (void)sched_yield();
        }
        return len > 0;
    }
    for (size_t i = 0; i < count; i++) {
        for (const char *next = pieces[i]; *next != 0 && used + 1 < len; next++) {
            text[used++] = *next;
        }
    }
    text[used] = 0;
    atomic_store(&said, true);
    return true;
}

static void put_text(struct ln_cursor *cursor, const char *text)
{
    ln_cursor_put(cursor, text, strlen(text));
}

void ln_cause_put(struct ln_cursor *cursor, const char *words, size_t len_max, int status)
{
    if (words[0] != 0) {
        ln_cursor_put(cursor, words, strnlen(words, len_max));
    } else if (WIFSIGNALED(status)) {
        const char *name = sigabbrev_np(WTERMSIG(status));
        put_text(cursor, "SIG");
        put_text(cursor, name == NULL ? "?" : name);
    } else {
        put_text(cursor, "exit code ");
        ln_number_put_decimal(cursor, (uint64_t)WEXITSTATUS(status));
    }
    if (WIFSIGNALED(status) && WCOREDUMP(status)) {
        put_text(cursor, " (core dumped)");
    }
}
