/* What a status code says; the rows stand in <linnet/status.h>. */
#ifndef LN_TABLE_STATUS_H
#define LN_TABLE_STATUS_H

#include <linnet/span.h>
#include <linnet/status.h>

struct ln_status_row {
    enum linnet_status code;
    struct linnet_span line;  /* "HTTP/1.1 200 OK\r\n", whole */
    struct linnet_span text;  /* the sentence of the error page, or empty */
    struct linnet_span title; /* "404 Not Found" */
    struct linnet_span page;  /* a short HTML page that says both, where there is a text */
};

/* The row of a code. It must be one of the table. */
const struct ln_status_row *ln_status_row(enum linnet_status code);

#endif
