/* Signals: the parent waits for them, and they only wake a worker.
 *
 * What a worker is to do stands in the shared page (server/shared.h), so it makes no difference
 * how often it is woken, and by whom: Ctrl-C of a terminal reaches every process and is obeyed
 * once. SIGPIPE is ignored everywhere. */
#ifndef LN_SERVER_SIGNALS_H
#define LN_SERVER_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include <linnet/driver.h>

enum { LN_SIGNALS_WAKE = SIGURG }; /* without a handler it is ignored */

/* The parent's: from now on SIGINT, SIGTERM, SIGUSR1 and SIGCHLD wait for ln_signals_wait, and
 * SIGHUP where there is a log to open anew; else it stays as it was. */
void ln_signals_hold(bool with_hangup);

/* Waits for one of these, at most so long (negative: no limit). Returns it, or 0. */
int ln_signals_wait(int64_t timeout_ms);

/* A worker's: the same signals wake it. */
void ln_signals_catch(void);

/* Of a process with many threads: the signals go on waiting for ln_signals_wait, and
 * LN_SIGNALS_WAKE does nothing but end the call in which a thread waits. */
void ln_signals_catch_wake(void);

/* Which driver to wake; NULL for none. */
void ln_signals_wake(const struct linnet_driver_operations *operations,
                     struct linnet_driver *driver);

/* In builds for tests: SIGUSR2 has come, and the worker is to fail an assertion. */
bool ln_signals_provoked(void);

#endif
