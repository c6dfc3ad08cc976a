/* Preconditions: every combination of the five fields, method and representation against an oracle
 * that walks through RFC 9110 13.2.2 step by step.
 *
 * The oracle reads no field: each value in the tables says in its row what it means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/http/condition.h"
#include "tests/lib/assertion.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* 29 October 1994, 19:43:31: when the representation was modified. */
enum { modified_unix_s = 783459811 };

#define MODIFIED     "Sat, 29 Oct 1994 19:43:31 GMT"
#define MODIFIED_850 "Saturday, 29-Oct-94 19:43:31 GMT"
#define MODIFIED_ASC "Sat Oct 29 19:43:31 1994"
#define BEFORE       "Sat, 29 Oct 1994 19:43:30 GMT"
#define AFTER        "Sat, 29 Oct 1994 19:43:32 GMT"

/* ---- what a request may hold ----------------------------------------------------------------- */

/* What a list of tags holds, seen from the tag "x". */
enum list_kind {
    LIST_ABSENT,
    LIST_STAR,
    LIST_HAS_STRONG_X,
    LIST_HAS_WEAK_X, /* and no strong one */
    LIST_HAS_OTHERS,
    LIST_INVALID,
};

struct list_value {
    enum list_kind kind;
    size_t count;
    struct linnet_span lines[2];
};

static const struct list_value lists[] = {
    {LIST_ABSENT, 0, {{0}}},
    {LIST_STAR, 1, {LINNET_SPAN_INIT("*")}},
    {LIST_HAS_STRONG_X, 1, {LINNET_SPAN_INIT("\"x\"")}},
    {LIST_HAS_STRONG_X, 2, {LINNET_SPAN_INIT("\"a\", W/\"x\""), LINNET_SPAN_INIT(",\"x\"")}},
    {LIST_HAS_WEAK_X, 1, {LINNET_SPAN_INIT("\"a\", W/\"x\"")}},
    {LIST_HAS_OTHERS, 1, {LINNET_SPAN_INIT("\"a\", \"b\"")}},
    {LIST_HAS_OTHERS, 1, {LINNET_SPAN_INIT("")}},
    {LIST_INVALID, 1, {LINNET_SPAN_INIT("\"x\", y")}},
    {LIST_INVALID, 2, {LINNET_SPAN_INIT("\"x\""), LINNET_SPAN_INIT("y")}},
    {LIST_INVALID, 2, {LINNET_SPAN_INIT("*"), LINNET_SPAN_INIT("\"x\"")}},
    {LIST_INVALID, 2, {LINNET_SPAN_INIT("*"), LINNET_SPAN_INIT("*")}},
};

/* What a date is, seen from the date of modification. */
enum date_kind { DATE_ABSENT, DATE_BEFORE, DATE_EQUAL, DATE_AFTER, DATE_INVALID };

struct date_value {
    enum date_kind kind;
    struct linnet_span content;
};

static const struct date_value dates[] = {
    {DATE_ABSENT, {0}},
    {DATE_BEFORE, LINNET_SPAN_INIT(BEFORE)},
    {DATE_EQUAL, LINNET_SPAN_INIT(MODIFIED)},
    {DATE_EQUAL, LINNET_SPAN_INIT(MODIFIED_ASC)},
    {DATE_AFTER, LINNET_SPAN_INIT(AFTER)},
    {DATE_INVALID, LINNET_SPAN_INIT(BEFORE ", " AFTER)},
    {DATE_INVALID, LINNET_SPAN_INIT("")},
};

enum if_range_kind { IF_RANGE_ABSENT, IF_RANGE_STRONG_X, IF_RANGE_DATE_EQUAL, IF_RANGE_OTHER };

struct if_range_value {
    enum if_range_kind kind;
    struct linnet_span content;
};

static const struct if_range_value if_ranges[] = {
    {IF_RANGE_ABSENT, {0}},
    {IF_RANGE_STRONG_X, LINNET_SPAN_INIT("\"x\"")},
    {IF_RANGE_DATE_EQUAL, LINNET_SPAN_INIT(MODIFIED)},
    {IF_RANGE_OTHER, LINNET_SPAN_INIT("W/\"x\"")},
    {IF_RANGE_OTHER, LINNET_SPAN_INIT("\"y\"")},
    {IF_RANGE_OTHER, LINNET_SPAN_INIT("\"x\", \"x\"")},
    {IF_RANGE_OTHER, LINNET_SPAN_INIT(AFTER)},
    {IF_RANGE_OTHER, LINNET_SPAN_INIT(BEFORE)},
    {IF_RANGE_OTHER, LINNET_SPAN_INIT("")},
};

