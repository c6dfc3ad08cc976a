/* What the system refused, as values: errno ends in drivers/system and becomes one of these.
 *
 * X(NAME, "what a person reads"). A function that returns one must be looked at. */
#ifndef LINNET_ERROR_H
#define LINNET_ERROR_H

#include <linnet/declarations.h>

LINNET_BEGIN

#define LINNET_ERRORS(X)                                               \
    X(NONE, "no error")                                                \
    X(AGAIN, "not now: it would have to wait")                         \
    X(DESCRIPTORS, "no descriptor is free")                            \
    X(MEMORY, "the system has no memory for it")                       \
    X(NOT_FOUND, "there is nothing of that name")                      \
    X(FORBIDDEN, "permission denied")                                  \
    X(ADDRESS_IN_USE, "the address is already in use")                 \
    X(ADDRESS_NOT_HERE, "the address does not belong to this machine") \
    X(RESET, "the peer reset the connection or is gone")               \
    X(TOO_LARGE, "it does not fit into its limit")                     \
    X(INVALID, "the arguments make no sense")                          \
    X(UNSUPPORTED, "the system does not offer it")                     \
    X(SYSTEM, "the system refused it")

enum linnet_error {
#define LINNET_ERROR_ENUM(name, text) LINNET_ERROR_##name,
    LINNET_ERRORS(LINNET_ERROR_ENUM)
#undef LINNET_ERROR_ENUM
};

#if defined(__GNUC__)
#    define LINNET_MUST_USE __attribute__((warn_unused_result))
#else
#    define LINNET_MUST_USE
#endif

/* What a person reads; constant, and ends with a zero. */
const char *linnet_error_text(enum linnet_error error);

LINNET_END

#endif
