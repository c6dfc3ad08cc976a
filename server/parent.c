/* Making workers, and replacing them. */
#include "server/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/number.h"
#include "drivers/system/system_clock.h"
#include "drivers/system/system_error.h"
#include "server/cause.h"
#include "server/certificates.h"
#include "server/child.h"
#include "server/listeners.h"
#include "server/signals.h"

enum {
    LATE_MS = 5000, /* a worker that has not ended so long behind its time is killed */
    LINE_MAX = LN_SHARED_CAUSE_MAX + LN_SHARED_MESSAGE_MAX + 128,
};

static uint64_t now_ms(void)
{
    return ln_system_time().monotonic_ms;
}

static void put_text(struct ln_cursor *cursor, const char *text)
{
    ln_cursor_put(cursor, text, strlen(text));
}

static void write_errors(const struct ln_server *server, const struct ln_cursor *cursor)
{
    (void)ln_system_log_write(&server->errors, ln_cursor_span(cursor));
}

static bool make_worker(struct ln_server *server, unsigned number)
{
    struct ln_place *place = &server->places[number];
    const int parent = (int)getpid();
    place->since_ms = now_ms();
    const pid_t made = fork();
    if (made == 0) {
        ln_child_live(server, number, parent);
    }
    if (made < 0) {
        return false;
    }
    place->process = (int)made;
    return true;
}

/* ---- the start ------------------------------------------------------------------------------ */

/* Why a worker ended, as words. */
static void put_cause(struct ln_cursor *cursor, const struct ln_shared_row *row, int status)
{
    if (atomic_load(&row->stage) == LN_SHARED_REFUSED) {
        put_text(cursor, "it could not start: ");
        ln_cursor_put(cursor, row->message, strnlen(row->message, sizeof row->message));
    } else {
        ln_cause_put(cursor, row->cause, sizeof row->cause, status);
    }
}

static void end_all(struct ln_server *server)
{
    for (unsigned i = 0; i < server->workers; i++) {
        struct ln_place *place = &server->places[i];
        if (place->process > 0) {
            (void)kill(place->process, SIGKILL);
            (void)waitpid(place->process, NULL, 0);
            place->process = 0;
        }
    }
}

/* Waits until each worker has said how its start went, or is gone. */
static void await_reports(struct ln_server *server)
{
    uint8_t byte;
    (void)close(server->report[1]);
    server->report[1] = -1;
    while (read(server->report[0], &byte, 1) < 0 && errno == EINTR) {
    }
    (void)close(server->report[0]);
    server->report[0] = -1;
}

static bool all_serve(struct ln_server *server, char *message)
{
    for (unsigned i = 0; i < server->workers; i++) {
        const struct ln_shared_row *row = ln_server_row(server, i);
        const unsigned stage = atomic_load(&row->stage);
        int status = 0;
        if (stage == LN_SHARED_SERVING) {
            continue;
        }
        if (stage == LN_SHARED_REFUSED) {
            memcpy(message, row->message, LN_SERVER_MESSAGE_MAX);
            return false;
        }
        struct ln_cursor cursor =
            ln_cursor_over((struct linnet_room){(uint8_t *)message, LN_SERVER_MESSAGE_MAX - 1});
        (void)waitpid(server->places[i].process, &status, 0);
        server->places[i].process = 0;
        put_text(&cursor, "a worker ended while it started: ");
        put_cause(&cursor, row, status);
        message[cursor.len] = 0;
        return false;
    }
    return true;
}

bool ln_parent_start(struct ln_server *server, char *message)
{
    bool made = pipe2(server->report, O_CLOEXEC) == 0;
    for (unsigned i = 0; made && i < server->workers; i++) {
        made = make_worker(server, i);
    }
    if (!made) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "the system makes no process for a worker: %s. Raise `ulimit -u` or "
                       "`ulimit -n`, or lower --workers.",
                       ln_system_error_text(ln_system_error(errno)));
        end_all(server);
        return false;
    }
    await_reports(server);
    if (!all_serve(server, message)) {
        end_all(server);
        return false;
    }
    ln_system_log_open(&server->errors, STDERR_FILENO);
    return true;
}

/* ---- the run -------------------------------------------------------------------------------- */

static bool is_draining(const struct ln_server *server)
{
    return atomic_load(&server->shared->order) != LN_SHARED_SERVE;
}

static void signal_all(const struct ln_server *server, int number)
{
    for (unsigned i = 0; i < server->workers; i++) {
        if (server->places[i].process > 0) {
            (void)kill(server->places[i].process, number);
        }
    }
}

/* When somebody next takes the place of one who ended. */
static void schedule(const struct ln_server *server, struct ln_place *place)
{
    const struct linnet_limits *limits = &server->config.limits;
    const uint64_t now = now_ms();
    if (now - place->since_ms >= limits->respawn_ms_max || !place->hurried) {
        place->wait_ms = 0;
    } else {
        place->wait_ms = place->wait_ms == 0 ? limits->respawn_ms : 2 * place->wait_ms;
        if (place->wait_ms > limits->respawn_ms_max) {
            place->wait_ms = limits->respawn_ms_max;
        }
    }
    place->hurried = true;
    place->due_ms = now + place->wait_ms;
}

static void say_ended(const struct ln_server *server, unsigned number, int process, int status)
{
    uint8_t text[LINE_MAX];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){text, sizeof text});
    const struct ln_place *place = &server->places[number];
    put_text(&cursor, "linnet: worker ");
    ln_number_put_decimal(&cursor, number + 1);
    put_text(&cursor, " (process ");
    ln_number_put_decimal(&cursor, (uint64_t)process);
    put_text(&cursor, ") ended: ");
    put_cause(&cursor, ln_server_row(server, number), status);
    if (is_draining(server)) {
        put_text(&cursor, "; not replaced, for the program stops\n");
    } else if (place->wait_ms == 0) {
        put_text(&cursor, "; replaced at once\n");
    } else {
        put_text(&cursor, "; it keeps ending soon, replaced in ");
        ln_number_put_decimal(&cursor, place->wait_ms);
        put_text(&cursor, " ms\n");
    }
    write_errors(server, &cursor);
}

