/* The program `linnet`: reads its options, boots a server, says where it is, and serves.
 *
 * Exit codes: 0 stopped as asked, 1 could not serve, 2 the command line is wrong. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "command/banner.h"
#include "command/budget_page.h"
#include "command/lists.h"
#include "command/options.h"

enum {
    EXIT_STOPPED = 0,
    EXIT_COULD_NOT = 1,
    EXIT_WRONG = 2,
};

/* A standard descriptor that is closed would be given to a file or a client, and then be written
 * to. */
static void keep_standard_descriptors(void)
{
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++) {
        if (fcntl(descriptor, F_GETFD) < 0) {
            (void)open("/dev/null", O_RDWR);
        }
    }
}

static int fail(int code, const char *message)
{
    (void)fprintf(stderr, "linnet: %s\n", message);
    return code;
}

/* What was printed is what was asked for: it must have arrived. */
static int printed(void)
{
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        return fail(EXIT_COULD_NOT, "standard output cannot be written to.");
    }
    return EXIT_STOPPED;
}

static void print_version(void)
{
    const char *library = ln_tls_library();
    (void)printf("linnet " LINNET_VERSION "\n");
    if (library == NULL) {
        (void)puts("TLS: none, built with LINNET_TLS=none");
    } else {
        (void)printf("TLS: OpenSSL %s\n", library);
    }
}

static int print_budget(struct ln_server *server, const struct ln_server_config *config)
{
    char message[LN_SERVER_MESSAGE_MAX];
    if (!ln_server_rehearse(server, config, message)) {
        return fail(EXIT_COULD_NOT, message);
    }
    ln_budget_page_print(server);
    ln_server_close(server);
    return printed();
}

static int serve(struct ln_server *server, const struct ln_server_config *config)
{
    char message[LN_SERVER_MESSAGE_MAX];
    if (!ln_server_boot(server, config, message)) {
        return fail(EXIT_COULD_NOT, message);
    }
    ln_banner_print(server);
    ln_server_run(server);
    ln_server_close(server);
    return EXIT_STOPPED;
}

int main(int count, char **arguments)
{
    static struct ln_server_config config;
    static struct ln_server server;
    char message[LN_SERVER_MESSAGE_MAX];
    keep_standard_descriptors();
    switch (ln_options_parse(count, arguments, &config, message)) {
    case LN_OPTIONS_HELP:
        ln_options_print_help();
        return printed();
    case LN_OPTIONS_VERSION:
        print_version();
        return printed();
    case LN_OPTIONS_LIMITS:
        ln_lists_print_limits();
        return printed();
    case LN_OPTIONS_DRIVERS:
        ln_lists_print_drivers();
        return printed();
    case LN_OPTIONS_BUDGET:
        ln_driver_choice_make(&config.driver, &config.limits, &config.choice);
        return print_budget(&server, &config);
    case LN_OPTIONS_WRONG:
        return fail(EXIT_WRONG, message);
    case LN_OPTIONS_SERVE:
        break;
    }
    ln_driver_choice_make(&config.driver, &config.limits, &config.choice);
    return serve(&server, &config);
}
