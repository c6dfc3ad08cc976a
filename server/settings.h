/* Settings as text, such as a command line or a configuration gives them.
 *
 * Each takes what it is given into *config; false: `message` (LN_SERVER_MESSAGE_MAX bytes) says
 * what was wrong and what would be right, naming the option of the command line. */
#ifndef LN_SERVER_SETTINGS_H
#define LN_SERVER_SETTINGS_H

#include "server/server.h"

/* "HOST:PORT", "[IPv6]:PORT" or "PORT". */
bool ln_settings_add_listener(struct ln_server_config *config, const char *text, char *message);

bool ln_settings_set_driver(struct ln_server_config *config, const char *name, char *message);

/* "NAME=VALUE" of <linnet/limits.h>. */
bool ln_settings_set_limit(struct ln_server_config *config, const char *text, char *message);

bool ln_settings_set_leniency(struct ln_server_config *config, const char *name, char *message);

/* The limits' defaults, no listener, no leniency. */
void ln_settings_default(struct ln_server_config *config);

#endif
