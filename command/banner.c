/* The banner. */
#include "command/banner.h"

#include <stdio.h>

#include "server/address.h"

static void print_address(const struct linnet_address *address)
{
    char text[LN_ADDRESS_TEXT_MAX];
    if (ln_address_is_any(address)) {
        (void)printf("  http://localhost:%u/   (and every other address of this machine)\n",
                     address->port);
        return;
    }
    ln_address_print(text, address);
    const bool is_ip4 = ln_address_is_ip4(address);
    (void)printf("  http://%s%s%s:%u/\n", is_ip4 ? "" : "[", text, is_ip4 ? "" : "]",
                 address->port);
}

void ln_banner_print(const struct ln_server *server)
{
    const struct ln_server_config *config = &server->config;
    (void)printf("Linnet %s serves %s\n", LINNET_VERSION, config->folder);
    for (unsigned i = 0; i < config->listener_count; i++) {
        print_address(&config->listeners[i].address);
    }
    (void)printf("  driver %s, %llu connections%s, %.1f MiB reserved. Ctrl-C stops.\n",
                 config->driver->name, (unsigned long long)config->limits.connections,
                 server->connections_lowered ? " (as many as descriptors allow)" : "",
                 (double)server->budget.memory_len / 1048576.0);
    (void)fflush(stdout);
}
