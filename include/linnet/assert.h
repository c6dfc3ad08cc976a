/* Where a failed assertion ends.
 *
 * Assertions stay on in production: a failed one is a bug of ours, never a fault of the peer.
 * Linnet's core calls this one function and defines it nowhere. The library for hosts brings one
 * that aborts and prints nothing: a debugger shows what it was called with. A program may define
 * its own, which is then called instead, and a firmware must. It must not return. */
#ifndef LINNET_ASSERT_H
#define LINNET_ASSERT_H

#include <linnet/declarations.h>

LINNET_BEGIN

LINNET_NORETURN void linnet_assert_failed(const char *file, int line, const char *condition);

LINNET_END

#endif
