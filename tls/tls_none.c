/* A build without TLS: it can be asked for, and says that it is not there. */
#include <stdio.h>

#include "core/base/assert.h"
#include "tls/tls.h"

const char *ln_tls_library(void)
{
    return NULL;
}

struct ln_tls_memory ln_tls_memory(const struct linnet_limits *limits, bool with_clients)
{
    (void)limits;
    (void)with_clients;
    return (struct ln_tls_memory){0, 0, 0, 0, 0};
}

size_t ln_tls_memory_len(const struct ln_tls_memory *memory)
{
    (void)memory;
    return 0;
}

bool ln_tls_boot(const struct ln_tls_memory *memory, bool locked, char *message)
{
    (void)memory;
    (void)locked;
    (void)snprintf(message, LN_TLS_MESSAGE_MAX,
                   "this Linnet was built without TLS (LINNET_TLS=none).");
    return false;
}

struct ln_tls_arena_use ln_tls_arena_use(void)
{
    return (struct ln_tls_arena_use){.blocks = 0};
}

bool ln_tls_lock_memory(void)
{
    return true;
}

struct ln_tls_context *ln_tls_context_make(const struct ln_tls_settings *settings,
                                           const struct ln_tls_context *before, char *message)
{
    (void)settings;
    (void)before;
    (void)message;
    LN_UNREACHABLE(); /* it was not booted */
}

bool ln_tls_tickets_rotate(struct ln_tls_tickets *tickets)
{
    (void)tickets;
    LN_UNREACHABLE();
}

bool ln_tls_tickets_read(struct ln_tls_tickets *tickets, const char *path, char *message)
{
    (void)tickets;
    (void)path;
    (void)message;
    LN_UNREACHABLE();
}

struct ln_tls_context *ln_tls_context_hold(struct ln_tls_context *context)
{
    LN_ASSERT(context == NULL);
    return NULL;
}

void ln_tls_context_release(struct ln_tls_context *context)
{
    LN_ASSERT(context == NULL);
}

const char *ln_tls_context_fingerprint(const struct ln_tls_context *context)
{
    (void)context;
    return "";
}

/* ---- what the channel would ask -------------------------------------------------------------- */

size_t ln_tls_channels_len(const struct linnet_limits *limits)
{
    (void)limits;
    return 0;
}

size_t ln_tls_outputs_len(const struct linnet_limits *limits)
{
    (void)limits;
    return 0;
}

void ln_tls_init(struct ln_tls *tls, void *memory, const struct ln_tls_config *config)
{
    (void)tls;
    (void)memory;
    (void)config;
    LN_UNREACHABLE();
}

void ln_tls_end(struct ln_tls *tls)
{
    (void)tls;
    LN_UNREACHABLE();
}

struct linnet_channel *ln_tls_wrap(struct ln_tls *tls, uint32_t number,
                                   struct linnet_channel *inner)
{
    (void)tls;
    (void)number;
    (void)inner;
    LN_UNREACHABLE();
}
