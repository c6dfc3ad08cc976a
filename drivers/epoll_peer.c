/* The epoll driver: what a connection waits for, told to epoll as seldom as can be, and its end.
 *
 * State: of each connection what epoll was told. What is registered and not wanted is taken away
 * when it fires for nothing. */
#include "drivers/epoll.h"

#include "core/base/assert.h"

void ln_epoll_peer_close(struct linnet_driver *driver, uint32_t connection)
{
    struct ln_epoll_peer *own = &driver->peers[connection];
    ln_peer_close(&driver->turn, connection, &own->peer);
    own->generation++;
    own->registered = false;
    ln_acceptance_closed(&driver->acceptance, &driver->turn);
}

static uint32_t events_of(unsigned waits)
{
    return ((waits & LN_PEER_INPUT) != 0 ? EPOLLIN : 0U) |
           ((waits & LN_PEER_OUTPUT) != 0 ? EPOLLOUT : 0U);
}

unsigned ln_epoll_peer_told_by(uint32_t events)
{
    return ((events & EPOLLIN) != 0 ? LN_PEER_INPUT : 0U) |
           ((events & EPOLLOUT) != 0 ? LN_PEER_OUTPUT : 0U) |
           ((events & (EPOLLHUP | EPOLLERR)) != 0 ? LN_PEER_HUNG_UP : 0U);
}

/* Closes what is over, takes out of the set who only stands in line, and tells epoll of the others
 * what is waited for. */
static void change(struct linnet_driver *driver, uint32_t connection, unsigned waits)
{
    struct ln_epoll_peer *own = &driver->peers[connection];
    const bool stays = waits != LN_PEER_LINE;
    if (waits == LN_PEER_OVER) {
        ln_epoll_peer_close(driver, connection);
        return;
    }
    if (!stays && !own->registered) {
        return;
    }
    const int set = own->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    const enum linnet_error error =
        ln_system_epoll_set(driver->epoll, stays ? set : EPOLL_CTL_DEL, own->peer.descriptor,
                            events_of(waits), ln_epoll_key(driver, connection));
    if (error != LINNET_ERROR_NONE) {
        ln_peer_lose(&driver->turn, connection, error);
        if ((linnet_worker_state(driver->turn.worker, connection) & LINNET_READING) == 0) {
            ln_epoll_peer_close(driver, connection);
        }
        return;
    }
    own->registered = stays;
    own->interest = (uint8_t)(waits & (LN_PEER_INPUT | LN_PEER_OUTPUT));
}

/* Nothing is changed for as long as epoll tells all that is waited for, and nothing for nothing. */
void ln_epoll_peer_settle(struct linnet_driver *driver, uint32_t connection, unsigned told,
                          unsigned waits)
{
    const struct ln_epoll_peer *own = &driver->peers[connection];
    const unsigned missing = waits & ~(unsigned)own->interest;
    const unsigned useless = own->interest & ~waits & (told | LN_PEER_OUTPUT);
    if (!own->registered || missing != 0 || useless != 0) {
        change(driver, connection, waits);
    }
}
