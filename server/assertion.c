/* Where a failed assertion ends on a host: a worker leaves its last words to its parent, any other
 * process writes one line on standard error; then an abort, which may leave a core.
 *
 * It stands on nothing of ours that asserts: what failed may be just that. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linnet/assert.h>

#include "server/cause.h"

enum {
    DIGITS_MAX = 10,
    PIECES = 8,
};

static void write_line(const char *const *texts)
{
    struct iovec pieces[PIECES];
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = (struct iovec){(void *)(uintptr_t)texts[i], strlen(texts[i])};
    }
    const ssize_t ignored = writev(STDERR_FILENO, pieces, PIECES);
    (void)ignored;
}

_Noreturn void linnet_assert_failed(const char *file, int line, const char *condition)
{
    char digits[DIGITS_MAX + 1] = {0};
    size_t at = DIGITS_MAX;
    for (unsigned left = (unsigned)line; at > 0 && (left > 0 || at == DIGITS_MAX); left /= 10) {
        digits[--at] = (char)('0' + left % 10);
    }
    const char *const texts[PIECES] = {"linnet: ", "assertion failed: ", condition, " at ", file,
                                       ":",        digits + at,          "\n"};
    if (!ln_cause_write(texts + 1, PIECES - 2)) {
        write_line(texts);
    }
    abort();
}
