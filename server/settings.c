/* Reading settings by name: each says what is wrong, and what there is instead. */
#include "server/settings.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "core/base/number.h"
#include "core/base/span.h"
#include "core/table/leniency.h"
#include "server/address.h"
#include "server/nearest.h"

#define UNIX_PREFIX      "unix:"
#define HSTS_SECONDS_MAX 3153600000ULL /* a hundred years */

enum {
    NAMES_MAX = 192, /* of a list of the names there are */
    MEANT_MAX = 96,  /* of " Did you mean ...?" */
};

/* The names of a kind of setting, as a message lists them, and the nearest to what was given. */
struct names {
    char list[NAMES_MAX];
    struct ln_nearest nearest;
};

static struct linnet_span span_of(const char *text)
{
    return (struct linnet_span){(const uint8_t *)text, strlen(text)};
}

static void add_name(struct names *names, const char *name)
{
    const size_t len = strlen(names->list);
    (void)snprintf(names->list + len, sizeof names->list - len, "%s%s", len > 0 ? ", " : "", name);
    ln_nearest_offer(&names->nearest, span_of(name));
}

static bool say_unknown(const char *option, const char *given, const char *noun,
                        const struct names *names, char *message)
{
    char meant[MEANT_MAX];
    ln_nearest_print(&names->nearest, "", meant, sizeof meant);
    (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                   "%s %.100s: there is no such %s.%s There are: %s.", option, given, noun, meant,
                   names->list);
    return false;
}

bool ln_settings_add_listener(struct ln_server_config *config, const char *text, char *message)
{
    if (config->listener_count == LINNET_LISTENERS_MAX) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX, "--listen %.100s: at most %d listeners.",
                       text, LINNET_LISTENERS_MAX);
        return false;
    }
    struct ln_server_listener *listener = &config->listeners[config->listener_count];
    const size_t prefix_len = strlen(UNIX_PREFIX);
    if (strncmp(text, UNIX_PREFIX, prefix_len) == 0 && text[prefix_len] != 0) {
        *listener = (struct ln_server_listener){.path = text + prefix_len, .descriptor = -1};
        config->listener_count++;
        return true;
    }
    const char *wrong = strcmp(text, UNIX_PREFIX) == 0
                            ? "the path of a socket must follow"
                            : ln_address_parse(text, &listener->address, &listener->any);
    if (wrong != NULL) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "--listen %.100s: %s. Examples: 8080, 127.0.0.1:8080, [::1]:8080, "
                       "unix:/run/linnet.sock.",
                       text, wrong);
        return false;
    }
    config->listener_count++;
    return true;
}

bool ln_settings_add_tls_listener(struct ln_server_config *config, const char *text, char *message)
{
    if (!ln_settings_add_listener(config, text, message)) {
        return false;
    }
    config->listeners[config->listener_count - 1].tls = true;
    return true;
}

bool ln_settings_add_pair(struct ln_server_config *config, char *text, char *message)
{
    struct ln_tls_settings *tls = &config->tls;
    char *comma = strchr(text, ',');
    if (comma == NULL || comma == text || comma[1] == 0) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "--tls %.100s: write CERTIFICATE,KEY: two PEM files, such as "
                       "fullchain.pem,privkey.pem.",
                       text);
        return false;
    }
    if (tls->pair_count == LN_TLS_PAIRS_MAX) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX, "--tls %.100s: at most %d certificates.",
                       text, LN_TLS_PAIRS_MAX);
        return false;
    }
    *comma = 0;
    char *second = strchr(comma + 1, ',');
    if (second != NULL) {
        *second = 0;
        second++;
    }
    tls->pairs[tls->pair_count] =
        (struct ln_tls_pair){.certificate = text, .key = comma + 1, .staple = second};
    tls->pair_count++;
    return true;
}

bool ln_settings_set_hsts(struct ln_server_config *config, const char *text, char *message)
{
    uint64_t seconds;
    if (!ln_number_parse_decimal(span_of(text), &seconds) || seconds > HSTS_SECONDS_MAX) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "--hsts %.100s: write for how many seconds clients are to remember it, at "
                       "most %llu; 31536000 is a year, and 0 has them forget it.",
                       text, (unsigned long long)HSTS_SECONDS_MAX);
        return false;
    }
    (void)snprintf(config->security_line, sizeof config->security_line,
                   "Strict-Transport-Security: max-age=%llu\r\n", (unsigned long long)seconds);
    return true;
}

