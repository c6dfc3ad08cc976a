/* The stream of a form with files.
 *
 *     multipart-body  = [ preamble CRLF ] dash-boundary padding CRLF body-part      RFC 2046 5.1.1
 *                       *( delimiter padding CRLF body-part )
 *                       close-delimiter padding [ CRLF epilogue ]
 *     dash-boundary   = "--" boundary
 *     delimiter       = CRLF dash-boundary
 *     close-delimiter = delimiter "--"
 *     body-part       = head [ CRLF *OCTET ]
 *     padding         = *( SP / HTAB )
 *
 * States: PREAMBLE and CONTENT look for the delimiter; TAIL to CLOSED_END read the rest of its
 * line, by a table; HEAD gathers the head of a part; EPILOGUE drops what follows; DONE is behind
 * finish.
 *
 * A CR is the first byte of the delimiter and of nothing inside it. So when a match breaks, none of
 * the bytes that had matched can begin another, and one number, `matched`, is all that must be kept
 * between two pieces: the bytes it stands for are in `delimiter`. At the begin of the stream and of
 * each part's content the line end before counts as matched: these two bytes are `borrowed`, and
 * are not content if the match breaks.
 *
 * Invariant: matched < delimiter_len; borrowed <= matched. A fault is never taken back. */
#include "core/http/multipart.h"

#include "core/base/cursor.h"
#include "core/base/span.h"

enum state {
    TAIL,       /* behind the delimiter */
    PADDING,    /* in the blanks behind it */
    TAIL_END,   /* behind the CR of its line */
    CLOSE,      /* behind the first "-" of a close-delimiter */
    CLOSED,     /* behind the second one */
    CLOSED_END, /* behind the CR of its line */
    PREAMBLE,
    HEAD,
    CONTENT,
    EPILOGUE,
    DONE,
    BAD,
};

enum {
    LINE_STATES = CLOSED_END + 1,
    LINE_END_LEN = 2,
};

enum byte_class {
    BYTE_DASH,
    BYTE_BLANK,
    BYTE_CR,
    BYTE_LF,
    BYTE_OTHER,
    BYTE_CLASS_COUNT,
};

/* What is not listed is BAD. RFC 2046 5.1.1: nothing but blanks stands behind a boundary. */
static const uint8_t next_state[LINE_STATES][BYTE_CLASS_COUNT] = {
    [TAIL] = {[BYTE_DASH] = CLOSE,
              [BYTE_BLANK] = PADDING,
              [BYTE_CR] = TAIL_END,
              [BYTE_LF] = BAD,
              [BYTE_OTHER] = BAD},
    [PADDING] = {[BYTE_DASH] = BAD,
                 [BYTE_BLANK] = PADDING,
                 [BYTE_CR] = TAIL_END,
                 [BYTE_LF] = BAD,
                 [BYTE_OTHER] = BAD},
    [TAIL_END] = {[BYTE_DASH] = BAD,
                  [BYTE_BLANK] = BAD,
                  [BYTE_CR] = BAD,
                  [BYTE_LF] = HEAD,
                  [BYTE_OTHER] = BAD},
    [CLOSE] = {[BYTE_DASH] = CLOSED,
               [BYTE_BLANK] = BAD,
               [BYTE_CR] = BAD,
               [BYTE_LF] = BAD,
               [BYTE_OTHER] = BAD},
    [CLOSED] = {[BYTE_DASH] = BAD,
                [BYTE_BLANK] = CLOSED,
                [BYTE_CR] = CLOSED_END,
                [BYTE_LF] = BAD,
                [BYTE_OTHER] = BAD},
    [CLOSED_END] = {[BYTE_DASH] = BAD,
                    [BYTE_BLANK] = BAD,
                    [BYTE_CR] = BAD,
                    [BYTE_LF] = EPILOGUE,
                    [BYTE_OTHER] = BAD},
};

_Static_assert(sizeof(struct linnet_multipart) < 256, "the contract says so");

static const struct linnet_span nothing = {NULL, 0};

static void fail(struct linnet_multipart *multipart, enum linnet_multipart_fault fault)
{
    LN_ASSERT(fault != LINNET_MULTIPART_NONE);
    multipart->fault = (uint8_t)fault;
    multipart->state = BAD;
}

static void call(struct linnet_multipart *multipart, enum linnet_multipart_event event,
                 struct linnet_span data)
{
    const struct linnet_multipart_part *part =
        event == LINNET_MULTIPART_FINISH ? NULL : &multipart->part;
    if (multipart->fault == LINNET_MULTIPART_NONE &&
        !multipart->function(multipart->context, event, part, data)) {
        fail(multipart, LINNET_MULTIPART_STOPPED);
    }
}

