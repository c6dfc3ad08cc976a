/* Files below a root: opened so that the kernel itself forbids to leave it. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_FILE_H
#define LN_DRIVERS_SYSTEM_SYSTEM_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <linnet/error.h>
#include <linnet/span.h>

enum ln_system_file_kind {
    LN_SYSTEM_FILE_REGULAR,
    LN_SYSTEM_FILE_FOLDER,
    LN_SYSTEM_FILE_OTHER, /* FIFO, socket, device */
};

/* What is known of an open file; the first five say together which content it has. */
struct ln_system_file_facts {
    uint64_t device;
    uint64_t inode;
    uint64_t len;
    int64_t modified_s;
    int64_t modified_ns;
    int64_t changed_s;
    int64_t changed_ns;
    enum ln_system_file_kind kind;
};

/* Opens the root folder, by any path. NOT_FOUND, INVALID (it is no folder), FORBIDDEN, SYSTEM. */
LINNET_MUST_USE enum linnet_error ln_system_open_root(const char *path, int *descriptor);

/* Opens what lies at `path`, relative to the root and zero-terminated, for reading; never waits,
 * not even for a FIFO. Symbolic links may lead anywhere below the root and nowhere else: one that
 * leaves it is NOT_FOUND. NOT_FOUND, FORBIDDEN, DESCRIPTORS, MEMORY, SYSTEM. */
LINNET_MUST_USE enum linnet_error ln_system_open_below(int root, const char *path, int *descriptor);

LINNET_MUST_USE enum linnet_error ln_system_file_facts(int descriptor,
                                                       struct ln_system_file_facts *facts);

/* Reads at an offset; the number of bytes, 0 at the end, -1 on an error. */
ptrdiff_t ln_system_read_at(int descriptor, uint64_t offset, struct linnet_room room);

/* Reads past the system's own memory from now on, at multiples of a page alone, or no longer so.
 * false: the file system cannot; nothing has changed. */
bool ln_system_file_set_direct(int descriptor, bool direct);

void ln_system_close_file(int descriptor);

#endif
