/* Does each call of the system, failing as system_call.h lists it, become the error of its row? And
 * does a plan of faults mean what system_fault.h says? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/span.h"
#include "core/table/close_reason.h"
#include "drivers/system/system_blocking.h"
#include "drivers/system/system_epoll.h"
#include "drivers/system/system_error.h"
#include "drivers/system/system_fault.h"
#include "drivers/system/system_file.h"
#include "drivers/system/system_log.h"
#include "drivers/system/system_log_file.h"
#include "drivers/system/system_poll.h"
#include "drivers/system/system_socket.h"
#include "drivers/system/system_unix.h"
#include "drivers/system/system_uring.h"
#include "tests/unit/system_call_reads.h"

enum {
    TEXT_MAX = 128,
    CONTENT_LEN = 7,
};

/* What the calls are made on: a folder with a file, a pair of connected sockets, a listener. */
static struct {
    char folder[TEXT_MAX];
    char name[TEXT_MAX + 16];
    char log[TEXT_MAX + 16];
    int root;
    int file;
    int pair[2];
    int listener;
    int epoll;
} world;

static const struct ln_system_listening one = {.backlog = 1};

static int make_world(void **state)
{
    (void)state;
    struct linnet_address address = {.ip = {[10] = 0xFF, [11] = 0xFF, [12] = 127, [15] = 1}};
    assert_null(ln_system_fault_plan(""));
    (void)snprintf(world.folder, sizeof world.folder, "/tmp/linnet-call-XXXXXX");
    assert_non_null(mkdtemp(world.folder));
    (void)snprintf(world.name, sizeof world.name, "%s/name", world.folder);
    (void)snprintf(world.log, sizeof world.log, "%s/log", world.folder);
    world.root = open(world.folder, O_RDONLY | O_DIRECTORY);
    world.file = openat(world.root, "file", O_RDWR | O_CREAT, 0600);
    assert_int_equal(write(world.file, "content", CONTENT_LEN), CONTENT_LEN);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, world.pair), 0);
    assert_int_equal(ln_system_listen(&address, false, &one, &world.listener), LINNET_ERROR_NONE);
    assert_int_equal(ln_system_epoll_open(&world.epoll), LINNET_ERROR_NONE);
    return 0;
}

static int end_world(void **state)
{
    (void)state;
    const int open_ones[] = {world.file,  world.pair[0],  world.pair[1],
                             world.epoll, world.listener, world.root};
    assert_null(ln_system_fault_plan(""));
    (void)unlink(world.name);
    (void)unlink(world.log);
    assert_int_equal(unlinkat(world.root, "file", 0), 0);
    for (size_t i = 0; i < sizeof open_ones / sizeof open_ones[0]; i++) {
        assert_int_equal(close(open_ones[i]), 0);
    }
    return rmdir(world.folder);
}

/* ---- one call of each, and what the layer makes of it --------------------------------------- */

static enum linnet_error listen_once(void)
{
    struct linnet_address address = {.ip = {[10] = 0xFF, [11] = 0xFF, [12] = 127, [15] = 1}};
    int made;
    const enum linnet_error error = ln_system_listen(&address, false, &one, &made);
    if (error == LINNET_ERROR_NONE) {
        ln_system_close_socket(made, false);
    }
    return error;
}

static enum linnet_error listen_unix(void)
{
    struct ln_system_unix listener;
    const enum linnet_error error = ln_system_unix_listen(world.name, 1, &listener);
    if (error == LINNET_ERROR_NONE) {
        ln_system_close_socket(listener.descriptor, false);
    }
    return error;
}

/* As a program that is gone has left it: there, and nobody listens. */
static void leave_stale_name(void)
{
    (void)unlink(world.name);
    assert_int_equal(listen_unix(), LINNET_ERROR_NONE);
}

static enum linnet_error receive_once(void)
{
    uint8_t bytes[8];
    size_t len = 0;
    assert_int_equal(send(world.pair[1], "12345678", 8, 0), 8);
    const enum linnet_error error =
        ln_system_receive(world.pair[0], (struct linnet_room){bytes, sizeof bytes}, &len);
    (void)recv(world.pair[0], bytes, sizeof bytes, MSG_DONTWAIT);
    return error;
}

