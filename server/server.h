/* The server: boot, the processes that serve, and the end.
 *
 *     parent   settles the limits, opens folder and listeners, makes the page that all share, forks
 *              the workers, and then only waits: for signals, and for workers to replace
 *     worker   a process with a block of memory, a worker of core, a driver and a log of its own,
 *              and the listeners of its place
 *
 * There is always a parent and at least one worker. Boot may allocate, look names up and fail with
 * words; behind it nothing does. */
#ifndef LN_SERVER_SERVER_H
#define LN_SERVER_SERVER_H

#include <pthread.h>

#include "drivers/system/system_unix.h"
#include "server/budget.h"
#include "server/driver_choice.h"
#include "server/log.h"
#include "server/redirect.h"
#include "server/shared.h"
#include "tls/tls.h"

enum {
    LN_SERVER_MESSAGE_MAX = LN_SHARED_MESSAGE_MAX,
    LN_SERVER_WORKERS_MAX = 256,
    LN_SECURITY_LINE_MAX = 64,
};

struct ln_server_listener {
    struct linnet_address address; /* the port is the real one after boot */
    const char *path;              /* of a unix socket, or NULL: the address counts */
    bool any;                      /* every address of both families */
    bool tls;                      /* HTTPS */
    int descriptor;                /* of the first worker, or of all for a unix socket; -1: none */
    struct ln_system_unix name;    /* of an open unix socket */
};

/* How files that are not in memory are sent: X(ID, "name", "meaning"). */
#define LN_SERVER_FILES(X)                                          \
    X(SENDFILE, "sendfile", "by the system, out of its own memory") \
    X(ASYNC, "async", "read ahead into buffers, past its own memory")

enum ln_server_files {
#define LN_SERVER_FILES_ENUM(id, name, meaning) LN_SERVER_FILES_##id,
    LN_SERVER_FILES(LN_SERVER_FILES_ENUM)
#undef LN_SERVER_FILES_ENUM
        LN_SERVER_FILES_COUNT,
};

struct ln_server_config {
    struct linnet_limits limits;
    uint64_t given; /* bit `enum linnet_limit`: set by the user, so nothing else changes it */
    const struct linnet_driver_operations *driver; /* NULL: server/driver_choice.h chooses */
    struct ln_driver_choice choice;
    const char *folder;
    enum ln_server_files files;
    struct ln_server_listener listeners[LINNET_LISTENERS_MAX];
    unsigned listener_count;
    unsigned leniencies; /* LN_LENIENCY_... */
    struct ln_log_config log;
    uint64_t memory_len; /* what the budget must fit into; 0: it is what the limits make it */
    bool lock_memory;
    struct ln_tls_settings tls;
    const char *tickets_path; /* of a file with their keys, or NULL: they are made, and rotated */
    bool redirect_https;
    char security_line[LN_SECURITY_LINE_MAX]; /* of answers by https: HSTS; or empty */
};

/* What one worker consists of. */
struct ln_parts {
    void *block;
    size_t block_len;
    size_t stack_len; /* of a thread, at the block's end; or 0 */
    struct linnet_worker *worker;
    const struct linnet_driver_operations *operations;
    struct linnet_driver *driver;
    struct linnet_route route;
    struct ln_files *files;      /* what the folder's handler needs */
    struct ln_redirect redirect; /* where that is the route's */
    struct ln_log log;
    struct ln_tls tls; /* where the server has a context for it */
    const struct ln_server *server;
    unsigned certificates; /* as often as these were read again */
};

struct ln_child_row;

/* The processes of one connection each that a worker has made (server/children.h). */
struct ln_children {
    struct linnet_driver_processes processes;
    struct ln_child_row *rows; /* NULL: there are none */
    struct ln_figures figures; /* of those that are gone; and the tallies */
    unsigned count;
    unsigned most;
    unsigned order; /* what they were told last */
    unsigned reopens;
    int evicting; /* who was asked to end, or -1 */
    int own;      /* in a child: its row; else -1 */
    bool is_over; /* in a child: its connection has ended */
};

/* A worker's place: who has it, or when it is filled again. */
struct ln_place {
    int process;                         /* 0: nobody */
    uint64_t since_ms;                   /* when this worker was made */
    uint64_t due_ms;                     /* nobody: when the next one is made */
    uint64_t wait_ms;                    /* how long was waited for this one */
    bool hurried;                        /* somebody has ended here before */
    int listeners[LINNET_LISTENERS_MAX]; /* the parent keeps them; -1: not open */
};

struct ln_server {
    struct ln_server_config config; /* with the limits of one worker, settled (server/plan.h) */
    struct ln_budget budget;        /* of one worker */
    struct ln_parts parts;          /* a worker's, or a rehearsal's; the parent has none */
    struct ln_children children;    /* a worker's, or a child's */
    struct ln_shared *shared;
    struct ln_system_log errors; /* the parent's lines; never waited for */
    unsigned workers;
    unsigned rows;     /* of a worker in the shared mapping: one, or one for each thread */
    unsigned slices;   /* of a worker: connections with a block of their own, or 0 (slices.h) */
    unsigned blocks;   /* of a worker, with that which accepts for slices */
    uint64_t replaced; /* workers that took another's place */
    struct ln_tls_context *tls; /* NULL: nobody listens for it */
    pthread_mutex_t tls_mutex;  /* of `tls` and the count, where threads read certificates again */
    unsigned certificates;      /* how often they were */
    struct ln_tls_tickets *tickets; /* shared by all processes; the parent writes them */
    uint64_t tickets_due_ms;        /* when their keys are rotated, or LINNET_NO_DEADLINE */
    int root;
    int report[2]; /* while workers start: a pipe whose end says that all have said how it went */
    uint64_t descriptors_allowed;
    bool connections_lowered; /* for want of descriptors */
    struct ln_place places[LN_SERVER_WORKERS_MAX];
};

/* Makes one worker's parts in this process without listening and without a log, for whoever wants
 * to see what it would take: nothing of it can be run. Ends like ln_server_boot. */
bool ln_server_rehearse(struct ln_server *server, const struct ln_server_config *config,
                        char *message);

/* Does somebody listen for TLS? */
bool ln_server_has_tls(const struct ln_server_config *config);

/* The plan of a worker's budget. */
struct ln_budget_plan ln_server_plan(const struct ln_server_config *config);

/* Of one process, what the library of TLS draws from; 0: it is not needed. */
struct ln_tls_memory ln_server_tls_memory(const struct ln_server *server);
uint64_t ln_server_arenas_len(const struct ln_server *server);
unsigned ln_server_arena_count(const struct ln_server *server);

/* Of the whole program: all blocks, what processes share, and how many clients at one time. */
uint64_t ln_server_blocks_len(const struct ln_server *server);
uint64_t ln_server_shared_len(const struct ln_server *server);
uint64_t ln_server_connections(const struct ln_server *server);

/* Bytes of the rehearsal's block that are in memory by now. */
uint64_t ln_server_touched_len(const struct ln_server *server);

/* Boots; all workers listen when it returns. false: nothing is left open or running, and `message`
 * (LN_SERVER_MESSAGE_MAX bytes) says what was wrong, where, and what to do. */
bool ln_server_boot(struct ln_server *server, const struct ln_server_config *config, char *message);

/* Keeps the workers going until SIGINT or SIGTERM, then drains: at most drain_ms, or until a second
 * signal. */
void ln_server_run(struct ln_server *server);

/* The first row of that place. */
struct ln_shared_row *ln_server_row(const struct ln_server *server, unsigned place);

void ln_server_close(struct ln_server *server);

#endif