static const struct method {
    bool is_get;
    bool is_head;
    bool has_range; /* and the method gives it a meaning */
} methods[] = {
    {true, false, false}, {true, false, true}, {false, true, false}, {false, false, false}};

static const struct ln_entity_tag strong_x = {LINNET_SPAN_INIT("\"x\""), false};
static const struct ln_entity_tag weak_x = {LINNET_SPAN_INIT("\"x\""), true};

static const struct ln_condition_current currents[] = {
    {&strong_x, true, true, modified_unix_s, modified_unix_s + 60},
    {&strong_x, true, true, modified_unix_s, modified_unix_s + 59},
    {&strong_x, true, true, modified_unix_s, 0},
    {&strong_x, true, false, 0, modified_unix_s + 1000},
    {&weak_x, true, true, modified_unix_s, modified_unix_s + 1000},
    {NULL, true, true, modified_unix_s, modified_unix_s + 1000},
    {NULL, true, false, 0, 0},
    {NULL, false, false, 0, modified_unix_s + 1000},
    /* What is left of one that no longer exists means nothing. */
    {&strong_x, false, true, modified_unix_s, modified_unix_s + 1000},
};

/* ---- the oracle ------------------------------------------------------------------------------ */

struct question {
    const struct list_value *if_match;
    const struct date_value *if_unmodified_since;
    const struct list_value *if_none_match;
    const struct date_value *if_modified_since;
    const struct if_range_value *if_range;
    const struct method *method;
    const struct ln_condition_current *current;
};

static bool has_date(const struct ln_condition_current *current)
{
    return current->exists && current->has_last_modified;
}

/* RFC 9110 13.1.1: the steps under "to evaluate". */
static bool oracle_if_match(const struct question *q)
{
    switch (q->if_match->kind) {
    case LIST_STAR:
        return q->current->exists;
    case LIST_HAS_STRONG_X:
        return q->current->exists && q->current->tag == &strong_x;
    default:
        return false;
    }
}

/* RFC 9110 13.1.2: the steps under "to evaluate". */
static bool oracle_if_none_match(const struct question *q)
{
    switch (q->if_none_match->kind) {
    case LIST_STAR:
        return !q->current->exists;
    case LIST_HAS_STRONG_X:
    case LIST_HAS_WEAK_X:
        return !(q->current->exists && q->current->tag != NULL);
    default:
        return true;
    }
}

/* RFC 9110 13.1.5: the steps under "to evaluate". RFC 9110 8.8.2.2: when a date is strong. */
static bool oracle_if_range(const struct question *q)
{
    switch (q->if_range->kind) {
    case IF_RANGE_STRONG_X:
        return q->current->exists && q->current->tag == &strong_x;
    case IF_RANGE_DATE_EQUAL:
        return has_date(q->current) && q->current->now_unix_s != 0 &&
               q->current->now_unix_s - q->current->last_modified_unix_s >= 60;
    default:
        return false;
    }
}

/* RFC 9110 13.2.2: the numbered steps, one after the other. */
static enum ln_condition oracle(const struct question *q)
{
    bool is_get_or_head = q->method->is_get || q->method->is_head;
    int step = 1;
    for (;;) {
        switch (step) {
        case 1:
            if (q->if_match->kind != LIST_ABSENT) {
                if (!oracle_if_match(q)) {
                    return LN_CONDITION_FAILED;
                }
                step = 3;
                break;
            }
            step = 2;
            break;
        case 2:
            /* RFC 9110 13.1.4: no date in the field or of the resource: as if absent. */
            if (has_date(q->current) && q->if_unmodified_since->kind == DATE_BEFORE) {
                return LN_CONDITION_FAILED;
            }
            step = 3;
            break;
        case 3:
            if (q->if_none_match->kind != LIST_ABSENT) {
                if (!oracle_if_none_match(q)) {
                    return is_get_or_head ? LN_CONDITION_NOT_MODIFIED : LN_CONDITION_FAILED;
                }
                step = 5;
                break;
            }
            step = 4;
            break;
        case 4:
            /* RFC 9110 13.1.3: GET and HEAD only; no date in the field or of the resource: as if
             * absent. */
            if (is_get_or_head && has_date(q->current) &&
                (q->if_modified_since->kind == DATE_EQUAL ||
                 q->if_modified_since->kind == DATE_AFTER)) {
                return LN_CONDITION_NOT_MODIFIED;
            }
            step = 5;
            break;
        case 5:
            if (q->method->is_get && q->method->has_range && q->if_range->kind != IF_RANGE_ABSENT &&
                !oracle_if_range(q)) {
                return LN_CONDITION_PROCEED_WITHOUT_RANGE;
            }
            return LN_CONDITION_PROCEED;
        default:
            abort();
        }
    }
}

