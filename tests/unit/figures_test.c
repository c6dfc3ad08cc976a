/* Figures: sums, what goes on behind a worker, the line, and how rows are read and vacated. */
#include "server/figures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/shared.h"

enum { WORDS = sizeof(struct ln_figures) / sizeof(uint64_t) }; /* it is nothing but these */

/* Different numbers in every word. */
static struct ln_figures some(uint64_t first)
{
    struct ln_figures figures;
    uint64_t *words = (uint64_t *)&figures;
    for (size_t i = 0; i < WORDS; i++) {
        words[i] = first + i;
    }
    return figures;
}

static void every_word_is_added(void **state)
{
    (void)state;
    struct ln_figures sum = some(10);
    const struct ln_figures other = some(1000);
    ln_figures_add(&sum, &other);
    const uint64_t *words = (const uint64_t *)&sum;
    for (size_t i = 0; i < WORDS; i++) {
        assert_int_equal(words[i], 1010 + 2 * i);
    }
}

static void counts_go_on_and_nothing_else(void **state)
{
    (void)state;
    struct ln_figures later = some(10);
    struct ln_figures before = some(1000);
    later.outputs.most = 9999;
    ln_figures_follow(&later, &before);
    assert_int_equal(later.counters.requests,
                     some(10).counters.requests + before.counters.requests);
    assert_int_equal(later.counters.closed_for[3],
                     some(10).counters.closed_for[3] + before.counters.closed_for[3]);
    assert_int_equal(later.slots.now, some(10).slots.now);
    assert_int_equal(later.slots.most, before.slots.most);
    assert_int_equal(later.outputs.most, 9999);
}

static void rows_survive_their_workers(void **state)
{
    (void)state;
    struct ln_shared *shared = ln_shared_map(2);
    const struct ln_figures figures = some(7);
    assert_non_null(shared);
    assert_int_equal(ln_shared_len(2) % 4096, 0);
    struct ln_shared_row *row = &shared->rows[1];
    row->figures = figures;
    atomic_store(&row->stage, LN_SHARED_SERVING);
    row->cause[0] = 'x';
    for (unsigned lives = 1; lives <= 3; lives++) {
        row->figures = figures;
        struct ln_figures found = ln_shared_figures(row);
        assert_int_equal(found.counters.bytes_sent, lives * figures.counters.bytes_sent);
        assert_int_equal(found.inputs.now, figures.inputs.now);
        ln_shared_vacate(row);
        found = ln_shared_figures(row);
        assert_int_equal(found.counters.bytes_sent, lives * figures.counters.bytes_sent);
        assert_int_equal(found.inputs.now, 0);
        assert_int_equal(found.inputs.most, figures.inputs.most);
    }
    assert_int_equal(atomic_load(&row->stage), LN_SHARED_STARTING);
    assert_int_equal(row->cause[0], 0);
    assert_int_equal(ln_shared_figures(&shared->rows[0]).counters.requests, 0);
    ln_shared_unmap(shared, 2);
}

static size_t put(char text[LN_FIGURES_LINE_LEN_MAX], enum ln_log_format format,
                  const struct ln_figures *figures, int64_t unix_s)
{
    struct ln_cursor cursor =
        ln_cursor_over((struct linnet_room){(uint8_t *)text, LN_FIGURES_LINE_LEN_MAX - 1});
    ln_figures_put(&cursor, format, 2, 1, figures, unix_s);
    assert_false(cursor.overflow);
    text[cursor.len] = 0;
    return cursor.len;
}

static void the_line(void **state)
{
    (void)state;
    char text[LN_FIGURES_LINE_LEN_MAX];
    struct ln_figures figures = {.slots = {3, 5}};
    figures.counters.closed_for[LN_CLOSE_TIMEOUT_HEAD] = 9;
    (void)put(text, LN_LOG_COMBINED, &figures, LINNET_NO_WALL_CLOCK);
    assert_ptr_equal(
        strstr(text, "linnet: counters workers=2 workers_replaced=1 slots_now=3 slots_most=5"),
        text);
    assert_non_null(strstr(text, " closed_for_timeout-head=9\n"));
    (void)put(text, LN_LOG_JSON, &figures, 1795182312);
    assert_ptr_equal(strstr(text, "{\"time\":\"2026-11-20T13:45:12Z\",\"workers\":2,"), text);
    assert_non_null(strstr(text, ",\"closed_for_timeout-head\":9}\n"));
    (void)put(text, LN_LOG_JSON, &figures, LINNET_NO_WALL_CLOCK);
    assert_ptr_equal(strstr(text, "{\"time\":null,"), text);
}

static void the_longest_line_fits(void **state)
{
    (void)state;
    char text[LN_FIGURES_LINE_LEN_MAX];
    struct ln_figures figures;
    memset(&figures, 0xFF, sizeof figures);
    assert_true(put(text, LN_LOG_JSON, &figures, 1795182312) < LN_FIGURES_LINE_LEN_MAX - 1);
    assert_true(put(text, LN_LOG_PEOPLE, &figures, 1795182312) < 4096); /* PIPE_BUF: all or none */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_is_added),
        cmocka_unit_test(counts_go_on_and_nothing_else),
        cmocka_unit_test(rows_survive_their_workers),
        cmocka_unit_test(the_line),
        cmocka_unit_test(the_longest_line_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
