/* One request and its answer, as a handler sees them.
 *
 * A handler is called with BEGIN when the head is complete, DATA for each piece of content as it
 * arrives, and FINAL once when the request is complete. It answers with linnet_reply in any of
 * these calls, once. An answer before FINAL says that it does not want the rest, and ABORT comes,
 * unless the answer says that it reads on. Who returns from FINAL without an answer waits: RESUME
 * comes when somebody resumes it (<linnet/resume.h>), as often as that, and it answers then.
 *
 * ABORT comes when there will be no FINAL or no answer: the client left, the connection ended, the
 * time was up. So the last call is FINAL, or a RESUME that answers, or ABORT, and of FINAL with an
 * answer and ABORT exactly one comes. In ABORT nothing can be answered any more.
 *
 * Spans of the request stay valid until the last call returns; the span of DATA is valid in that
 * call only. No handler runs before its exchange has an output buffer. */
#ifndef LINNET_EXCHANGE_H
#define LINNET_EXCHANGE_H

#include <stdbool.h>

#include <linnet/channel.h>
#include <linnet/declarations.h>
#include <linnet/error.h>
#include <linnet/method.h>
#include <linnet/resume.h>
#include <linnet/status.h>
#include <linnet/stream.h>
#include <linnet/text.h>

LINNET_BEGIN

struct linnet_exchange;

#define LINNET_LEN_UNKNOWN UINT64_MAX

enum linnet_event {
    LINNET_EVENT_BEGIN,
    LINNET_EVENT_DATA,
    LINNET_EVENT_FINAL,
    LINNET_EVENT_ABORT,
    LINNET_EVENT_RESUME,
};

typedef void linnet_handler_function(void *context, struct linnet_exchange *exchange,
                                     enum linnet_event event, struct linnet_span data);

struct linnet_request {
    enum linnet_method method;
    struct linnet_span method_name;
    struct linnet_span target; /* as received */
    struct linnet_span path;   /* decoded once, dot segments resolved; begins with "/" */
    struct linnet_span query;  /* as received, without "?" */
    struct linnet_span host;   /* as received: of an absolute target, else of Host; may be empty */
    uint64_t body_len;         /* or LINNET_LEN_UNKNOWN while a chunked body arrives */
    unsigned minor_version;    /* of HTTP/1.x */
    bool has_query;
    bool secure;
};

const struct linnet_request *linnet_exchange_request(const struct linnet_exchange *exchange);
struct linnet_time linnet_exchange_time(const struct linnet_exchange *exchange);
/* Whose request it is: the address of the other end of its connection. */
const struct linnet_address *linnet_exchange_peer(const struct linnet_exchange *exchange);

/* A pointer of the handler's own, for what belongs to this request: its upload, its file, whom the
 * hook `arrived` has found it to be. NULL until something is kept; nothing is done with it. */
void linnet_exchange_keep(struct linnet_exchange *exchange, void *pointer);
void *linnet_exchange_kept(const struct linnet_exchange *exchange);

/* Field lines in their order; their number; false when index is out of range. */
size_t linnet_exchange_field_count(const struct linnet_exchange *exchange);
bool linnet_exchange_field_at(const struct linnet_exchange *exchange, size_t index,
                              struct linnet_span *name, struct linnet_span *content);
/* The content of the first field of that name, in any case; false when there is none. */
bool linnet_exchange_field(const struct linnet_exchange *exchange, struct linnet_span name,
                           struct linnet_span *content);

/* What TLS has learned of the client, as long as the exchange lasts; NULL: it came without TLS. */
const struct linnet_tls_info *linnet_exchange_tls(const struct linnet_exchange *exchange);

struct linnet_field {
    struct linnet_span name;
    struct linnet_span content;
};

/* Field lines written once for answers that are given often, by linnet_prepare or
 * linnet_representation_prepare and by nothing else: their fields are checked then, not each time.
 */
struct linnet_prepared {
    struct linnet_span lines; /* Content-Type, Content-Length, the other fields, the empty line */
    uint64_t body_len;        /* the content's, which Content-Length says */
};

enum linnet_body {
    LINNET_BODY_NONE,
    LINNET_BODY_COPY,   /* `bytes`, at most copy_len_max, are copied before linnet_reply returns */
    LINNET_BODY_LEND,   /* `bytes` outlive the server, or until `source` is released if given */
    LINNET_BODY_SOURCE, /* `len` bytes from `offset` of `source` */
    LINNET_BODY_STREAM, /* `len` bytes, or LINNET_LEN_UNKNOWN, pulled from `stream` */
};

struct linnet_reply {
    enum linnet_status status;     /* 200 and above */
    struct linnet_span media_type; /* Content-Type, or empty for none */
    const struct linnet_field *fields;
    size_t field_count;
    const struct linnet_prepared *prepared; /* instead of media_type and fields, or NULL */
    enum linnet_body body;
    struct linnet_span bytes;
    union {
        struct linnet_source *source; /* held once for this reply */
        struct linnet_stream *stream; /* core's until its `done`, if the reply is taken */
    };
    uint64_t offset;
    uint64_t len;
    bool close;   /* the connection ends behind this answer */
    bool read_on; /* before FINAL: the rest of the request is wanted, DATA and FINAL still come */
};

