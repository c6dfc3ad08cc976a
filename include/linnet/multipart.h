/* Forms with files: a parser for multipart/form-data (RFC 7578, RFC 2046 5.1) in fixed memory.
 *
 * It is fed the content as it arrives, in any pieces, and calls back: BEGIN and END for each part,
 * DATA in between as often as bytes come, and FINISH behind the last one. How the content was cut
 * changes nothing but the cuts of DATA. It keeps no content: what it holds is its own struct, under
 * 256 bytes, and the head of one part in a room of the caller's.
 *
 *     BEGIN DATA* END   once for each part, in the order of the form
 *     FINISH            once, from linnet_multipart_finish, if nothing was wrong
 *
 * A fault is a value and stays: from then on nothing is called, and the same fault comes back.
 *
 * Of a part: its name as sent; the name of its file as sent, but only what stands behind the last
 * "/" or "\", and empty if that is "." or "..": a client names a file, never a folder. It is still
 * a stranger's choice: whether a file of that name may be made is the handler's to decide. No name
 * holds a control byte (a tab aside). A backslash before a quote or a backslash is taken away, any
 * other stays; "%22", which browsers write for a quote, stays as it is, for they write no "%25". */
#ifndef LINNET_MULTIPART_H
#define LINNET_MULTIPART_H

#include <stdbool.h>

#include <linnet/declarations.h>
#include <linnet/error.h>
#include <linnet/span.h>
#include <linnet/status.h>

LINNET_BEGIN

/* X(NAME, STATUS, "what is wrong"): the status is what the client is to be told. */
#define LINNET_MULTIPART_FAULTS(X)                                                    \
    X(NONE, NONE, "nothing is wrong")                                                 \
    X(NOT_FORM_DATA, UNSUPPORTED_MEDIA_TYPE, "the content is no multipart/form-data") \
    X(BAD_BOUNDARY, BAD_REQUEST, "the boundary is missing, malformed or said twice")  \
    X(BAD_DELIMITER, BAD_REQUEST, "something stands behind a boundary in its line")   \
    X(BAD_HEAD, BAD_REQUEST, "the head of a part is malformed or gives it no name")   \
    X(HEAD_TOO_LONG, CONTENT_TOO_LARGE, "the head of a part does not fit its room")   \
    X(TOO_MANY_PARTS, CONTENT_TOO_LARGE, "there are more parts than part_count_max")  \
    X(UNFINISHED, BAD_REQUEST, "the content ended before the last boundary")          \
    X(STOPPED, NONE, "the caller's function wanted no more")

enum linnet_multipart_fault {
#define LINNET_MULTIPART_FAULT_ENUM(name, status, text) LINNET_MULTIPART_##name,
    LINNET_MULTIPART_FAULTS(LINNET_MULTIPART_FAULT_ENUM)
#undef LINNET_MULTIPART_FAULT_ENUM
};

/* The answer to a fault; LINNET_STATUS_NONE for NONE and STOPPED. */
enum linnet_status linnet_multipart_status(enum linnet_multipart_fault fault);

enum linnet_multipart_event {
    LINNET_MULTIPART_BEGIN,
    LINNET_MULTIPART_DATA,
    LINNET_MULTIPART_END,
    LINNET_MULTIPART_FINISH,
};

/* Spans over the room of heads, unchanged until the part's END has returned. */
struct linnet_multipart_part {
    struct linnet_span name;
    struct linnet_span filename;   /* without its path; may be empty */
    struct linnet_span media_type; /* as sent; "text/plain" if nothing was */
    bool has_filename;             /* the part is a file */
};

/* `part` is NULL for FINISH; `data` is not empty for DATA, valid in the call only, and empty for
 * all others. false: no more is wanted, the fault is STOPPED. */
typedef bool linnet_multipart_function(void *context, enum linnet_multipart_event event,
                                       const struct linnet_multipart_part *part,
                                       struct linnet_span data);

/* RFC 2046 5.1.1: bytes of a boundary. */
#define LINNET_MULTIPART_BOUNDARY_LEN_MAX 70

struct linnet_multipart_config {
    struct linnet_span content_type; /* content of the request's Content-Type field */
    struct linnet_room head;         /* for the longest head of a part, its empty line counted */
    uint32_t part_count_max;
    linnet_multipart_function *function;
    void *context;
};

/* The caller's memory; what is inside is the parser's alone. */
struct linnet_multipart {
    uint8_t delimiter[4 + LINNET_MULTIPART_BOUNDARY_LEN_MAX]; /* CRLF "--" boundary */
    uint8_t delimiter_len;
    uint8_t matched;  /* bytes of the delimiter that end what was fed */
    uint8_t borrowed; /* of these, how many belong to the line before the content */
    uint8_t state;
    uint8_t fault;
    uint32_t part_count;
    uint32_t part_count_max;
    struct linnet_room head;
    size_t head_len;
    size_t line_begin; /* of the head's last line */
    struct linnet_multipart_part part;
    linnet_multipart_function *function;
    void *context;
};

/* Begins: NONE, NOT_FORM_DATA or BAD_BOUNDARY. The room outlives the parser; 512 bytes take what
 * browsers send. */
LINNET_MUST_USE enum linnet_multipart_fault linnet_multipart_init(
    struct linnet_multipart *multipart, const struct linnet_multipart_config *config);

/* Takes all of the bytes, which may be none. */
LINNET_MUST_USE enum linnet_multipart_fault linnet_multipart_feed(
    struct linnet_multipart *multipart, struct linnet_span bytes);

/* The content is complete: once, and nothing is fed behind it. */
LINNET_MUST_USE enum linnet_multipart_fault linnet_multipart_finish(
    struct linnet_multipart *multipart);

LINNET_END

#endif
