/* Making processes for connections, and taking leave of them. */
#include "server/children.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/number.h"
#include "drivers/system/system_clock.h"
#include "server/cause.h"
#include "server/listeners.h"
#include "server/parts.h"

enum {
    LATE_MS = 5000, /* a child so long behind its lifetime is killed */
    LINE_MAX = LN_SHARED_CAUSE_MAX + 128,
    NONE = -1,
};

struct ln_child_row {
    /* the child's */
    struct ln_figures figures;
    _Atomic uint64_t idle_ns; /* since when it could be asked to end, or LINNET_NO_DEADLINE */
    char cause[LN_SHARED_CAUSE_MAX];
    atomic_bool drains; /* it has obeyed */
    /* the parent's */
    atomic_bool evict; /* it is asked to end, if it is idle */
    int process;       /* 0: nobody */
    uint64_t since_ms;
};

static uint64_t now_ms(void)
{
    return ln_system_time().monotonic_ms;
}

size_t ln_children_len(unsigned count_max)
{
    return ((size_t)count_max * sizeof(struct ln_child_row) + 4095) & ~(size_t)4095;
}

unsigned ln_children_count(const struct ln_server *server)
{
    return server->children.count;
}

bool ln_children_is_over(const struct ln_server *server)
{
    return server->children.is_over;
}

/* ---- in the parent -------------------------------------------------------------------------- */

static void say_ended(const struct ln_server *server, const struct ln_child_row *row, int status)
{
    uint8_t text[LINE_MAX];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){text, sizeof text});
    ln_cursor_put_span(&cursor, LINNET_SPAN("linnet: the process of a connection ("));
    ln_number_put_decimal(&cursor, (uint64_t)row->process);
    ln_cursor_put_span(&cursor, LINNET_SPAN(") ended: "));
    ln_cause_put(&cursor, row->cause, sizeof row->cause, status);
    ln_cursor_put_byte(&cursor, '\n');
    (void)ln_system_log_write(&server->errors, ln_cursor_span(&cursor));
}

static void take_leave(struct ln_server *server, int index, int status)
{
    struct ln_children *children = &server->children;
    struct ln_child_row *row = &children->rows[index];
    struct ln_figures figures = row->figures;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS) {
        children->figures.tallies.children_failed++;
        say_ended(server, row, status);
    }
    ln_figures_follow(&figures, &children->figures);
    children->figures = figures;
    children->evicting = children->evicting == index ? NONE : children->evicting;
    row->process = 0;
    children->count--;
}

static void reap(struct ln_server *server)
{
    struct ln_children *children = &server->children;
    int status = 0;
    for (unsigned left = children->count; left > 0; left--) {
        const pid_t process = waitpid(-1, &status, WNOHANG);
        if (process <= 0) {
            return;
        }
        for (int i = 0; i < (int)server->slices; i++) {
            if (children->rows[i].process == (int)process) {
                take_leave(server, i, status);
                break;
            }
        }
    }
}

static void kill_late(const struct ln_server *server)
{
    const uint64_t lifetime_ms = server->config.limits.lifetime_ms;
    const uint64_t now = now_ms();
    for (unsigned i = 0; lifetime_ms > 0 && i < server->slices; i++) {
        const struct ln_child_row *row = &server->children.rows[i];
        if (row->process > 0 && now - row->since_ms > lifetime_ms + LATE_MS) {
            (void)kill(row->process, SIGKILL);
        }
    }
}

/* Asks one at a time. */
static void make_room(void *owner)
{
    struct ln_server *server = owner;
    struct ln_children *children = &server->children;
    uint64_t oldest_ns = LINNET_NO_DEADLINE;
    int oldest = NONE;
    /* Who was asked and was not idle any more stays: then another one is asked. */
    if (children->evicting != NONE && !atomic_load(&children->rows[children->evicting].evict)) {
        children->evicting = NONE;
    }
    for (int i = 0; children->evicting == NONE && i < (int)server->slices; i++) {
        const struct ln_child_row *row = &children->rows[i];
        const uint64_t idle_ns = atomic_load(&row->idle_ns);
        if (row->process > 0 && idle_ns < oldest_ns) {
            oldest_ns = idle_ns;
            oldest = i;
        }
    }
    if (oldest != NONE) {
        children->evicting = oldest;
        atomic_store(&children->rows[oldest].evict, true);
        (void)kill(children->rows[oldest].process, SIGTERM);
    }
}

static bool has_room(void *owner)
{
    struct ln_server *server = owner;
    struct ln_children *children = &server->children;
    if (children->count < server->slices) {
        return true;
    }
    reap(server);
    return children->count < server->slices;
}

/* ---- in a new child ------------------------------------------------------------------------- */

static void begin(struct ln_server *server, int index, int parent)
{
    struct ln_children *children = &server->children;
    struct ln_child_row *row = &children->rows[index];
    const rlim_t cpu_s = (rlim_t)server->config.limits.child_cpu_s;
    const struct rlimit limit = {.rlim_cur = cpu_s, .rlim_max = cpu_s + 1};
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(EXIT_FAILURE);
    }
    (void)setrlimit(RLIMIT_CPU, &limit);
    ln_cause_tell(row->cause, sizeof row->cause);
    ln_system_log_close(&server->errors);
    ln_listeners_forget(server); /* the driver closes them */
    children->own = index;
    children->count = 0;
}

