/* Reading the command line by getopt_long; values are checked here, sums between them at boot. */
#include "command/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/settings.h"

#define DEFAULT_LISTEN "8080"
#define DEFAULT_DRIVER "epoll"

static const char help[] =
    "Usage: linnet [OPTION]... [FOLDER]\n"
    "Serves FOLDER (default: the current one) over HTTP/1.1, from memory fixed at start.\n"
    "\n"
    "  -l, --listen [HOST:]PORT  where to listen (default: " DEFAULT_LISTEN " on every address);\n"
    "                            [IPv6]:PORT for IPv6; port 0 takes a free one; repeatable\n"
    "  -d, --driver NAME         the way of waiting (default: " DEFAULT_DRIVER ")\n"
    "      --limit NAME=VALUE    set a limit, such as connections=100; repeatable\n"
    "      --lenient NAME        let through: bare-lf, missing-host or raw-target; repeatable\n"
    "  -q, --quiet               no access log\n"
    "  -h, --help                this text\n"
    "  -V, --version             the version\n"
    "\n"
    "Ctrl-C finishes what is begun, then stops; twice, it stops at once.\n"
    "Exit codes: 0 stopped as asked, 1 could not serve, 2 the command line is wrong.\n";

void ln_options_print_help(void)
{
    (void)fputs(help, stdout);
}

enum {
    OPTION_LIMIT = 256,
    OPTION_LENIENT,
};

static const struct option long_options[] = {
    {"listen", required_argument, NULL, 'l'},
    {"driver", required_argument, NULL, 'd'},
    {"limit", required_argument, NULL, OPTION_LIMIT},
    {"lenient", required_argument, NULL, OPTION_LENIENT},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static enum ln_options_outcome take_option(int option, struct ln_server_config *config,
                                           char *message)
{
    bool right = true;
    switch (option) {
    case 'l':
        right = ln_settings_add_listener(config, optarg, message);
        break;
    case 'd':
        right = ln_settings_set_driver(config, optarg, message);
        break;
    case OPTION_LIMIT:
        right = ln_settings_set_limit(config, optarg, message);
        break;
    case OPTION_LENIENT:
        right = ln_settings_set_leniency(config, optarg, message);
        break;
    case 'q':
        config->log_descriptor = -1;
        break;
    case 'h':
        return LN_OPTIONS_HELP;
    case 'V':
        return LN_OPTIONS_VERSION;
    default:
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "see the line above; `linnet --help` lists the options.");
        return LN_OPTIONS_WRONG;
    }
    return right ? LN_OPTIONS_SERVE : LN_OPTIONS_WRONG;
}

enum ln_options_outcome ln_options_parse(int count, char *const *arguments,
                                         struct ln_server_config *config, char *message)
{
    ln_settings_default(config);
    config->driver = linnet_driver_find(DEFAULT_DRIVER);
    config->log_descriptor = STDOUT_FILENO;
    int option;
    while ((option = getopt_long(count, arguments, "l:d:qhV", long_options, NULL)) != -1) {
        const enum ln_options_outcome outcome = take_option(option, config, message);
        if (outcome != LN_OPTIONS_SERVE) {
            return outcome;
        }
    }
    if (optind < count) {
        config->folder = arguments[optind++];
    }
    if (optind < count) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "\"%.100s\": one folder is served at a time; there is one already.",
                       arguments[optind]);
        return LN_OPTIONS_WRONG;
    }
    if (config->listener_count == 0 && !ln_settings_add_listener(config, DEFAULT_LISTEN, message)) {
        return LN_OPTIONS_WRONG;
    }
    return LN_OPTIONS_SERVE;
}
