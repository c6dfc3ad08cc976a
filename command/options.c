/* Reading the command line by getopt_long; values are checked in server/settings.c, sums between
 * them at boot. What is wrong with an option itself is said here. */
#include "command/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "server/nearest.h"
#include "server/settings.h"

#define DEFAULT_LISTEN "8080"
#define DEFAULT_DRIVER LN_DRIVER_AUTO
#define DEFAULT_FOLDER "."

static const char help[] =
    "Usage: linnet [OPTION]... [FOLDER]\n"
    "Serves FOLDER (default: the current one) over HTTP, in memory fixed at start.\n"
    "  -l, --listen ADDRESS    [HOST:]PORT, [IPv6]:PORT or unix:PATH; may be repeated\n"
    "                          (default: " DEFAULT_LISTEN " on every address; port 0: a free one)\n"
    "      --listen-tls ADDRESS  the same for HTTPS (with a certificate: 8443)\n"
    "      --tls CERT,KEY      a certificate and its key, PEM; may be repeated\n"
    "      --tls-self-signed   make one; --tls-clients WAY:FILE, --tls-tickets FILE\n"
    "      --redirect-https, --hsts SECONDS  send others there; and for how long\n"
    "  -d, --driver NAME       the way of waiting (default: " DEFAULT_DRIVER ")\n"
    "  -c, --connections N     how many clients at one time\n"
    "  -w, --workers N         processes that serve; auto: one for each processor\n"
    "  -m, --memory SIZE       fit all memory into SIZE, such as 64M\n"
    "      --lock-memory       take all memory at start, and keep it in memory\n"
    "      --files WAY         sendfile (default), or async: read ahead, no waiting\n"
    "      --limit NAME=VALUE  set a limit; may be repeated\n"
    "      --lenient NAME      let through bare-lf, missing-host or raw-target\n"
    "      --log FORMAT        people, combined, json or none (-q, --quiet)\n"
    "      --log-file PATH     append the log to a file, which SIGHUP opens anew\n"
    "      --budget            print memory and descriptors as sums, and exit\n"
    "      --limits, --drivers list what there is, and exit\n"
    "  -h, --help; -V, --version  print this, or the version, and exit\n"
    "\n"
    "Ctrl-C finishes what is begun, then stops; twice, it stops at once.\n"
    "Exit codes: 0 stopped as asked, 1 could not serve, 2 the command line is wrong.\n";

void ln_options_print_help(void)
{
    (void)fputs(help, stdout);
}

/* Every option: X("name", its letter or value, "what follows it", or "" for nothing). */
#define OPTIONS(X)                                \
    X("listen", 'l', "ADDRESS")                   \
    X("listen-tls", OPTION_LISTEN_TLS, "ADDRESS") \
    X("tls", OPTION_TLS, "CERT,KEY")              \
    X("tls-self-signed", OPTION_SELF_SIGNED, "")  \
    X("tls-clients", OPTION_CLIENTS, "WAY:FILE")  \
    X("tls-tickets", OPTION_TICKETS, "FILE")      \
    X("redirect-https", OPTION_REDIRECT, "")      \
    X("hsts", OPTION_HSTS, "SECONDS")             \
    X("driver", 'd', "NAME")                      \
    X("connections", 'c', "N")                    \
    X("workers", 'w', "N")                        \
    X("memory", 'm', "SIZE")                      \
    X("lock-memory", OPTION_LOCK_MEMORY, "")      \
    X("files", OPTION_FILES, "WAY")               \
    X("limit", OPTION_LIMIT, "NAME=VALUE")        \
    X("lenient", OPTION_LENIENT, "NAME")          \
    X("log", OPTION_LOG, "FORMAT")                \
    X("log-file", OPTION_LOG_FILE, "PATH")        \
    X("quiet", 'q', "")                           \
    X("budget", OPTION_BUDGET, "")                \
    X("limits", OPTION_LIMITS, "")                \
    X("drivers", OPTION_DRIVERS, "")              \
    X("help", 'h', "")                            \
    X("version", 'V', "")

/* The dash: what is no option comes up in its place, as NO_OPTION, whatever the environment says.
 * The colon: an argument that is missing is told apart from an option that is not known. */
static const char letters[] = "-:l:d:c:w:m:qhV";

