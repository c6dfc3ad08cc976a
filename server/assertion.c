/* Where a failed assertion ends on a host: one line on standard error, then an abort.
 *
 * It stands on nothing of ours that asserts: what failed may be just that. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linnet/assert.h>

enum { DIGITS_MAX = 10 };

static struct iovec piece(const char *text)
{
    return (struct iovec){(void *)(uintptr_t)text, strlen(text)};
}

_Noreturn void linnet_assert_failed(const char *file, int line, const char *condition)
{
    char digits[DIGITS_MAX + 1] = {0};
    size_t at = DIGITS_MAX;
    for (unsigned left = (unsigned)line; at > 0 && (left > 0 || at == DIGITS_MAX); left /= 10) {
        digits[--at] = (char)('0' + left % 10);
    }
    const struct iovec pieces[] = {piece("linnet: assertion failed: "),
                                   piece(condition),
                                   piece(" at "),
                                   piece(file),
                                   piece(":"),
                                   piece(digits + at),
                                   piece("\n")};
    const ssize_t ignored = writev(STDERR_FILENO, pieces, sizeof pieces / sizeof pieces[0]);
    (void)ignored;
    abort();
}
