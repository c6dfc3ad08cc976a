/* The driver on lwIP's raw API: its callbacks, and the turn. */
#include "ports/lwip/lwip_driver.h"

#include <string.h>

#include <lwip/pbuf.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/tcp.h>

#include "core/base/assert.h"

enum {
    STEPS_MAX = 64,   /* reads and writes of one peer in a turn */
    POLL_INTERVAL = 2 /* half seconds between two calls of `noted_time` */
};

/* ---- what lwIP tells ------------------------------------------------------------------------- */

/* lwIP's end of the connection may vanish from now on; it finishes by itself. */
static void let_go(struct ln_lwip_peer *peer)
{
    struct tcp_pcb *pcb = peer->pcb;
    peer->pcb = NULL;
    tcp_arg(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_sent(pcb, NULL);
    tcp_err(pcb, NULL);
    tcp_poll(pcb, NULL, 0);
    tcp_setprio(pcb, TCP_PRIO_MIN); /* a new client takes its place when there is no other */
}

static err_t noted_input(void *argument, struct tcp_pcb *pcb, struct pbuf *bytes, err_t error)
{
    struct ln_lwip_peer *peer = argument;
    LN_ASSERT(peer->pcb == pcb);
    (void)error;
    if (bytes == NULL) {
        peer->ended = true;
        if (peer->shut && peer->unacknowledged == 0) {
            let_go(peer);
        }
        return ERR_OK;
    }
    if (peer->connection == LINNET_NO_CONNECTION ||
        (peer->received != NULL && pbuf_clen(peer->received) >= LN_LWIP_HELD_MAX)) {
        return ERR_MEM;
    }
    peer->silent_s = 0;
    if (peer->received == NULL) {
        peer->received = bytes;
    } else {
        pbuf_cat(peer->received, bytes);
    }
    return ERR_OK;
}

static err_t noted_sent(void *argument, struct tcp_pcb *pcb, u16_t len)
{
    struct ln_lwip_peer *peer = argument;
    LN_ASSERT(peer->pcb == pcb);
    LN_ASSERT(len <= peer->unacknowledged);
    peer->unacknowledged -= len;
    peer->acknowledged += len;
    peer->silent_s = 0;
    if (peer->unacknowledged == 0 && (peer->closing || (peer->shut && peer->ended))) {
        let_go(peer);
    }
    return ERR_OK;
}

static void noted_loss(void *argument, err_t error)
{
    struct ln_lwip_peer *peer = argument;
    (void)error;
    peer->pcb = NULL; /* lwIP has freed it */
    peer->lost = true;
}

static err_t noted_time(void *argument, struct tcp_pcb *pcb)
{
    struct ln_lwip_peer *peer = argument;
    (void)pcb;
    if (peer->silent_s < UINT16_MAX) {
        peer->silent_s++;
    }
    return ERR_OK;
}

static struct ln_lwip_peer *free_peer(struct ln_lwip_driver *driver)
{
    for (size_t i = 0; i < driver->config.peer_count; i++) {
        if (driver->config.peers[i].driver == NULL) {
            return &driver->config.peers[i];
        }
    }
    return NULL;
}

static uint8_t listener_of(const struct ln_lwip_driver *driver, const struct tcp_pcb *pcb)
{
    uint8_t i = 0;
    while (i + 1U < driver->listener_count && driver->listeners[i]->local_port != pcb->local_port) {
        i++;
    }
    return i;
}

static err_t noted_client(void *argument, struct tcp_pcb *pcb, err_t error)
{
    struct ln_lwip_driver *driver = argument;
    struct ln_lwip_peer *peer = free_peer(driver);
    if (error != ERR_OK || pcb == NULL) {
        return ERR_VAL;
    }
    if (peer == NULL) {
        driver->refused++;
        return ERR_MEM; /* lwIP resets it */
    }
    *peer = (struct ln_lwip_peer){.driver = driver,
                                  .pcb = pcb,
                                  .connection = LINNET_NO_CONNECTION,
                                  .arrival = driver->arrivals++,
                                  .listener = listener_of(driver, pcb)};
    tcp_backlog_delayed(pcb);
    tcp_nagle_disable(pcb);
    tcp_arg(pcb, peer);
    tcp_recv(pcb, noted_input);
    tcp_sent(pcb, noted_sent);
    tcp_err(pcb, noted_loss);
    tcp_poll(pcb, noted_time, POLL_INTERVAL);
    return ERR_OK;
}

/* ---- one peer -------------------------------------------------------------------------------- */

/* Resets it: lwIP holds nothing of ours afterwards. */
static void cut(struct ln_lwip_peer *peer)
{
    struct tcp_pcb *pcb = peer->pcb;
    peer->acknowledged += peer->unacknowledged;
    peer->unacknowledged = 0;
    if (pcb != NULL) {
        let_go(peer);
        tcp_abort(pcb);
    }
}

static void drop_received(struct ln_lwip_peer *peer)
{
    if (peer->received == NULL) {
        return;
    }
    if (peer->pcb != NULL) {
        tcp_recved(peer->pcb, peer->received->tot_len);
    }
    pbuf_free(peer->received);
    peer->received = NULL;
}

static void forget(struct ln_lwip_peer *peer)
{
    drop_received(peer);
    if (peer->pcb != NULL) {
        let_go(peer);
    }
    *peer = (struct ln_lwip_peer){.driver = NULL};
}

static void tell_acknowledged(struct ln_lwip_peer *peer, struct linnet_time time)
{
    const uint32_t len = peer->acknowledged;
    if (len > 0) {
        peer->acknowledged = 0;
        linnet_worker_released(peer->driver->config.worker, peer->connection, len, time);
    }
}

static bool has_unread(const struct tcp_pcb *pcb)
{
    return pcb->refused_data != NULL || pcb->rcv_wnd != TCP_WND_MAX(pcb);
}

/* Its connection is CLOSED: ends lwIP's side, and the slot as soon as nothing of it is lent. */
static void finish(struct ln_lwip_peer *peer, struct linnet_time time)
{
    struct linnet_worker *worker = peer->driver->config.worker;
    struct linnet_output output;
    if (!peer->closing) {
        linnet_worker_output(worker, peer->connection, 0, &output);
        drop_received(peer);
        if ((output.flags & LINNET_OUTPUT_RESET) != 0 ||
            (peer->pcb != NULL && has_unread(peer->pcb))) {
            cut(peer); /* lwIP also resets a connection that is closed with unread bytes */
        }
        if (peer->pcb != NULL && tcp_close(peer->pcb) != ERR_OK) {
            return; /* no memory for a FIN: the next turn tries again */
        }
        peer->closing = true;
    }
    if (peer->pcb != NULL && peer->unacknowledged > 0) {
        if (peer->silent_s < LN_LWIP_CLOSING_S) {
            return;
        }
        cut(peer);
    }
    peer->acknowledged += peer->unacknowledged;
    peer->unacknowledged = 0;
    tell_acknowledged(peer, time);
    linnet_worker_close(worker, peer->connection);
    forget(peer);
}

/* Queues what the worker lends; false: nothing moved. */
static bool send_some(struct ln_lwip_peer *peer, struct linnet_time time)
{
    struct linnet_worker *worker = peer->driver->config.worker;
    struct linnet_output output;
    uint32_t sent = 0;
    linnet_worker_output(worker, peer->connection, 0, &output);
    if ((output.flags & LINNET_OUTPUT_FIN) != 0) {
        if (tcp_shutdown(peer->pcb, 0, 1) != ERR_OK) {
            return false;
        }
        peer->shut = true;
        linnet_worker_taken(worker, peer->connection, 0, time);
        return true;
    }
    for (unsigned i = 0; i < output.span_count; i++) {
        const struct linnet_span span = output.spans[i];
        const size_t room = tcp_sndbuf(peer->pcb);
        const uint16_t len = (uint16_t)(span.len < room ? span.len : room);
        const bool more = i + 1 < output.span_count || (output.flags & LINNET_OUTPUT_MORE) != 0;
        if (len == 0 ||
            tcp_write(peer->pcb, span.data, len, more ? TCP_WRITE_FLAG_MORE : 0) != ERR_OK) {
            break;
        }
        sent += len;
        if (len < span.len) {
            break;
        }
    }
    if (sent > 0) {
        peer->unacknowledged += sent;
        linnet_worker_taken(worker, peer->connection, sent, time);
    }
    return sent > 0;
}

/* What was refused comes at once, and not by lwIP's next tick. */
static void offer_refused(struct ln_lwip_peer *peer)
{
    if (peer->received == NULL && peer->pcb != NULL && peer->pcb->refused_data != NULL) {
        (void)tcp_process_refused_data(peer->pcb);
    }
}

/* Hands on what came, as much as there is room for; false: nothing moved. */
static bool receive_some(struct ln_lwip_peer *peer, struct linnet_time time)
{
    struct linnet_worker *worker = peer->driver->config.worker;
    struct linnet_room room;
    if (peer->received == NULL) {
        if (!peer->ended || peer->end_told) {
            return false;
        }
        peer->end_told = true;
        linnet_worker_receive_end(worker, peer->connection, time);
        return true;
    }
    if (!linnet_worker_input(worker, peer->connection, &room, time)) {
        return false;
    }
    const uint16_t offered = (uint16_t)(room.len < UINT16_MAX ? room.len : UINT16_MAX);
    const uint16_t len = pbuf_copy_partial(peer->received, room.data, offered, 0);
    peer->received = pbuf_free_header(peer->received, len);
    if (peer->pcb != NULL) {
        tcp_recved(peer->pcb, len);
    }
    offer_refused(peer);
    linnet_worker_received(worker, peer->connection, len, time);
    return true;
}

static bool move(struct ln_lwip_peer *peer, unsigned state, struct linnet_time time)
{
    if ((state & LINNET_HAS_OUTPUT) != 0 && peer->pcb != NULL && send_some(peer, time)) {
        return true;
    }
    return (state & LINNET_WANTS_INPUT) != 0 && receive_some(peer, time);
}

/* Moves one peer as far as it goes. */
static void serve(struct ln_lwip_peer *peer, struct linnet_time time)
{
    struct linnet_worker *worker = peer->driver->config.worker;
    unsigned state;
    tell_acknowledged(peer, time);
    if (peer->lost) {
        cut(peer);
        tell_acknowledged(peer, time);
        if ((linnet_worker_state(worker, peer->connection) & LINNET_CLOSED) == 0) {
            linnet_worker_abort(worker, peer->connection, LINNET_ABORT_RESET, time);
        }
    }
    for (unsigned i = 0; i < STEPS_MAX; i++) {
        state = linnet_worker_state(worker, peer->connection);
        if ((state & LINNET_CLOSED) != 0) {
            finish(peer, time);
            return;
        }
        if (!move(peer, state, time)) {
            break;
        }
    }
    if (peer->pcb != NULL) {
        tcp_output(peer->pcb);
    }
}

/* ---- who waits ------------------------------------------------------------------------------- */

static struct ln_lwip_peer *peer_of(struct ln_lwip_driver *driver, uint32_t connection)
{
    for (size_t i = 0; i < driver->config.peer_count; i++) {
        struct ln_lwip_peer *peer = &driver->config.peers[i];
        if (peer->driver != NULL && peer->connection == connection) {
            return peer;
        }
    }
    return NULL;
}

/* Who has waited the longest; those that are lost, have left or have waited too long go. */
static struct ln_lwip_peer *first_waiting(struct ln_lwip_driver *driver)
{
    struct ln_lwip_peer *first = NULL;
    for (size_t i = 0; i < driver->config.peer_count; i++) {
        struct ln_lwip_peer *peer = &driver->config.peers[i];
        if (peer->driver == NULL || peer->connection != LINNET_NO_CONNECTION) {
            continue;
        }
        if (peer->lost || peer->ended || peer->silent_s >= LN_LWIP_PATIENCE_S) {
            cut(peer);
            forget(peer);
        } else if (first == NULL || (int32_t)(peer->arrival - first->arrival) < 0) {
            first = peer;
        }
    }
    return first;
}

static void copy_address(struct linnet_address *address, const ip_addr_t *ip, uint16_t port)
{
    memset(address, 0, sizeof *address);
    address->port = port;
    if (IP_IS_V6(ip)) {
        memcpy(address->ip, ip_2_ip6(ip)->addr, 16);
    } else {
        memset(address->ip + 10, 0xFF, 2);
        memcpy(address->ip + 12, &ip_2_ip4(ip)->addr, 4);
    }
}

/* Is there a slot, if need be that of the one idle the longest? */
static bool make_slot(struct ln_lwip_driver *driver, struct linnet_time time)
{
    struct linnet_worker *worker = driver->config.worker;
    if (!linnet_worker_has_slot(worker) && linnet_worker_has_evictable(worker)) {
        struct ln_lwip_peer *peer = peer_of(driver, linnet_worker_evict(worker, time));
        if (peer->unacknowledged > 0) {
            cut(peer); /* else the slot would be free no sooner than that is acknowledged */
        }
        serve(peer, time);
    }
    return linnet_worker_has_slot(worker);
}

static void admit(struct ln_lwip_driver *driver, struct linnet_time time)
{
    struct ln_lwip_peer *peer;
    while ((peer = first_waiting(driver)) != NULL) {
        struct linnet_connection_info info = {.listener = peer->listener};
        if (!make_slot(driver, time)) {
            break;
        }
        copy_address(&info.peer, &peer->pcb->remote_ip, peer->pcb->remote_port);
        tcp_backlog_accepted(peer->pcb);
        peer->silent_s = 0;
        peer->connection = linnet_worker_open(driver->config.worker, &info, time);
        offer_refused(peer);
    }
    if ((peer != NULL) != driver->paused) {
        driver->paused = peer != NULL;
        linnet_worker_count_pause(driver->config.worker, false);
    }
}

/* ---- the driver ------------------------------------------------------------------------------ */

void ln_lwip_driver_open(struct ln_lwip_driver *driver, const struct ln_lwip_driver_config *config)
{
    *driver = (struct ln_lwip_driver){.config = *config};
}

bool ln_lwip_driver_listen(struct ln_lwip_driver *driver, uint16_t port)
{
    struct tcp_pcb *pcb = tcp_new_ip_type(IPADDR_TYPE_ANY);
    LN_ASSERT(driver->listener_count < LN_LWIP_LISTENERS_MAX);
    if (pcb == NULL) {
        return false;
    }
    if (tcp_bind(pcb, IP_ANY_TYPE, port) != ERR_OK) {
        (void)tcp_close(pcb);
        return false;
    }
    struct tcp_pcb *listener = tcp_listen_with_backlog(pcb, driver->config.backlog);
    if (listener == NULL) {
        (void)tcp_close(pcb);
        return false;
    }
    driver->listeners[driver->listener_count] = listener;
    driver->listener_count++;
    tcp_arg(listener, driver);
    tcp_accept(listener, noted_client);
    return true;
}

void ln_lwip_driver_turn(struct ln_lwip_driver *driver)
{
    const struct linnet_time time = driver->config.now();
    struct linnet_worker *worker = driver->config.worker;
    uint32_t connection;
    admit(driver, time);
    for (size_t i = 0; i < driver->config.peer_count; i++) {
        struct ln_lwip_peer *peer = &driver->config.peers[i];
        if (peer->driver != NULL && peer->connection != LINNET_NO_CONNECTION) {
            serve(peer, time);
        }
    }
    linnet_worker_tick(worker, time);
    while ((connection = linnet_worker_ready(worker, time)) != LINNET_NO_CONNECTION) {
        serve(peer_of(driver, connection), time);
    }
}
