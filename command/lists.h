/* What there is to choose from: the limits, the drivers. */
#ifndef LN_COMMAND_LISTS_H
#define LN_COMMAND_LISTS_H

/* Each prints to standard output. */
void ln_lists_print_limits(void);
void ln_lists_print_drivers(void);

#endif
