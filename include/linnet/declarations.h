/* What stands around the declarations of every public header.
 *
 * LINNET_BEGIN and LINNET_END make them C for C++ too, and visible in a shared library, in which
 * everything else is hidden. */
#ifndef LINNET_DECLARATIONS_H
#define LINNET_DECLARATIONS_H

#if defined(__GNUC__)
#    define LINNET_VISIBLE_BEGIN _Pragma("GCC visibility push(default)")
#    define LINNET_VISIBLE_END   _Pragma("GCC visibility pop")
#else
#    define LINNET_VISIBLE_BEGIN
#    define LINNET_VISIBLE_END
#endif

#ifdef __cplusplus
#    define LINNET_BEGIN \
        extern "C" {     \
        LINNET_VISIBLE_BEGIN
#    define LINNET_END     \
        LINNET_VISIBLE_END \
        }
#    define LINNET_NORETURN [[noreturn]]
#else
#    define LINNET_BEGIN    LINNET_VISIBLE_BEGIN
#    define LINNET_END      LINNET_VISIBLE_END
#    define LINNET_NORETURN _Noreturn
#endif

#endif
