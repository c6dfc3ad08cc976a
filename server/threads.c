/* Threads that serve, and the one that wakes them. */
#include "server/threads.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "server/cause.h"
#include "server/listeners.h"
#include "server/parts.h"
#include "server/serving.h"
#include "server/signals.h"

enum {
    PAGE_LEN = 4096,
    LOOK_MS = 1000, /* the first thread looks at least so often whether all have ended */
    WAKE_MS = 50,   /* and wakes those who drain so often: one may have been about to wait */
};

struct thread {
    pthread_t id;
    struct ln_serving serving;
    struct ln_parts parts;
    atomic_bool ended;
};

struct ln_threads {
    struct ln_server *server;
    unsigned place;
    unsigned count;
    atomic_uint draining; /* those who have begun to */
    struct thread each[];
};

static size_t threads_len(unsigned count)
{
    return sizeof(struct ln_threads) + count * sizeof(struct thread);
}

struct ln_threads *ln_threads_make(struct ln_server *server, unsigned place, char *message)
{
    const struct ln_server_config *config = &server->config;
    const unsigned count = server->slices;
    struct ln_threads *threads =
        mmap(NULL, threads_len(count), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (threads == MAP_FAILED) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX, "the system has no memory for %u threads.",
                       count);
        return NULL;
    }
    threads->server = server;
    threads->place = place;
    threads->count = count;
    const unsigned reopens = atomic_load(&server->shared->reopens);
    for (unsigned i = 0; i < count; i++) {
        struct thread *thread = &threads->each[i];
        thread->serving = (struct ln_serving){
            .server = server,
            .parts = &thread->parts,
            .figures = &ln_server_row(server, place)[i].figures,
            .place = place,
            .draining = &threads->draining,
            .reopens = reopens,
        };
        if (!ln_parts_make(&thread->parts, server, server->places[place].listeners,
                           config->listener_count, &config->log, message)) {
            return NULL;
        }
    }
    return threads;
}

static void *serve(void *argument)
{
    static const char *const failed[] = {"the driver failed"};
    struct thread *thread = argument;
    if (!ln_serving_run(&thread->serving)) {
        (void)ln_cause_write(failed, 1);
        _exit(EXIT_FAILURE);
    }
    atomic_store(&thread->ended, true);
    return NULL;
}

/* The stack lies at the end of the block, behind a page that nobody may touch. */
static bool start(struct thread *thread, const pthread_attr_t *defaults)
{
    const struct ln_parts *parts = &thread->parts;
    const uintptr_t end = ((uintptr_t)parts->block + parts->block_len) & ~(uintptr_t)(PAGE_LEN - 1);
    const size_t len = parts->stack_len - 2 * (size_t)PAGE_LEN;
    uint8_t *stack = (uint8_t *)parts->block + (end - len - (uintptr_t)parts->block);
    pthread_attr_t attributes = *defaults;
    return mprotect(stack - PAGE_LEN, PAGE_LEN, PROT_NONE) == 0 &&
           pthread_attr_setstack(&attributes, stack, len) == 0 &&
           pthread_create(&thread->id, &attributes, serve, thread) == 0;
}

bool ln_threads_start(struct ln_threads *threads, char *message)
{
    pthread_attr_t defaults;
    bool started = pthread_attr_init(&defaults) == 0;
    ln_signals_catch_wake();
    for (unsigned i = 0; started && i < threads->count; i++) {
        started = start(&threads->each[i], &defaults);
    }
    (void)pthread_attr_destroy(&defaults);
    if (!started) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "the system makes no %u threads. Lower --connections or threads_max, or "
                       "raise `ulimit -u`.",
                       threads->count);
    }
    return started;
}

/* How many there still are; they are woken. */
static unsigned wake(const struct ln_threads *threads)
{
    unsigned left = 0;
    for (unsigned i = 0; i < threads->count; i++) {
        if (!atomic_load(&threads->each[i].ended)) {
            left++;
            (void)pthread_kill(threads->each[i].id, LN_SIGNALS_WAKE);
        }
    }
    return left;
}

void ln_threads_run(struct ln_threads *threads)
{
    const struct ln_shared *shared = threads->server->shared;
    int64_t wait_ms = LOOK_MS;
    unsigned left = threads->count;
    while (left > 0) {
        const bool called = ln_signals_wait(wait_ms) != 0;
        const bool drains = atomic_load(&shared->order) != LN_SHARED_SERVE;
        wait_ms = drains ? WAKE_MS : LOOK_MS;
        if (called || drains) {
            left = wake(threads);
        }
        /* Not before all know: who is refused by now is told so by a server that drains. */
        if (drains && atomic_load(&threads->draining) == threads->count) {
            ln_listeners_shut(threads->server, threads->place);
        }
    }
    for (unsigned i = 0; i < threads->count; i++) {
        (void)pthread_join(threads->each[i].id, NULL);
        ln_parts_close(&threads->each[i].parts);
    }
    (void)munmap(threads, threads_len(threads->count));
}
