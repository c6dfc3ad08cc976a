/* Settings as text, such as a command line or a configuration gives them.
 *
 * Each takes what it is given into *config; false: `message` (LN_SERVER_MESSAGE_MAX bytes) says
 * what was wrong and what would be right, naming the option of the command line. Texts that are
 * kept (a folder, paths) must outlive the server. */
#ifndef LN_SERVER_SETTINGS_H
#define LN_SERVER_SETTINGS_H

#include "core/table/limit.h"
#include "server/server.h"

#define LN_SETTINGS_LISTEN_TLS "8443"

/* "HOST:PORT", "[IPv6]:PORT", "PORT" or "unix:PATH". */
bool ln_settings_add_listener(struct ln_server_config *config, const char *text, char *message);

/* The same, for HTTPS. */
bool ln_settings_add_tls_listener(struct ln_server_config *config, const char *text, char *message);

/* "CERTIFICATE,KEY" or "CERTIFICATE,KEY,STAPLE": paths; a chain of certificates and its key, PEM,
 * and what OCSP says of it, DER. The text is changed. */
bool ln_settings_add_pair(struct ln_server_config *config, char *text, char *message);

/* How many seconds clients are to remember that this host is asked by https alone (HSTS). */
bool ln_settings_set_hsts(struct ln_server_config *config, const char *text, char *message);

/* A file with the keys that seal session tickets. */
bool ln_settings_set_tickets(struct ln_server_config *config, const char *path, char *message);

/* "optional:FILE" or "required:FILE": clients show certificates that those of the file certify. */
bool ln_settings_set_clients(struct ln_server_config *config, const char *text, char *message);

/* What is said of TLS, together: who has certificates listens for it, and the other way round. */
bool ln_settings_finish_tls(struct ln_server_config *config, char *message);

bool ln_settings_set_driver(struct ln_server_config *config, const char *name, char *message);

/* "NAME=VALUE" of <linnet/limits.h>. */
bool ln_settings_set_limit(struct ln_server_config *config, const char *text, char *message);

/* The limit of that name. */
bool ln_settings_set_connections(struct ln_server_config *config, const char *text, char *message);

/* The limit of that name, or "auto": as many as this process may run on processors. */
bool ln_settings_set_workers(struct ln_server_config *config, const char *text, char *message);

/* What all memory together must fit into: bytes, or with K, M or G behind the number. */
bool ln_settings_set_memory(struct ln_server_config *config, const char *text, char *message);

/* The name of a way to send files (LN_SERVER_FILES). */
bool ln_settings_set_files(struct ln_server_config *config, const char *name, char *message);

bool ln_settings_set_leniency(struct ln_server_config *config, const char *name, char *message);

/* The name of a log format (server/log_line.h). */
bool ln_settings_set_log(struct ln_server_config *config, const char *name, char *message);

/* A path, or "-" for standard output. */
bool ln_settings_set_log_file(struct ln_server_config *config, const char *path, char *message);

/* The limits' defaults, no folder, no listener, no leniency. */
void ln_settings_default(struct ln_server_config *config);

/* The limits there are, for whoever lists them: NULL behind the last. */
const struct ln_limit_row *ln_settings_limit(unsigned index);

#endif
