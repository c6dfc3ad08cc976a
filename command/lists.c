/* Lists in columns, for people and for tools: the first word of a line that is not indented is a
 * name. */
#include "command/lists.h"

#include <stdio.h>

#include "server/settings.h"

void ln_lists_print_limits(void)
{
    const struct ln_limit_row *row;
    (void)printf("%-24s %8s %6s %20s  %s\n", "NAME", "DEFAULT", "LEAST", "MOST", "UNIT");
    for (unsigned i = 0; (row = ln_settings_limit(i)) != NULL; i++) {
        (void)printf("%-24.*s %8llu %6llu %20llu  %.*s\n", (int)row->name.len,
                     (const char *)row->name.data, (unsigned long long)row->normal,
                     (unsigned long long)row->least, (unsigned long long)row->most,
                     (int)row->unit.len, (const char *)row->unit.data);
        (void)printf("    %.*s\n", (int)row->reason.len, (const char *)row->reason.data);
    }
}

void ln_lists_print_drivers(void)
{
    (void)printf("%-12s %s\n", LN_DRIVER_AUTO, "the first of these that works here");
    for (size_t i = 0; linnet_drivers()[i] != NULL; i++) {
        (void)printf("%-12s %s\n", linnet_drivers()[i]->name, linnet_drivers()[i]->meaning);
    }
}
