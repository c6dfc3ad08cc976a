/* Adding figures up, and writing them as a line. */
#include "server/figures.h"

#include "core/base/number.h"
#include "core/http/date.h"

static void add_counters(struct ln_counters *sum, const struct ln_counters *other)
{
#define ADD_COUNTER(name, meaning) sum->name += other->name;
    LN_COUNTERS(ADD_COUNTER)
#undef ADD_COUNTER
    for (size_t i = 0; i < LN_CLOSE_REASON_COUNT; i++) {
        sum->closed_for[i] += other->closed_for[i];
    }
}

static void add_tallies(struct ln_tallies *sum, const struct ln_tallies *other)
{
#define ADD_TALLY(name, meaning) sum->name += other->name;
    LN_TALLIES(ADD_TALLY)
#undef ADD_TALLY
}

void ln_figures_add(struct ln_figures *sum, const struct ln_figures *other)
{
    add_counters(&sum->counters, &other->counters);
#define ADD_GAUGE(name, meaning)      \
    sum->name.now += other->name.now; \
    sum->name.most += other->name.most;
    add_tallies(&sum->tallies, &other->tallies);
    LN_GAUGES(ADD_GAUGE)
#undef ADD_GAUGE
}

void ln_figures_follow(struct ln_figures *later, const struct ln_figures *before)
{
    add_counters(&later->counters, &before->counters);
#define KEEP_MOST(name, meaning)                \
    if (before->name.most > later->name.most) { \
        later->name.most = before->name.most;   \
    }
    add_tallies(&later->tallies, &before->tallies);
    LN_GAUGES(KEEP_MOST)
#undef KEEP_MOST
}

/* How a line is put together in one of the two forms. */
struct line {
    struct ln_cursor *cursor;
    bool json;
};

static void put_text(const struct line *line, const char *text)
{
    ln_cursor_put(line->cursor, text, strlen(text));
}

static void put_name(const struct line *line, const char *prefix, struct linnet_span name)
{
    put_text(line, line->json ? ",\"" : " ");
    put_text(line, prefix);
    ln_cursor_put_span(line->cursor, name);
    put_text(line, line->json ? "\":" : "=");
}

static void put_figure(const struct line *line, const char *prefix, const char *name,
                       uint64_t number)
{
    put_name(line, prefix, (struct linnet_span){(const uint8_t *)name, strlen(name)});
    ln_number_put_decimal(line->cursor, number);
}

static void put_begin(const struct line *line, int64_t unix_s)
{
    if (!line->json) {
        put_text(line, "linnet: counters");
        return;
    }
    put_text(line, "{\"time\":");
    if (ln_date_is_writable(unix_s)) {
        put_text(line, "\"");
        ln_date_put_iso(line->cursor, unix_s);
        put_text(line, "\"");
    } else {
        put_text(line, "null");
    }
}

void ln_figures_put(struct ln_cursor *cursor, enum ln_log_format format, unsigned workers,
                    uint64_t replaced, const struct ln_figures *figures, int64_t unix_s)
{
    const struct line line = {.cursor = cursor, .json = format == LN_LOG_JSON};
    put_begin(&line, unix_s);
    put_figure(&line, "", "workers", workers);
    put_figure(&line, "", "workers_replaced", replaced);
#define PUT_GAUGE(name, meaning)                            \
    put_figure(&line, "", #name "_now", figures->name.now); \
    put_figure(&line, "", #name "_most", figures->name.most);
    LN_GAUGES(PUT_GAUGE)
#undef PUT_GAUGE
#define PUT_COUNTER(name, meaning) put_figure(&line, "", #name, figures->counters.name);
    LN_COUNTERS(PUT_COUNTER)
#undef PUT_COUNTER
#define PUT_TALLY(name, meaning) put_figure(&line, "", #name, figures->tallies.name);
    LN_TALLIES(PUT_TALLY)
#undef PUT_TALLY
    for (unsigned i = 0; i < LN_CLOSE_REASON_COUNT; i++) {
        if (figures->counters.closed_for[i] > 0) {
            put_name(&line, "closed_for_", ln_close_reason_name((enum ln_close_reason)i));
            ln_number_put_decimal(cursor, figures->counters.closed_for[i]);
        }
    }
    put_text(&line, line.json ? "}\n" : "\n");
}
