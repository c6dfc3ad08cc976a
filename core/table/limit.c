/* The rows of <linnet/limits.h> as constant data, and the rules between them.
 *
 * The hostile build (LINNET_HOSTILE) runs with every size and count at its least, so that every
 * edge is reached by ordinary tests; times and rates stay as they are, for a test must end by what
 * it does and not by the clock. */
#include "core/table/limit.h"

#include <string.h>

#include <linnet/source.h>

#ifdef LINNET_HOSTILE
#    define NORMAL(normal, least) (least)
#else
#    define NORMAL(normal, least) (normal)
#endif

/* A build may have a default of its own: -DLINNET_DEFAULT_connections=~,4 puts a comma, and so one
 * argument more, before the row's. */
#define SECOND(first, second, ...) second
#define CHOSEN(...)                SECOND(__VA_ARGS__, 0, 0)

/* The default of a row: its least in a hostile build, but for times and rates. */
#define DEFAULT(limit_unit, limit_normal, limit_least)                 \
    ((sizeof(limit_unit) == sizeof("ms") && (limit_unit)[0] == 'm') || \
             sizeof(limit_unit) == sizeof("bytes/s")                   \
         ? (limit_normal)                                              \
         : NORMAL(limit_normal, limit_least))

/* Initialisers and not LINNET_SPAN: these are constants of the file. */
#define ROW(limit_name, limit_unit, limit_normal, limit_least, limit_most, limit_reason)         \
    {                                                                                            \
        .name = LINNET_SPAN_INIT(#limit_name),                                                   \
        .unit = LINNET_SPAN_INIT(limit_unit),                                                    \
        .reason = LINNET_SPAN_INIT(limit_reason),                                                \
        .normal =                                                                                \
            DEFAULT(limit_unit, CHOSEN(LINNET_DEFAULT_##limit_name, limit_normal), limit_least), \
        .least = (limit_least),                                                                  \
        .most = (limit_most),                                                                    \
    },

static const struct ln_limit_row limit_rows[LINNET_LIMIT_COUNT] = {LINNET_LIMITS(ROW)};

/* The numbers once more, for who needs no words: a program that never asks for a row is linked
 * without them. */
#define BOUNDS(limit_name, limit_unit, limit_normal, limit_least, limit_most, limit_reason) \
    {DEFAULT(limit_unit, CHOSEN(LINNET_DEFAULT_##limit_name, limit_normal), limit_least),   \
     (limit_least), (limit_most)},

static const struct {
    uint64_t normal;
    uint64_t least;
    uint64_t most;
} limit_bounds[LINNET_LIMIT_COUNT] = {LINNET_LIMITS(BOUNDS)};

/* What is said when a value is out of its bounds. */
#if defined(LINNET_SMALL)
#    define OUT_OF_BOUNDS(index) "a limit is under its least or over its most value"
#else
#    define OUT_OF_BOUNDS_ROW(limit_name, limit_unit, limit_normal, limit_least, limit_most, \
                              limit_reason)                                                  \
#        limit_name " must be from " #        limit_least " to " #        limit_most " " limit_unit,
static const char *const out_of_bounds[LINNET_LIMIT_COUNT] = {LINNET_LIMITS(OUT_OF_BOUNDS_ROW)};
#    define OUT_OF_BOUNDS(index) out_of_bounds[index]
#endif

#define IS_SOUND(limit_name, limit_unit, limit_normal, limit_least, limit_most, limit_reason) \
    _Static_assert(CHOSEN(LINNET_DEFAULT_##limit_name, limit_normal) <= (limit_most) &&       \
                       CHOSEN(LINNET_DEFAULT_##limit_name, limit_normal) + UINT64_C(1) >      \
                           (limit_least),                                                     \
                   "a default is from least to most");
LINNET_LIMITS(IS_SOUND)

/* The members are uint64_t in the order of the rows and nothing else. */
_Static_assert(sizeof(struct linnet_limits) == LINNET_LIMIT_COUNT * sizeof(uint64_t),
               "a limit is one uint64_t");

const struct ln_limit_row *ln_limit_row(enum linnet_limit limit)
{
    return &limit_rows[limit];
}

bool ln_limit_find(struct linnet_span name, enum linnet_limit *limit)
{
    for (unsigned i = 0; i < LINNET_LIMIT_COUNT; i++) {
        if (limit_rows[i].name.len == name.len &&
            memcmp(limit_rows[i].name.data, name.data, name.len) == 0) {
            *limit = (enum linnet_limit)i;
            return true;
        }
    }
    return false;
}

uint64_t ln_limit_get(const struct linnet_limits *limits, enum linnet_limit limit)
{
    uint64_t value;
    memcpy(&value, (const uint8_t *)limits + (size_t)limit * sizeof value, sizeof value);
    return value;
}

bool ln_limit_set(struct linnet_limits *limits, enum linnet_limit limit, uint64_t value)
{
    if (value < limit_bounds[limit].least || value > limit_bounds[limit].most) {
        return false;
    }
    memcpy((uint8_t *)limits + (size_t)limit * sizeof value, &value, sizeof value);
    return true;
}

void ln_limits_default(struct linnet_limits *limits)
{
    for (unsigned i = 0; i < LINNET_LIMIT_COUNT; i++) {
        (void)ln_limit_set(limits, (enum linnet_limit)i, limit_bounds[i].normal);
    }
}

const char *ln_limits_check(const struct linnet_limits *limits)
{
    for (unsigned i = 0; i < LINNET_LIMIT_COUNT; i++) {
        const uint64_t value = ln_limit_get(limits, (enum linnet_limit)i);
        if (value < limit_bounds[i].least || value > limit_bounds[i].most) {
            return OUT_OF_BOUNDS(i);
        }
    }
    if (limits->head_len_max + LN_BODY_WINDOW_MIN > limits->input_len) {
        return "input_len must be at least head_len_max + 64: an input buffer holds a whole head "
               "and a piece of body";
    }
    if (limits->request_line_len_max + 4 > limits->head_len_max) {
        return "head_len_max must be at least request_line_len_max + 4: a head is a request line, "
               "its end and an empty line";
    }
    if (limits->path_len_max > limits->request_line_len_max) {
        return "request_line_len_max must be at least path_len_max: a path is part of its line";
    }
    if (limits->reply_head_len_max + limits->copy_len_max + LN_INTERIM_LEN_MAX >
        limits->output_len) {
        return "output_len must be at least reply_head_len_max + copy_len_max + 32: an output "
               "buffer holds an interim answer, the head of an answer and its copied content";
    }
    if (limits->read_len % LINNET_READ_ALIGN != 0) {
        return "read_len must be a multiple of 4096: files are read past the system's own memory "
               "in "
               "whole pages";
    }
    return NULL;
}

void linnet_limits_default(struct linnet_limits *limits)
{
    ln_limits_default(limits);
}

const char *linnet_limits_check(const struct linnet_limits *limits)
{
    return ln_limits_check(limits);
}
