/* Status codes: X(CODE, NAME, "reason phrase", "what a person reads on the error page").
 *
 * RFC 9110 15, RFC 6585 (428, 429, 431), RFC 8297 (103), RFC 7725 (451), RFC 4918 (507). */
#ifndef LINNET_STATUS_H
#define LINNET_STATUS_H

#include <linnet/declarations.h>

LINNET_BEGIN

#define LINNET_STATUSES(X)                                                                        \
    X(100, CONTINUE, "Continue", "")                                                              \
    X(101, SWITCHING_PROTOCOLS, "Switching Protocols", "")                                        \
    X(103, EARLY_HINTS, "Early Hints", "")                                                        \
    X(200, OK, "OK", "")                                                                          \
    X(201, CREATED, "Created", "")                                                                \
    X(202, ACCEPTED, "Accepted", "")                                                              \
    X(204, NO_CONTENT, "No Content", "")                                                          \
    X(206, PARTIAL_CONTENT, "Partial Content", "")                                                \
    X(301, MOVED_PERMANENTLY, "Moved Permanently", "This page has moved for good.")               \
    X(302, FOUND, "Found", "This page is elsewhere for now.")                                     \
    X(303, SEE_OTHER, "See Other", "The answer is on another page.")                              \
    X(304, NOT_MODIFIED, "Not Modified", "")                                                      \
    X(307, TEMPORARY_REDIRECT, "Temporary Redirect", "This page is elsewhere for now.")           \
    X(308, PERMANENT_REDIRECT, "Permanent Redirect", "This page has moved for good.")             \
    X(400, BAD_REQUEST, "Bad Request", "The server cannot make sense of this request.")           \
    X(401, UNAUTHORIZED, "Unauthorized", "This page asks for a name and a password.")             \
    X(403, FORBIDDEN, "Forbidden", "The server may not give this page out.")                      \
    X(404, NOT_FOUND, "Not Found", "There is no page at this address.")                           \
    X(405, METHOD_NOT_ALLOWED, "Method Not Allowed", "This page does not take that method.")      \
    X(406, NOT_ACCEPTABLE, "Not Acceptable", "The page has no form that the client accepts.")     \
    X(408, REQUEST_TIMEOUT, "Request Timeout", "The request took too long to arrive.")            \
    X(409, CONFLICT, "Conflict", "The request conflicts with what is there.")                     \
    X(410, GONE, "Gone", "This page is gone for good.")                                           \
    X(411, LENGTH_REQUIRED, "Length Required", "The request must say how long its content is.")   \
    X(412, PRECONDITION_FAILED, "Precondition Failed", "The page is not in the state asked for.") \
    X(413, CONTENT_TOO_LARGE, "Content Too Large", "The request's content is too large.")         \
    X(414, URI_TOO_LONG, "URI Too Long", "The address is too long.")                              \
    X(415, UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type", "The content's type is not taken.")  \
    X(416, RANGE_NOT_SATISFIABLE, "Range Not Satisfiable", "The page has no such part.")          \
    X(417, EXPECTATION_FAILED, "Expectation Failed", "The server cannot do what was expected.")   \
    X(421, MISDIRECTED_REQUEST, "Misdirected Request", "This server does not answer for that.")   \
    X(422, UNPROCESSABLE_CONTENT, "Unprocessable Content", "The content makes no sense here.")    \
    X(426, UPGRADE_REQUIRED, "Upgrade Required", "Another protocol is needed for this.")          \
    X(428, PRECONDITION_REQUIRED, "Precondition Required", "The request must be conditional.")    \
    X(429, TOO_MANY_REQUESTS, "Too Many Requests", "Too many requests; try again later.")         \
    X(431, REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large",                    \
      "The request's fields are too large or too many.")                                          \
    X(451, UNAVAILABLE_FOR_LEGAL_REASONS, "Unavailable For Legal Reasons",                        \
      "This page may not be shown for legal reasons.")                                            \
    X(500, INTERNAL_SERVER_ERROR, "Internal Server Error", "The server made a mistake.")          \
    X(501, NOT_IMPLEMENTED, "Not Implemented", "The server does not know how to do that.")        \
    X(502, BAD_GATEWAY, "Bad Gateway", "The server behind this one gave a bad answer.")           \
    X(503, SERVICE_UNAVAILABLE, "Service Unavailable", "The server is full; try again shortly.")  \
    X(504, GATEWAY_TIMEOUT, "Gateway Timeout", "The server behind this one did not answer.")      \
    X(505, HTTP_VERSION_NOT_SUPPORTED, "HTTP Version Not Supported",                              \
      "The server speaks HTTP/1.1 and HTTP/1.0.")                                                 \
    X(507, INSUFFICIENT_STORAGE, "Insufficient Storage", "There is no room left for it.")

enum linnet_status {
    LINNET_STATUS_NONE = 0,
#define LINNET_STATUS_ENUM(code, name, reason, text) LINNET_STATUS_##name = code,
    LINNET_STATUSES(LINNET_STATUS_ENUM)
#undef LINNET_STATUS_ENUM
};

LINNET_END

#endif