enum {
    NO_OPTION = 1,
    OPTION_LOCK_MEMORY = 256,
    OPTION_LISTEN_TLS,
    OPTION_TLS,
    OPTION_SELF_SIGNED,
    OPTION_CLIENTS,
    OPTION_TICKETS,
    OPTION_REDIRECT,
    OPTION_HSTS,
    OPTION_FILES,
    OPTION_LIMIT,
    OPTION_LENIENT,
    OPTION_LOG,
    OPTION_LOG_FILE,
    OPTION_BUDGET,
    OPTION_LIMITS,
    OPTION_DRIVERS,
};

static const struct option long_options[] = {
#define LONG_OPTION(text, value, follows) \
    {text, sizeof(follows) > 1 ? required_argument : no_argument, NULL, value},
    OPTIONS(LONG_OPTION)
#undef LONG_OPTION
        {NULL, 0, NULL, 0},
};

static const char *const follows_texts[] = {
#define FOLLOWS_TEXT(text, value, follows) follows,
    OPTIONS(FOLLOWS_TEXT)
#undef FOLLOWS_TEXT
};

/* The index of the option with that value, or of the end of the table. */
static size_t index_of(int value)
{
    size_t i = 0;
    while (long_options[i].name != NULL && long_options[i].val != value) {
        i++;
    }
    return i;
}

/* What other programs call it: X("there", "here"). */
#define OTHER_NAMES(X)     \
    X("port", "listen")    \
    X("p", "listen")       \
    X("bind", "listen")    \
    X("address", "listen") \
    X("host", "listen")

/* The option that another program's name stands for, or NULL. */
static const char *here_for(struct linnet_span there)
{
    static const struct {
        const char *there;
        const char *here;
    } rows[] = {
#define OTHER_NAME(there, here) {there, here},
        OTHER_NAMES(OTHER_NAME)
#undef OTHER_NAME
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strlen(rows[i].there) == there.len &&
            memcmp(rows[i].there, there.data, there.len) == 0) {
            return rows[i].here;
        }
    }
    return NULL;
}

/* `given` is "--name" or "--name=value", or a "-" with letters one of which is not known. */
static void say_unknown(const char *given, int letter, char *message)
{
    char meant[80];
    char could_be[128] = "";
    const char letters_name[] = {(char)letter, 0};
    const char *name = letter != 0 ? letters_name : given + 2;
    const size_t len = strcspn(name, "=");
    const struct linnet_span word = {(const uint8_t *)name, len};
    const char *here = here_for(word);
    if (letter != 0 || here != NULL) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "%s%.100s: there is no such option.%s%s%s `linnet --help` lists them.",
                       letter != 0 ? "-" : "", letter != 0 ? name : given,
                       here != NULL ? " Did you mean --" : "", here != NULL ? here : "",
                       here != NULL ? "?" : "");
        return;
    }
    struct ln_nearest nearest = ln_nearest_to(word);
    for (size_t i = 0; long_options[i].name != NULL; i++) {
        const char *known = long_options[i].name;
        const size_t used = strlen(could_be);
        ln_nearest_offer(&nearest, (struct linnet_span){(const uint8_t *)known, strlen(known)});
        if (strncmp(known, name, len) == 0) {
            (void)snprintf(could_be + used, sizeof could_be - used, "%s--%s", used > 0 ? ", " : "",
                           known);
        }
    }
    if (could_be[0] != 0) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "%.100s: this is short for more than one option: %s. Write it out.", given,
                       could_be);
        return;
    }
    ln_nearest_print(&nearest, "--", meant, sizeof meant);
    (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                   "%.100s: there is no such option.%s `linnet --help` lists them.", given, meant);
}

/* getopt_long has returned `outcome`; optopt is the option it is about, or 0. */
static enum ln_options_outcome say_wrong(int outcome, const char *given, char *message)
{
    const size_t index = index_of(optopt);
    const char *name = long_options[index].name;
    if (outcome == ':') {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "--%s: %s must follow it. `linnet --help` says what that can be.", name,
                       follows_texts[index]);
    } else if (optopt != 0 && name != NULL) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "%.100s: --%s is written alone, without a value.", given, name);
    } else {
        say_unknown(given, optopt, message);
    }
    return LN_OPTIONS_WRONG;
}

