/* Signals of a process are global, and so is this file's state; cause.c has the only other. */
#include "server/signals.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

static _Atomic(const struct linnet_driver_operations *) woken_operations;
static _Atomic(struct linnet_driver *) woken_driver;
static atomic_bool provoked;
static atomic_bool hangup_held;

static void set_action(int number, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    (void)sigemptyset(&action.sa_mask);
    action.sa_handler = handler;
    (void)sigaction(number, &action, NULL);
}

static void held_signals(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGINT);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGUSR1);
    (void)sigaddset(set, SIGCHLD);
    if (atomic_load(&hangup_held)) {
        (void)sigaddset(set, SIGHUP);
    }
}

void ln_signals_hold(bool with_hangup)
{
    sigset_t set;
    atomic_store(&hangup_held, with_hangup);
    held_signals(&set);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    set_action(SIGCHLD, SIG_DFL); /* ignored, which it may be inherited as, it would reap them */
    set_action(SIGPIPE, SIG_IGN);
    set_action(SIGXFSZ, SIG_IGN); /* a log that may not grow is no reason to end */
}

int ln_signals_wait(int64_t timeout_ms)
{
    const struct timespec timeout = {.tv_sec = (time_t)(timeout_ms / 1000),
                                     .tv_nsec = (long)(timeout_ms % 1000 * 1000000)};
    sigset_t set;
    held_signals(&set);
    const int number = sigtimedwait(&set, NULL, timeout_ms < 0 ? NULL : &timeout);
    return number < 0 ? 0 : number;
}

static void on_signal(int number)
{
    const struct linnet_driver_operations *operations = atomic_load(&woken_operations);
    struct linnet_driver *driver = atomic_load(&woken_driver);
    if (number == SIGUSR2) {
        atomic_store(&provoked, true);
    }
    if (operations != NULL && driver != NULL) {
        operations->wake(driver);
    }
}

#ifdef LINNET_TESTING
static void catch_provocation(void)
{
    set_action(SIGUSR2, on_signal);
}
#else
static void catch_provocation(void)
{
}
#endif

void ln_signals_catch(void)
{
    sigset_t set;
    set_action(SIGINT, on_signal);
    set_action(SIGTERM, on_signal);
    set_action(SIGUSR1, on_signal);
    set_action(SIGHUP, on_signal);
    set_action(SIGCHLD, on_signal);
    catch_provocation();
    held_signals(&set);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void ln_signals_catch_wake(void)
{
    set_action(LN_SIGNALS_WAKE, on_signal);
    set_action(SIGHUP, on_signal);
    catch_provocation();
}

void ln_signals_wake(const struct linnet_driver_operations *operations,
                     struct linnet_driver *driver)
{
    atomic_store(&woken_driver, NULL);
    atomic_store(&woken_operations, operations);
    atomic_store(&woken_driver, driver);
}

bool ln_signals_provoked(void)
{
    return atomic_load(&provoked);
}
