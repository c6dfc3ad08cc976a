/* An event: one descriptor that is readable from a notification until it is cleared.
 *
 * It wakes whoever waits for descriptors. A notification may come from a signal handler or from a
 * thread, and is not lost when it comes just before the wait. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_EVENT_H
#define LN_DRIVERS_SYSTEM_SYSTEM_EVENT_H

#include <linnet/error.h>

LINNET_MUST_USE enum linnet_error ln_system_event_open(int *event);
void ln_system_event_notify(int event);
void ln_system_event_clear(int event);

#endif
