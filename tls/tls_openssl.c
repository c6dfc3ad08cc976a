/* The memory and the context of OpenSSL: what is offered, and to whom. */
#include "tls/tls_openssl.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "core/base/assert.h"

/* As measured with OpenSSL 3.0 (docs/internals/tls.md), and what is added for others' sizes. */
enum {
    BASE_LEN = 2097152,
    SESSION_LEN = 17408,
    CLIENT_LEN = 12288, /* of the certificates of a client, with what was made of them */
    HANDSHAKE_LEN = 16384,
    RESERVE_SLABS = LN_TLS_ARENA_CLASSES + 8,
    LARGE_FOR_HANDSHAKE = 1, /* the buffer of its messages */
    LARGE_RESERVE = 4,       /* of records: one is read, one is written, and as many again */
};

#define GROUPS "X25519:P-256:P-384"
/* RFC 9325 4.2: forward secrecy and authenticated encryption, and nothing else. */
#define SUITES_12                                                     \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"      \
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"      \
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
#define SUITES_13 \
    "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384"

static uint8_t *arena_memory;
static size_t arena_len;

const char *ln_tls_library(void)
{
    return OpenSSL_version(OPENSSL_VERSION_STRING);
}

/* ---- memory --------------------------------------------------------------------------------- */

static size_t slabs_for(uint64_t len)
{
    return (size_t)((len + LN_TLS_ARENA_SLAB_LEN - 1) / LN_TLS_ARENA_SLAB_LEN);
}

struct ln_tls_memory ln_tls_memory(const struct linnet_limits *limits, bool with_clients)
{
    const uint64_t session_len = SESSION_LEN + (with_clients ? CLIENT_LEN : 0);
    return (struct ln_tls_memory){
        .base_slabs = slabs_for(BASE_LEN),
        .session_slabs = slabs_for(limits->tls_connections * session_len),
        .handshake_slabs = slabs_for(limits->tls_handshakes * HANDSHAKE_LEN),
        .reserve_slabs = RESERVE_SLABS,
        .large = (size_t)limits->tls_handshakes * LARGE_FOR_HANDSHAKE + LARGE_RESERVE,
    };
}

static size_t slabs_of(const struct ln_tls_memory *memory)
{
    return memory->base_slabs + memory->session_slabs + memory->handshake_slabs +
           memory->reserve_slabs;
}

size_t ln_tls_memory_len(const struct ln_tls_memory *memory)
{
    return ln_tls_arena_len(slabs_of(memory), memory->large);
}

static void *take(size_t len, const char *file, int line)
{
    (void)file;
    (void)line;
    return ln_tls_arena_take(len);
}

static void *resize(void *block, size_t len, const char *file, int line)
{
    (void)file;
    (void)line;
    if (len == 0) {
        ln_tls_arena_give(block);
        return NULL;
    }
    return ln_tls_arena_resize(block, len);
}

static void give(void *block, const char *file, int line)
{
    (void)file;
    (void)line;
    ln_tls_arena_give(block);
}

bool ln_tls_boot(const struct ln_tls_memory *memory, bool locked, char *message)
{
    const uint64_t options = OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_LOAD_SSL_STRINGS |
                             OPENSSL_INIT_LOAD_CRYPTO_STRINGS;
    uint8_t byte;
    LN_ASSERT(arena_memory == NULL);
    arena_len = ln_tls_memory_len(memory);
    void *block =
        mmap(NULL, arena_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) {
        (void)snprintf(message, LN_TLS_MESSAGE_MAX,
                       "the system has no %zu bytes of memory for TLS. Lower --limit "
                       "tls_connections or tls_handshakes.",
                       arena_len);
        return false;
    }
    arena_memory = block;
    /* Keys lie there: they are not written to a core file. */
    (void)madvise(block, arena_len, MADV_DONTDUMP);
    ln_tls_arena_init(block, slabs_of(memory), memory->large, locked);
    if (CRYPTO_set_mem_functions(take, resize, give) != 1 || OPENSSL_init_ssl(options, NULL) != 1 ||
        RAND_bytes(&byte, 1) != 1 || !ln_tls_openssl_open_wire()) {
        (void)snprintf(message, LN_TLS_MESSAGE_MAX, "%s does not start.", ln_tls_library());
        return false;
    }
    return true;
}

bool ln_tls_lock_memory(void)
{
    return arena_memory == NULL || mlock(arena_memory, arena_len) == 0;
}

bool ln_tls_session_has_room(void)
{
    return ln_tls_arena_has(RESERVE_SLABS, LARGE_RESERVE);
}

/* ---- the context ---------------------------------------------------------------------------- */

