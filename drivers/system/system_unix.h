/* Unix sockets that listen: a name in the file system, made at start and removed at the end.
 *
 * A name whose program is gone (nobody answers) is taken over. Whoever may write to the name may
 * connect: its mode is 0666 less the umask, and its folder's mode counts as well. Clients are
 * accepted like others (system_socket.h); they have no address. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_UNIX_H
#define LN_DRIVERS_SYSTEM_SYSTEM_UNIX_H

#include <stdint.h>

#include <linnet/error.h>

struct ln_system_unix {
    int descriptor;
    uint64_t device; /* with the inode: which file the name was when it was made */
    uint64_t inode;
};

/* A listening, non-blocking socket at that path. TOO_LARGE: the path is too long for the system;
 * ADDRESS_IN_USE: somebody answers there; INVALID: something lies there that is no socket;
 * NOT_FOUND: there is no such folder; FORBIDDEN, DESCRIPTORS, SYSTEM. */
LINNET_MUST_USE enum linnet_error ln_system_unix_listen(const char *path, unsigned backlog,
                                                        struct ln_system_unix *listener);

/* Removes the name, if it is still the one that was made. */
void ln_system_unix_remove(const char *path, const struct ln_system_unix *listener);

#endif