/* Content of a part, or of the preamble, which is nobody's. */
static void pass_content(struct linnet_multipart *multipart, const uint8_t *data, size_t len)
{
    if (len > 0 && multipart->state == CONTENT) {
        call(multipart, LINNET_MULTIPART_DATA, (struct linnet_span){data, len});
    }
}

/* Looks for the delimiter from here on: the line end before counts. */
static void begin_content(struct linnet_multipart *multipart, enum state state)
{
    multipart->matched = LINE_END_LEN;
    multipart->borrowed = LINE_END_LEN;
    multipart->state = (uint8_t)state;
}

static void end_content(struct linnet_multipart *multipart)
{
    multipart->matched = 0;
    multipart->borrowed = 0;
    if (multipart->state == CONTENT) {
        call(multipart, LINNET_MULTIPART_END, nothing);
    }
    if (multipart->fault == LINNET_MULTIPART_NONE) {
        multipart->state = TAIL;
    }
}

/* The bytes that matched in earlier pieces are content after all. */
static void give_matched(struct linnet_multipart *multipart)
{
    LN_ASSERT(multipart->borrowed <= multipart->matched);
    pass_content(multipart, multipart->delimiter + multipart->borrowed,
                 (size_t)(multipart->matched - multipart->borrowed));
    multipart->borrowed = 0;
}

/* Reads content up to the end of a delimiter or of the bytes; returns how many it took.
 *
 * `old` counts the matched bytes that came in earlier pieces: until that match breaks or is
 * complete, no byte of this piece is content. What is content is given in one piece. */
static size_t scan(struct linnet_multipart *multipart, struct linnet_span bytes)
{
    size_t old = multipart->matched;
    size_t begin = 0; /* of a match that began here: what lies before is content */
    size_t at = 0;
    LN_ASSERT(bytes.len > 0);
    while (at < bytes.len && multipart->matched < multipart->delimiter_len) {
        if (multipart->matched == 0) {
            const uint8_t *found = memchr(bytes.data + at, '\r', bytes.len - at);
            if (found == NULL) {
                begin = bytes.len;
                at = bytes.len;
                break;
            }
            begin = (size_t)(found - bytes.data);
            at = begin + 1;
            multipart->matched = 1;
        } else if (bytes.data[at] == multipart->delimiter[multipart->matched]) {
            multipart->matched++;
            at++;
        } else {
            if (old > 0) {
                LN_ASSERT(multipart->matched - old == at);
                multipart->matched = (uint8_t)old;
                give_matched(multipart);
                old = 0;
            }
            multipart->matched = 0;
        }
    }
    LN_ASSERT(old == 0 || begin == 0);
    pass_content(multipart, bytes.data, begin);
    if (multipart->fault == LINNET_MULTIPART_NONE &&
        multipart->matched == multipart->delimiter_len) {
        end_content(multipart);
    }
    return at;
}

static void begin_head(struct linnet_multipart *multipart)
{
    if (multipart->part_count == multipart->part_count_max) {
        fail(multipart, LINNET_MULTIPART_TOO_MANY_PARTS);
        return;
    }
    multipart->part_count++;
    multipart->head_len = 0;
    multipart->line_begin = 0;
}

static void end_head(struct linnet_multipart *multipart)
{
    const struct linnet_room head = {multipart->head.data, multipart->head_len};
    if (!ln_multipart_head_read(head, &multipart->part)) {
        fail(multipart, LINNET_MULTIPART_BAD_HEAD);
        return;
    }
    /* RFC 2046 5.1.1: a part without content may be without the line end of its content. */
    begin_content(multipart, CONTENT);
    call(multipart, LINNET_MULTIPART_BEGIN, nothing);
}

static void take_head_byte(struct linnet_multipart *multipart, uint8_t byte)
{
    const size_t len = multipart->head_len;
    if (len == multipart->head.len) {
        fail(multipart, LINNET_MULTIPART_HEAD_TOO_LONG);
        return;
    }
    /* RFC 2046 5.1.1: lines end with CRLF; neither byte stands alone. */
    const bool behind_cr = len > 0 && multipart->head.data[len - 1] == '\r';
    if (behind_cr != (byte == '\n')) {
        fail(multipart, LINNET_MULTIPART_BAD_HEAD);
        return;
    }
    multipart->head.data[len] = byte;
    multipart->head_len++;
    if (byte != '\n') {
        return;
    }
    if (multipart->head_len - multipart->line_begin == LINE_END_LEN) {
        end_head(multipart);
    } else {
        multipart->line_begin = multipart->head_len;
    }
}

