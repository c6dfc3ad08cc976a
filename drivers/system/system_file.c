/* Files of Linux: openat2 with RESOLVE_BENEATH. */
#include "drivers/system/system_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "drivers/system/system_error.h"
#include "drivers/system/system_fault.h"

enum {
    TRIES_MAX = 4, /* of a call that a signal, or a rename, has ended */
};

enum linnet_error ln_system_open_root(const char *path, int *descriptor)
{
    const int opened = LN_SYSTEM_CALL(OPEN_ROOT, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened < 0) {
        return errno == ENOTDIR ? LINNET_ERROR_INVALID : ln_system_error(errno);
    }
    *descriptor = opened;
    return LINNET_ERROR_NONE;
}

enum linnet_error ln_system_open_below(int root, const char *path, int *descriptor)
{
    const struct open_how how = {
        .flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    /* EAGAIN: a rename elsewhere made the kernel unsure; it says to try again. */
    for (unsigned tries = 0; tries < TRIES_MAX; tries++) {
        const long opened =
            LN_SYSTEM_CALL(OPENAT2, syscall(SYS_openat2, root, path, &how, sizeof how));
        if (opened >= 0) {
            *descriptor = (int)opened;
            return LINNET_ERROR_NONE;
        }
        if (errno != EAGAIN && errno != EINTR) {
            break;
        }
    }
    return ln_system_error(errno);
}

static enum ln_system_file_kind kind_of(mode_t mode)
{
    if (S_ISREG(mode)) {
        return LN_SYSTEM_FILE_REGULAR;
    }
    return S_ISDIR(mode) ? LN_SYSTEM_FILE_FOLDER : LN_SYSTEM_FILE_OTHER;
}

enum linnet_error ln_system_file_facts(int descriptor, struct ln_system_file_facts *facts)
{
    struct stat status;
    if (LN_SYSTEM_CALL(FSTAT, fstat(descriptor, &status)) != 0) {
        return ln_system_error(errno);
    }
    *facts = (struct ln_system_file_facts){
        .device = (uint64_t)status.st_dev,
        .inode = (uint64_t)status.st_ino,
        .len = (uint64_t)status.st_size,
        .modified_s = status.st_mtim.tv_sec,
        .modified_ns = status.st_mtim.tv_nsec,
        .changed_s = status.st_ctim.tv_sec,
        .changed_ns = status.st_ctim.tv_nsec,
        .kind = kind_of(status.st_mode),
    };
    return LINNET_ERROR_NONE;
}

ptrdiff_t ln_system_read_at(int descriptor, uint64_t offset, struct linnet_room room)
{
    for (unsigned tries = 1;; tries++) {
        const ssize_t len = LN_SYSTEM_CALL(
            PREAD, pread(descriptor, room.data, LN_SYSTEM_LEN(PREAD, room.len), (off_t)offset));
        if (len >= 0 || errno != EINTR || tries == TRIES_MAX) {
            return len;
        }
    }
}

bool ln_system_file_set_direct(int descriptor, bool direct)
{
    const int flags = LN_SYSTEM_CALL(FCNTL_DIRECT, fcntl(descriptor, F_GETFL));
    const int wanted = direct ? flags | O_DIRECT : flags & ~O_DIRECT;
    return flags >= 0 && LN_SYSTEM_CALL(FCNTL_DIRECT, fcntl(descriptor, F_SETFL, wanted)) == 0;
}

void ln_system_close_file(int descriptor)
{
    (void)LN_SYSTEM_MADE(CLOSE, close(descriptor));
}