static enum linnet_error read_once(void)
{
    uint8_t bytes[8];
    size_t len = 0;
    assert_int_equal(send(world.pair[1], "12345678", 8, 0), 8);
    const enum linnet_error error =
        ln_system_read_waiting(world.pair[0], (struct linnet_room){bytes, sizeof bytes}, &len);
    (void)recv(world.pair[0], bytes, sizeof bytes, MSG_DONTWAIT);
    return error;
}

static enum linnet_error send_once(unsigned count)
{
    const struct linnet_span spans[] = {LINNET_SPAN_INIT("one"), LINNET_SPAN_INIT("two")};
    size_t len;
    return ln_system_send(world.pair[0], spans, count, false, &len);
}

static enum linnet_error write_once(void)
{
    size_t len;
    return ln_system_write_waiting(world.pair[0], LINNET_SPAN("one"), &len);
}

static enum linnet_error send_file_once(void)
{
    size_t len;
    return ln_system_send_file(world.pair[0], world.file, 0, CONTENT_LEN, &len);
}

static enum linnet_error open_below(void)
{
    int descriptor;
    const enum linnet_error error = ln_system_open_below(world.root, "file", &descriptor);
    if (error == LINNET_ERROR_NONE) {
        ln_system_close_file(descriptor);
    }
    return error;
}

static enum linnet_error open_root(void)
{
    int descriptor;
    const enum linnet_error error = ln_system_open_root(world.folder, &descriptor);
    if (error == LINNET_ERROR_NONE) {
        ln_system_close_file(descriptor);
    }
    return error;
}

static enum linnet_error file_facts(void)
{
    struct ln_system_file_facts facts;
    return ln_system_file_facts(world.file, &facts);
}

static enum linnet_error read_at(void)
{
    uint8_t bytes[8];
    errno = 0;
    return ln_system_read_at(world.file, 0, (struct linnet_room){bytes, sizeof bytes}) < 0
               ? ln_system_error(errno)
               : LINNET_ERROR_NONE;
}

static enum linnet_error open_event(void)
{
    int event;
    const enum linnet_error error = ln_system_event_open(&event);
    if (error == LINNET_ERROR_NONE) {
        ln_system_event_notify(event);
        ln_system_event_clear(event);
        ln_system_close_file(event);
    }
    return error;
}

static enum linnet_error poll_once(void)
{
    struct pollfd set[] = {{.fd = world.pair[0], .events = POLLIN}};
    uint32_t count;
    return ln_system_poll(set, 1, 0, &count);
}

static enum linnet_error wait_events(void)
{
    struct epoll_event events[1];
    int count;
    return ln_system_epoll_wait(world.epoll, events, 1, 0, &count);
}

static enum linnet_error watch(int operation)
{
    (void)epoll_ctl(world.epoll, EPOLL_CTL_DEL, world.pair[0], NULL);
    if (operation == EPOLL_CTL_MOD) {
        assert_int_equal(ln_system_epoll_set(world.epoll, EPOLL_CTL_ADD, world.pair[0], 0, 0),
                         LINNET_ERROR_NONE);
    }
    return ln_system_epoll_set(world.epoll, operation, world.pair[0], EPOLLIN, 0);
}

static enum linnet_error open_epoll(void)
{
    int epoll;
    const enum linnet_error error = ln_system_epoll_open(&epoll);
    if (error == LINNET_ERROR_NONE) {
        ln_system_close_file(epoll);
    }
    return error;
}

static enum linnet_error open_log(void)
{
    int descriptor;
    const enum linnet_error error = ln_system_log_file_open(world.log, &descriptor);
    if (error == LINNET_ERROR_NONE) {
        ln_system_close_file(descriptor);
    }
    return error;
}

/* A log never fails: it takes some bytes or none. */
static enum linnet_error write_log(int descriptor)
{
    struct ln_system_log log;
    ln_system_log_open(&log, descriptor);
    (void)ln_system_log_write(&log, LINNET_SPAN("a line\n"));
    ln_system_log_close(&log);
    return LINNET_ERROR_NONE;
}

/* A pipe, which is opened anew, or asked where it cannot be. */
static enum linnet_error write_pipe_log(bool asked)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct ln_system_log log;
    ln_system_log_open(&log, ends[1]);
    if (asked) {
        ln_system_log_close(&log);
        log = (struct ln_system_log){.descriptor = ends[1], .kind = LN_SYSTEM_LOG_ASKED};
    }
    (void)ln_system_log_write(&log, LINNET_SPAN("a line\n"));
    ln_system_log_close(&log);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return LINNET_ERROR_NONE;
}

