/* A preload in which files cannot be read ahead as they should: LINNET_READ_FAULT says why.
 *
 *     direct   no descriptor takes O_DIRECT, as on file systems that have no such reads
 *     setup    the system gives no AIO
 *     submit   a read is refused when it is submitted, with EINVAL
 *     read     a read fails with EINVAL when it completes
 *     full     every second read finds no room in the system's queue */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libaio.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// NOLINTBEGIN(*): the parameters of libc's own declarations have reserved names

typedef int fcntl_function(int descriptor, int command, ...);
typedef int setup_function(int depth, io_context_t *context);
typedef int submit_function(io_context_t context, long count, struct iocb **requests);
typedef int getevents_function(io_context_t context, long least, long most, struct io_event *events,
                               struct timespec *timeout);

static fcntl_function *real_fcntl;
static setup_function *real_setup;
static submit_function *real_submit;
static getevents_function *real_getevents;
static const char *fault;
static unsigned submitted;

__attribute__((constructor)) static void find_real(void)
{
    void *found[] = {dlsym(RTLD_NEXT, "fcntl"), dlsym(RTLD_NEXT, "io_setup"),
                     dlsym(RTLD_NEXT, "io_submit"), dlsym(RTLD_NEXT, "io_getevents")};
    memcpy(&real_fcntl, &found[0], sizeof found[0]);
    memcpy(&real_setup, &found[1], sizeof found[1]);
    memcpy(&real_submit, &found[2], sizeof found[2]);
    memcpy(&real_getevents, &found[3], sizeof found[3]);
    fault = getenv("LINNET_READ_FAULT");
}

static bool is(const char *name)
{
    return fault != NULL && strcmp(fault, name) == 0;
}

__attribute__((visibility("default"))) int fcntl(int descriptor, int command, ...)
{
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (is("direct") && command == F_SETFL && ((long)argument & O_DIRECT) != 0) {
        errno = EINVAL;
        return -1;
    }
    return real_fcntl(descriptor, command, argument);
}

__attribute__((visibility("default"))) int io_setup(int depth, io_context_t *context)
{
    return is("setup") ? -ENOSYS : real_setup(depth, context);
}

__attribute__((visibility("default"))) int io_submit(io_context_t context, long count,
                                                     struct iocb **requests)
{
    submitted++;
    if (is("submit")) {
        return -EINVAL;
    }
    return is("full") && submitted % 2 == 0 ? -EAGAIN : real_submit(context, count, requests);
}

__attribute__((visibility("default"))) int io_getevents(io_context_t context, long least, long most,
                                                        struct io_event *events,
                                                        struct timespec *timeout)
{
    const int count = real_getevents(context, least, most, events, timeout);
    for (int i = 0; i < count && is("read"); i++) {
        events[i].res = (unsigned long)-EINVAL;
    }
    return count;
}

// NOLINTEND(*)
