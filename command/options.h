/* The command line: what was asked for, or what was wrong with it. */
#ifndef LN_COMMAND_OPTIONS_H
#define LN_COMMAND_OPTIONS_H

#include "server/server.h"

enum ln_options_outcome {
    LN_OPTIONS_SERVE,
    LN_OPTIONS_BUDGET,
    LN_OPTIONS_LIMITS,
    LN_OPTIONS_DRIVERS,
    LN_OPTIONS_HELP,
    LN_OPTIONS_VERSION,
    LN_OPTIONS_WRONG, /* `message` says what, and what to do */
};

/* Fills *config from the arguments, with defaults for what they leave out. Texts in *config are
 * those of the arguments. */
enum ln_options_outcome ln_options_parse(int count, char *const *arguments,
                                         struct ln_server_config *config, char *message);

/* Prints the help to standard output: it fits 80 columns and 24 lines. */
void ln_options_print_help(void);

#endif
