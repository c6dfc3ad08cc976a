/* A driver on lwIP's raw API, for boards without an operating system (NO_SYS).
 *
 * lwIP calls back; nothing is decided there. A callback notes what came, and the turn that follows
 * does the rest, so that no connection is ended from inside a call of lwIP about it:
 *
 *     for (;;) {
 *         give the frames that came to netif->input; sys_check_timeouts();
 *         ln_lwip_driver_turn(&driver);
 *         wait for an interrupt
 *     }
 *
 * Input. What came stays in lwIP's buffers until the worker has room, and only then is the window
 * of TCP opened by as much: whoever is not read from stops sending. A peer holds at most
 * LN_LWIP_HELD_MAX buffers; further ones are refused and stay with lwIP, which takes no more.
 *
 * Output is not copied: lwIP sends from Linnet's memory, which changes when it is acknowledged.
 *
 * Exhaustion. Clients for whom there is no slot wait, accepted and unread, as many as `backlog`;
 * for each of them one idle connection is ended, the one idle the longest. Beyond that the first
 * packet of a client is dropped, who sends it again by himself.
 *
 * A peer is free, waits for a slot (no connection), is open, or is closing: its connection has
 * ended, and what was lent to lwIP is not yet acknowledged. Once all of that is, or the other side
 * has finished too, lwIP may forget its end without a word: then it is let go of here before. */
#ifndef LN_LWIP_LWIP_DRIVER_H
#define LN_LWIP_LWIP_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linnet/worker.h>

enum {
    LN_LWIP_HELD_MAX = 3,    /* buffers of one peer that are not read yet */
    LN_LWIP_PATIENCE_S = 30, /* waiting for a slot */
    LN_LWIP_CLOSING_S = 20,  /* nothing is acknowledged of what was sent before the end */
    LN_LWIP_LISTENERS_MAX = 4,
};

struct tcp_pcb;
struct pbuf;
struct ln_lwip_driver;

struct ln_lwip_peer {
    struct ln_lwip_driver *driver; /* NULL: it is free */
    struct tcp_pcb *pcb;           /* NULL: lwIP has forgotten it, or will */
    struct pbuf *received;         /* not read yet, or NULL */
    uint32_t connection;           /* LINNET_NO_CONNECTION: it waits */
    uint32_t arrival;              /* who waits is served in this order */
    uint32_t unacknowledged;       /* bytes that lwIP sends from */
    uint32_t acknowledged;         /* and that it no longer needs, not yet told to the worker */
    uint16_t silent_s;             /* since the last sign of it */
    uint8_t listener;
    bool lost;     /* reset, or given up by lwIP */
    bool ended;    /* the other side has finished sending */
    bool end_told; /* and the worker knows */
    bool shut;     /* this side has */
    bool closing;
};

struct ln_lwip_driver_config {
    struct linnet_worker *worker;
    struct ln_lwip_peer *peers; /* as many as connections and backlog; zeroed */
    size_t peer_count;
    uint8_t backlog;
    struct linnet_time (*now)(void);
};

struct ln_lwip_driver {
    struct ln_lwip_driver_config config;
    struct tcp_pcb *listeners[LN_LWIP_LISTENERS_MAX];
    size_t listener_count;
    uint32_t arrivals;
    uint32_t refused; /* clients for whom there was not even a place to wait */
    bool paused;      /* somebody waits, and no connection may be ended for him */
};

void ln_lwip_driver_open(struct ln_lwip_driver *driver, const struct ln_lwip_driver_config *config);

/* Listens on that port by IPv4 and IPv6; false: lwIP has no memory for it, or it is in use. */
bool ln_lwip_driver_listen(struct ln_lwip_driver *driver, uint16_t port);

/* Serves what came, the deadlines, and who waits. */
void ln_lwip_driver_turn(struct ln_lwip_driver *driver);

#endif
