/* A SERVER OF ONE'S OWN: a worker, a driver and listeners, in memory that is taken once.
 *
 *     struct linnet_server *server;
 *     linnet_server_open(&config, NULL, 0, &server);
 *     linnet_server_listen(server, "127.0.0.1:8080", NULL);
 *     linnet_server_run(server);
 *     linnet_server_close(server);
 *
 * Threads. Everything of one server belongs to one thread: the one that opened it, or one that it
 * was handed to as a whole before its first turn (not by the driver `uring`, whose ring is the
 * opening thread's). Its handlers and hooks are called in that thread, from inside
 * linnet_server_run and linnet_server_turn. Only linnet_server_stop, linnet_server_wake and
 * linnet_resume may be called from other threads and from signal handlers. Servers know nothing of
 * each other: a process may have several, in one thread or in a thread each.
 *
 * The process. The library keeps no global state, prints nothing, installs no signal handler and
 * starts neither processes nor threads. While a turn lasts SIGPIPE is blocked in its thread, and
 * one that came is taken away: a client that leaves ends no program. linnet_server_listen may call
 * an allocator by way of the C library; nothing else does.
 *
 * Errors are values. Where words were wanted (`message` of the config), a call that fails has
 * written there what was wrong, in a sentence for people. */
#ifndef LINNET_SERVER_H
#define LINNET_SERVER_H

#include <linnet/declarations.h>
#include <linnet/driver.h>
#include <linnet/hooks.h>
#include <linnet/limits.h>
#include <linnet/resume.h>
#include <linnet/route.h>

LINNET_BEGIN

struct linnet_server;

struct linnet_server_config {
    const struct linnet_route *routes; /* outlive the server; checked when it is opened */
    size_t route_count;
    const struct linnet_limits *limits; /* copied; NULL: the defaults. `workers` means nothing */
    const char *driver;                 /* a name of linnet_drivers; NULL: "epoll" */
    struct linnet_hooks hooks;
    char *message; /* where words go, or NULL; outlives the server. Ends with a zero */
    size_t message_len;
};

/* Bytes of memory that such a server needs; 0: its limits or its driver are wrong. Routes are not
 * looked at. linnet_server_open says what is wrong.
 */
size_t linnet_server_memory_len(const struct linnet_server_config *config);

/* The same as a sum: what of it is for what. Terms of 0 bytes are there too. */
struct linnet_budget_term {
    const char *name;    /* such as "inputs" */
    const char *meaning; /* one line for people */
    size_t len;          /* bytes */
};

/* The term of that number, from 0; false when there are no more, or the server cannot be opened. */
bool linnet_budget(const struct linnet_server_config *config, size_t index,
                   struct linnet_budget_term *term);

/* Opens a server in `block`, which may hold anything, may lie anywhere and is the server's until it
 * is closed; NULL: the server asks the system for memory of its own, whose pages are touched when
 * they are needed. It listens to nobody yet. INVALID: the limits or the routes are wrong;
 * NOT_FOUND: there is no such driver; UNSUPPORTED: it makes processes or threads, or the system is
 * not what it needs; TOO_LARGE: the block is too small; MEMORY, DESCRIPTORS, SYSTEM. */
LINNET_MUST_USE enum linnet_error linnet_server_open(const struct linnet_server_config *config,
                                                     void *block, size_t block_len,
                                                     struct linnet_server **server);

/* Listens on "127.0.0.1:8080", "[::]:8080", "localhost:8080", "8080" (every address of both
 * families) or "unix:/run/it.sock". Port 0 is any free one. *address, if it is not NULL, becomes
 * the true one. At most LINNET_LISTENERS_MAX, and fewer by some drivers: TOO_LARGE. INVALID:
 * `where` makes no sense; ADDRESS_IN_USE, ADDRESS_NOT_HERE, FORBIDDEN, NOT_FOUND (the folder of a
 * unix socket), DESCRIPTORS, SYSTEM. */
LINNET_MUST_USE enum linnet_error linnet_server_listen(struct linnet_server *server,
                                                       const char *where,
                                                       struct linnet_address *address);

/* The same with a listening stream socket of the caller's, such as one that was inherited. It stays
 * the caller's, who closes it behind linnet_server_close; it becomes non-blocking, or blocking, as
 * the driver wants it, and its connections get the buffers that the limits say. INVALID: it is no
 * such socket. */
LINNET_MUST_USE enum linnet_error linnet_server_adopt(struct linnet_server *server, int descriptor,
                                                      struct linnet_address *address);

/* Serves until linnet_server_stop and the end of what was begun. NONE, or why the driver cannot go
 * on. */
LINNET_MUST_USE enum linnet_error linnet_server_run(struct linnet_server *server);

/* From any thread or signal handler: stop accepting, finish what was begun, no longer than the
 * limit drain_ms, then be done. To say it again changes nothing. */
void linnet_server_stop(struct linnet_server *server);

/* From any thread or signal handler: the turn that is waiting, or else the next one, ends at once.
 * The driver `blocking` is woken by a signal only, else within a second. */
void linnet_server_wake(struct linnet_server *server);

/* From any thread or signal handler: the exchange of that token goes on (<linnet/resume.h>). It
 * does atomic operations and wakes the server. The token must be of this server. */
void linnet_resume(struct linnet_server *server, struct linnet_token token);

/* One turn, for a loop of one's own: waits until there is something to do, but no longer than
 * timeout_ms (0: not at all; negative: for ever), and does it. */
LINNET_MUST_USE enum linnet_error linnet_server_turn(struct linnet_server *server,
                                                     int64_t timeout_ms);

/* false: it was told to stop, and everything that was begun is finished. */
bool linnet_server_is_running(const struct linnet_server *server);

/* A descriptor that is readable when a turn has something to do, for the loop's own poll; -1: this
 * driver has none (LINNET_DRIVER_DESCRIPTOR). */
int linnet_server_descriptor(const struct linnet_server *server);

/* When the next turn is due although the descriptor is not readable, in ms from now. */
int64_t linnet_server_wait_ms(const struct linnet_server *server);

/* Ends all connections at once, closes what the server opened, and gives its memory back. */
void linnet_server_close(struct linnet_server *server);

/* What the server has counted, and what of it is in use: one after the other. */
struct linnet_counter {
    const char *name;    /* such as "requests" or "closed_for_peer-reset" */
    const char *meaning; /* one line for people */
    uint64_t value;
};

/* The counter of that number, from 0; false when there are no more. */
bool linnet_server_counter(const struct linnet_server *server, size_t index,
                           struct linnet_counter *counter);

enum { LINNET_ADDRESS_TEXT_MAX = 48 };

/* An address as it stands in a URL: "127.0.0.1:8080" or "[::1]:8080", ending with a zero; "unix:"
 * for that of a unix socket. */
void linnet_address_print(char text[LINNET_ADDRESS_TEXT_MAX], const struct linnet_address *address);

/* Opens a server with the default limits in memory of its own, listens there and runs: all that a
 * small program needs. It returns with the first error. */
LINNET_MUST_USE enum linnet_error linnet_serve(const char *where, const struct linnet_route *routes,
                                               size_t route_count);

LINNET_END

#endif
