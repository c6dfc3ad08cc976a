/* The server: boot out of one block of memory, listeners, one worker, its driver, and the end.
 *
 * Boot may allocate, look names up and fail with words; from ln_server_run on nothing does. */
#ifndef LN_SERVER_SERVER_H
#define LN_SERVER_SERVER_H

#include "drivers/system/system_unix.h"
#include "server/budget.h"
#include "server/log.h"

enum { LN_SERVER_MESSAGE_MAX = 512 };

struct ln_server_listener {
    struct linnet_address address; /* the port is the real one after boot */
    const char *path;              /* of a unix socket, or NULL: the address counts */
    bool any;                      /* every address of both families */
    int descriptor;                /* -1: not open */
    struct ln_system_unix name;    /* of an open unix socket */
};

struct ln_server_config {
    struct linnet_limits limits;
    uint64_t given; /* bit `enum linnet_limit`: set by the user, so nothing else changes it */
    const struct linnet_driver_operations *driver;
    const char *folder;
    struct ln_server_listener listeners[LINNET_LISTENERS_MAX];
    unsigned listener_count;
    unsigned leniencies; /* LN_LENIENCY_... */
    struct ln_log_config log;
    uint64_t memory_len; /* what the budget must fit into; 0: it is what the limits make it */
    bool lock_memory;
};

struct ln_server {
    struct ln_server_config config; /* the limits as they were settled (server/plan.h) */
    struct ln_budget budget;
    struct linnet_route route;
    struct ln_log log;
    struct linnet_worker *worker;
    struct linnet_driver *driver;
    void *block;
    int root;
    uint64_t descriptors_allowed;
    bool connections_lowered; /* for want of descriptors */
};

/* Boots without listening and without a log, for whoever wants to see what it would take: nothing
 * of it can be run. Ends like ln_server_boot. */
bool ln_server_rehearse(struct ln_server *server, const struct ln_server_config *config,
                        char *message);

/* The plan of the server's budget. */
struct ln_budget_plan ln_server_plan(const struct ln_server_config *config);

/* Bytes of the block that are in memory by now. */
uint64_t ln_server_touched_len(const struct ln_server *server);

/* Boots. false: nothing is left open, and `message` (LN_SERVER_MESSAGE_MAX bytes) says what was
 * wrong, where, and what to do. */
bool ln_server_boot(struct ln_server *server, const struct ln_server_config *config, char *message);

/* Serves until SIGINT or SIGTERM, then drains: at most drain_ms, or until a second signal. false:
 * the driver failed. */
bool ln_server_run(struct ln_server *server);

void ln_server_close(struct ln_server *server);

#endif