bool ln_settings_set_clients(struct ln_server_config *config, const char *text, char *message)
{
    static const char *const rows[LN_TLS_CLIENTS_COUNT] = {
#define CLIENTS_ROW(id, name) name,
        LN_TLS_CLIENTS(CLIENTS_ROW)
#undef CLIENTS_ROW
    };
    const size_t len = strcspn(text, ":");
    for (unsigned i = 0; i < LN_TLS_CLIENTS_COUNT; i++) {
        const bool has_path = text[len] == ':' && text[len + 1] != 0;
        if (strlen(rows[i]) == len && memcmp(rows[i], text, len) == 0 &&
            has_path == (i != LN_TLS_CLIENTS_OFF)) {
            config->tls.clients = (enum ln_tls_clients)i;
            config->tls.clients_path = has_path ? text + len + 1 : NULL;
            return true;
        }
    }
    (void)snprintf(
        message, LN_SERVER_MESSAGE_MAX,
        "--tls-clients %.100s: write off, optional:FILE or required:FILE, where FILE has "
        "the certificates of those who certify clients.",
        text);
    return false;
}

bool ln_settings_set_tickets(struct ln_server_config *config, const char *path, char *message)
{
    if (path[0] == 0) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX, "--tls-tickets \"\": name a file.");
        return false;
    }
    config->tickets_path = path;
    return true;
}

bool ln_settings_finish_tls(struct ln_server_config *config, char *message)
{
    const bool has_listener = ln_server_has_tls(config);
    const bool has_certificate = config->tls.pair_count > 0 || config->tls.self_signed;
    if ((has_listener || has_certificate) && ln_tls_library() == NULL) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "%s: this Linnet was built without TLS (LINNET_TLS=none). Take one that "
                       "has it, or put a TLS proxy in front.",
                       has_listener ? "--listen-tls" : "--tls");
        return false;
    }
    if (!has_listener && !has_certificate &&
        (config->redirect_https || config->security_line[0] != 0)) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "%s: nobody is served by HTTPS. Name a certificate with --tls "
                       "CERTIFICATE,KEY.",
                       config->redirect_https ? "--redirect-https" : "--hsts");
        return false;
    }
    if (has_listener && !has_certificate) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "--listen-tls: there is no certificate. Name one with --tls "
                       "CERTIFICATE,KEY, or make one for trying out with --tls-self-signed.");
        return false;
    }
    return has_listener || !has_certificate ||
           ln_settings_add_tls_listener(config, LN_SETTINGS_LISTEN_TLS, message);
}

bool ln_settings_set_driver(struct ln_server_config *config, const char *name, char *message)
{
    struct names names = {.nearest = ln_nearest_to(span_of(name))};
    config->driver = linnet_driver_find(name);
    if (config->driver != NULL || strcmp(name, LN_DRIVER_AUTO) == 0) {
        return true;
    }
    add_name(&names, LN_DRIVER_AUTO);
    for (size_t i = 0; linnet_drivers()[i] != NULL; i++) {
        add_name(&names, linnet_drivers()[i]->name);
    }
    return say_unknown("--driver", name, "driver", &names, message);
}

static bool say_no_limit(struct linnet_span name, const char *text, char *message)
{
    char meant[MEANT_MAX];
    struct ln_nearest nearest = ln_nearest_to(name);
    for (unsigned i = 0; i < LINNET_LIMIT_COUNT; i++) {
        ln_nearest_offer(&nearest, ln_limit_row((enum linnet_limit)i)->name);
    }
    ln_nearest_print(&nearest, "", meant, sizeof meant);
    (void)snprintf(
        message, LN_SERVER_MESSAGE_MAX,
        "--limit %.100s: there is no limit of that name.%s `linnet --limits` lists them.", text,
        meant);
    return false;
}

/* `shown`: the option as it was given. */
static bool set_limit(struct ln_server_config *config, enum linnet_limit limit, const char *value,
                      const char *option, const char *shown, char *message)
{
    const struct ln_limit_row *row = ln_limit_row(limit);
    uint64_t number;
    if (!ln_number_parse_decimal(span_of(value), &number) ||
        !ln_limit_set(&config->limits, limit, number)) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "%s %.100s: the value must be a number from %llu to %llu (%.*s).", option,
                       shown, (unsigned long long)row->least, (unsigned long long)row->most,
                       (int)row->unit.len, (const char *)row->unit.data);
        return false;
    }
    config->given |= (uint64_t)1 << limit;
    return true;
}

bool ln_settings_set_limit(struct ln_server_config *config, const char *text, char *message)
{
    const char *equals = strchr(text, '=');
    enum linnet_limit limit;
    if (equals == NULL) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "--limit %.100s: write NAME=VALUE, such as connections=100.", text);
        return false;
    }
    const struct linnet_span name = {(const uint8_t *)text, (size_t)(equals - text)};
    if (!ln_limit_find(name, &limit)) {
        return say_no_limit(name, text, message);
    }
    return set_limit(config, limit, equals + 1, "--limit", text, message);
}

