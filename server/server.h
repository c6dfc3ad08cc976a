/* The server: boot out of one block of memory, listeners, one worker, its driver, and the end.
 *
 * Boot may allocate, look names up and fail with words; from ln_server_run on nothing does. */
#ifndef LN_SERVER_SERVER_H
#define LN_SERVER_SERVER_H

#include "server/budget.h"
#include "server/log.h"

enum { LN_SERVER_MESSAGE_MAX = 512 };

struct ln_server_listener {
    struct linnet_address address; /* the port is the real one after boot */
    bool any;                      /* every address of both families */
    int descriptor;
};

struct ln_server_config {
    struct linnet_limits limits;
    const struct linnet_driver_operations *driver;
    const char *folder;
    struct ln_server_listener listeners[LINNET_LISTENERS_MAX];
    unsigned listener_count;
    unsigned leniencies;    /* LN_LENIENCY_... */
    int log_descriptor;     /* -1: no access log */
    bool connections_given; /* by the user: not lowered to fit the descriptors */
    bool open_files_given;
};

struct ln_server {
    struct ln_server_config config;
    struct ln_budget budget;
    struct linnet_route route;
    struct ln_log log;
    struct linnet_worker *worker;
    struct linnet_driver *driver;
    void *block;
    int root;
    bool connections_lowered;
};

/* Boots. false: nothing is left open, and `message` (LN_SERVER_MESSAGE_MAX bytes) says what was
 * wrong, where, and what to do. */
bool ln_server_boot(struct ln_server *server, const struct ln_server_config *config, char *message);

/* Serves until SIGINT or SIGTERM, then drains: at most drain_ms, or until a second signal. false:
 * the driver failed. */
bool ln_server_run(struct ln_server *server);

void ln_server_close(struct ln_server *server);

#endif
