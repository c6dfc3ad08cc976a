/* TLS, as the server sees it: the library's memory, what is served by it, and the worker's part.
 *
 * Order at boot, in the parent: ln_tls_boot once, before anything of the library is used; then
 * ln_tls_context_make. The channels of a worker are in tls/tls_channel.h. */
#ifndef LN_TLS_TLS_H
#define LN_TLS_TLS_H

#include "tls/tls_arena.h"
#include "tls/tls_channel.h"
#include "tls/tls_ticket.h"

enum {
    LN_TLS_PAIRS_MAX = 16,
    LN_TLS_MESSAGE_MAX = 512,
    LN_TLS_FINGERPRINT_LEN = 95 + 1, /* SHA-256 as AB:CD:... with its zero */
    LN_TLS_NAMES_LEN = 2048,
};

/* A chain of certificates, the server's own first, and its private key; both PEM. */
struct ln_tls_pair {
    const char *certificate;
    const char *key;
    const char *staple; /* an answer of OCSP about it, DER; or NULL */
};

/* Whether clients are asked for a certificate: X(ID, "name"). */
#define LN_TLS_CLIENTS(X)    \
    X(OFF, "off")            \
    X(OPTIONAL, "optional")  \
    X(REQUIRED, "required")

enum ln_tls_clients {
#define LN_TLS_CLIENTS_ENUM(id, name) LN_TLS_CLIENTS_##id,
    LN_TLS_CLIENTS(LN_TLS_CLIENTS_ENUM)
#undef LN_TLS_CLIENTS_ENUM
        LN_TLS_CLIENTS_COUNT,
};

struct ln_tls_settings {
    enum ln_tls_clients clients;
    const char *clients_path; /* those who certify them, PEM */
    struct ln_tls_pair pairs[LN_TLS_PAIRS_MAX];
    unsigned pair_count;
    const struct ln_tls_tickets *tickets; /* outlive the context */
    bool self_signed;             /* makes a certificate for `names` beside the pairs */
    char names[LN_TLS_NAMES_LEN]; /* "DNS:localhost,IP:127.0.0.1": its subjectAltName */
};

/* The library and its version, or NULL: built without TLS. */
const char *ln_tls_library(void);

/* What the library needs of the arena, of its own and for each session: slabs and large blocks.
 * `with_clients`: these show certificates. */
struct ln_tls_memory {
    size_t base_slabs;
    size_t session_slabs;
    size_t handshake_slabs;
    size_t reserve_slabs; /* so that none of many classes lacks one */
    size_t large;
};
struct ln_tls_memory ln_tls_memory(const struct linnet_limits *limits, bool with_clients);
/* The sum, in bytes. */
size_t ln_tls_memory_len(const struct ln_tls_memory *memory);

/* Takes the arena from the system and gives it to the library, once. false: `message`
 * (LN_TLS_MESSAGE_MAX bytes) says what was wrong. */
bool ln_tls_boot(const struct ln_tls_memory *memory, bool locked, char *message);
/* Keeps the arena in memory; of this process alone. */
bool ln_tls_lock_memory(void);

/* Reads and checks what is to be served. NULL: `message` says what is wrong, where, and what to do.
 * A certificate that was made before, for `before` or NULL, stays. */
struct ln_tls_context *ln_tls_context_make(const struct ln_tls_settings *settings,
                                           const struct ln_tls_context *before, char *message);
/* It is there for whoever holds it: its sessions do, and so does who made it. From any thread. */
struct ln_tls_context *ln_tls_context_hold(struct ln_tls_context *context);
void ln_tls_context_release(struct ln_tls_context *context);
/* Of the certificate that was made, or an empty text. */
const char *ln_tls_context_fingerprint(const struct ln_tls_context *context);

#endif
