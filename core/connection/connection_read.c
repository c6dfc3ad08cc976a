/* Content that is read ahead: pieces of a file on their way into loans, and from there to the peer.
 *
 * The answer's window is a list of loans in the order of the file, those that are under way or were
 * read and not yet appended to the output. At most read_ahead loans belong to a connection, the
 * appended ones among them; whenever one comes back, the next piece is asked for. Reads complete in
 * any order and are appended in the file's.
 *
 * Invariants: a connection with loans has an output buffer; its source stays held until the last
 * loan was released. A loan that is under way is nobody's to give back: a connection that is closed
 * meanwhile keeps it, its output buffer and its source, and is READING until the read completed. */
#include "core/base/span.h"
#include "core/connection/connection_parts.h"

static struct ln_read_loan *loan_at(const struct ln_connection *connection, uint32_t index)
{
    LN_ASSERT(index < ln_pool_used_max(&connection->context->read_loans.pool));
    return &connection->context->read_loans.loans[index];
}

static uint32_t index_of(const struct ln_connection *connection, const struct ln_read_loan *loan)
{
    return (uint32_t)(loan - connection->context->read_loans.loans);
}

static void give(struct ln_connection *connection, const struct ln_read_loan *loan)
{
    LN_ASSERT(!loan->under_way);
    ln_read_loans_give(&connection->context->read_loans, index_of(connection, loan),
                       connection->reads);
    connection->reads--;
}

/* The next piece may be asked for. */
static void call_again(struct ln_connection *connection)
{
    connection->context->ready(connection->context->owner, connection);
}

/* An output holds a loan from the moment it has it. */
static void hold_loan(struct linnet_source *source)
{
    (void)source;
}

static void release_loan(struct linnet_source *source)
{
    const struct ln_read_loan *loan = (const struct ln_read_loan *)source;
    struct ln_connection *connection = loan->connection;
    give(connection, loan);
    call_again(connection);
}

static const struct linnet_source_operations loan_operations = {
    .hold = hold_loan,
    .release = release_loan,
};

static void complete(struct ln_read_loan *loan, ptrdiff_t result)
{
    LN_ASSERT(loan->under_way);
    loan->under_way = false;
    if (result <= 0) {
        loan->failed = true;
    } else {
        LN_ASSERT((size_t)result <= loan->wanted - loan->len);
        loan->len += (uint32_t)result;
    }
    call_again(loan->connection);
}

void ln_connection_file_read(struct ln_read_loan *loan, ptrdiff_t result)
{
    loan->connection->context->counters->file_reads++;
    complete(loan, result);
}

/* Asks for what the loan does not have yet. What is there at once is looked at in the next turn, as
 * if it had come later, so that a fast disk and a fast peer do not keep the others waiting. */
static void begin_read(const struct ln_connection *connection, struct ln_read_loan *loan)
{
    const struct ln_connection_context *context = connection->context;
    const size_t beside = (size_t)(loan->offset % LINNET_READ_ALIGN);
    const struct linnet_room room = {loan->bytes + beside + loan->len, loan->wanted - loan->len};
    loan->under_way = true;
    const ptrdiff_t result =
        context->read_file(context->owner, index_of(connection, loan), connection->answer.source,
                           loan->offset + loan->len, room);
    if (result != LINNET_READ_LATER) {
        complete(loan, result);
    }
}

/* A file that was shorter than it was said to be, or could not be read, ends the connection; a read
 * that brought less than was asked for goes on. false: it is closed. */
static bool go_on(struct ln_connection *connection, struct linnet_time time)
{
    uint32_t index = connection->answer.first_read;
    while (index != LN_POOL_NONE) {
        struct ln_read_loan *loan = loan_at(connection, index);
        if (loan->failed) {
            ln_connection_close(connection, LN_CLOSE_FILE_SHRUNK, time);
            return false;
        }
        if (!loan->under_way && loan->len < loan->wanted) {
            begin_read(connection, loan);
        }
        index = loan->next;
    }
    return true;
}

/* What was read is sent, in the order of the file. */
static void append_loans(struct ln_connection *connection, struct linnet_time time)
{
    struct ln_long_answer *answer = &connection->answer;
    struct ln_output *output = connection->output;
    while (answer->first_read != LN_POOL_NONE && ln_output_pieces_free(output) > 0) {
        struct ln_read_loan *loan = loan_at(connection, answer->first_read);
        if (loan->under_way || loan->len < loan->wanted) {
            return;
        }
        if (output->pending == 0) {
            connection->write_ms = time.monotonic_ms; /* until now the peer had nothing to take */
        }
        const size_t beside = (size_t)(loan->offset % LINNET_READ_ALIGN);
        ln_output_lend(output, (struct linnet_span){loan->bytes + beside, loan->len},
                       &loan->source);
        answer->offset += loan->len;
        answer->left -= loan->len;
        answer->first_read = loan->next;
    }
}

/* Asks for the pieces behind those of the window, as far as there are loans for them. */
static void begin_reads(struct ln_connection *connection)
{
    struct ln_connection_context *context = connection->context;
    struct ln_long_answer *answer = &connection->answer;
    uint32_t *end = &answer->first_read;
    uint64_t offset = answer->offset;
    while (*end != LN_POOL_NONE) {
        struct ln_read_loan *loan = loan_at(connection, *end);
        offset += loan->wanted;
        end = &loan->next;
    }
    uint64_t left = answer->left - (offset - answer->offset);
    while (left > 0) {
        const uint32_t index =
            ln_read_loans_take(&context->read_loans, context->limits, connection->reads);
        if (index == LN_POOL_NONE) {
            return;
        }
        const uint64_t room = context->limits->read_len - offset % LINNET_READ_ALIGN;
        struct ln_read_loan *loan = loan_at(connection, index);
        *loan = (struct ln_read_loan){
            .source = {.operations = &loan_operations, .descriptor = -1},
            .connection = connection,
            .bytes = ln_pool_block(&context->read_loans.pool, index),
            .offset = offset,
            .wanted = (uint32_t)(left < room ? left : room),
            .next = LN_POOL_NONE,
        };
        connection->reads++;
        *end = index;
        end = &loan->next;
        offset += loan->wanted;
        left -= loan->wanted;
        begin_read(connection, loan);
    }
}

bool ln_connection_read_ahead(struct ln_connection *connection, struct linnet_time time)
{
    LN_ASSERT(connection->output != NULL);
    if (!go_on(connection, time)) {
        return false;
    }
    append_loans(connection, time);
    begin_reads(connection);
    return connection->answer.left == 0 && connection->reads == 0;
}

bool ln_connection_drop_reads(struct ln_connection *connection)
{
    uint32_t *end = &connection->answer.first_read;
    while (*end != LN_POOL_NONE) {
        struct ln_read_loan *loan = loan_at(connection, *end);
        if (loan->under_way) {
            end = &loan->next;
        } else {
            *end = loan->next;
            give(connection, loan);
        }
    }
    return connection->answer.first_read == LN_POOL_NONE;
}