bool ln_settings_set_connections(struct ln_server_config *config, const char *text, char *message)
{
    return set_limit(config, LINNET_LIMIT_connections, text, "--connections", text, message);
}

static uint64_t processor_count(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    const int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return (uint64_t)(count < 1 ? 1 : count);
}

bool ln_settings_set_workers(struct ln_server_config *config, const char *text, char *message)
{
    if (strcmp(text, "auto") != 0) {
        return set_limit(config, LINNET_LIMIT_workers, text, "--workers", text, message);
    }
    const uint64_t most = ln_limit_row(LINNET_LIMIT_workers)->most;
    const uint64_t count = processor_count();
    return ln_limit_set(&config->limits, LINNET_LIMIT_workers, count < most ? count : most);
}

/* How many bits the letter behind a number shifts it; 0 for what is no such letter. */
static unsigned shift_of(char letter)
{
    switch (letter) {
    case 'K':
    case 'k':
        return 10;
    case 'M':
    case 'm':
        return 20;
    case 'G':
    case 'g':
        return 30;
    default:
        return 0;
    }
}

bool ln_settings_set_memory(struct ln_server_config *config, const char *text, char *message)
{
    struct linnet_span digits = span_of(text);
    const unsigned shift = digits.len > 1 ? shift_of(text[digits.len - 1]) : 0;
    uint64_t number;
    if (shift > 0) {
        digits.len--;
    }
    if (!ln_number_parse_decimal(digits, &number) || number == 0 ||
        number > (SIZE_MAX / 2) >> shift) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "--memory %.100s: write a number of bytes, with K, M or G behind it for "
                       "times 1024, 1024^2 or 1024^3, such as 64M.",
                       text);
        return false;
    }
    config->memory_len = number << shift;
    return true;
}

bool ln_settings_set_leniency(struct ln_server_config *config, const char *name, char *message)
{
    static const struct {
        const char *name;
        unsigned bit;
    } rows[] = {
#define LENIENCY_ROW(id, text, meaning) {text, LN_LENIENCY_##id},
        LN_LENIENCIES(LENIENCY_ROW)
#undef LENIENCY_ROW
    };
    struct names names = {.nearest = ln_nearest_to(span_of(name))};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            config->leniencies |= rows[i].bit;
            return true;
        }
        add_name(&names, rows[i].name);
    }
    return say_unknown("--lenient", name, "leniency", &names, message);
}

bool ln_settings_set_files(struct ln_server_config *config, const char *name, char *message)
{
    static const char *const rows[LN_SERVER_FILES_COUNT] = {
#define FILES_ROW(id, text, meaning) text,
        LN_SERVER_FILES(FILES_ROW)
#undef FILES_ROW
    };
    struct names names = {.nearest = ln_nearest_to(span_of(name))};
    for (unsigned i = 0; i < LN_SERVER_FILES_COUNT; i++) {
        if (strcmp(rows[i], name) == 0) {
            config->files = (enum ln_server_files)i;
            return true;
        }
        add_name(&names, rows[i]);
    }
    return say_unknown("--files", name, "way", &names, message);
}

bool ln_settings_set_log(struct ln_server_config *config, const char *name, char *message)
{
    static const char *const rows[LN_LOG_FORMAT_COUNT] = {
#define FORMAT_ROW(id, text, meaning) text,
        LN_LOG_FORMATS(FORMAT_ROW)
#undef FORMAT_ROW
    };
    struct names names = {.nearest = ln_nearest_to(span_of(name))};
    for (unsigned i = 0; i < LN_LOG_FORMAT_COUNT; i++) {
        if (strcmp(rows[i], name) == 0) {
            config->log.format = (enum ln_log_format)i;
            return true;
        }
        add_name(&names, rows[i]);
    }
    return say_unknown("--log", name, "format", &names, message);
}

bool ln_settings_set_log_file(struct ln_server_config *config, const char *path, char *message)
{
    if (path[0] == 0) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "--log-file \"\": name a file, or - for standard output.");
        return false;
    }
    config->log.path = strcmp(path, "-") == 0 ? NULL : path;
    return true;
}

void ln_settings_default(struct ln_server_config *config)
{
    *config = (struct ln_server_config){.log = {.format = LN_LOG_FORMAT_COUNT}};
    ln_limits_default(&config->limits);
}

const struct ln_limit_row *ln_settings_limit(unsigned index)
{
    return index < LINNET_LIMIT_COUNT ? ln_limit_row((enum linnet_limit)index) : NULL;
}
