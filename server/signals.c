/* Signals of a process are global, and so is this file's state: the only such place. */
#include "server/signals.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

static atomic_uint count;
static atomic_bool hangup;
static _Atomic(const struct linnet_driver_operations *) woken_operations;
static _Atomic(struct linnet_driver *) woken_driver;

static void on_signal(int number)
{
    if (number == SIGHUP) {
        atomic_store(&hangup, true);
    } else {
        atomic_fetch_add(&count, 1);
    }
    const struct linnet_driver_operations *operations = atomic_load(&woken_operations);
    struct linnet_driver *driver = atomic_load(&woken_driver);
    if (operations != NULL && driver != NULL) {
        operations->wake(driver);
    }
}

void ln_signals_catch(bool with_hangup)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    (void)sigemptyset(&action.sa_mask);
    action.sa_handler = on_signal;
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    if (with_hangup) {
        (void)sigaction(SIGHUP, &action, NULL);
    }
    action.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &action, NULL);
}

void ln_signals_wake(const struct linnet_driver_operations *operations,
                     struct linnet_driver *driver)
{
    atomic_store(&woken_driver, NULL);
    atomic_store(&woken_operations, operations);
    atomic_store(&woken_driver, driver);
    /* One that came before is not slept over. */
    if (driver != NULL && atomic_load(&count) > 0) {
        operations->wake(driver);
    }
}

unsigned ln_signals_count(void)
{
    return atomic_load(&count);
}

bool ln_signals_take_hangup(void)
{
    return atomic_exchange(&hangup, false);
}