static enum linnet_process make(void *owner)
{
    struct ln_server *server = owner;
    struct ln_children *children = &server->children;
    const int parent = (int)getpid();
    int index = 0;
    LN_ASSERT(children->count < server->slices);
    while (children->rows[index].process > 0) {
        index++;
    }
    struct ln_child_row *row = &children->rows[index];
    row->figures = (struct ln_figures){.slots = {0, 0}};
    row->cause[0] = 0;
    row->since_ms = now_ms();
    atomic_store(&row->idle_ns, LINNET_NO_DEADLINE);
    atomic_store(&row->evict, false);
    atomic_store(&row->drains, false);
    const pid_t process = fork();
    if (process == 0) {
        begin(server, index, parent);
        return LINNET_PROCESS_NEW;
    }
    if (process < 0) {
        children->figures.tallies.children_refused++;
        return LINNET_PROCESS_REFUSED;
    }
    row->process = (int)process;
    children->count++;
    children->most = children->count > children->most ? children->count : children->most;
    children->figures.tallies.children_made++;
    return LINNET_PROCESS_MADE;
}

static void over(void *owner)
{
    struct ln_server *server = owner;
    server->children.is_over = true;
}

/* Ends an idle connection if that was asked, and says since when it is idle. */
static void obey(struct ln_server *server)
{
    struct ln_child_row *row = &server->children.rows[server->children.own];
    struct linnet_worker *worker = server->parts.worker;
    if (!linnet_worker_has_evictable(worker)) {
        atomic_store(&row->idle_ns, LINNET_NO_DEADLINE);
    } else if (atomic_load(&row->idle_ns) == LINNET_NO_DEADLINE) {
        struct timespec now = {.tv_sec = 0};
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        atomic_store(&row->idle_ns, (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec);
    }
    if (atomic_load(&row->evict)) {
        (void)linnet_worker_evict(worker, ln_system_time());
        atomic_store(&row->evict, false);
    }
}

void ln_children_say_draining(struct ln_server *server)
{
    if (server->children.own != NONE && server->children.rows != NULL) {
        atomic_store(&server->children.rows[server->children.own].drains, true);
    }
}

bool ln_children_all_drain(const struct ln_server *server)
{
    const struct ln_children *children = &server->children;
    for (unsigned i = 0; children->rows != NULL && children->own == NONE && i < server->slices;
         i++) {
        if (children->rows[i].process > 0 && !atomic_load(&children->rows[i].drains)) {
            return false;
        }
    }
    return true;
}

/* ---- in both -------------------------------------------------------------------------------- */

bool ln_children_open(struct ln_server *server)
{
    struct ln_children *children = &server->children;
    *children = (struct ln_children){
        .processes = {.owner = server,
                      .has_room = has_room,
                      .make_room = make_room,
                      .make = make,
                      .over = over},
        .evicting = NONE,
        .own = NONE,
        .reopens = server->shared == NULL ? 0 : atomic_load(&server->shared->reopens),
    };
    ln_system_log_close(&server->errors);
    if (server->slices == 0 ||
        (server->config.driver->capabilities & LINNET_DRIVER_PROCESSES) == 0) {
        return true;
    }
    void *rows = mmap(NULL, ln_children_len(server->slices), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    children->rows = rows == MAP_FAILED ? NULL : rows;
    ln_system_log_open(&server->errors, STDERR_FILENO);
    return children->rows != NULL;
}

void ln_children_close(struct ln_server *server)
{
    if (server->children.rows != NULL) {
        (void)munmap(server->children.rows, ln_children_len(server->slices));
        server->children.rows = NULL;
    }
}

const struct linnet_driver_processes *ln_children_processes(const struct ln_server *server)
{
    return server->children.rows == NULL ? NULL : &server->children.processes;
}

void ln_children_look(struct ln_server *server)
{
    struct ln_children *children = &server->children;
    if (children->rows == NULL) {
        return;
    }
    if (children->own != NONE) {
        obey(server);
        return;
    }
    reap(server);
    kill_late(server);
    const unsigned order = atomic_load(&server->shared->order);
    const unsigned reopens = atomic_load(&server->shared->reopens);
    /* Again and again while they are to drain: one may have been about to wait. */
    const bool again = order != LN_SHARED_SERVE && !ln_children_all_drain(server);
    if (order != children->order || reopens != children->reopens || again) {
        children->order = order;
        children->reopens = reopens;
        for (unsigned i = 0; i < server->slices; i++) {
            if (children->rows[i].process > 0) {
                (void)kill(children->rows[i].process, SIGTERM);
            }
        }
    }
}

void ln_children_publish(struct ln_server *server, const struct ln_parts *parts,
                         struct ln_figures *figures)
{
    struct ln_children *children = &server->children;
    if (children->rows == NULL) {
        ln_parts_publish(parts, figures);
        return;
    }
    if (children->own != NONE) {
        ln_parts_publish(parts, &children->rows[children->own].figures);
        return;
    }
    struct ln_figures sum;
    sum = (struct ln_figures){.slots = {0, 0}};
    ln_parts_publish(parts, &sum);
    for (unsigned i = 0; i < server->slices; i++) {
        if (children->rows[i].process > 0) {
            ln_figures_add(&sum, &children->rows[i].figures);
        }
    }
    ln_figures_follow(&sum, &children->figures);
    sum.children = (struct ln_gauge){children->count, children->most};
    sum.slots.most = children->most;
    *figures = sum;
}
