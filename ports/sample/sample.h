/* The sample that the boards run: Zephyr's pages, and a page with an entity tag from flash. */
#ifndef LN_SAMPLE_SAMPLE_H
#define LN_SAMPLE_SAMPLE_H

#include <lwip/netif.h>

#include <linnet/time.h>

struct ln_sample_config {
    /* Sends a frame; ERR_OK, or the frame is lost. */
    err_t (*send)(struct netif *netif, struct pbuf *frame);
    struct linnet_time (*now)(void);
    void (*print)(const char *text); /* to the console */
};

/* Opens lwIP, its interface and the worker, listens on port 80 and says where: 10.7.0.2, fd07::2, a
 * link-local address, and another when a router gives a prefix. */
void ln_sample_open(const struct ln_sample_config *config);
/* `len` bytes have come; dropped when there is no buffer. */
void ln_sample_receive(const void *frame, uint16_t len);
void ln_sample_turn(void);

#endif
