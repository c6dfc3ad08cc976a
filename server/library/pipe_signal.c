/* The mask of one thread. */
#include "server/library/pipe_signal.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

static sigset_t only_pipe(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGPIPE);
    return set;
}

bool ln_pipe_signal_hold(void)
{
    const sigset_t set = only_pipe();
    sigset_t before;
    (void)sigemptyset(&before);
    (void)pthread_sigmask(SIG_BLOCK, &set, &before);
    return sigismember(&before, SIGPIPE) == 0;
}

void ln_pipe_signal_release(void)
{
    const sigset_t set = only_pipe();
    const struct timespec at_once = {.tv_sec = 0};
    while (sigtimedwait(&set, NULL, &at_once) == SIGPIPE) {
    }
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
