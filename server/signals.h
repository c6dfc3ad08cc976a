/* SIGINT and SIGTERM: counted, and they end a turn that waits. SIGPIPE is ignored. */
#ifndef LN_SERVER_SIGNALS_H
#define LN_SERVER_SIGNALS_H

#include <linnet/driver.h>

void ln_signals_catch(void);

/* Which driver to wake; NULL for none. */
void ln_signals_wake(const struct linnet_driver_operations *operations,
                     struct linnet_driver *driver);

unsigned ln_signals_count(void);

#endif
