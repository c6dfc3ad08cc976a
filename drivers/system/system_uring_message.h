/* What a send of several spans points to until it is carried out. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_URING_MESSAGE_H
#define LN_DRIVERS_SYSTEM_SYSTEM_URING_MESSAGE_H

#include <sys/socket.h>
#include <sys/uio.h>

#include <linnet/channel.h>

struct ln_system_uring_message {
    struct msghdr header;
    struct iovec pieces[LINNET_OUTPUT_SPANS_MAX];
};

#endif