static enum ln_condition evaluate(const struct question *q)
{
    struct ln_condition_fields fields = {
        .if_match = q->if_match->count > 0 ? q->if_match->lines : NULL,
        .if_match_count = q->if_match->count,
        .if_none_match = q->if_none_match->count > 0 ? q->if_none_match->lines : NULL,
        .if_none_match_count = q->if_none_match->count,
        .if_modified_since = q->if_modified_since->content,
        .if_unmodified_since = q->if_unmodified_since->content,
        .if_range = q->if_range->content,
    };
    return ln_condition_evaluate(&fields, q->current, q->method->is_get || q->method->is_head,
                                 q->method->has_range);
}

/* ---- the full table -------------------------------------------------------------------------- */

/* The question with that number: the number in a mixed base, one digit for each table. */
static bool question_at(size_t number, struct question *q)
{
    q->if_match = &lists[number % COUNT(lists)];
    number /= COUNT(lists);
    q->if_unmodified_since = &dates[number % COUNT(dates)];
    number /= COUNT(dates);
    q->if_none_match = &lists[number % COUNT(lists)];
    number /= COUNT(lists);
    q->if_modified_since = &dates[number % COUNT(dates)];
    number /= COUNT(dates);
    q->if_range = &if_ranges[number % COUNT(if_ranges)];
    number /= COUNT(if_ranges);
    q->method = &methods[number % COUNT(methods)];
    number /= COUNT(methods);
    if (number >= COUNT(currents)) {
        return false;
    }
    q->current = &currents[number];
    return true;
}

/* RFC 9110 13.2.2: all combinations there are. */
static void rfc9110_13_2_2_every_combination(void **state)
{
    (void)state;
    size_t answers[4] = {0};
    struct question q;
    size_t number = 0;
    for (; question_at(number, &q); number++) {
        enum ln_condition found = evaluate(&q);
        enum ln_condition expected = oracle(&q);
        if (found != expected) {
            fail_msg("question %zu: %d, not %d", number, found, expected);
        }
        answers[found]++;
    }
    assert_int_equal(number, COUNT(lists) * COUNT(dates) * COUNT(lists) * COUNT(dates) *
                                 COUNT(if_ranges) * COUNT(methods) * COUNT(currents));
    for (size_t i = 0; i < COUNT(answers); i++) {
        assert_true(answers[i] > 0);
    }
}

/* ---- the steps one by one, in values a person can check -------------------------------------- */

static const struct ln_condition_current usual = {&strong_x, true, true, modified_unix_s,
                                                  modified_unix_s + 86400};

static const struct linnet_span star = LINNET_SPAN_INIT("*");
static const struct linnet_span tag_x = LINNET_SPAN_INIT("\"x\"");
static const struct linnet_span weak_tag_x = LINNET_SPAN_INIT("W/\"x\"");
static const struct linnet_span tag_y = LINNET_SPAN_INIT("\"y\"");
static const struct linnet_span no_tag = LINNET_SPAN_INIT("x");

static void check(struct ln_condition_fields fields, enum ln_condition get, enum ln_condition put)
{
    assert_int_equal(ln_condition_evaluate(&fields, &usual, true, false), get);
    assert_int_equal(ln_condition_evaluate(&fields, &usual, false, false), put);
}

#define PROCEED      LN_CONDITION_PROCEED
#define NOT_MODIFIED LN_CONDITION_NOT_MODIFIED
#define FAILED       LN_CONDITION_FAILED
#define FIELDS(...)  ((struct ln_condition_fields){__VA_ARGS__})

static void no_condition_proceeds(void **state)
{
    (void)state;
    check(FIELDS(.if_match = NULL), PROCEED, PROCEED);
}

/* RFC 9110 13.2.2: step 1. RFC 9110 13.1.1: strong comparison; what is no list does not match. */
static void rfc9110_13_2_2_step_1_if_match(void **state)
{
    (void)state;
    check(FIELDS(.if_match = &star, .if_match_count = 1), PROCEED, PROCEED);
    check(FIELDS(.if_match = &tag_x, .if_match_count = 1), PROCEED, PROCEED);
    check(FIELDS(.if_match = &weak_tag_x, .if_match_count = 1), FAILED, FAILED);
    check(FIELDS(.if_match = &tag_y, .if_match_count = 1), FAILED, FAILED);
    check(FIELDS(.if_match = &no_tag, .if_match_count = 1), FAILED, FAILED);
}

