/* Loans that files are read ahead into: aligned buffers, each with what is known of its read.
 *
 * There is one for each output buffer and `extra_reads` beyond these. Who answers holds an output
 * buffer, so the first loan of an answer is always there, and the others are taken only as long as
 * extra ones are left: nobody waits for a loan, and nothing holds one while it waits.
 *
 * A loan is free; under way (somebody writes to it); read; or appended to an output, which releases
 * it when its bytes were sent. Invariant: used <= lent output buffers + extra_used, and extra_used
 * <= extra_reads. */
#ifndef LN_CONNECTION_READ_LOANS_H
#define LN_CONNECTION_READ_LOANS_H

#include <linnet/limits.h>
#include <linnet/source.h>

#include "core/base/pool.h"

struct ln_connection;

struct ln_read_loan {
    struct linnet_source source; /* the first member: what an output holds while it sends */
    struct ln_connection *connection;
    uint8_t *bytes;  /* read_len of them, at a multiple of LINNET_READ_ALIGN */
    uint64_t offset; /* in the file, of the first byte that is wanted */
    uint32_t wanted;
    uint32_t len;  /* of these, how many were read */
    uint32_t next; /* the loan behind it in the file, or LN_POOL_NONE */
    bool under_way;
    bool failed; /* the read, or the file ended before it */
};

struct ln_read_loans {
    struct ln_pool pool; /* the buffers; an index names a buffer and its record */
    struct ln_read_loan *loans;
    uint32_t extra_used;
};

/* How many there are; 0: files are not read ahead. */
uint32_t ln_read_loans_count(const struct linnet_limits *limits);

/* Bytes of memory they take, and making them there (8-byte aligned). */
size_t ln_read_loans_memory_len(const struct linnet_limits *limits);
void ln_read_loans_init(struct ln_read_loans *loans, void *memory,
                        const struct linnet_limits *limits);

/* Lends one to a connection that has `held` of them already; LN_POOL_NONE: it must do with these.
 * With none held there always is one. */
uint32_t ln_read_loans_take(struct ln_read_loans *loans, const struct linnet_limits *limits,
                            uint32_t held);

/* Takes one back from a connection that has `held` of them with it. */
void ln_read_loans_give(struct ln_read_loans *loans, uint32_t index, uint32_t held);

#endif
