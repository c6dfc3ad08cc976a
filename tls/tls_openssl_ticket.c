/* Sealing and opening tickets by the keys that all processes share: RFC 5077 4, and for TLS 1.3 the
 * same. */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "core/base/assert.h"
#include "tls/tls_openssl.h"

enum { READS_MAX = 1000 }; /* the writer needs a few hundred instructions, twice a day */

static void write_keys(struct ln_tls_tickets *tickets, const struct ln_tls_ticket_keys *keys)
{
    atomic_fetch_add(&tickets->sequence, 1);
    atomic_thread_fence(memory_order_seq_cst);
    tickets->keys = *keys;
    atomic_thread_fence(memory_order_seq_cst);
    atomic_fetch_add(&tickets->sequence, 1);
}

void ln_tls_tickets_copy(const struct ln_tls_tickets *tickets, struct ln_tls_ticket_keys *keys)
{
    for (unsigned i = 0; i < READS_MAX; i++) {
        const unsigned before = atomic_load(&tickets->sequence);
        *keys = tickets->keys;
        atomic_thread_fence(memory_order_seq_cst);
        if (before % 2 == 0 && atomic_load(&tickets->sequence) == before) {
            return;
        }
    }
    keys->count = 0; /* no ticket is given or known now: a whole handshake */
}

bool ln_tls_tickets_rotate(struct ln_tls_tickets *tickets)
{
    struct ln_tls_ticket_keys keys;
    ln_tls_tickets_copy(tickets, &keys);
    memmove(&keys.keys[1], &keys.keys[0], sizeof keys.keys - sizeof keys.keys[0]);
    keys.count = keys.count < LN_TLS_TICKET_KEYS_MAX ? keys.count + 1 : keys.count;
    const bool right = RAND_priv_bytes((unsigned char *)&keys.keys[0], sizeof keys.keys[0]) == 1;
    if (right) {
        write_keys(tickets, &keys);
    }
    OPENSSL_cleanse(&keys, sizeof keys);
    return right;
}

bool ln_tls_tickets_read(struct ln_tls_tickets *tickets, const char *path, char *message)
{
    struct ln_tls_content content = {NULL, 0};
    struct ln_tls_ticket_keys keys = {.count = 0};
    if (!ln_tls_openssl_read_file("--tls-tickets", path, true, &content, message)) {
        return false;
    }
    const size_t count = content.len / LN_TLS_TICKET_KEY_LEN;
    const bool right =
        content.len % LN_TLS_TICKET_KEY_LEN == 0 && count > 0 && count <= LN_TLS_TICKET_KEYS_MAX;
    if (right) {
        memcpy(keys.keys, content.data, content.len);
        keys.count = (uint32_t)count;
        write_keys(tickets, &keys);
    } else {
        (void)snprintf(message, LN_TLS_MESSAGE_MAX,
                       "--tls-tickets: \"%.200s\" has %zu bytes. It must have one to three keys of "
                       "80 random bytes each, the newest first: openssl rand 80 >FILE",
                       path, content.len);
    }
    ln_tls_openssl_forget_file(&content);
    OPENSSL_cleanse(&keys, sizeof keys);
    return right;
}

static bool use_mac(EVP_MAC_CTX *mac, struct ln_tls_ticket_key *key)
{
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac, sizeof key->mac),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

/* 1: done; 0: not known, and no ticket; 2: known, and another is to be given; -1: it failed. */
static int use_key(struct ln_tls_ticket_keys *keys, unsigned char *name, unsigned char *vector,
                   EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seals)
{
    if (seals == 1) {
        struct ln_tls_ticket_key *key = &keys->keys[0];
        if (keys->count == 0) {
            return 0;
        }
        memcpy(name, key->name, sizeof key->name);
        const bool right =
            RAND_bytes(vector, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1 &&
            EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, vector) == 1 &&
            use_mac(mac, key);
        return right ? 1 : -1;
    }
    for (uint32_t i = 0; i < keys->count; i++) {
        struct ln_tls_ticket_key *key = &keys->keys[i];
        if (memcmp(name, key->name, sizeof key->name) == 0) {
            const bool right =
                use_mac(mac, key) &&
                EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, vector) == 1;
            return !right ? -1 : i == 0 ? 1 : 2;
        }
    }
    return 0;
}

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *vector, EVP_CIPHER_CTX *cipher,
                     EVP_MAC_CTX *mac, int seals)
{
    const struct ln_tls_context *context = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    struct ln_tls_ticket_keys keys;
    ln_tls_tickets_copy(context->tickets, &keys);
    const int outcome = use_key(&keys, name, vector, cipher, mac, seals);
    OPENSSL_cleanse(&keys, sizeof keys);
    return outcome;
}

bool ln_tls_openssl_use_tickets(SSL_CTX *context)
{
    return SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket) == 1;
}