static void reap(struct ln_server *server)
{
    for (unsigned i = 0; i < server->workers; i++) {
        struct ln_place *place = &server->places[i];
        const int process = place->process;
        int status = 0;
        if (process == 0 || waitpid(process, &status, WNOHANG) != process) {
            continue;
        }
        place->process = 0;
        schedule(server, place);
        if (!is_draining(server) || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            say_ended(server, i, process, status);
        }
        for (unsigned row = 0; row < server->rows; row++) {
            ln_shared_vacate(ln_server_row(server, i) + row);
        }
    }
}

static void replace(struct ln_server *server)
{
    for (unsigned i = 0; i < server->workers; i++) {
        struct ln_place *place = &server->places[i];
        if (place->process > 0 || now_ms() < place->due_ms) {
            continue;
        }
        if (make_worker(server, i)) {
            server->replaced++;
        } else {
            schedule(server, place);
        }
    }
}

static void write_figures(const struct ln_server *server)
{
    uint8_t text[LN_FIGURES_LINE_LEN_MAX];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){text, sizeof text});
    struct ln_figures sum = ln_shared_figures(&server->shared->rows[0]);
    for (unsigned i = 1; i < server->workers * server->rows; i++) {
        const struct ln_figures figures = ln_shared_figures(&server->shared->rows[i]);
        ln_figures_add(&sum, &figures);
    }
    ln_figures_put(&cursor, server->config.log.format, server->workers, server->replaced, &sum,
                   ln_system_time().unix_s);
    LN_ASSERT(!cursor.overflow);
    write_errors(server, &cursor);
}

/* While others drain, nobody waits in vain for a worker that is gone. */
static void shut_left(const struct ln_server *server)
{
    for (unsigned i = 0; i < server->workers; i++) {
        if (server->places[i].process == 0) {
            ln_listeners_shut(server, i);
        }
    }
}

/* The first of SIGINT and SIGTERM drains, the second stops at once, a third kills. Returns when
 * whoever is left is killed. */
static uint64_t hurry(struct ln_server *server, uint64_t kill_ms)
{
    switch (atomic_load(&server->shared->order)) {
    case LN_SHARED_SERVE:
        ln_listeners_remove_names(server);
        atomic_store(&server->shared->order, LN_SHARED_DRAIN);
        signal_all(server, SIGTERM);
        return now_ms() + server->config.limits.drain_ms + LATE_MS;
    case LN_SHARED_DRAIN:
        atomic_store(&server->shared->order, LN_SHARED_STOP);
        signal_all(server, SIGTERM);
        return now_ms() + LATE_MS;
    default:
        return kill_ms > now_ms() ? now_ms() : kill_ms;
    }
}

/* Until the next thing is due by the clock; -1: nothing is. */
static int64_t wait_ms(const struct ln_server *server, uint64_t kill_ms)
{
    uint64_t due_ms = kill_ms;
    for (unsigned i = 0; i < server->workers && !is_draining(server); i++) {
        const struct ln_place *place = &server->places[i];
        if (place->process == 0 && place->due_ms < due_ms) {
            due_ms = place->due_ms;
        }
    }
    if (server->tls != NULL && server->tickets_due_ms < due_ms) {
        due_ms = server->tickets_due_ms;
    }
    const uint64_t now = now_ms();
    if (due_ms == LINNET_NO_DEADLINE) {
        return -1;
    }
    return due_ms > now ? (int64_t)(due_ms - now) : 0;
}

static bool is_anybody_left(const struct ln_server *server)
{
    for (unsigned i = 0; i < server->workers; i++) {
        if (server->places[i].process > 0) {
            return true;
        }
    }
    return false;
}

/* The parent reads them first: whoever it makes later has them, and it can say what is wrong. */
static void reload_certificates(struct ln_server *server)
{
    uint8_t text[LINE_MAX];
    char message[LN_SERVER_MESSAGE_MAX];
    struct ln_cursor cursor = ln_cursor_over((struct linnet_room){text, sizeof text});
    if (server->tls == NULL) {
        return;
    }
    if (ln_certificates_reload(server, message)) {
        put_text(&cursor, "linnet: certificates were read again\n");
    } else {
        put_text(&cursor, "linnet: the certificates stay as they are: ");
        put_text(&cursor, message);
        put_text(&cursor, "\n");
    }
    write_errors(server, &cursor);
}

void ln_parent_run(struct ln_server *server)
{
    uint64_t kill_ms = LINNET_NO_DEADLINE;
    for (;;) {
        const int number = ln_signals_wait(wait_ms(server, kill_ms));
        if (number == SIGINT || number == SIGTERM) {
            kill_ms = hurry(server, kill_ms);
        } else if (number == SIGHUP) {
            reload_certificates(server);
            atomic_fetch_add(&server->shared->reopens, 1);
            signal_all(server, SIGHUP);
        } else if (number == SIGUSR1) {
            write_figures(server);
        }
        ln_certificates_rotate(server);
        reap(server);
        if (!is_draining(server)) {
            replace(server);
            continue;
        }
        if (!is_anybody_left(server)) {
            return;
        }
        shut_left(server);
        if (now_ms() >= kill_ms) {
            signal_all(server, SIGKILL);
            kill_ms = now_ms() + LATE_MS;
        }
    }
}
