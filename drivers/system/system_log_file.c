/* Opening the file of a log. */
#include "drivers/system/system_log_file.h"

#include <errno.h>
#include <fcntl.h>

#include "drivers/system/system_error.h"
#include "drivers/system/system_fault.h"

enum linnet_error ln_system_log_file_open(const char *path, int *descriptor)
{
    const int opened = LN_SYSTEM_CALL(
        LOG_OPEN,
        open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640));
    if (opened < 0) {
        return errno == EISDIR ? LINNET_ERROR_INVALID : ln_system_error(errno);
    }
    *descriptor = opened;
    return LINNET_ERROR_NONE;
}
