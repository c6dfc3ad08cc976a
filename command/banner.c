/* The banner. It is printed before boot ends: asking for the machine's addresses allocates. */
#include "command/banner.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/address.h"

enum { ADDRESSES_SHOWN_MAX = 8 };

static const char *scheme_of(const struct ln_server_listener *listener)
{
    return listener->tls ? "https" : "http";
}

static void print_url(const char *scheme, const struct linnet_address *address)
{
    char text[LN_ADDRESS_TEXT_MAX];
    ln_address_print(text, address);
    (void)printf("  %s://%s/\n", scheme, text);
}

/* A name of the file system as it is, but for what would move a terminal's cursor. */
static void print_path(const char *path)
{
    for (; *path != 0; path++) {
        const unsigned char byte = (unsigned char)*path;
        (void)putchar(byte < ' ' || byte == 0x7F ? '?' : byte);
    }
}

static void print_listener(const struct ln_server_listener *listener)
{
    const struct linnet_address *address = &listener->address;
    struct linnet_address found[ADDRESSES_SHOWN_MAX];
    if (listener->path != NULL) {
        (void)printf("  unix:");
        print_path(listener->path);
        (void)printf(listener->tls ? " (https)\n" : "\n");
        return;
    }
    if (!ln_address_is_any(address)) {
        print_url(scheme_of(listener), address);
        return;
    }
    (void)printf("  %s://localhost:%u/\n", scheme_of(listener), address->port);
    const bool ip4 = listener->any || ln_address_is_ip4(address);
    const unsigned count =
        ln_address_list(found, ADDRESSES_SHOWN_MAX, ip4, !ln_address_is_ip4(address));
    for (unsigned i = 0; i < count; i++) {
        found[i].port = address->port;
        print_url(scheme_of(listener), &found[i]);
    }
}

/* Why it is this driver, when nobody has said which. */
static void print_choice(const struct ln_driver_choice *choice)
{
    if (choice->made && choice->refused == NULL) {
        (void)printf(" (auto)");
    } else if (choice->made) {
        (void)printf(" (auto: %s is refused here: %s)", choice->refused, choice->why);
    }
}

void ln_banner_print(const struct ln_server *server)
{
    const struct ln_server_config *config = &server->config;
    char absolute[PATH_MAX];
    const char *folder = realpath(config->folder, absolute);
    (void)printf("Linnet %s serves ", LINNET_VERSION);
    print_path(folder == NULL ? config->folder : folder);
    (void)putchar('\n');
    for (unsigned i = 0; i < config->listener_count; i++) {
        print_listener(&config->listeners[i]);
    }
    if (server->tls != NULL && config->tls.self_signed) {
        (void)printf("  the certificate is its own, known by its SHA-256 fingerprint:\n  %s\n",
                     ln_tls_context_fingerprint(server->tls));
    }
    (void)printf("  driver %s", config->driver->name);
    print_choice(&config->choice);
    if (server->workers > 1) {
        (void)printf(", %u workers", server->workers);
    }
    (void)printf(", %llu connections%s, %.1f MiB of memory%s. Ctrl-C stops.\n",
                 (unsigned long long)ln_server_connections(server),
                 server->connections_lowered ? " (as many as descriptors allow)" : "",
                 (double)(ln_server_blocks_len(server) + ln_server_arenas_len(server)) / 1048576.0,
                 config->lock_memory ? ", locked" : " at most");
    (void)fflush(stdout);
}