static enum byte_class byte_class_of(uint8_t byte)
{
    switch (byte) {
    case '-':
        return BYTE_DASH;
    case ' ':
    case '\t':
        return BYTE_BLANK;
    case '\r':
        return BYTE_CR;
    case '\n':
        return BYTE_LF;
    default:
        return BYTE_OTHER;
    }
}

/* A byte of the line that a boundary stands in, or of a head. */
static void read_byte(struct linnet_multipart *multipart, uint8_t byte)
{
    if (multipart->state == HEAD) {
        take_head_byte(multipart, byte);
        return;
    }
    LN_ASSERT(multipart->state < LINE_STATES);
    multipart->state = next_state[multipart->state][byte_class_of(byte)];
    if (multipart->state == BAD) {
        fail(multipart, LINNET_MULTIPART_BAD_DELIMITER);
    } else if (multipart->state == HEAD) {
        begin_head(multipart);
    }
}

enum linnet_multipart_fault linnet_multipart_init(struct linnet_multipart *multipart,
                                                  const struct linnet_multipart_config *config)
{
    LN_ASSERT(config->function != NULL);
    LN_ASSERT(config->head.data != NULL || config->head.len == 0);
    uint8_t memory[LINNET_MULTIPART_BOUNDARY_LEN_MAX];
    const struct linnet_room room = {memory, sizeof memory};
    struct linnet_span boundary = nothing;
    *multipart = (struct linnet_multipart){
        .head = config->head,
        .part_count_max = config->part_count_max,
        .function = config->function,
        .context = config->context,
    };
    const enum linnet_multipart_fault fault =
        ln_multipart_boundary(config->content_type, room, &boundary);
    if (fault != LINNET_MULTIPART_NONE) {
        fail(multipart, fault);
        return fault;
    }
    struct ln_cursor cursor =
        ln_cursor_over((struct linnet_room){multipart->delimiter, sizeof multipart->delimiter});
    ln_cursor_put_span(&cursor, LINNET_SPAN("\r\n--"));
    ln_cursor_put_span(&cursor, boundary);
    LN_ASSERT(!cursor.overflow);
    multipart->delimiter_len = (uint8_t)cursor.len;
    begin_content(multipart, PREAMBLE);
    return LINNET_MULTIPART_NONE;
}

enum linnet_multipart_fault linnet_multipart_feed(struct linnet_multipart *multipart,
                                                  struct linnet_span bytes)
{
    LN_ASSERT(bytes.data != NULL || bytes.len == 0);
    LN_ASSERT(multipart->state != DONE);
    size_t at = 0;
    while (at < bytes.len && multipart->state != BAD) {
        if (multipart->state == EPILOGUE) {
            /* RFC 2046 5.1.1: what follows the last boundary is ignored. */
            break;
        }
        if (multipart->state == PREAMBLE || multipart->state == CONTENT) {
            at += scan(multipart, ln_span_slice(bytes, at, bytes.len - at));
        } else {
            read_byte(multipart, bytes.data[at]);
            at++;
        }
    }
    return (enum linnet_multipart_fault)multipart->fault;
}

enum linnet_multipart_fault linnet_multipart_finish(struct linnet_multipart *multipart)
{
    LN_ASSERT(multipart->state != DONE);
    if (multipart->fault != LINNET_MULTIPART_NONE) {
        return (enum linnet_multipart_fault)multipart->fault;
    }
    if (multipart->state != CLOSED && multipart->state != EPILOGUE) {
        fail(multipart, LINNET_MULTIPART_UNFINISHED);
        return LINNET_MULTIPART_UNFINISHED;
    }
    multipart->state = DONE;
    call(multipart, LINNET_MULTIPART_FINISH, nothing);
    return (enum linnet_multipart_fault)multipart->fault;
}

enum linnet_status linnet_multipart_status(enum linnet_multipart_fault fault)
{
    static const uint16_t statuses[] = {
#define STATUS(name, status, text) LINNET_STATUS_##status,
        LINNET_MULTIPART_FAULTS(STATUS)
#undef STATUS
    };
    LN_ASSERT(fault < sizeof statuses / sizeof statuses[0]);
    return (enum linnet_status)statuses[fault];
}
