/* A preload in which the system makes no process for a while: S2-2.
 *
 * Of the forks of a process the third to the fifth are refused with EAGAIN, as where there are as
 * many as may be. A process inherits the count of its parent: a worker's own begin behind it. */
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { FIRST_REFUSED = 3, LAST_REFUSED = 5 };

typedef pid_t fork_function(void);

static fork_function *real_fork;
static unsigned count;

__attribute__((constructor)) static void find_real(void)
{
    void *found = dlsym(RTLD_NEXT, "fork");
    memcpy(&real_fork, &found, sizeof found);
}

__attribute__((visibility("default"))) pid_t fork(void)
{
    count++;
    if (count >= FIRST_REFUSED && count <= LAST_REFUSED) {
        errno = EAGAIN;
        return -1;
    }
    return real_fork();
}