static enum linnet_error accept_once(bool waiting)
{
    struct linnet_address peer;
    int made;
    const enum linnet_error error = waiting ? ln_system_accept_waiting(world.listener, &made, &peer)
                                            : ln_system_accept(world.listener, &made, &peer);
    assert_int_not_equal(error, LINNET_ERROR_NONE); /* nobody comes */
    return error;
}

static enum linnet_error set_options(void)
{
    const struct ln_system_listening how = {.backlog = 1, .send_len = 4096, .receive_len = 4096};
    ln_system_set_listener(world.pair[0], &how);
    return LINNET_ERROR_NONE;
}

static enum linnet_error shut_other(void)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    ln_system_shut(pair[0]);
    ln_system_close_socket(pair[0], true);
    ln_system_close_socket(pair[1], false);
    return LINNET_ERROR_NONE;
}

/* A ring that is tried, or that hands over nothing. Where io_uring is refused, some row is not met,
 * and this test fails: it is for kernels that allow it. */
static enum linnet_error open_uring(bool tried)
{
    static uint8_t memory[1 << 18];
    const struct ln_system_uring_config config = {.entries = 8, .buffers = 1, .buffer_len = 64};
    struct ln_system_uring ring;
    assert_true(ln_system_uring_memory_len(&config) <= sizeof memory);
    enum linnet_error error = ln_system_uring_open(&ring, &config, memory);
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    ln_system_uring_give_buffer(&ring, 0);
    error = tried ? ln_system_uring_check(&ring) : ln_system_uring_enter(&ring, 0);
    ln_system_uring_close(&ring);
    return error;
}

static enum linnet_error rest(void)
{
    ln_system_rest(0);
    return LINNET_ERROR_NONE;
}

static const char *const call_names[] = {
#define CALL_NAME(id, name) name,
    LN_SYSTEM_CALLS(CALL_NAME)
#undef CALL_NAME
};

/* A call that nobody makes here is no error of any row. */
static enum linnet_error make_other_call(enum ln_system_call call)
{
    switch (call) {
    case LN_SYSTEM_CALL_OPEN_ROOT:
        return open_root();
    case LN_SYSTEM_CALL_OPENAT2:
        return open_below();
    case LN_SYSTEM_CALL_FSTAT:
        return file_facts();
    case LN_SYSTEM_CALL_PREAD:
        return read_at();
    case LN_SYSTEM_CALL_FCNTL_DIRECT:
        return set_direct(world.file);
    case LN_SYSTEM_CALL_AIO_SETUP:
    case LN_SYSTEM_CALL_AIO_SUBMIT:
    case LN_SYSTEM_CALL_AIO_READ:
    case LN_SYSTEM_CALL_AIO_REAP:
        return read_later(world.file);
    case LN_SYSTEM_CALL_EPOLL_CREATE:
        return open_epoll();
    case LN_SYSTEM_CALL_EPOLL_ADD:
        return watch(EPOLL_CTL_ADD);
    case LN_SYSTEM_CALL_EPOLL_MOD:
        return watch(EPOLL_CTL_MOD);
    case LN_SYSTEM_CALL_EPOLL_WAIT:
        return wait_events();
    case LN_SYSTEM_CALL_POLL:
        return poll_once();
    case LN_SYSTEM_CALL_EVENTFD:
    case LN_SYSTEM_CALL_EVENT_WRITE:
    case LN_SYSTEM_CALL_EVENT_READ:
        return open_event();
    case LN_SYSTEM_CALL_URING_SETUP:
    case LN_SYSTEM_CALL_URING_REGISTER:
    case LN_SYSTEM_CALL_SOCKETPAIR:
        return open_uring(true);
    case LN_SYSTEM_CALL_URING_ENTER:
        return open_uring(false);
    case LN_SYSTEM_CALL_LOG_OPEN:
        return open_log();
    case LN_SYSTEM_CALL_LOG_FSTAT:
    case LN_SYSTEM_CALL_LOG_WRITE:
        return write_log(world.file);
    case LN_SYSTEM_CALL_LOG_REOPEN:
        return write_pipe_log(false);
    case LN_SYSTEM_CALL_LOG_POLL:
        return write_pipe_log(true);
    case LN_SYSTEM_CALL_LOG_SEND:
        return write_log(world.pair[0]);
    default:
        fail_msg("%s is not made by this test", call_names[call]);
        return LINNET_ERROR_NONE;
    }
}

