/* Reading settings by name: each says what is wrong, and what there is instead. */
#include "server/settings.h"

#include <stdio.h>
#include <string.h>

#include "core/base/number.h"
#include "core/base/span.h"
#include "core/table/leniency.h"
#include "core/table/limit.h"
#include "server/address.h"

static struct linnet_span span_of(const char *text)
{
    return (struct linnet_span){(const uint8_t *)text, strlen(text)};
}

bool ln_settings_add_listener(struct ln_server_config *config, const char *text, char *message)
{
    if (config->listener_count == LINNET_LISTENERS_MAX) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX, "--listen %.100s: at most %d listeners.",
                       text, LINNET_LISTENERS_MAX);
        return false;
    }
    struct ln_server_listener *listener = &config->listeners[config->listener_count];
    const char *wrong = ln_address_parse(text, &listener->address, &listener->any);
    if (wrong != NULL) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "--listen %.100s: %s. Examples: 8080, 127.0.0.1:8080, [::1]:8080.", text,
                       wrong);
        return false;
    }
    config->listener_count++;
    return true;
}

bool ln_settings_set_driver(struct ln_server_config *config, const char *name, char *message)
{
    config->driver = linnet_driver_find(name);
    if (config->driver != NULL) {
        return true;
    }
    char names[128] = "";
    for (size_t i = 0; linnet_drivers()[i] != NULL; i++) {
        const size_t len = strlen(names);
        (void)snprintf(names + len, sizeof names - len, "%s%s", i > 0 ? ", " : "",
                       linnet_drivers()[i]->name);
    }
    (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                   "--driver %.100s: there is no such driver. This build has: %s.", name, names);
    return false;
}

bool ln_settings_set_limit(struct ln_server_config *config, const char *text, char *message)
{
    const char *equals = strchr(text, '=');
    enum linnet_limit limit;
    uint64_t value;
    if (equals == NULL) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "--limit %.100s: write NAME=VALUE, such as connections=100.", text);
        return false;
    }
    const struct linnet_span name = {(const uint8_t *)text, (size_t)(equals - text)};
    if (!ln_limit_find(name, &limit)) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "--limit %.100s: there is no limit of that name; the manual lists them.",
                       text);
        return false;
    }
    const struct ln_limit_row *row = ln_limit_row(limit);
    if (!ln_number_parse_decimal(span_of(equals + 1), &value) ||
        !ln_limit_set(&config->limits, limit, value)) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "--limit %.100s: the value must be a number from %llu to %llu (%.*s).", text,
                       (unsigned long long)row->least, (unsigned long long)row->most,
                       (int)row->unit.len, (const char *)row->unit.data);
        return false;
    }
    config->connections_given |= limit == LINNET_LIMIT_connections;
    config->open_files_given |= limit == LINNET_LIMIT_open_files;
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
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            config->leniencies |= rows[i].bit;
            return true;
        }
    }
    (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                   "--lenient %.100s: there is no such leniency. There are: %s, %s, %s.", name,
                   rows[0].name, rows[1].name, rows[2].name);
    return false;
}

void ln_settings_default(struct ln_server_config *config)
{
    *config = (struct ln_server_config){.folder = ".", .log_descriptor = -1};
    ln_limits_default(&config->limits);
}
