/* The plan of what fails, and its counts. Only in builds with LINNET_FAULTS; never in a release.
 *
 * The plan is read before the first worker; afterwards only counts change. They are atomic, for a
 * driver may have threads; in a forked process they go on from where they were. */
#include "drivers/system/system_fault.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FAULTS_MAX = 64,
    WORD_MAX = 32,
    LINE_MAX = 128,
};

struct fault {
    enum ln_system_call call;
    int number;
    const char *name;
    uint64_t nth; /* 0: it does not matter */
    uint64_t every;
    uint64_t after;
    uint64_t until;
};

static struct fault faults[FAULTS_MAX];
static unsigned fault_count;
static bool is_traced;
static atomic_uint_fast64_t counts[LN_SYSTEM_CALL_COUNT];

static const char *const call_names[LN_SYSTEM_CALL_COUNT] = {
#define CALL_NAME(id, name) name,
    LN_SYSTEM_CALLS(CALL_NAME)
#undef CALL_NAME
};

static const struct {
    enum ln_system_call call;
    int number;
    const char *name;
} rows[] = {
#define FAULT_ROW(id, fault, error, action, shown) {LN_SYSTEM_CALL_##id, fault, #fault},
    LN_SYSTEM_FAULTS(FAULT_ROW)
#undef FAULT_ROW
};

/* ---- reading the plan ----------------------------------------------------------------------- */

/* Takes a word off the text, up to one of the ends; false: it is empty or too long. */
static bool take_word(const char **text, const char *ends, char word[WORD_MAX])
{
    const size_t len = strcspn(*text, ends);
    if (len == 0 || len >= WORD_MAX) {
        return false;
    }
    memcpy(word, *text, len);
    word[len] = 0;
    *text += len;
    return true;
}

static bool find_row(const char *call, const char *name, struct fault *fault)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *row_name = rows[i].number < 0 ? rows[i].name + strlen("LN_") : rows[i].name;
        if (strcmp(call_names[rows[i].call], call) == 0 && strcmp(row_name, name) == 0) {
            *fault =
                (struct fault){.call = rows[i].call, .number = rows[i].number, .name = row_name};
            return true;
        }
    }
    return false;
}

static bool take_number(const char **text, uint64_t *number)
{
    *number = 0;
    const char *begin = *text;
    while (**text >= '0' && **text <= '9' && *number < UINT64_MAX / 16) {
        *number = *number * 10 + (uint64_t)(**text - '0');
        (*text)++;
    }
    return *text != begin;
}

/* :key=number */
static bool take_condition(const char **text, struct fault *fault)
{
    char key[WORD_MAX];
    uint64_t number;
    (*text)++;
    if (!take_word(text, "=:,", key) || **text != '=') {
        return false;
    }
    (*text)++;
    if (!take_number(text, &number)) {
        return false;
    }
    uint64_t *const places[] = {&fault->nth, &fault->every, &fault->after, &fault->until};
    static const char *const keys[] = {"nth", "every", "after", "until"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strcmp(key, keys[i]) == 0) {
            *places[i] = number;
            return true;
        }
    }
    return false;
}

static const char *take_fault(const char **text)
{
    char call[WORD_MAX];
    char name[WORD_MAX];
    if (fault_count == FAULTS_MAX) {
        return "too many faults";
    }
    if (!take_word(text, ":,", call)) {
        return "a fault without the name of a call";
    }
    if (strcmp(call, "trace") == 0 && **text != ':') {
        is_traced = true;
        return NULL;
    }
    if (**text != ':') {
        return "a call without a fault; write CALL:ERRNO";
    }
    (*text)++;
    if (!take_word(text, ":,", name) || !find_row(call, name, &faults[fault_count])) {
        return "no row of system_call.h has that call and that fault";
    }
    while (**text == ':') {
        if (!take_condition(text, &faults[fault_count])) {
            return "a condition is nth=N, every=N, after=N or until=N";
        }
    }
    fault_count++;
    return NULL;
}

const char *ln_system_fault_plan(const char *text)
{
    fault_count = 0;
    is_traced = false;
    for (size_t i = 0; i < LN_SYSTEM_CALL_COUNT; i++) {
        atomic_store(&counts[i], 0);
    }
    while (*text != 0) {
        const char *wrong = take_fault(&text);
        if (wrong != NULL) {
            fault_count = 0;
            return wrong;
        }
        text += *text == ',' ? 1 : 0;
    }
    return NULL;
}

const char *ln_system_fault_boot(void)
{
    const char *text = getenv("LINNET_FAULTS");
    return ln_system_fault_plan(text == NULL ? "" : text);
}

/* ---- telling -------------------------------------------------------------------------------- */

static size_t put(char line[LINE_MAX], size_t len, const char *text)
{
    while (*text != 0 && len < LINE_MAX) {
        line[len++] = *text++;
    }
    return len;
}

/* One write, so that lines of several processes do not mix. A signal handler may come here. */
static void say(const char *verb, enum ln_system_call call, const char *name)
{
    char line[LINE_MAX];
    size_t len = put(line, 0, verb);
    len = put(line, len, call_names[call]);
    len = put(line, len, name == NULL ? "" : " ");
    len = put(line, len, name == NULL ? "" : name);
    len = put(line, len, "\n");
    const ssize_t ignored = write(STDERR_FILENO, line, len);
    (void)ignored;
}

/* ---- failing -------------------------------------------------------------------------------- */

static bool is_due(const struct fault *fault, uint64_t count)
{
    if (count <= fault->after) {
        return false;
    }
    const uint64_t number = count - fault->after;
    return (fault->nth == 0 || number == fault->nth) &&
           (fault->every == 0 || number % fault->every == 0) &&
           (fault->until == 0 || number <= fault->until);
}

static const struct fault *find_due(enum ln_system_call call, uint64_t count, bool is_short)
{
    for (unsigned i = 0; i < fault_count; i++) {
        if (faults[i].call == call && (faults[i].number == LN_SHORT) == is_short &&
            is_due(&faults[i], count)) {
            return &faults[i];
        }
    }
    return NULL;
}

static const struct fault *count_call(enum ln_system_call call)
{
    const int kept = errno;
    const uint64_t count = atomic_fetch_add(&counts[call], 1) + 1;
    if (is_traced && count == 1) {
        say("linnet: calls ", call, NULL);
    }
    const struct fault *fault = find_due(call, count, false);
    if (fault != NULL) {
        say("linnet: fault ", call, fault->name);
    }
    errno = kept;
    return fault;
}

bool ln_system_fault(enum ln_system_call call)
{
    const struct fault *fault = count_call(call);
    if (fault == NULL) {
        return false;
    }
    errno = fault->number == LN_ZERO ? 0 : fault->number;
    return true;
}

int ln_system_fault_result(void)
{
    return errno == 0 ? 0 : -1;
}

size_t ln_system_fault_len(enum ln_system_call call, size_t len)
{
    const struct fault *fault = find_due(call, atomic_load(&counts[call]), true);
    if (fault == NULL || len <= 1) {
        return len;
    }
    say("linnet: fault ", call, fault->name);
    return 1;
}

int ln_system_fault_behind(enum ln_system_call call, int result)
{
    return ln_system_fault(call) ? ln_system_fault_result() : result;
}

int ln_system_fault_submit(enum ln_system_call call)
{
    const struct fault *fault = count_call(call);
    return fault == NULL || fault->number < 0 ? 0 : -fault->number;
}