static bool take_folder(struct ln_server_config *config, const char *folder, char *message)
{
    if (config->folder != NULL) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX,
                       "\"%.100s\": one folder is served at a time; there is one already: "
                       "\"%.100s\".",
                       folder, config->folder);
        return false;
    }
    config->folder = folder;
    return true;
}

/* The options that take a text; true: it is one of them and *right says whether it was good. */
static bool take_text(int option, struct ln_server_config *config, char *message, bool *right)
{
    static const struct {
        int option;
        bool (*set)(struct ln_server_config *config, const char *text, char *message);
    } rows[] = {
        {NO_OPTION, take_folder},
        {'l', ln_settings_add_listener},
        {OPTION_LISTEN_TLS, ln_settings_add_tls_listener},
        {OPTION_CLIENTS, ln_settings_set_clients},
        {OPTION_TICKETS, ln_settings_set_tickets},
        {OPTION_HSTS, ln_settings_set_hsts},
        {'d', ln_settings_set_driver},
        {'c', ln_settings_set_connections},
        {'w', ln_settings_set_workers},
        {'m', ln_settings_set_memory},
        {OPTION_FILES, ln_settings_set_files},
        {OPTION_LIMIT, ln_settings_set_limit},
        {OPTION_LENIENT, ln_settings_set_leniency},
        {OPTION_LOG, ln_settings_set_log},
        {OPTION_LOG_FILE, ln_settings_set_log_file},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].option == option) {
            *right = rows[i].set(config, optarg, message);
            return true;
        }
    }
    return false;
}

/* Takes one option; *outcome becomes what the program is asked for, if that is not to serve. Those
 * that print and exit need nothing else: the first of them is it, but for --budget, which is the
 * budget of all that is said. false: there is nothing more to read. */
static bool take_option(int option, const char *given, struct ln_server_config *config,
                        enum ln_options_outcome *outcome, char *message)
{
    bool right = true;
    if (take_text(option, config, message, &right)) {
        *outcome = right ? *outcome : LN_OPTIONS_WRONG;
        return right;
    }
    switch (option) {
    case OPTION_LOCK_MEMORY:
        config->lock_memory = true;
        return true;
    case OPTION_TLS:
        right = ln_settings_add_pair(config, optarg, message);
        *outcome = right ? *outcome : LN_OPTIONS_WRONG;
        return right;
    case OPTION_REDIRECT:
        config->redirect_https = true;
        return true;
    case OPTION_SELF_SIGNED:
        config->tls.self_signed = true;
        return true;
    case 'q':
        config->log.format = LN_LOG_NONE;
        return true;
    case OPTION_BUDGET:
        *outcome = LN_OPTIONS_BUDGET;
        return true;
    case OPTION_LIMITS:
        *outcome = LN_OPTIONS_LIMITS;
        return false;
    case OPTION_DRIVERS:
        *outcome = LN_OPTIONS_DRIVERS;
        return false;
    case 'h':
        *outcome = LN_OPTIONS_HELP;
        return false;
    case 'V':
        *outcome = LN_OPTIONS_VERSION;
        return false;
    default:
        *outcome = say_wrong(option, given, message);
        return false;
    }
}

enum ln_options_outcome ln_options_parse(int count, char *const *arguments,
                                         struct ln_server_config *config, char *message)
{
    enum ln_options_outcome outcome = LN_OPTIONS_SERVE;
    int option;
    ln_settings_default(config);
    opterr = 0;
    while ((option = getopt_long(count, arguments, letters, long_options, NULL)) != -1) {
        if (!take_option(option, arguments[optind - 1], config, &outcome, message)) {
            return outcome;
        }
    }
    for (; optind < count; optind++) {
        if (!take_folder(config, arguments[optind], message)) {
            return LN_OPTIONS_WRONG;
        }
    }
    if (config->folder == NULL) {
        config->folder = DEFAULT_FOLDER;
    }
    if (config->listener_count == 0 && !ln_settings_add_listener(config, DEFAULT_LISTEN, message)) {
        return LN_OPTIONS_WRONG;
    }
    return ln_settings_finish_tls(config, message) ? outcome : LN_OPTIONS_WRONG;
}