static enum linnet_error make_call(enum ln_system_call call)
{
    switch (call) {
    case LN_SYSTEM_CALL_SOCKET:
    case LN_SYSTEM_CALL_SETSOCKOPT_LISTENER:
    case LN_SYSTEM_CALL_BIND:
    case LN_SYSTEM_CALL_LISTEN:
    case LN_SYSTEM_CALL_GETSOCKNAME:
        return listen_once();
    case LN_SYSTEM_CALL_CONNECT:
    case LN_SYSTEM_CALL_LSTAT:
    case LN_SYSTEM_CALL_CHMOD:
    case LN_SYSTEM_CALL_UNLINK:
        return listen_unix();
    case LN_SYSTEM_CALL_FCNTL:
        return ln_system_make_blocking(world.pair[1]);
    case LN_SYSTEM_CALL_ACCEPT4:
        return accept_once(false);
    case LN_SYSTEM_CALL_ACCEPT:
        return accept_once(true);
    case LN_SYSTEM_CALL_REST:
        return rest();
    case LN_SYSTEM_CALL_SETSOCKOPT:
        return set_options();
    case LN_SYSTEM_CALL_SETSOCKOPT_WAIT:
        return ln_system_set_read_wait(world.pair[0], 1);
    case LN_SYSTEM_CALL_RECV:
        return receive_once();
    case LN_SYSTEM_CALL_READ:
        return read_once();
    case LN_SYSTEM_CALL_SEND:
        return send_once(1);
    case LN_SYSTEM_CALL_SENDMSG:
        return send_once(2);
    case LN_SYSTEM_CALL_WRITE:
        return write_once();
    case LN_SYSTEM_CALL_SENDFILE:
        return send_file_once();
    case LN_SYSTEM_CALL_SHUTDOWN:
    case LN_SYSTEM_CALL_CLOSE:
        return shut_other();
    default:
        return make_other_call(call);
    }
}

static void expect_error(enum ln_system_call call, const char *fault, enum linnet_error wanted)
{
    char plan[TEXT_MAX];
    leave_stale_name();
    fault += strncmp(fault, "LN_", 3) == 0 ? 3 : 0;
    (void)snprintf(plan, sizeof plan, "%s:%s", call_names[call], fault);
    assert_null(ln_system_fault_plan(plan));
    const enum linnet_error error = make_call(call);
    assert_null(ln_system_fault_plan(""));
    if (error != wanted) {
        fail_msg("%s became: %s", plan, ln_system_error_text(error));
    }
}

