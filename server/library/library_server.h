/* A server of the library: worker, driver and listeners in one block.
 *
 *     serving   from linnet_server_open on; a listener more changes nothing
 *     draining  linnet_server_stop was seen: nobody is accepted, what was begun goes on
 *     stopping  drain_ms have passed: all connections end
 *     done      no connection is open; a turn does nothing
 *
 * The states follow one another and none comes back. `stop_asked` is the only thing that another
 * thread or a signal handler writes; besides it wakes the driver. */
#ifndef LN_SERVER_LIBRARY_LIBRARY_SERVER_H
#define LN_SERVER_LIBRARY_LIBRARY_SERVER_H

#include <stdatomic.h>

#include <linnet/server.h>

#include "core/worker/worker.h"
#include "drivers/system/system_unix.h"
#include "server/library/block.h"
#include "server/library/message.h"

enum ln_library_state {
    LN_LIBRARY_SERVING,
    LN_LIBRARY_DRAINING,
    LN_LIBRARY_STOPPING,
    LN_LIBRARY_DONE,
};

enum { LN_LIBRARY_PATH_MAX = 108 }; /* of a unix socket, with its zero: what Linux takes */

struct ln_library_listener {
    int descriptor;
    bool adopted;
    char path[LN_LIBRARY_PATH_MAX]; /* of a unix socket of ours, or empty */
    struct ln_system_unix name;     /* and which one it is */
};

struct linnet_server {
    struct linnet_limits limits;
    struct ln_block block; /* what all this lies in */
    struct linnet_worker *worker;
    const struct linnet_driver_operations *operations;
    struct linnet_driver *driver;
    struct ln_message message;
    struct ln_library_listener listeners[LINNET_LISTENERS_MAX];
    unsigned listener_count;
    enum ln_library_state state;
    uint64_t stop_ms; /* draining: when it becomes stopping */
    atomic_bool stop_asked;
};

/* Closes what was opened of a listener. */
void ln_library_listener_close(const struct ln_library_listener *listener);

#endif
