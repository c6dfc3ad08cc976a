/* A refusal: the status that a peer's fault is answered with, and the reason the connection ends.
 */
#ifndef LN_HTTP1_REFUSAL_H
#define LN_HTTP1_REFUSAL_H

#include <linnet/status.h>

#include "core/table/close_reason.h"

struct ln_refusal {
    enum linnet_status status;
    enum ln_close_reason reason;
};

#endif