static void every_row_becomes_its_error(void **state)
{
    (void)state;
#define EXPECT_ROW(id, fault, error, action, shown) \
    expect_error(LN_SYSTEM_CALL_##id, #fault, LINNET_ERROR_##error);
    LN_SYSTEM_FAULTS(EXPECT_ROW)
#undef EXPECT_ROW
}

/* A failed call must not have been made where something would be lost, and a close must have. */
static void a_close_that_fails_has_closed(void **state)
{
    (void)state;
    const int descriptor = dup(world.file);
    assert_null(ln_system_fault_plan("close:EIO"));
    ln_system_close_file(descriptor);
    assert_null(ln_system_fault_plan(""));
    assert_int_equal(fcntl(descriptor, F_GETFD), -1);
}

/* ---- the plan ------------------------------------------------------------------------------- */

static void expect_pattern(const char *plan, const char *pattern)
{
    assert_null(ln_system_fault_plan(plan));
    for (size_t i = 0; pattern[i] != 0; i++) {
        assert_int_equal(file_facts() != LINNET_ERROR_NONE, pattern[i] == 'x');
    }
    assert_null(ln_system_fault_plan(""));
}

static void the_conditions_choose_the_calls(void **state)
{
    (void)state;
    expect_pattern("fstat:EIO", "xxxxx");
    expect_pattern("fstat:EIO:nth=3", "..x....");
    expect_pattern("fstat:EIO:every=2", ".x.x.x");
    expect_pattern("fstat:EIO:until=2", "xx....");
    expect_pattern("fstat:EIO:after=3", "...xxx");
    expect_pattern("fstat:EIO:after=1:every=2:until=4", "..x.x....");
    expect_pattern("fstat:EIO:nth=1,fstat:ENOMEM:nth=3", "x.x..");
    expect_pattern("openat2:EIO", ".....");
    expect_pattern("trace", "...");
}

static void a_short_call_moves_the_least_there_is(void **state)
{
    (void)state;
    uint8_t bytes[8];
    const struct linnet_room room = {bytes, sizeof bytes};
    assert_null(ln_system_fault_plan("pread:SHORT:nth=2,pread:ZERO:nth=3"));
    assert_int_equal(ln_system_read_at(world.file, 0, room), CONTENT_LEN);
    assert_int_equal(ln_system_read_at(world.file, 0, room), 1);
    assert_int_equal(ln_system_read_at(world.file, 0, room), 0);
    assert_int_equal(ln_system_read_at(world.file, 0, room), CONTENT_LEN);
}

static void a_submission_completes_with_its_fault(void **state)
{
    (void)state;
    assert_null(ln_system_fault_plan("recv:ECONNRESET:nth=2"));
    assert_int_equal(LN_SYSTEM_SUBMIT(RECV), 0);
    assert_int_equal(LN_SYSTEM_SUBMIT(RECV), -ECONNRESET);
    assert_int_equal(LN_SYSTEM_SUBMIT(RECV), 0);
}

static void what_is_no_plan_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "recv",
        "recv:",
        "recv:EIO:",
        ":EIO",
        "horse:EIO",
        "recv:EISDIR",
        "recv:ECONNRESET:nth",
        "recv:ECONNRESET:nth=",
        "recv:ECONNRESET:horse=1",
        "recv:ECONNRESET:nth=x",
        "recv:ECONNRESET;send:EPIPE",
        "traces",
        "a-name-that-is-longer-than-any-of-them:EIO",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_non_null(ln_system_fault_plan(wrong[i]));
        assert_int_equal(file_facts(), LINNET_ERROR_NONE);
    }
}

static bool is_close_reason(const char *shown)
{
    for (unsigned i = 0; i < LN_CLOSE_REASON_COUNT; i++) {
        const struct linnet_span name = ln_close_reason_name((enum ln_close_reason)i);
        if (name.len == strlen(shown) && memcmp(name.data, shown, name.len) == 0) {
            return true;
        }
    }
    return false;
}

static void what_is_shown_is_a_close_reason_or_a_status(void **state)
{
    (void)state;
#define EXPECT_SHOWN(id, fault, error, action, shown)                \
    assert_true(strcmp(shown, "-") == 0 || is_close_reason(shown) || \
                (strlen(shown) == 3 && (shown[0] == '4' || shown[0] == '5')));
    LN_SYSTEM_FAULTS(EXPECT_SHOWN)
#undef EXPECT_SHOWN
}

/* What cannot be looked at is not taken for a socket that may be removed. */
static void a_name_that_cannot_be_looked_at_stays(void **state)
{
    (void)state;
    struct ln_system_unix listener;
    const int made = open(world.name, O_CREAT | O_WRONLY, 0600);
    assert_true(made >= 0);
    (void)close(made);
    assert_null(ln_system_fault_plan("lstat:EACCES"));
    assert_int_equal(ln_system_unix_listen(world.name, 1, &listener), LINNET_ERROR_FORBIDDEN);
    assert_int_equal(access(world.name, F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_row_becomes_its_error, make_world, end_world),
        cmocka_unit_test_setup_teardown(a_close_that_fails_has_closed, make_world, end_world),
        cmocka_unit_test_setup_teardown(the_conditions_choose_the_calls, make_world, end_world),
        cmocka_unit_test_setup_teardown(a_short_call_moves_the_least_there_is, make_world,
                                        end_world),
        cmocka_unit_test_setup_teardown(a_submission_completes_with_its_fault, make_world,
                                        end_world),
        cmocka_unit_test_setup_teardown(what_is_no_plan_is_refused, make_world, end_world),
        cmocka_unit_test_setup_teardown(a_name_that_cannot_be_looked_at_stays, make_world,
                                        end_world),
        cmocka_unit_test(what_is_shown_is_a_close_reason_or_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