/* RFC 9110 13.2.2: step 2 is not reached when there is an If-Match. RFC 9110 13.1.4: likewise. */
static void rfc9110_13_2_2_step_2_if_unmodified_since(void **state)
{
    (void)state;
    check(FIELDS(.if_unmodified_since = LINNET_SPAN(BEFORE)), FAILED, FAILED);
    check(FIELDS(.if_unmodified_since = LINNET_SPAN(MODIFIED)), PROCEED, PROCEED);
    check(FIELDS(.if_unmodified_since = LINNET_SPAN(AFTER)), PROCEED, PROCEED);
    check(FIELDS(.if_unmodified_since = LINNET_SPAN("yesterday")), PROCEED, PROCEED);
    check(
        FIELDS(.if_match = &tag_x, .if_match_count = 1, .if_unmodified_since = LINNET_SPAN(BEFORE)),
        PROCEED, PROCEED);
    check(
        FIELDS(.if_match = &tag_y, .if_match_count = 1, .if_unmodified_since = LINNET_SPAN(AFTER)),
        FAILED, FAILED);
}

/* RFC 9110 13.2.2: step 3. RFC 9110 13.1.2: weak comparison; what is no list has no match. */
static void rfc9110_13_2_2_step_3_if_none_match(void **state)
{
    (void)state;
    check(FIELDS(.if_none_match = &star, .if_none_match_count = 1), NOT_MODIFIED, FAILED);
    check(FIELDS(.if_none_match = &tag_x, .if_none_match_count = 1), NOT_MODIFIED, FAILED);
    check(FIELDS(.if_none_match = &weak_tag_x, .if_none_match_count = 1), NOT_MODIFIED, FAILED);
    check(FIELDS(.if_none_match = &tag_y, .if_none_match_count = 1), PROCEED, PROCEED);
    check(FIELDS(.if_none_match = &no_tag, .if_none_match_count = 1), PROCEED, PROCEED);
}

/* RFC 9110 13.2.2: step 4 is for GET and HEAD, and not reached when there is an If-None-Match, be
 * it one that cannot be read. RFC 9110 13.1.3 says so, too. */
static void rfc9110_13_2_2_step_4_if_modified_since(void **state)
{
    (void)state;
    check(FIELDS(.if_modified_since = LINNET_SPAN(BEFORE)), PROCEED, PROCEED);
    check(FIELDS(.if_modified_since = LINNET_SPAN(MODIFIED)), NOT_MODIFIED, PROCEED);
    check(FIELDS(.if_modified_since = LINNET_SPAN(MODIFIED_850)), NOT_MODIFIED, PROCEED);
    check(FIELDS(.if_modified_since = LINNET_SPAN(AFTER)), NOT_MODIFIED, PROCEED);
    check(FIELDS(.if_modified_since = LINNET_SPAN("tomorrow")), PROCEED, PROCEED);
    check(FIELDS(.if_none_match = &tag_y, .if_none_match_count = 1,
                 .if_modified_since = LINNET_SPAN(AFTER)),
          PROCEED, PROCEED);
    check(FIELDS(.if_none_match = &no_tag, .if_none_match_count = 1,
                 .if_modified_since = LINNET_SPAN(AFTER)),
          PROCEED, PROCEED);
    check(FIELDS(.if_none_match = &tag_x, .if_none_match_count = 1,
                 .if_modified_since = LINNET_SPAN(BEFORE)),
          NOT_MODIFIED, FAILED);
}

/* RFC 9110 13.2.2: what fails first decides; 412 comes before 304. */
static void rfc9110_13_2_2_the_order_of_the_steps(void **state)
{
    (void)state;
    check(FIELDS(.if_match = &tag_y, .if_match_count = 1, .if_none_match = &tag_x,
                 .if_none_match_count = 1),
          FAILED, FAILED);
    check(
        FIELDS(.if_unmodified_since = LINNET_SPAN(BEFORE), .if_modified_since = LINNET_SPAN(AFTER)),
        FAILED, FAILED);
    check(FIELDS(.if_match = &tag_x, .if_match_count = 1, .if_none_match = &tag_x,
                 .if_none_match_count = 1),
          NOT_MODIFIED, FAILED);
}

