/* The keys that seal session tickets: shared by all processes of a server, written by one.
 *
 * The first key seals; all of them open. Whoever reads copies them, and reads again when the writer
 * was at them meanwhile (the sequence is odd, or another one than before). */
#ifndef LN_TLS_TLS_TICKET_H
#define LN_TLS_TLS_TICKET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LN_TLS_TICKET_NAME_LEN = 16,
    LN_TLS_TICKET_SECRET_LEN = 32,
    LN_TLS_TICKET_KEYS_MAX = 3,
    /* As in a file: the name, the key of HMAC-SHA-256, the key of AES-256-CBC. */
    LN_TLS_TICKET_KEY_LEN = LN_TLS_TICKET_NAME_LEN + 2 * LN_TLS_TICKET_SECRET_LEN,
};

struct ln_tls_ticket_key {
    uint8_t name[LN_TLS_TICKET_NAME_LEN];
    uint8_t mac[LN_TLS_TICKET_SECRET_LEN];
    uint8_t cipher[LN_TLS_TICKET_SECRET_LEN];
};

_Static_assert(sizeof(struct ln_tls_ticket_key) == LN_TLS_TICKET_KEY_LEN, "as in a file");

struct ln_tls_ticket_keys {
    struct ln_tls_ticket_key keys[LN_TLS_TICKET_KEYS_MAX];
    uint32_t count;
};

struct ln_tls_tickets {
    atomic_uint sequence;
    struct ln_tls_ticket_keys keys;
};

/* A new first key; the last one goes. false: the system has no randomness. */
bool ln_tls_tickets_rotate(struct ln_tls_tickets *tickets);

/* The keys of a file: false: `message` says what is wrong with it. */
bool ln_tls_tickets_read(struct ln_tls_tickets *tickets, const char *path, char *message);

/* A copy of what there is now. */
void ln_tls_tickets_copy(const struct ln_tls_tickets *tickets, struct ln_tls_ticket_keys *keys);

#endif
