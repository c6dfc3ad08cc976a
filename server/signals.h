/* SIGINT and SIGTERM: counted, and they end a turn that waits. SIGHUP: remembered until it is asked
 * for, where the log is a file; else it stays as it was. SIGPIPE is ignored. */
#ifndef LN_SERVER_SIGNALS_H
#define LN_SERVER_SIGNALS_H

#include <stdbool.h>

#include <linnet/driver.h>

void ln_signals_catch(bool with_hangup);

/* Which driver to wake; NULL for none. */
void ln_signals_wake(const struct linnet_driver_operations *operations,
                     struct linnet_driver *driver);

unsigned ln_signals_count(void);

/* Has SIGHUP come since it was last asked? */
bool ln_signals_take_hangup(void);

#endif
