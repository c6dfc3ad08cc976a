/* Parameters behind a media type or a disposition: RFC 9110 5.6.6. */
#ifndef LN_HTTP_PARAMETER_H
#define LN_HTTP_PARAMETER_H

#include <stdbool.h>

#include "core/base/span.h"

struct ln_parameter {
    struct linnet_span name;  /* a token; its case does not matter */
    struct linnet_span value; /* without its quotes, with its backslashes; empty in quotes only */
    bool quoted;
};

enum ln_parameter_outcome {
    LN_PARAMETER_FOUND,
    LN_PARAMETER_END,
    LN_PARAMETER_MALFORMED,
};

/* Takes what stands before the first ";" off the front of *rest, without the blanks around it. */
struct linnet_span ln_parameter_subject(struct linnet_span *rest);

/* Takes the next parameter off the front of *rest, which begins at a ";" or is empty. */
enum ln_parameter_outcome ln_parameter_next(struct linnet_span *rest,
                                            struct ln_parameter *parameter);

/* Writes the value without its backslashes into the room; false if it does not fit. */
bool ln_parameter_unquote(const struct ln_parameter *parameter, struct linnet_room room,
                          struct linnet_span *value);

#endif
