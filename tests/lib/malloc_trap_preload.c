/* A preload that ends the program when it allocates after boot: features S0-1.
 *
 * Boot has ended when a worker waits in epoll_wait or poll for the first time, or their parent in
 * sigtimedwait. From then on malloc, calloc, realloc and aligned_alloc write one line and exit with
 * 99, whoever calls them, libc included; free of what boot took stays allowed. glibc's own names
 * for its allocator save looking them up. */
#include <dlfcn.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EXIT_TRAPPED = 99 };

// NOLINTBEGIN(*): these are glibc's own names, and its parameters have reserved ones
void *__libc_malloc(size_t len);
void *__libc_calloc(size_t count, size_t len);
void *__libc_realloc(void *memory, size_t len);
void *__libc_memalign(size_t alignment, size_t len);

typedef int epoll_wait_function(int epoll, struct epoll_event *events, int capacity, int timeout);
typedef int poll_function(struct pollfd *set, nfds_t len, int timeout);
typedef int sigtimedwait_function(const sigset_t *set, siginfo_t *info,
                                  const struct timespec *timeout);

static atomic_bool booted;
static _Atomic(epoll_wait_function *) real_epoll_wait;
static _Atomic(poll_function *) real_poll;
static _Atomic(sigtimedwait_function *) real_sigtimedwait;

__attribute__((constructor)) static void find_real(void)
{
    epoll_wait_function *found = NULL;
    void *symbol = dlsym(RTLD_NEXT, "epoll_wait");
    memcpy(&found, &symbol, sizeof found);
    atomic_store(&real_epoll_wait, found);
    poll_function *found_poll = NULL;
    symbol = dlsym(RTLD_NEXT, "poll");
    memcpy(&found_poll, &symbol, sizeof found_poll);
    atomic_store(&real_poll, found_poll);
    sigtimedwait_function *found_too = NULL;
    symbol = dlsym(RTLD_NEXT, "sigtimedwait");
    memcpy(&found_too, &symbol, sizeof found_too);
    atomic_store(&real_sigtimedwait, found_too);
}

static void trap(const char *name)
{
    static const char text[] = ": memory was allocated after boot\n";
    if (!atomic_load(&booted)) {
        return;
    }
    if (write(STDERR_FILENO, name, strlen(name)) > 0) {
        const ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
        (void)ignored;
    }
    _exit(EXIT_TRAPPED);
}

__attribute__((visibility("default"))) int epoll_wait(int epoll, struct epoll_event *events,
                                                      int capacity, int timeout)
{
    atomic_store(&booted, true);
    return atomic_load(&real_epoll_wait)(epoll, events, capacity, timeout);
}

__attribute__((visibility("default"))) int poll(struct pollfd *set, nfds_t len, int timeout)
{
    atomic_store(&booted, true);
    return atomic_load(&real_poll)(set, len, timeout);
}

__attribute__((visibility("default"))) int sigtimedwait(const sigset_t *set, siginfo_t *info,
                                                        const struct timespec *timeout)
{
    atomic_store(&booted, true);
    return atomic_load(&real_sigtimedwait)(set, info, timeout);
}

__attribute__((visibility("default"))) void *malloc(size_t len)
{
    trap("malloc");
    return __libc_malloc(len);
}

__attribute__((visibility("default"))) void *calloc(size_t count, size_t len)
{
    trap("calloc");
    return __libc_calloc(count, len);
}

__attribute__((visibility("default"))) void *realloc(void *memory, size_t len)
{
    trap("realloc");
    return __libc_realloc(memory, len);
}

__attribute__((visibility("default"))) void *aligned_alloc(size_t alignment, size_t len)
{
    trap("aligned_alloc");
    return __libc_memalign(alignment, len);
}
// NOLINTEND(*)
