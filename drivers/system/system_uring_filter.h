/* A place for tests between the driver and the kernel: all requests pass it, and all buffers.
 *
 * In builds with tests (LINNET_URING_FILTER) the environment variable LINNET_PARTIAL_IO makes every
 * send half as long and every receive at most 20 bytes; elsewhere nothing of this is compiled. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_URING_FILTER_H
#define LN_DRIVERS_SYSTEM_SYSTEM_URING_FILTER_H

#include <linux/io_uring.h>
#include <stddef.h>

#ifdef LINNET_URING_FILTER

/* Looks at the environment; before boot is done. */
void ln_system_uring_filter_open(void);
/* A request that is about to be handed over. */
void ln_system_uring_filter_request(struct io_uring_sqe *request);
/* How much of a buffer is lent to the kernel. */
size_t ln_system_uring_filter_buffer(size_t len);

#else

static inline void ln_system_uring_filter_open(void)
{
}

static inline void ln_system_uring_filter_request(struct io_uring_sqe *request)
{
    (void)request;
}

static inline size_t ln_system_uring_filter_buffer(size_t len)
{
    return len;
}

#endif

#endif
