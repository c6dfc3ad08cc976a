/* Where a failed assertion ends.
 *
 * Assertions stay on in production: a failed one is a bug of ours, never a fault of the peer.
 * Linnet's core calls this one function and defines it nowhere: the library's server brings one
 * that writes a line and ends the worker; a firmware brings its own. It must not return. */
#ifndef LINNET_ASSERT_H
#define LINNET_ASSERT_H

#include <linnet/declarations.h>

LINNET_BEGIN

LINNET_NORETURN void linnet_assert_failed(const char *file, int line, const char *condition);

LINNET_END

#endif