static void check_if_range(struct linnet_span if_range, enum ln_condition expected)
{
    struct ln_condition_fields fields = {.if_range = if_range};
    assert_int_equal(ln_condition_evaluate(&fields, &usual, true, true), expected);
    /* RFC 9110 13.1.5: without a Range it is ignored. */
    assert_int_equal(ln_condition_evaluate(&fields, &usual, true, false), PROCEED);
    assert_int_equal(ln_condition_evaluate(&fields, &usual, false, false), PROCEED);
}

/* RFC 9110 13.2.2: step 5. RFC 9110 13.1.5: a strong tag, or the same date to the second. */
static void rfc9110_13_2_2_step_5_if_range(void **state)
{
    (void)state;
    const enum ln_condition whole = LN_CONDITION_PROCEED_WITHOUT_RANGE;
    check_if_range(tag_x, PROCEED);
    check_if_range(LINNET_SPAN(MODIFIED), PROCEED);
    check_if_range(weak_tag_x, whole);
    check_if_range(tag_y, whole);
    check_if_range(star, whole);
    check_if_range(LINNET_SPAN(BEFORE), whole);
    check_if_range(LINNET_SPAN(AFTER), whole);
    check_if_range(LINNET_SPAN(""), whole);
    check_if_range(LINNET_SPAN("x"), whole);
}

/* RFC 9110 8.8.2.2: a date is strong from 60 seconds on, and never without a clock or when it lies
 * ahead of it. */
static void rfc9110_8_8_2_2_when_a_date_is_strong(void **state)
{
    (void)state;
    struct ln_condition_fields fields = {.if_range = LINNET_SPAN(MODIFIED)};
    const struct {
        int64_t now_unix_s;
        enum ln_condition expected;
    } rows[] = {
        {modified_unix_s + 60, PROCEED},
        {modified_unix_s + 59, LN_CONDITION_PROCEED_WITHOUT_RANGE},
        {modified_unix_s, LN_CONDITION_PROCEED_WITHOUT_RANGE},
        {modified_unix_s - 1000, LN_CONDITION_PROCEED_WITHOUT_RANGE},
        {0, LN_CONDITION_PROCEED_WITHOUT_RANGE},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ln_condition_current current = usual;
        current.now_unix_s = rows[i].now_unix_s;
        assert_int_equal(ln_condition_evaluate(&fields, &current, true, true), rows[i].expected);
    }
    /* Without a clock not even what lies before 1970 is known to be past. */
    struct ln_condition_current current = usual;
    current.last_modified_unix_s = -86400;
    current.now_unix_s = 0;
    fields.if_range = LINNET_SPAN("Wed, 31 Dec 1969 00:00:00 GMT");
    assert_int_equal(ln_condition_evaluate(&fields, &current, true, true),
                     LN_CONDITION_PROCEED_WITHOUT_RANGE);
    current.now_unix_s = 1;
    assert_int_equal(ln_condition_evaluate(&fields, &current, true, true), PROCEED);
}

/* RFC 9110 13.1.2: the "*" of a PUT that must only create. */
static void rfc9110_13_1_2_create_only(void **state)
{
    (void)state;
    const struct ln_condition_current nothing = {.now_unix_s = modified_unix_s};
    struct ln_condition_fields fields = {.if_none_match = &star, .if_none_match_count = 1};
    assert_int_equal(ln_condition_evaluate(&fields, &nothing, false, false), PROCEED);
    assert_int_equal(ln_condition_evaluate(&fields, &usual, false, false), FAILED);
}

static void a_range_outside_of_get_is_our_bug(void **state)
{
    (void)state;
    struct ln_condition_fields fields = {.if_range = tag_x};
    expect_assertion(ln_condition_evaluate(&fields, &usual, false, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc9110_13_2_2_every_combination),
        cmocka_unit_test(no_condition_proceeds),
        cmocka_unit_test(rfc9110_13_2_2_step_1_if_match),
        cmocka_unit_test(rfc9110_13_2_2_step_2_if_unmodified_since),
        cmocka_unit_test(rfc9110_13_2_2_step_3_if_none_match),
        cmocka_unit_test(rfc9110_13_2_2_step_4_if_modified_since),
        cmocka_unit_test(rfc9110_13_2_2_the_order_of_the_steps),
        cmocka_unit_test(rfc9110_13_2_2_step_5_if_range),
        cmocka_unit_test(rfc9110_8_8_2_2_when_a_date_is_strong),
        cmocka_unit_test(rfc9110_13_1_2_create_only),
        cmocka_unit_test(a_range_outside_of_get_is_our_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
