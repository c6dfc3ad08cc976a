/* The file of a log: for appending, made when it is not there. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_LOG_FILE_H
#define LN_DRIVERS_SYSTEM_SYSTEM_LOG_FILE_H

#include <linnet/error.h>

/* Opens it with mode 0640 and the umask. Never waits: a FIFO that nobody reads is NOT_FOUND.
 * INVALID: it is a folder; FORBIDDEN, DESCRIPTORS, SYSTEM. */
LINNET_MUST_USE enum linnet_error ln_system_log_file_open(const char *path, int *descriptor);

#endif