/* RFC 7301 3.2: http/1.1 when it is offered; who offers something else only gets an alert. */
static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_len,
                           const unsigned char *offered, unsigned offered_len, void *argument)
{
    static const unsigned char known[] = "\x08http/1.1";
    unsigned char *found = NULL;
    (void)ssl;
    (void)argument;
    if (SSL_select_next_proto(&found, chosen_len, known, sizeof known - 1, offered, offered_len) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

static bool certificate_is_for(SSL_CTX *context, const char *name, unsigned flags)
{
    X509 *certificate = SSL_CTX_get0_certificate(context);
    return certificate != NULL && X509_check_host(certificate, name, 0, flags, NULL) == 1;
}

/* RFC 6066 3: the certificate for the name, one with that very name before one with a wildcard; a
 * name that nobody knows is answered by the first. */
static int choose_certificate(SSL *ssl, int *alert, void *argument)
{
    const struct ln_tls_context *context = argument;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    const unsigned passes[] = {X509_CHECK_FLAG_NO_WILDCARDS, 0};
    (void)alert;
    if (name == NULL || context->count == 1) {
        return SSL_TLSEXT_ERR_OK;
    }
    for (size_t pass = 0; pass < sizeof passes / sizeof passes[0]; pass++) {
        for (unsigned i = 0; i < context->count; i++) {
            if (certificate_is_for(context->contexts[i], name, passes[pass])) {
                (void)SSL_set_SSL_CTX(ssl, context->contexts[i]);
                return SSL_TLSEXT_ERR_OK;
            }
        }
    }
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *make_one(struct ln_tls_context *shared)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL) {
        return NULL;
    }
    (void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE |
                                           SSL_OP_PRIORITIZE_CHACHA);
    (void)SSL_CTX_set_mode(context,
                           SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(context, 0);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(context, SUITES_12) != 1 ||
        SSL_CTX_set_ciphersuites(context, SUITES_13) != 1 ||
        SSL_CTX_set1_groups_list(context, GROUPS) != 1 ||
        SSL_CTX_set_max_early_data(context, 0) != 1 ||
        SSL_CTX_set_recv_max_early_data(context, 0) != 1 ||
        SSL_CTX_set_session_id_context(context, (const unsigned char *)"linnet", 6) != 1 ||
        SSL_CTX_set_tlsext_servername_callback(context, choose_certificate) != 1 ||
        SSL_CTX_set_tlsext_servername_arg(context, shared) != 1 ||
        SSL_CTX_set_app_data(context, shared) != 1 || !ln_tls_openssl_use_tickets(context)) {
        SSL_CTX_free(context);
        return NULL;
    }
    return context;
}

/* One more context; NULL: `message` says why not. */
static SSL_CTX *add(struct ln_tls_context *shared, const struct ln_tls_settings *settings,
                    char *message)
{
    SSL_CTX *context = make_one(shared);
    if (context == NULL) {
        (void)snprintf(message, LN_TLS_MESSAGE_MAX, "%s refuses its settings.", ln_tls_library());
        return false;
    }
    shared->contexts[shared->count] = context;
    shared->count++;
    return ln_tls_openssl_use_clients(context, settings, message) ? context : NULL;
}

/* The certificate that was made is the last. */
static bool add_own(struct ln_tls_context *shared, const struct ln_tls_settings *settings,
                    const struct ln_tls_context *before, char *message)
{
    SSL_CTX *context = add(shared, settings, message);
    if (context == NULL) {
        return false;
    }
    if (before == NULL) {
        return ln_tls_openssl_use_own(context, settings->names, shared->fingerprint, message);
    }
    memcpy(shared->fingerprint, before->fingerprint, sizeof shared->fingerprint);
    return ln_tls_openssl_use_same(context, before->contexts[before->count - 1]);
}

struct ln_tls_context *ln_tls_context_make(const struct ln_tls_settings *settings,
                                           const struct ln_tls_context *before, char *message)
{
    struct ln_tls_context *shared = OPENSSL_zalloc(sizeof *shared);
    bool right = shared != NULL;
    LN_ASSERT(settings->pair_count > 0 || settings->self_signed);
    if (!right) {
        (void)snprintf(message, LN_TLS_MESSAGE_MAX, "there is no memory for TLS.");
        return NULL;
    }
    atomic_store(&shared->holders, 1);
    shared->tickets = settings->tickets;
    for (unsigned i = 0; right && i < settings->pair_count; i++) {
        SSL_CTX *context = add(shared, settings, message);
        right = context != NULL &&
                ln_tls_openssl_use_pair(context, &settings->pairs[i], message) &&
                ln_tls_openssl_use_staple(context, settings->pairs[i].staple, &shared->staples[i],
                                          message);
    }
    right = right && (!settings->self_signed || add_own(shared, settings, before, message));
    ERR_clear_error();
    if (!right) {
        ln_tls_context_release(shared);
        return NULL;
    }
    return shared;
}

struct ln_tls_context *ln_tls_context_hold(struct ln_tls_context *context)
{
    if (context != NULL) {
        atomic_fetch_add(&context->holders, 1);
    }
    return context;
}

void ln_tls_context_release(struct ln_tls_context *context)
{
    if (context == NULL || atomic_fetch_sub(&context->holders, 1) > 1) {
        return;
    }
    for (unsigned i = 0; i < context->count; i++) {
        SSL_CTX_free(context->contexts[i]);
        OPENSSL_free(context->staples[i].data);
    }
    OPENSSL_free(context);
}

const char *ln_tls_context_fingerprint(const struct ln_tls_context *context)
{
    return context->fingerprint;
}
