/* Certificates: opening them at boot, and reading them again. */
#include "server/certificates.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/cursor.h"
#include "drivers/system/system_clock.h"
#include "server/address.h"

enum {
    ADDRESSES_MAX = 16,
    NAME_LEN_MAX = 253, /* of a host name */
};

_Static_assert((int)LN_TLS_MESSAGE_MAX == (int)LN_SERVER_MESSAGE_MAX, "one message for both");

static void put_text(struct ln_cursor *cursor, const char *text)
{
    ln_cursor_put(cursor, text, strlen(text));
}

/* Letters, digits, hyphens and dots: what a name in a certificate is made of. */
static bool is_name(const char *name)
{
    const size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "0123456789-.");
    return len > 0 && name[len] == 0;
}

/* By what others may ask for this machine: localhost, its name, and its addresses. */
static void collect_names(struct ln_tls_settings *settings)
{
    struct linnet_address found[ADDRESSES_MAX];
    char name[NAME_LEN_MAX + 1] = "";
    struct ln_cursor cursor = ln_cursor_over(
        (struct linnet_room){(uint8_t *)settings->names, sizeof settings->names - 1});
    put_text(&cursor, "DNS:localhost,IP:127.0.0.1,IP:::1");
    if (gethostname(name, sizeof name - 1) == 0 && is_name(name) &&
        strcmp(name, "localhost") != 0) {
        put_text(&cursor, ",DNS:");
        put_text(&cursor, name);
    }
    const unsigned count = ln_address_list(found, ADDRESSES_MAX, true, true);
    for (unsigned i = 0; i < count; i++) {
        put_text(&cursor, ",IP:");
        ln_address_put(&cursor, &found[i]);
    }
    LN_ASSERT(!cursor.overflow);
    settings->names[cursor.len] = 0;
}

/* ---- tickets -------------------------------------------------------------------------------- */

static void schedule_rotation(struct ln_server *server)
{
    server->tickets_due_ms =
        server->config.tickets_path != NULL
            ? LINNET_NO_DEADLINE
            : ln_system_time().monotonic_ms + server->config.limits.tls_ticket_s * 1000;
}

void ln_certificates_rotate(struct ln_server *server)
{
    if (server->tls != NULL && ln_system_time().monotonic_ms >= server->tickets_due_ms) {
        /* Without randomness the old ones go on. */
        (void)ln_tls_tickets_rotate(server->tickets);
        schedule_rotation(server);
    }
}

static bool fill_tickets(struct ln_server *server, char *message)
{
    const char *path = server->config.tickets_path;
    if (path != NULL) {
        return ln_tls_tickets_read(server->tickets, path, message);
    }
    if (!ln_tls_tickets_rotate(server->tickets)) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX, "the system has no randomness for TLS.");
        return false;
    }
    return true;
}

static bool open_tickets(struct ln_server *server, char *message)
{
    void *page = mmap(NULL, LN_CERTIFICATES_SHARED_LEN, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        (void)snprintf(message, LN_SERVER_MESSAGE_MAX, "the system has no memory for tickets.");
        return false;
    }
    (void)madvise(page, LN_CERTIFICATES_SHARED_LEN, MADV_DONTDUMP);
    server->tickets = page;
    server->config.tls.tickets = page;
    schedule_rotation(server);
    return fill_tickets(server, message);
}

/* ---- certificates --------------------------------------------------------------------------- */

bool ln_certificates_open(struct ln_server *server, char *message)
{
    struct ln_server_config *config = &server->config;
    const struct ln_tls_memory memory = ln_server_tls_memory(server);
    if (!ln_server_has_tls(config)) {
        return true;
    }
    const bool threads = (config->driver->capabilities & LINNET_DRIVER_THREADS) != 0;
    if (config->tls.self_signed) {
        collect_names(&config->tls);
    }
    if (!ln_tls_boot(&memory, threads, message) || !open_tickets(server, message)) {
        return false;
    }
    const int error = pthread_mutex_init(&server->tls_mutex, NULL);
    LN_ASSERT(error == 0);
    server->tls = ln_tls_context_make(&config->tls, NULL, message);
    return server->tls != NULL;
}

static bool read_again(struct ln_server *server, char *message)
{
    struct ln_tls_context *context = ln_tls_context_make(&server->config.tls, server->tls, message);
    if (context != NULL) {
        ln_tls_context_release(server->tls);
        server->tls = context;
    }
    return context != NULL;
}

bool ln_certificates_reload(struct ln_server *server, char *message)
{
    if (!read_again(server, message) ||
        (server->config.tickets_path != NULL && !fill_tickets(server, message))) {
        return false;
    }
    server->certificates = atomic_fetch_add(&server->shared->certificates, 1) + 1;
    return true;
}

void ln_certificates_follow(struct ln_server *server, struct ln_parts *parts)
{
    LN_ASSERT(server->tls != NULL);
    if (atomic_load(&server->shared->certificates) == parts->certificates) {
        return;
    }
    char message[LN_SERVER_MESSAGE_MAX];
    (void)pthread_mutex_lock(&server->tls_mutex);
    const unsigned wanted = atomic_load(&server->shared->certificates);
    if (server->certificates != wanted) {
        /* What was good a moment ago is not any more: the old ones stay. */
        (void)read_again(server, message);
        server->certificates = wanted;
    }
    ln_tls_context_release(parts->tls.context);
    parts->tls.context = ln_tls_context_hold(server->tls);
    parts->certificates = wanted;
    (void)pthread_mutex_unlock(&server->tls_mutex);
}

void ln_certificates_close(struct ln_server *server)
{
    ln_tls_context_release(server->tls);
    server->tls = NULL;
    if (server->tickets != NULL) {
        explicit_bzero(server->tickets, sizeof *server->tickets);
        (void)munmap(server->tickets, LN_CERTIFICATES_SHARED_LEN);
        server->tickets = NULL;
    }
}
