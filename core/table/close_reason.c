/* The names of the ends of a connection, as logs and counters show them. */
#include "core/table/close_reason.h"

#include <linnet/assert.h>

static const struct linnet_span reason_names[LN_CLOSE_REASON_COUNT] = {
#define CLOSE_REASON_NAME(id, name, meaning) LINNET_SPAN_INIT(name),
    LN_CLOSE_REASONS(CLOSE_REASON_NAME)
#undef CLOSE_REASON_NAME
};

struct linnet_span ln_close_reason_name(enum ln_close_reason reason)
{
    if (reason >= LN_CLOSE_REASON_COUNT) {
        linnet_assert_failed(__FILE__, __LINE__, "the reason is one of the table");
    }
    return reason_names[reason];
}
