/* The rows from errno to error; what a call does about each stands where the call is made. */
#include "drivers/system/system_error.h"

#include <errno.h>
#include <stddef.h>

static const struct {
    int number;
    enum linnet_error error;
} error_rows[] = {
    {EAGAIN, LINNET_ERROR_AGAIN},
    {EINTR, LINNET_ERROR_AGAIN},
    {EMFILE, LINNET_ERROR_DESCRIPTORS},
    {ENFILE, LINNET_ERROR_DESCRIPTORS},
    {ENOMEM, LINNET_ERROR_MEMORY},
    {ENOBUFS, LINNET_ERROR_MEMORY},
    {ENOENT, LINNET_ERROR_NOT_FOUND},
    {ENOTDIR, LINNET_ERROR_NOT_FOUND},
    {ENAMETOOLONG, LINNET_ERROR_NOT_FOUND},
    {ELOOP, LINNET_ERROR_NOT_FOUND},
    {EXDEV, LINNET_ERROR_NOT_FOUND}, /* openat2: the path leaves the root */
    {ENXIO, LINNET_ERROR_NOT_FOUND}, /* open of a socket, or of a device that is not there */
    {ENODEV, LINNET_ERROR_NOT_FOUND},
    {EACCES, LINNET_ERROR_FORBIDDEN},
    {EPERM, LINNET_ERROR_FORBIDDEN},
    {EADDRINUSE, LINNET_ERROR_ADDRESS_IN_USE},
    {EADDRNOTAVAIL, LINNET_ERROR_ADDRESS_NOT_HERE},
    {ECONNRESET, LINNET_ERROR_RESET},
    {EPIPE, LINNET_ERROR_RESET},
    {ECONNABORTED, LINNET_ERROR_RESET},
    {ENOTCONN, LINNET_ERROR_RESET},
    {ETIMEDOUT, LINNET_ERROR_RESET},
    {EHOSTUNREACH, LINNET_ERROR_RESET},
    {ENETUNREACH, LINNET_ERROR_RESET},
    {ENETDOWN, LINNET_ERROR_RESET},
    {EINVAL, LINNET_ERROR_INVALID},
    {ENOSYS, LINNET_ERROR_UNSUPPORTED},
    {EAFNOSUPPORT, LINNET_ERROR_UNSUPPORTED},
    {EOPNOTSUPP, LINNET_ERROR_UNSUPPORTED},
};

enum linnet_error ln_system_error(int number)
{
    for (size_t i = 0; i < sizeof error_rows / sizeof error_rows[0]; i++) {
        if (error_rows[i].number == number) {
            return error_rows[i].error;
        }
    }
    return LINNET_ERROR_SYSTEM;
}

enum linnet_error ln_system_error_of_accept(int number)
{
    switch (number) {
    case EPROTO:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EOPNOTSUPP:
        return LINNET_ERROR_AGAIN;
    default:
        break;
    }
    const enum linnet_error error = ln_system_error(number);
    return error == LINNET_ERROR_RESET ? LINNET_ERROR_AGAIN : error;
}

const char *ln_system_error_text(enum linnet_error error)
{
    return linnet_error_text(error);
}
