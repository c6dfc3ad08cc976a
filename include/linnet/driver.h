/* THE CONTRACT OF A DRIVER: one way of waiting.
 *
 * A driver is made for one worker out of memory that its owner gives it (`memory_len` bytes,
 * 16-byte aligned, zeroed) and allocates nothing itself. It never knows HTTP. */
#ifndef LINNET_DRIVER_H
#define LINNET_DRIVER_H

#include <linnet/declarations.h>
#include <linnet/error.h>
#include <linnet/limits.h>
#include <linnet/worker.h>

LINNET_BEGIN

struct linnet_driver;

enum linnet_driver_capability {
    LINNET_DRIVER_FILE_RANGE = 1U << 0, /* sends file ranges without copying them */
    LINNET_DRIVER_ASYNC_FILE = 1U << 1, /* read_file may complete later */
    LINNET_DRIVER_DESCRIPTOR = 1U << 2, /* has one descriptor that can be polled */
    LINNET_DRIVER_PROCESSES = 1U << 3,  /* needs `processes`: each connection has one of its own */
    LINNET_DRIVER_THREADS = 1U << 4,    /* one client at a time: its owner makes many, each in a
                                           thread of its own, all with the same listeners */
};

enum linnet_process {
    LINNET_PROCESS_MADE,    /* in the process that asked: there is one more */
    LINNET_PROCESS_NEW,     /* in the new one, a copy: it serves one connection and nothing else */
    LINNET_PROCESS_REFUSED, /* the system makes none now */
};

/* How a driver gets a process for each connection; its owner makes them, and may wake the driver
 * when one has ended. */
struct linnet_driver_processes {
    void *owner;
    /* Is there room for one more? */
    bool (*has_room)(void *owner);
    /* There is none and somebody waits: asks the one that has been idle the longest to end. */
    void (*make_room)(void *owner);
    /* There must be room. */
    enum linnet_process (*make)(void *owner);
    /* In a new process: its connection is closed, and it ends behind this turn. */
    void (*over)(void *owner);
};

struct linnet_driver_config {
    struct linnet_worker *worker;
    const struct linnet_limits *limits;
    void *memory;
    const struct linnet_driver_processes *processes; /* NULL: nobody makes any */
};

struct linnet_driver_operations {
    const char *name;
    const char *meaning; /* one line for people */
    const char *needs;   /* what open asks of the system that not every one has, or NULL */
    unsigned capabilities;

    size_t (*memory_len)(const struct linnet_limits *limits);
    /* Descriptors it needs besides listeners, connections and files. */
    unsigned (*descriptor_count)(const struct linnet_limits *limits);
    /* Makes the driver in config->memory. */
    LINNET_MUST_USE enum linnet_error (*open)(const struct linnet_driver_config *config,
                                              struct linnet_driver **driver);
    void (*close)(struct linnet_driver *driver);

    /* A listening, non-blocking socket; it stays its owner's. At most LINNET_LISTENERS_MAX. */
    LINNET_MUST_USE enum linnet_error (*listener_add)(struct linnet_driver *driver, int descriptor);
    void (*listeners_pause)(struct linnet_driver *driver);
    void (*listeners_resume)(struct linnet_driver *driver);

    /* Reads a file range into a loan: the number of bytes, 0 at the end of the file, or
     * LINNET_READ_FAILED. With ASYNC_FILE it may also return LINNET_READ_LATER; then it says one of
     * these, once, by linnet_worker_file_read, in any order, and source and room stay as they are
     * until then. `read` numbers the reads under way, from 0 up to linnet_worker_reads_max; with
     * LINNET_NO_READ it must complete in the call. The room of a numbered read lies as far behind a
     * multiple of LINNET_READ_ALIGN as the offset does; what surrounds it, between the multiples
     * before and behind it, is the driver's to write to, so it may read more, aligned. NULL: it has
     * no reads of its own, and the source itself is read. */
    ptrdiff_t (*read_file)(struct linnet_driver *driver, uint32_t read,
                           struct linnet_source *source, uint64_t offset, struct linnet_room room);

    /* Ends a turn that waits; safe from a thread, a signal handler or an interrupt. */
    void (*wake)(struct linnet_driver *driver);
    /* One turn: waits until something happens, a deadline is due, or timeout_ms have passed (0: do
     * not wait; negative: no limit of the caller's). */
    LINNET_MUST_USE enum linnet_error (*turn)(struct linnet_driver *driver, int64_t timeout_ms);
    /* One descriptor that is readable when a turn has something to do, or -1. */
    int (*descriptor)(const struct linnet_driver *driver);
};

/* Listeners of a server: a maximum of the build, which only the library looks at. */
#if !defined(LINNET_LISTENERS_MAX)
#    define LINNET_LISTENERS_MAX 16
#endif

/* The driver of that name, or NULL; and all of them, ended by NULL. */
const struct linnet_driver_operations *linnet_driver_find(const char *name);
const struct linnet_driver_operations *const *linnet_drivers(void);

LINNET_END

#endif