/* Answers. NONE; INVALID: answered already, a status below 200, or a field that would split the
 * answer (a control byte or a bad name) or that Linnet writes itself; TOO_LARGE: the head is over
 * reply_head_len_max or copied bytes over copy_len_max: nothing was sent, another may follow. HEAD
 * is seen to here: the body is left out, its length is said. */
LINNET_MUST_USE enum linnet_error linnet_reply(struct linnet_exchange *exchange,
                                               const struct linnet_reply *reply);

/* Writes the field lines of such a reply, with the length of its content, into the room. NONE;
 * INVALID: as linnet_reply, or it is prepared already; TOO_LARGE: the room does not hold them. The
 * room belongs to *prepared from then on. */
LINNET_MUST_USE enum linnet_error linnet_prepare(const struct linnet_reply *reply,
                                                 struct linnet_room room,
                                                 struct linnet_prepared *prepared);

/* Answers with the server's own short page for that status. */
LINNET_MUST_USE enum linnet_error linnet_reply_status(struct linnet_exchange *exchange,
                                                      enum linnet_status status);

/* Answers with plain text in UTF-8 that outlives the server. */
LINNET_MUST_USE enum linnet_error linnet_reply_text(struct linnet_exchange *exchange,
                                                    enum linnet_status status,
                                                    struct linnet_span text);

/* Answers with the text that was written, copied. TOO_LARGE: something did not fit into the text's
 * own room, or as linnet_reply. */
LINNET_MUST_USE enum linnet_error linnet_reply_written(struct linnet_exchange *exchange,
                                                       enum linnet_status status,
                                                       struct linnet_span media_type,
                                                       const struct linnet_text *text);

/* Answers 200 with a stream of unknown length. */
LINNET_MUST_USE enum linnet_error linnet_reply_stream(struct linnet_exchange *exchange,
                                                      struct linnet_span media_type,
                                                      struct linnet_stream *stream);

/* Sends the client elsewhere: 301, 302, 303, 307 or 308 with Location and a short page; another
 * status is INVALID. `location` is a URI or a path of this server, its bytes percent-encoded where
 * they need it (linnet_text_put_path). */
LINNET_MUST_USE enum linnet_error linnet_reply_redirect(struct linnet_exchange *exchange,
                                                        enum linnet_status status,
                                                        struct linnet_span location);

/* A "soft" answer: status 200 with the page of another status, for clients that show no other. */
LINNET_MUST_USE enum linnet_error linnet_reply_soft(struct linnet_exchange *exchange,
                                                    enum linnet_status page);

/* An interim answer, such as 103 (Early Hints) with Link fields; several may come before the
 * answer. To HTTP/1.0 nothing is sent. NONE; INVALID: answered already, a status that is not 103,
 * or a field as of linnet_reply; TOO_LARGE: with it the answer would not fit any more: nothing was
 * sent. */
LINNET_MUST_USE enum linnet_error linnet_reply_interim(struct linnet_exchange *exchange,
                                                       enum linnet_status status,
                                                       const struct linnet_field *fields,
                                                       size_t field_count);

/* A representation: what GET gives, with what conditional and range requests need. */
struct linnet_representation {
    struct linnet_span media_type;
    struct linnet_span entity_tag;          /* with its quotes and W/ if weak, or empty */
    int64_t last_modified_unix_s;           /* or LINNET_NO_WALL_CLOCK */
    struct linnet_source *source;           /* or NULL */
    struct linnet_span bytes;               /* the content; with a source, until that is released */
    uint64_t len;                           /* of the source, where bytes.data is NULL */
    const struct linnet_prepared *prepared; /* by linnet_representation_prepare, or NULL */
};

/* Writes the field lines of a whole answer with this representation, as linnet_prepare does. They
 * must be written anew when anything in it changes. */
LINNET_MUST_USE enum linnet_error linnet_representation_prepare(
    const struct linnet_representation *representation, struct linnet_room room,
    struct linnet_prepared *prepared);

/* Answers GET or HEAD from a representation: preconditions, one range, If-Range: 200, 206, 304,
 * 412 or 416. */
LINNET_MUST_USE enum linnet_error linnet_reply_representation(
    struct linnet_exchange *exchange, const struct linnet_representation *representation);

/* A route: which requests a handler answers. What wins where several could answer, the form of a
 * pattern, and the check of a table at boot: <linnet/route.h>. */
enum linnet_route_kind {
    LINNET_ROUTE_EXACT,   /* the path itself */
    LINNET_ROUTE_PREFIX,  /* the path and what lies below it by segment: S1-1 */
    LINNET_ROUTE_PATTERN, /* a path with parameters: "/led/{id:uint}" */
    LINNET_ROUTE_DEFAULT, /* every other path */
};

struct linnet_route {
    enum linnet_route_kind kind;
    unsigned methods; /* LINNET_METHOD_BIT of each; HEAD is added to GET, OPTIONS to all */
    struct linnet_span path;
    struct linnet_span host; /* without a port, in any case; empty: every host */
    uint64_t body_len_max;   /* 0: that of the limits */
    uint64_t time_ms_max;    /* from the head's end to the answer of a handler that waits; then
                                503. 0: suspend_ms of the limits, from the handler's last call */
    linnet_handler_function *handler;
    void *context;
};

LINNET_END

#endif
