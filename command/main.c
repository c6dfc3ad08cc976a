/* The program `linnet`: reads its options, boots a server, says where it is, and serves.
 *
 * Exit codes: 0 stopped as asked, 1 could not serve, 2 the command line is wrong. */
#include <stdio.h>

#include "command/banner.h"
#include "command/options.h"

int main(int count, char **arguments)
{
    static struct ln_server_config config;
    static struct ln_server server;
    char message[LN_SERVER_MESSAGE_MAX];
    switch (ln_options_parse(count, arguments, &config, message)) {
    case LN_OPTIONS_HELP:
        ln_options_print_help();
        return 0;
    case LN_OPTIONS_VERSION:
        (void)puts("linnet " LINNET_VERSION);
        return 0;
    case LN_OPTIONS_WRONG:
        (void)fprintf(stderr, "linnet: %s\n", message);
        return 2;
    case LN_OPTIONS_SERVE:
        break;
    }
    if (!ln_server_boot(&server, &config, message)) {
        (void)fprintf(stderr, "linnet: %s\n", message);
        return 1;
    }
    ln_banner_print(&server);
    const bool served = ln_server_run(&server);
    ln_server_close(&server);
    if (!served) {
        (void)fprintf(stderr, "linnet: the driver failed; nothing more can be served.\n");
    }
    return served ? 0 : 1;
}
