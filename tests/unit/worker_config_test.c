/* A worker in a block that lies anywhere, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <linnet/worker_config.h>

#include "tests/lib/assertion.h"

static struct linnet_limits few(void)
{
    struct linnet_limits limits;
    linnet_limits_default(&limits);
    limits.connections = 2;
    limits.inputs = 1;
    limits.outputs = 1;
    return limits;
}

static const struct linnet_time now = {.monotonic_ms = 1000, .unix_s = LINNET_NO_WALL_CLOCK};

static void a_block_anywhere(void **state)
{
    (void)state;
    const struct linnet_limits limits = few();
    const struct linnet_worker_config config = {.limits = &limits, .now_ms = now.monotonic_ms};
    const struct linnet_connection_info info = {.listener = 0};
    const size_t len = linnet_worker_memory_len(&limits);
    uint8_t *block = malloc(len + 1);
    struct linnet_worker *worker;
    for (size_t skip = 0; skip < 2; skip++) {
        memset(block, 0xA5, len + 1);
        assert_int_equal(linnet_worker_init(&config, block + skip, len, &worker),
                         LINNET_ERROR_NONE);
        assert_int_equal((uintptr_t)worker % 64, 0);
        const uint32_t connection = linnet_worker_open(worker, &info, now);
        expect_assertion(linnet_worker_end(worker));
        linnet_worker_abort(worker, connection, LINNET_ABORT_RESET, now);
        linnet_worker_close(worker, connection);
        linnet_worker_end(worker);
    }
    assert_int_equal(linnet_worker_init(&config, block, len - 1, &worker), LINNET_ERROR_TOO_LARGE);
    free(block);
}

static void limits_that_do_not_hold(void **state)
{
    (void)state;
    struct linnet_limits limits = few();
    const struct linnet_worker_config config = {.limits = &limits};
    struct linnet_worker *worker;
    uint8_t block[1];
    assert_null(linnet_limits_check(&limits));
    limits.head_len_max = limits.input_len;
    assert_non_null(strstr(linnet_limits_check(&limits), "input_len"));
    assert_int_equal(linnet_worker_memory_len(&limits), 0);
    assert_int_equal(linnet_worker_init(&config, block, sizeof block, &worker),
                     LINNET_ERROR_INVALID);
}

static void every_error_has_words(void **state)
{
    (void)state;
    for (unsigned error = LINNET_ERROR_NONE; error <= LINNET_ERROR_SYSTEM; error++) {
        assert_true(strlen(linnet_error_text((enum linnet_error)error)) > 0);
    }
    assert_string_equal(linnet_error_text(LINNET_ERROR_FORBIDDEN), "permission denied");
    expect_assertion(linnet_error_text((enum linnet_error)(LINNET_ERROR_SYSTEM + 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_anywhere),
        cmocka_unit_test(limits_that_do_not_hold),
        cmocka_unit_test(every_error_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
